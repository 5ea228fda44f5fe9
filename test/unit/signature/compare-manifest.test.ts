import { compareManifest } from '../../../src/signature/compare-manifest.js';
import { buildManifest, type Manifest } from '../../../src/signature/manifest.js';
import { listFindings } from '../../../src/report/report.js';
import { contentsOf, goldenContents, sha512 } from '../../support/golden.js';

const signed = () => buildManifest(goldenContents('app'), 'app');

async function differences(manifest: Manifest, changes: Parameters<typeof goldenContents>[1] = {}) {
  return compareManifest({ manifest, contents: goldenContents('app', changes), profile: 'app' });
}

test('an untouched app has no differences, and its signature file is not one', async () => {
  expect(await differences(await signed(), { 'appinfo/signature.json': '{}' })).toEqual([]);
});

test('a changed, a removed and an added file are told apart, each with its hashes', async () => {
  const manifest = await signed();
  const found = await differences(manifest, { 'a.b': 'changed', 'a/b': null, 'new.php': 'added' });
  expect(found).toMatchObject([
    { code: 'INVALID_HASH', path: 'a.b', expected: manifest.get('a.b'), actual: sha512('changed') },
    { code: 'FILE_MISSING', path: 'a/b', expected: manifest.get('a/b'), actual: '' },
    { code: 'EXTRA_FILE', path: 'new.php', expected: '', actual: sha512('added') },
  ]);
});

test.each(['.DS_Store', 'js/Thumbs.db', '.directory', 'x/.webapp', '.webapp-owncloud-10.0'])(
  '%s does not ride along unsigned',
  async (path) => {
    expect(await differences(await signed(), { [path]: '<?php evil();' })).toMatchObject([
      { code: 'UNSIGNED_LEFTOVER', path },
    ]);
  },
);

test.each([
  'core/signature.json',
  'x/appinfo/signature.json',
  'appinfo/SIGNATURE.json',
  'apps/x.php',
  'data/x',
  'core/js/mimetypelist.js',
])('%s is a file like any other in an app', async (path) => {
  expect(await differences(await signed(), { [path]: 'x' })).toMatchObject([{ code: 'EXTRA_FILE', path }]);
});

test.each(['.DS_Store', 'js/Thumbs.db', 'appinfo/signature.json'])(
  'a manifest that lists %s fails here as it fails on every server',
  async (path) => {
    const manifest = new Map([...(await signed()), [path, sha512('x')] as const]);
    expect(await differences(manifest, { [path]: 'x' })).toMatchObject([{ code: 'FILE_MISSING', path }]);
  },
);

test('what the signer could not read is never vouched for', async () => {
  const manifest = new Map([...(await signed()), ['a.b', false] as const, ['gone', false] as const]);
  expect(await differences(manifest)).toMatchObject([
    { code: 'INVALID_HASH', path: 'a.b', expected: 'false' },
    { code: 'FILE_MISSING', path: 'gone', expected: 'false' },
  ]);
});

test('paths that would leave the folder are names that no file has', async () => {
  const paths = [
    '/etc/passwd',
    '../../etc/passwd',
    'a/../a.b',
    './a.b',
    'a//b',
    'a.b/',
    '',
    'C:\\x',
    'a\u0000.b',
    'A.B',
  ];
  const hash = sha512('x');
  const manifest = new Map([...(await signed()), ...paths.map((path) => [path, hash] as const)]);
  const found = await differences(manifest);
  expect(found.map(({ code }) => code)).toEqual(paths.map(() => 'FILE_MISSING'));
});

test('names that look alike are different files', async () => {
  const composed = new Map([['caf\u00e9', Buffer.from('x')]]);
  const decomposed = await buildManifest(contentsOf(new Map([['cafe\u0301', Buffer.from('x')]])), 'app');
  const found = await compareManifest({ manifest: decomposed, contents: contentsOf(composed), profile: 'app' });
  expect(found.map(({ code }) => code)).toEqual(['FILE_MISSING', 'EXTRA_FILE']);
});

test('__proto__ is found missing like any other file', async () => {
  expect(await differences(await signed(), { 'l10n/__proto__': null })).toMatchObject([
    { code: 'FILE_MISSING', path: 'l10n/__proto__' },
  ]);
});

test('of thousands of differences the first are told in full, and all are counted', async () => {
  const missing = new Map(Array.from({ length: 30_000 }, (_, index) => [`gone/${index}`, false as const]));
  const found = await differences(new Map([...(await signed()), ...missing]), { 'a.b': 'changed' });
  expect(listFindings(found).omittedFindings).toEqual({ FILE_MISSING: 29_900 });
  expect(found).toContainEqual(expect.objectContaining({ code: 'INVALID_HASH', path: 'a.b' }));
  // As many objects as are told in full: the rest must not cost memory.
  expect(new Set(found).size).toBeLessThan(2_000);
});

describe('in core', () => {
  const core = async (changes: Parameters<typeof goldenContents>[1]) =>
    compareManifest({
      manifest: await buildManifest(goldenContents('core'), 'core'),
      contents: goldenContents('core', changes),
      profile: 'core',
    });
  const marker = '#### DO NOT CHANGE ANYTHING ABOVE THIS LINE ####';

  test('what servers write themselves may differ, and is said', async () => {
    const changes = {
      '.htaccess': `Options -Indexes\n${marker}\nanything else\n`,
      'core/js/mimetypelist.js': 'regenerated',
      'config/config.php': 'written by the installer',
      'data/x': 'a file',
      'core/signature.json': '{}',
    };
    const found = await core(changes);
    expect(new Set(found.map(({ code, severity }) => `${severity} ${code}`))).toEqual(
      new Set(['warning CORE_NOT_COVERED']),
    );
    expect(Object.fromEntries(found.map(({ path, actual }) => [path, actual]))).toEqual({
      'apps/': '1',
      'config/': '2',
      'data/': '1',
      'themes/': '1',
      'core/js/mimetypelist.js': undefined,
      '.htaccess': undefined,
    });
  });

  test('files that ride along where no hash covers them are said once a folder, with their number', async () => {
    const before = await core({});
    const after = await core({ 'apps/files/evil.php': 'x', 'apps/files/a/b.php': 'x', 'assets/evil.js': 'x' });
    const countsOf = (found: typeof before) => Object.fromEntries(found.map(({ path, actual }) => [path, actual]));
    expect(countsOf(after)).toEqual({ ...countsOf(before), 'apps/': '3', 'assets/': '1' });
  });

  test('nothing but white space below the marker is nothing to say', async () => {
    const found = await core({ '.htaccess': `Options -Indexes\n${marker}\n\n  \t\r\n` });
    expect(found.filter(({ path }) => path === '.htaccess')).toEqual([]);
  });

  test.each([
    ['.htaccess above its marker', '.htaccess', `changed\n${marker}\n`, 'INVALID_HASH'],
    ['.htaccess with a second marker', '.htaccess', `Options -Indexes\n${marker}\n${marker}\n`, 'INVALID_HASH'],
    ['.htaccess without its marker', '.htaccess', 'Options -Indexes\nphp_flag engine off\n', 'INVALID_HASH'],
    ['.htaccess of a folder, below a marker', 'core/.htaccess', `above\n${marker}\nchanged\n`, 'INVALID_HASH'],
    ['a file beside the excluded folders', 'apps2/x.php', 'x', 'EXTRA_FILE'],
    ['a signature of an app', 'appinfo/signature.json', '{}', 'EXTRA_FILE'],
    ['a leftover in an excluded folder', 'apps/.DS_Store', 'x', 'UNSIGNED_LEFTOVER'],
  ])('%s may not', async (_, path, content, code) => {
    const found = await core({ [path]: content });
    expect(found.filter(({ severity }) => severity === 'error')).toMatchObject([{ code, path }]);
  });
});
