import { inspectArchive, inspectFolder } from '../../../src/inspection/inspect-archive.js';
import { defaultLimits } from '../../../src/archive/limits.js';
import { emptyTrust, type Trust } from '../../../src/pki/trust.js';
import type { Finding } from '../../../src/report/finding.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appArchive, zipOf, type AppArchiveOptions } from '../../support/app-archive.js';
import { signedApp } from '../../support/signed-app.js';
import { createTestAuthority } from '../../support/test-authority.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-contents-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const CODES = [
  'PRIVATE_KEY_IN_ARCHIVE',
  'PRIVATE_KEY_SEARCH_INCOMPLETE',
  'NESTED_SIGNATURE_FILE',
  'NESTED_APPINFO',
  'JUNK_FILES',
];
const authority = createTestAuthority();
const key = authority.issue('calendar').privateKeyPem;

/** The findings about contents of a zip: code and path. */
async function contentsOf(
  zip: Buffer,
  profile: 'app' | 'core' = 'app',
  trust: Trust = emptyTrust,
): Promise<readonly Finding[]> {
  const file = join(folder, 'app.zip');
  await writeFile(file, zip);
  const request = { appId: null, profile, trust, limits: defaultLimits, at: new Date() };
  const { findings } = await inspectArchive(file, request);
  return findings.filter(({ code }) => CODES.includes(code));
}

async function found(files: AppArchiveOptions['files']): Promise<readonly string[]> {
  const findings = await contentsOf(await appArchive(files === undefined ? {} : { files }));
  return findings.map(({ code, path }) => `${code} ${path ?? ''}`);
}

test('an ordinary app has nothing of it', async () => {
  const files = {
    'lib/AppInfo/Application.php': '<?php\nnamespace OCA\\Calendar\\AppInfo;\n',
    'vendor/autoload.php': '<?php\n',
    'vendor/phpseclib/tests/KeyTest.php': '<?php\n',
    'composer.json': '{}',
    'l10n/de.json': '{}',
    'js/app.js.map': '{}',
    'js/test/deep.js': '',
    '.htaccess': '',
    '.env.example': '',
    'img/core.svg': '',
    'docs/signature.md': '',
  };
  expect(await found(files)).toEqual([]);
});

test('neither has the example', async () => {
  const request = { appId: null, profile: 'app', trust: emptyTrust, limits: defaultLimits, at: new Date() } as const;
  const { findings } = await inspectFolder('examples/calendar', request);
  expect(findings.filter(({ code }) => CODES.includes(code))).toEqual([]);
});

describe('private keys', () => {
  test('are found by content in any file, and named with kind and offset', async () => {
    const [finding, ...more] = await contentsOf(await appArchive({ files: { 'img/logo.png': `\x89PNG\n${key}` } }));
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: 'PRIVATE_KEY_IN_ARCHIVE', severity: 'error', path: 'img/logo.png' });
    expect(finding?.message).toMatch(/PKCS #8, not encrypted, at byte 6\./);
  });

  test('are found in a large file that inflates as a stream, and in a folder', async () => {
    const large = Buffer.concat([Buffer.alloc(3_000_000, 'abc\n'), Buffer.from(key), Buffer.alloc(1_000_000, 'abc\n')]);
    const [finding] = await contentsOf(await appArchive({ files: { 'js/all.js': large } }));
    expect(finding?.message).toContain('at byte 3000000.');
    const app = await mkdtemp(join(folder, 'app-'));
    await writeFile(join(app, 'notes.txt'), large);
    const request = { appId: null, profile: 'app', trust: emptyTrust, limits: defaultLimits, at: new Date() } as const;
    const { findings, privateKeys } = await inspectFolder(app, request);
    expect(findings[0]).toMatchObject({ code: 'PRIVATE_KEY_IN_ARCHIVE', path: 'notes.txt' });
    expect(privateKeys.keys).toMatchObject([{ path: 'notes.txt', offset: 3_000_000 }]);
  });

  test('a file with too many mentions to read is a finding of its own, and thousands of them are none', async () => {
    const mention = '-----BEGIN PRIVATE KEY-----\n';
    expect(await found({ 'list.txt': mention.repeat(3_000) })).toEqual([]);
    const files = { 'list.txt': mention.repeat(30_000), 'other.txt': 'produkty' };
    expect(await found(files)).toEqual(['PRIVATE_KEY_SEARCH_INCOMPLETE list.txt']);
  });

  test.each([true, false])(
    'the one that signed the app is named first, with serial and remedy (signature valid: %s)',
    async (isValid) => {
      const leaf = authority.issue('calendar');
      const files = { 'a.pem': createTestAuthority('legacy').issue('x').privateKeyPem, 'z.pem': leaf.privateKeyPem };
      const afterSigning = (all: Map<string, Buffer>): void => {
        if (!isValid) all.set('js/script.js', Buffer.from('changed'));
      };
      const zip = await signedApp(authority, { leaf, files, afterSigning });
      const [first, second] = await contentsOf(zip, 'app', authority.trust());
      expect([first?.path, second?.path]).toEqual(['z.pem', 'a.pem']);
      expect(first?.message).toContain(
        `the certificate ${leaf.certificate.serial} (CN="calendar"), which signs this app`,
      );
      expect(first?.fix).toContain(`ask whoever issued it, naming the serial ${leaf.certificate.serial}`);
      // Only a store knows what its own authority issued.
      expect(first?.fix).not.toContain('portcullis certificate revoke');
      expect(second?.message).not.toContain('certificate');
    },
  );

  test('of a certificate that no trusted authority vouches for neither serial nor name is repeated', async () => {
    const leaf = authority.issue('calendar');
    const zip = await signedApp(authority, { leaf, files: { 'a.pem': leaf.privateKeyPem } });
    const [finding] = await contentsOf(zip);
    expect(finding?.message).toContain("the certificate in the archive's signature, which no trusted authority");
    expect(JSON.stringify(finding)).not.toMatch(
      new RegExp(`${leaf.certificate.serial}|CN=|portcullis certificate revoke`),
    );
  });
});

describe('other apps inside', () => {
  test.each([
    [
      { 'build/calendar/appinfo/signature.json': '{}', 'build/calendar/appinfo/info.xml': '<info/>' },
      ['NESTED_SIGNATURE_FILE build/calendar/appinfo/signature.json', 'NESTED_APPINFO build/calendar/appinfo/'],
    ],
    [{ 'lib/Signature.JSON': '{}' }, ['NESTED_SIGNATURE_FILE lib/Signature.JSON']],
    [{ 'signature.json': '{}' }, ['NESTED_SIGNATURE_FILE signature.json']],
    [{ 'core/signature.json': '{}' }, ['NESTED_SIGNATURE_FILE core/signature.json']],
    [{ 'appinfo/appinfo/x': '' }, ['NESTED_APPINFO appinfo/appinfo/']],
    [
      { 'vendor/x/appinfo/a': '', 'vendor/x/appinfo/b': '', 'vendor/y/appinfo/deep/er/c': '' },
      ['NESTED_APPINFO vendor/x/appinfo/', 'NESTED_APPINFO vendor/y/appinfo/'],
    ],
    [{ 'lib/AppInfo/info.xml': '<info/>' }, ['NESTED_APPINFO lib/AppInfo/']],
    [{ 'appinfo.txt': '', 'lib/appinfo': 'a file' }, []],
  ])('%j', async (files, expected) => {
    expect([...(await found(files as AppArchiveOptions['files']))].sort()).toEqual([...expected].sort());
  });

  test('a core release has apps, and is not asked', async () => {
    const zip = await zipOf([
      ['owncloud/version.php', Buffer.from('<?php\n$OC_Version = [10, 0, 0, 0];\n$OC_VersionString = "10.0.0";\n')],
      ['owncloud/apps/files/appinfo/signature.json', Buffer.from('{}')],
      ['owncloud/tests/x.php', Buffer.from('')],
    ]);
    expect(await contentsOf(zip, 'core')).toEqual([]);
  });
});

describe('junk', () => {
  test('is named once for each folder, with how much is in it', async () => {
    const files = {
      'node_modules/a/x.js': '12345',
      'node_modules/a/node_modules/y.js': '1',
      'js/node_modules/z.js': '',
      'tests/unit/a.php': '',
    };
    const findings = await contentsOf(await appArchive({ files }));
    expect(findings.map(({ path, actual, severity }) => [path, actual, severity])).toEqual([
      ['node_modules/', '2 files, 6 bytes', 'warning'],
      ['js/node_modules/', '1 file, 0 bytes', 'warning'],
      ['tests/', '1 file, 0 bytes', 'warning'],
    ]);
  });

  test.each([
    'bower_components/a.js',
    'test/a.php',
    'Tests/a.php',
    '.github/workflows/a.yml',
    '.gitlab-ci.yml',
    '.travis.yml',
    '.drone.star',
    '.drone.yml',
    '.circleci/config.yml',
    'Jenkinsfile',
    '.idea/a.xml',
    '.vscode/settings.json',
    '.env',
    '.env.local',
    'lib/a.php~',
    'a.php.orig',
    '.a.php.swp',
    'img/.DS_Store',
    'img/Thumbs.db',
    'img/._logo.png',
    'desktop.ini',
    'py/__pycache__/a.pyc',
    'npm-debug.log',
    '.scrutinizer.yml',
    'core.1234',
    '#a.php#',
  ])('%s', async (path) => {
    expect(await found({ [path]: '' })).toEqual([expect.stringMatching(/^JUNK_FILES /)]);
  });

  test('what a signed app gets as UNSIGNED_LEFTOVER is not said twice', async () => {
    const zip = await signedApp(authority, {
      afterSigning: (files) => void files.set('img/.DS_Store', Buffer.from('')),
    });
    expect(await contentsOf(zip)).toEqual([]);
  });
});
