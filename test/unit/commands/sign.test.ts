import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { writeOid, writeSequence, writeSet, writeUtf8 } from '../../../src/pki/der-writer.js';
import { makeCertificate, testKeys } from '../../support/test-authority.js';
import { openssl, opensslText } from '../../support/openssl.js';
import { createWorkspace } from '../../support/workspace.js';
import type { Workspace } from '../../support/workspace.js';
import { testWith } from '../../support/installed.js';

const opensslTest = testWith('openssl');

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await work.succeed('ca', 'init');
  await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'ec.key', '--out', 'ec.crt');
  await work.succeed('ca', 'issue', '--app-id', 'contacts', '--new-key', 'contacts.key');
  for (const bits of ['2048', '4096']) {
    await work.succeed('keygen', '--type', 'rsa', '--bits', bits, '--out', `rsa-${bits}.key`);
    await work.succeed('csr', '--key', `rsa-${bits}.key`, '--app-id', 'calendar', '--out', 'csr.pem', '--force');
    await work.succeed('ca', 'issue', '--app-id', 'calendar', '--csr', 'csr.pem', '--out', `rsa-${bits}.crt`);
  }
});

afterAll(async () => work.remove());

async function freshApp(name = 'calendar'): Promise<void> {
  await rm(work.path(name), { recursive: true, force: true });
  await work.app(name, { id: 'calendar', files: { 'l10n/äöü.js': 'x', 'lib/a b.php': '<?php\n' } });
}

function signWith(key: string, ...options: string[]): Promise<{ exit: number; out: string; err: string }> {
  return work.run('sign', '--path', 'calendar', '--key', `${key}.key`, '--cert', `${key}.crt`, ...options);
}

interface SignatureJson {
  readonly hashes: Record<string, string>;
  readonly signature: string;
  readonly certificate: string;
  readonly certificates: { readonly leaf: string; readonly chain: readonly string[] };
}

const pss = (digest: string, mask: string, salt: number): readonly string[] => [
  ...[`-${digest}`, '-sigopt', 'rsa_padding_mode:pss', '-sigopt', `rsa_mgf1_md:${mask}`],
  ...['-sigopt', `rsa_pss_saltlen:${salt}`],
];

describe('what it signs', () => {
  opensslTest.each([
    ['ec', '2', ['-sha384']],
    ['rsa-2048', '2', pss('sha384', 'sha384', 48)],
    ['rsa-4096', '2', pss('sha384', 'sha384', 48)],
    ['rsa-2048', '1', pss('sha1', 'sha512', 0)],
    ['rsa-4096', '1', pss('sha1', 'sha512', 0)],
  ])('with %s in format %s is verified by openssl alone, and accepted', async (key, format, digest) => {
    await freshApp();
    expect(await signWith(key, '--format', format)).toMatchObject({ exit: 0 });
    const text = await readFile(work.path('calendar/appinfo/signature.json'), 'utf8');
    const json = JSON.parse(text) as SignatureJson;
    const leaf = format === '1' ? json.certificate : json.certificates.leaf;
    const files = {
      'key.pem': await opensslText(['x509', '-in', 'leaf.pem', '-noout', '-pubkey'], { 'leaf.pem': leaf }),
      message: format === '1' ? phpJson(json.hashes) : (/"hashes":(\{[^}]*\})/.exec(text)?.[1] ?? ''),
      signature: Buffer.from(json.signature, 'base64'),
    };
    const verified = await openssl(
      ['dgst', ...digest, '-verify', 'key.pem', '-signature', 'signature', 'message'],
      files,
    );
    expect(verified).toEqual({ status: 0, output: 'Verified OK\n' });
    expect(await work.verify('calendar', '--signed')).toMatchObject({ exit: 0, findings: [] });
  });

  test('are the SHA-512 of all files but the signature itself', async () => {
    await freshApp();
    await signWith('ec');
    const { hashes } = JSON.parse(
      await readFile(work.path('calendar/appinfo/signature.json'), 'utf8'),
    ) as SignatureJson;
    expect(hashes['lib/a b.php']).toBe(createHash('sha512').update('<?php\n').digest('hex'));
    expect(Object.keys(hashes)).toHaveLength(7);
    expect(hashes).not.toHaveProperty(['appinfo/signature.json']);
  });

  test('are the same after a first signature as before it', async () => {
    await freshApp();
    await signWith('ec');
    await signWith('ec');
    expect(await work.verify('calendar')).toMatchObject({ exit: 0, findings: [] });
  });

  test('the intermediate is taken from the same file as the certificate, or from --chain, in any order', async () => {
    await freshApp();
    const bundle = await readFile(work.path('ec.crt'), 'utf8');
    const [leaf = '', intermediate = ''] = bundle.split(/(?<=-----END CERTIFICATE-----\n)/);
    await writeFile(work.path('leaf.crt'), leaf);
    await writeFile(work.path('intermediate.crt'), intermediate);
    await writeFile(work.path('reversed.crt'), intermediate + leaf);
    for (const words of [
      ['--cert', 'leaf.crt', '--chain', 'intermediate.crt'],
      ['--cert', 'reversed.crt'],
    ]) {
      const { out } = await work.succeed('sign', '--path', 'calendar', '--key', 'ec.key', ...words, '--out', '-');
      const { certificates } = JSON.parse(out) as SignatureJson;
      expect(certificates.leaf).toBe(leaf);
      expect(certificates.chain).toEqual([intermediate]);
    }
  });

  test('the names that occ integrity:sign-app uses are understood', async () => {
    await freshApp();
    await work.succeed('sign', '--path', 'calendar', '--privateKey', 'ec.key', '--certificate', 'ec.crt');
    expect(await work.verify('calendar')).toMatchObject({ exit: 0 });
  });

  test('version control data is left out, as pack leaves it out', async () => {
    await freshApp();
    await mkdir(work.path('calendar/.git'));
    await writeFile(work.path('calendar/.git/HEAD'), 'ref: refs/heads/main\n');
    const { err } = await work.succeed('sign', '--path', 'calendar', '--key', 'ec.key', '--cert', 'ec.crt');
    expect(err).toContain('.git');
    await work.succeed('pack', 'calendar', '--out', 'without-git.zip');
    expect(await work.verify('without-git.zip')).toMatchObject({ exit: 0, findings: [] });
  });

  test('--dry-run prints what sha512sum would, and writes nothing', async () => {
    await freshApp();
    const { exit, out } = await signWith('ec', '--dry-run');
    expect(exit).toBe(0);
    expect(out).toContain(`${createHash('sha512').update('<?php\n').digest('hex')}  lib/a b.php\n`);
    expect(await readdir(work.path('calendar/appinfo'))).not.toContain('signature.json');
  });
});

test('the name in a certificate does not steer the terminal', async () => {
  const name = 'e\u001b[2J\u009b31m\u202eevil';
  const subjectDer = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), writeUtf8(name))));
  const { pem, privateKeyPem } = makeCertificate({ subjectDer, keys: testKeys('ec-p384', 'nasty') });
  await mkdir(work.path('bare'));
  await writeFile(work.path('bare/a.txt'), 'a');
  await writeFile(work.path('nasty.crt'), pem);
  await writeFile(work.path('nasty.key'), privateKeyPem, { mode: 0o600 });
  for (const [options, exit] of [
    [[], 0],
    [['--core'], 1],
  ] as const) {
    const said = await work.run('sign', '--path', 'bare', '--key', 'nasty.key', '--cert', 'nasty.crt', ...options);
    expect(said.exit).toBe(exit);
    expect(said.out + said.err).toContain('CN=e\\u{1b}[2J\\u{9b}31m\\u{202e}evil');
    expect((said.out + said.err).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  }
});

describe('a core release', () => {
  test('is signed at core/signature.json by CN=core, without what a server adds', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'core', '--new-key', 'core.key');
    const files = {
      'version.php': "<?php $OC_VersionString = '10.15.0';\n",
      'core/base.php': '<?php\n',
      'config/config.php': '<?php $secret = 1;\n',
      'data/admin/files/x': 'x',
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(work.path(`server/${path}/..`), { recursive: true });
      await writeFile(work.path(`server/${path}`), content);
    }
    // A server's data folder may be a link to anywhere; it is no part of the release.
    await symlink('/etc', work.path('server/data/elsewhere'));
    await work.succeed('sign', '--core', '--path', 'server', '--key', 'core.key', '--cert', 'core.crt');
    const { hashes } = JSON.parse(await readFile(work.path('server/core/signature.json'), 'utf8')) as SignatureJson;
    expect(Object.keys(hashes)).toEqual(['core/base.php', 'version.php']);
    expect(await work.run('sign', '--core', '--path', 'server', '--key', 'ec.key', '--cert', 'ec.crt')).toMatchObject({
      exit: 1,
    });
  });
});

describe('what it refuses', () => {
  test.each([
    ['a key of another certificate', ['--key', 'contacts.key', '--cert', 'ec.crt'], 1],
    ['a certificate of another app', ['--key', 'contacts.key', '--cert', 'contacts.crt'], 1],
    ['an EC key in format 1', ['--key', 'ec.key', '--cert', 'ec.crt', '--format', '1'], 1],
    ['a key that is none', ['--key', 'ec.crt', '--cert', 'ec.crt'], 3],
    ['a certificate that is none', ['--key', 'ec.key', '--cert', 'ec.key'], 3],
    ['a key that is not there', ['--key', 'nowhere', '--cert', 'ec.crt'], 3],
    ['no key', ['--cert', 'ec.crt'], 2],
    ['two keys', ['--key', 'ec.key', '--privateKey', 'ec.key', '--cert', 'ec.crt'], 2],
    ['format 3', ['--key', 'ec.key', '--cert', 'ec.crt', '--format', '3'], 2],
  ])('%s, and nothing is written', async (_what, words, code) => {
    await freshApp();
    expect(await work.run('sign', '--path', 'calendar', ...words)).toMatchObject({ exit: code, out: '' });
    expect(await readdir(work.path('calendar/appinfo'))).not.toContain('signature.json');
  });

  test('names both ids where the certificate is of another app', async () => {
    await freshApp();
    const { err } = await work.run('sign', '--path', 'calendar', '--key', 'contacts.key', '--cert', 'contacts.crt');
    expect(err).toContain('contacts');
    expect(err).toContain('calendar');
  });

  test('a certificate of another app also where the rest of info.xml is incomplete', async () => {
    await freshApp();
    await writeFile(work.path('calendar/appinfo/info.xml'), '<info><id>calendar</id><name>Calendar</name></info>');
    const words = ['sign', '--path', 'calendar', '--key', 'contacts.key', '--cert', 'contacts.crt'];
    const { exit, out, err } = await work.run(...words);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toContain('<id> in appinfo/info.xml is calendar');
    expect(await readdir(work.path('calendar/appinfo'))).not.toContain('signature.json');
    expect((await signWith('ec')).err).toBe('');
  });

  test('a symbolic link, by its path', async () => {
    await freshApp();
    await symlink('/etc/passwd', work.path('calendar/lib/passwd'));
    const { exit, err } = await signWith('ec');
    expect(exit).toBe(1);
    expect(err).toContain('ARCHIVE_SYMLINK  lib/passwd');
  });

  test('a folder that is not there', async () => {
    expect(await work.run('sign', '--path', 'nowhere', '--key', 'ec.key', '--cert', 'ec.crt')).toMatchObject({
      exit: 3,
    });
  });
});

describe('what it warns of', () => {
  test('a certificate that has expired', async () => {
    await freshApp();
    const later = new Date(Date.now() + 3 * 365 * 24 * 60 * 60 * 1000);
    const words = ['sign', '--path', 'calendar', '--key', 'ec.key', '--cert', 'ec.crt'];
    expect((await work.run(...words)).err).toBe('');
    const { exit, err } = await work.runWith({ now: () => later }, ...words);
    expect(exit).toBe(0);
    expect(err).toContain('expired');
  });

  test('a key that others may read', async () => {
    await freshApp();
    await chmod(work.path('ec.key'), 0o644);
    expect((await signWith('ec')).err).toContain('chmod 600');
    await chmod(work.path('ec.key'), 0o600);
    expect((await signWith('ec')).err).toBe('');
  });
});

opensslTest('an encrypted key is opened with the passphrase of the environment, and never without', async () => {
  await freshApp();
  const key = await readFile(work.path('ec.key'));
  const encrypted = await opensslText(['pkcs8', '-topk8', '-in', 'key', '-passout', 'pass:opensesame'], { key });
  await writeFile(work.path('encrypted.key'), encrypted, { mode: 0o600 });
  const words = ['sign', '--path', 'calendar', '--key', 'encrypted.key', '--cert', 'ec.crt'];
  const run = (passphrase: string | undefined): Promise<{ exit: number; err: string }> =>
    work.runWith({ environment: passphrase === undefined ? {} : { PORTCULLIS_KEY_PASSPHRASE: passphrase } }, ...words);
  expect(await run(undefined)).toMatchObject({
    exit: 3,
    err: expect.stringContaining('PORTCULLIS_KEY_PASSPHRASE') as string,
  });
  expect(await run('wrong')).toMatchObject({ exit: 3 });
  expect(await run('opensesame')).toMatchObject({ exit: 0 });
});

/** As PHP's json_encode writes a ksorted map, by code of its own. */
function phpJson(hashes: Readonly<Record<string, string>>): string {
  const members = Object.keys(hashes)
    .sort()
    .map((path) => `${JSON.stringify(path)}:${JSON.stringify(hashes[path])}`);
  const ascii = `{${members.join(',')}}`.replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return ascii.replaceAll('/', '\\/');
}
