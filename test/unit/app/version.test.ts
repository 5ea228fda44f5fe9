import { isAppId } from '../../../src/app/app-id.js';
import { parseCoreVersion } from '../../../src/app/core-version.js';
import { compareVersions, highestVersion, parseVersion } from '../../../src/app/version.js';

const compare = (a: string, b: string): number => {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === null || right === null) throw new Error(`${a} or ${b} is not a version`);
  return Math.sign(compareVersions(left, right));
};

// Lowest first, by the steps that the manual of PHP's version_compare gives.
const ascending = [
  '0.9',
  '0.9.0.1',
  '0.10.0',
  '1.0foo',
  '1.0-dev',
  '1.0a1',
  '1.0-alpha.2',
  '1.0b1',
  '1.0-beta2',
  '1.0-beta.10',
  '1.0RC1',
  '1.0-rc.2',
  '1.0',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.0.1',
  '1.0.1',
  '1.0pl1',
  '1.2',
  '2',
  '10.0.0',
  '2024.1.15',
  '9'.repeat(40),
];

test('versions stand in the order of PHP’s version_compare', () => {
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) {
      expect([a, b, compare(a, b)]).toEqual([a, b, Math.sign(i - j)]);
    }
  }
});

test.each([
  ['1.0-rc1', '1.0.RC.1'],
  ['1.0_1', '1.0+1'],
  ['1.0alpha', '1.0a'],
  ['1.01', '1.1'],
])('%s and %s mean the same', (a, b) => expect(compare(a, b)).toBe(0));

test.each(['1.0.0', '1.2', '0.9.0.1', '1.0.0-beta.1', '1.0.0RC1', '2.0.0-rc.1+build.5', '7'])(
  '%s is a version',
  (text) => expect(parseVersion(text)?.text).toBe(text),
);

test.each(['', 'v1.0', '.1', '1.', '1..0', '1.0 beta', '1.0\n', '-1', '1.0-', '1/2', '１.0', `1.${'0'.repeat(63)}`])(
  '%j is not a version',
  (text) => expect(parseVersion(text)).toBeNull(),
);

test('a million characters are no version, and no wait', () => {
  expect(parseVersion('1.'.repeat(500_000))).toBeNull();
});

test('the highest of several versions', () => {
  expect(highestVersion(['1.0', '1.10', 'nonsense', '1.9'])).toBe('1.10');
  expect(highestVersion([])).toBeNull();
});

test.each(['abc', 'calendar', 'files_sharing', 'two-factor', '3d-view', 'x'.repeat(64)])('%s is an app id', (id) =>
  expect(isAppId(id)).toBe(true),
);

test.each(['', 'ab', 'Calendar', '_app', '-app', 'a.b', 'a/b', '../x', 'app\n', 'größe', 'x'.repeat(65)])(
  '%j is no app id',
  (id) => expect(isAppId(id)).toBe(false),
);

describe('version.php:', () => {
  const php = (code: string): Buffer => Buffer.from(`<?php\n${code}`);

  test.each([
    ["$OC_Version = [10, 15, 0, 2];\n$OC_VersionString = '10.15.0';\n$OC_Edition = '';", '10.15.0'],
    ['$OC_VersionString="10.15.0 ";', null],
    ['$OC_VersionString = "10.16.0RC1" ;', '10.16.0RC1'],
    ["// $OC_VersionString = '9.0';\n$OC_VersionString = '10.0';", '10.0'],
    ["/* $OC_VersionString = '9.0'; */ # $OC_VersionString = '8.0';\n$OC_VersionString = '10.0';", '10.0'],
    ["$text = 'see $OC_VersionString = \"9.0\";'; $OC_VersionString = '10.0';", '10.0'],
    ["$OC_VersionString = '9.0'; $OC_VersionString = '10.0';", null],
    ["$OC_VersionString = '9' . '.0';", null],
    ['$OC_VersionString = "$evil";', null],
    ["$OC_VersionString = '<script>';", null],
    ["/* $OC_VersionString = '9.0';", null],
    ['', null],
  ])('%s', (code, version) => expect(parseCoreVersion(php(code))).toBe(version));

  test('long nonsense is no version, and no wait', () => {
    for (const piece of ['/*', "'", '"', "'\\", '$OC_VersionString ', '$OC_VersionString =  ', "$OC_VersionString='"]) {
      expect(parseCoreVersion(php(piece.repeat(65_000 / piece.length)))).toBeNull();
    }
    expect(parseCoreVersion(Buffer.alloc(10_000_000, '/*'))).toBeNull();
  });
});
