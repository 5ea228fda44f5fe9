import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { writeOid, writeSequence, writeSet, writeUtf8 } from '../../src/pki/der-writer.js';
import { createTrustSource, loadTrust } from '../../src/pki/trust.js';
import { openssl } from '../support/openssl.js';
import { testWith } from '../support/installed.js';
import {
  createTestAuthority,
  intermediateOptions,
  makeCertificate,
  rootOptions,
  testKeys,
  writeTrustFolder,
} from '../support/test-authority.js';
import { createWorkspace } from '../support/workspace.js';
import type { Workspace } from '../support/workspace.js';

const opensslTest = testWith('openssl');
const ours = createTestAuthority('current', 'Ours');
const outside = createTestAuthority('current', 'Outside');

let work: Workspace;

beforeEach(async () => {
  work = await createWorkspace();
  await writeTrustFolder(work.path('data/trust'), ours.files());
});

afterEach(() => work.remove());

async function save(name: string, content: string | Buffer): Promise<string> {
  await writeFile(work.path(name), content);
  return name;
}

async function add(content: string | Buffer, ...options: readonly string[]) {
  return work.run('trust', 'add', await save('added', content), ...options);
}

/** Every file of the folder, with what is in it: what must not change is compared whole. */
async function everything(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(work.path('data/trust'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const read = names.map(async ({ parentPath, name }) => {
    const path = `${parentPath}/${name}`;
    return [path.slice(work.path('data/trust').length + 1), await readFile(path, 'latin1')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const trust = () => loadTrust(work.path('data/trust'));

describe('trust add', () => {
  test('adds an outside root, its intermediate and its list, and a running gate goes by them at once', async () => {
    const source = createTrustSource(work.path('data/trust'));
    expect((await source.current()).roots).toHaveLength(1);
    expect(await add(outside.root.pem, '--as', 'root')).toMatchObject({ exit: 0 });
    expect(await add(outside.intermediate.der, '--as', 'intermediate')).toMatchObject({ exit: 0 });
    expect(await add(outside.list().pem, '--as', 'list')).toMatchObject({ exit: 0 });
    const now = await source.current();
    expect(now.roots.map(({ certificate }) => certificate.fingerprint)).toContain(outside.root.certificate.fingerprint);
    expect(now.roots.every(({ generation }) => generation === 'current')).toBe(true);
    expect(now.intermediates.map(({ fingerprint }) => fingerprint)).toContain(
      outside.intermediate.certificate.fingerprint,
    );
    expect(now.revocationLists.some(({ der }) => der.equals(outside.list().der))).toBe(false);
    expect(now.revocationLists).toHaveLength(2);
  });

  test('shows what it added: name, fingerprint, times and generation', async () => {
    const { out } = await add(outside.root.pem);
    const { subject, fingerprint, notAfter } = outside.root.certificate;
    for (const part of [subject, fingerprint, notAfter.toISOString(), 'current']) expect(out).toContain(part);
  });

  test('makes the folder where there is none, from a root on', async () => {
    expect(await add(outside.root.pem, '--trust', 'new')).toMatchObject({ exit: 0 });
    expect((await loadTrust(work.path('new'))).roots).toHaveLength(1);
  });

  test('a bundle is added whole: each certificate under a name of its own', async () => {
    expect(await add(outside.intermediate.pem + outside.root.pem)).toMatchObject({ exit: 0 });
    expect((await trust()).intermediates).toHaveLength(2);
    expect((await trust()).roots).toHaveLength(2);
  });

  test('a root is legacy where that is said, and never by its name', async () => {
    const named = makeCertificate({ ...rootOptions, commonName: 'root-g1' });
    expect(await add(named.pem)).toMatchObject({ exit: 0 });
    expect((await trust()).roots.map(({ generation }) => generation)).toEqual(['current', 'current']);
    expect(await add(outside.root.pem, '--legacy')).toMatchObject({ exit: 0 });
    const { roots } = await trust();
    expect(
      roots.find(({ certificate }) => certificate.fingerprint === outside.root.certificate.fingerprint),
    ).toMatchObject({
      generation: 'legacy',
    });
  });

  test('a name can not lead out of the folder, nor steer the terminal', async () => {
    const name = writeUtf8('../../etc/\u001b[31mroot');
    const subjectDer = writeSequence(writeSet(writeSequence(writeOid('2.5.4.3'), name)));
    const odd = makeCertificate({ ...rootOptions, subjectDer });
    const { exit, out } = await add(odd.pem);
    expect(exit).toBe(0);
    expect(out).not.toContain('\u001b');
    const [file = ''] = (await readdir(work.path('data/trust/roots'))).filter((name) => name.includes('etc'));
    expect(file).toMatch(/^authority-[a-z0-9-]+-[0-9a-f]{16}\.crt$/);
  });

  test('a newer list takes the place of the one that was added before', async () => {
    await add(outside.root.pem + outside.intermediate.pem);
    await add(outside.list({ thisUpdate: '2026-02-01T00:00:00Z' }).pem);
    expect(await add(outside.list({ thisUpdate: '2026-03-01T00:00:00Z', revoked: ['AB'] }).pem)).toMatchObject({
      exit: 0,
    });
    const lists = (await trust()).revocationLists.filter(({ issuer }) => issuer.includes('Outside'));
    expect(lists.map(({ thisUpdate, revoked }) => [thisUpdate.toISOString(), revoked.size])).toEqual([
      ['2026-03-01T00:00:00.000Z', 1],
    ]);
  });

  test('of two lists of the same second the number tells the newer', async () => {
    await add(outside.root.pem + outside.intermediate.pem);
    const list = (number: number, ...revoked: string[]) => outside.list({ number, revoked }).pem;
    expect(await add(list(8, 'AB'))).toMatchObject({ exit: 0 });
    expect(await add(list(7))).toMatchObject({ exit: 1 });
    expect(await add(list(9, 'AB', 'CD'))).toMatchObject({ exit: 0 });
    const lists = (await trust()).revocationLists.filter(({ issuer }) => issuer.includes('Outside'));
    expect(lists.map(({ number }) => number)).toEqual(['9']);
  });

  test('says of an authority that its list is needed, until it is there', async () => {
    expect((await add(outside.root.pem + outside.intermediate.pem)).err).toContain(
      `list of ${outside.intermediate.certificate.subject}`,
    );
    await work.succeed('trust', 'remove', outside.intermediate.certificate.fingerprint);
    await save('intermediate.crt', outside.intermediate.pem);
    await work.succeed('trust', 'add', 'intermediate.crt');
    await add(outside.list().pem);
    await work.succeed('trust', 'remove', outside.intermediate.certificate.fingerprint);
    expect((await add(outside.intermediate.pem)).err).toBe('');
  });

  test('warns of a name that a trusted authority has too', async () => {
    const twin = makeCertificate({ ...rootOptions, commonName: ours.root.certificate.commonNames[0] ?? '' });
    const { exit, err } = await add(twin.pem);
    expect(exit).toBe(0);
    expect(err).toContain(ours.root.certificate.fingerprint);
    expect((await add(outside.root.pem)).err).not.toContain('Warning');
  });

  test('a file that goes on for ever is not read to its end', async () => {
    expect(await work.run('trust', 'add', '/dev/zero')).toMatchObject({ exit: 1 });
  });

  const keys = testKeys('ec-p384', 'refused');
  const root = outside.root;
  const future = '2099-01-01T00:00:00Z';
  const refused: readonly (readonly [string, () => string | Buffer, ...string[]])[] = [
    ['a private key', () => outside.root.privateKeyPem],
    ['a certificate with its private key', () => outside.root.pem + outside.root.privateKeyPem],
    [
      'an encrypted private key',
      () => '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
    ],
    ['a private key in DER', () => keys.privateKey.export({ type: 'pkcs8', format: 'der' })],
    ['a root with a weak key', () => makeCertificate({ ...rootOptions, keys: testKeys('rsa-1024', 'weak') }).pem],
    ['a leaf of ours', () => ours.issue().pem],
    ['a self-signed certificate that is no authority', () => makeCertificate({ commonName: 'self' }).pem],
    [
      'an authority that may sign no certificates',
      () => makeCertificate({ ...rootOptions, keyUsage: ['cRLSign'] }).pem,
    ],
    ['an intermediate of an authority that is not trusted', () => outside.intermediate.pem],
    [
      'a certificate under the name of a trusted root, signed with another key',
      () => makeCertificate({ ...intermediateOptions, commonName: 'Forged', issuer: ours.root, signingKeys: keys }).pem,
    ],
    ['a list of an authority that is not trusted', () => outside.list().pem],
    ['a list under a trusted name, signed with another key', () => ours.list({ signingKeys: keys }).pem],
    ['a list that is older than the one there', () => ours.list({ thisUpdate: '2026-01-01T00:00:00Z' }).pem],
    ['a list from the future', () => ours.list({ thisUpdate: future, nextUpdate: null }).pem],
    ['a root that is there', () => ours.root.pem],
    ['an intermediate that is there', () => ours.intermediate.pem],
    ['a root, where an intermediate was meant', () => root.pem, '--as', 'intermediate'],
    ['an intermediate, where a root was meant', () => ours.intermediate.pem, '--as', 'root'],
    ['a bundle of which a part is wrong', () => outside.root.pem + outside.intermediate.pem + outside.issue().pem],
    ['text', () => 'hello'],
    ['nothing', () => ''],
    ['a damaged certificate', () => outside.root.der.subarray(0, 200)],
  ];

  test.each(refused.map(([what, content, ...options]) => [what, content, options] as const))(
    'refuses %s, and changes nothing',
    async (_, content, options) => {
      const before = await everything();
      expect(await add(content(), ...options)).toMatchObject({ exit: 1, out: '' });
      expect(await everything()).toEqual(before);
    },
  );

  test('refuses a list that is there already', async () => {
    const list = await readFile(work.path('data/trust/crl/current-0.crl'));
    expect(await add(list)).toMatchObject({ exit: 1 });
  });

  test('touches no folder that can not be used as it is', async () => {
    await writeFile(work.path('data/trust/crl/damaged.crl'), 'damaged');
    const before = await everything();
    expect(await add(outside.root.pem)).toMatchObject({ exit: 1 });
    expect(await everything()).toEqual(before);
  });

  test('takes everything back where the folder could not be used with it', async () => {
    await writeFile(work.path('data/trust/trust.json'), '{"coreMaySignApps": false}');
    // A root's file that is there under the very name, with something else in it.
    const name = `authority-outside-g2-root-${outside.root.certificate.fingerprint.slice(0, 16)}.crt`;
    await writeFile(work.path('data/trust/trust.json'), `{"roots": {"${name}": {"enforceTimes": false}}}`);
    const before = await everything();
    expect(await add(outside.root.pem)).toMatchObject({ exit: 1 });
    expect(await everything()).toEqual(before);
  });

  test.each([
    ['no file', ['trust', 'add']],
    ['two files', ['trust', 'add', 'a', 'b']],
    ['another kind', ['trust', 'add', 'a', '--as', 'leaf']],
  ])('with %s it says how it is used', async (_, words) => {
    expect(await work.run(...words)).toMatchObject({ exit: 2 });
  });

  test('a file that is not there is an error and no verdict', async () => {
    expect(await work.run('trust', 'add', 'nowhere')).toMatchObject({ exit: 3 });
  });

  opensslTest('what openssl made is added, and openssl reads what was added', async () => {
    const config = ['-subj', '/CN=Made by openssl', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    const made = await openssl([
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-384',
      '-nodes',
      ...config,
    ]);
    const pem = made.output.slice(made.output.indexOf('-----BEGIN CERTIFICATE'));
    expect(await add(pem, '--as', 'root')).toMatchObject({ exit: 0 });
    const [file = ''] = (await readdir(work.path('data/trust/roots'))).filter((name) => name.includes('openssl'));
    const text = await openssl(['x509', '-in', 'file', '-noout', '-subject'], {
      file: await readFile(work.path(`data/trust/roots/${file}`)),
    });
    expect(text).toMatchObject({ status: 0, output: expect.stringContaining('Made by openssl') });
  });
});

describe('trust list', () => {
  test('names every certificate and list, with generation, end and fingerprint', async () => {
    const { exit, out } = await work.run('trust', 'list');
    expect(exit).toBe(0);
    for (const part of [
      ours.root.certificate.fingerprint,
      ours.intermediate.certificate.fingerprint,
      'root (current)',
      'crl/current-0.crl',
      'roots/root-g2.crt',
    ])
      expect(out).toContain(part);
  });

  test('as JSON for programs', async () => {
    const { out } = await work.run('trust', 'list', '--json');
    const { folder, entries } = JSON.parse(out);
    expect(folder).toBe(work.path('data/trust'));
    expect(entries).toMatchObject([
      { file: 'roots/root-g2.crt', kind: 'root', generation: 'current', sha256: ours.root.certificate.fingerprint },
      { file: 'intermediates/intermediate-g2.crt', kind: 'intermediate' },
      { file: 'crl/current-0.crl', kind: 'list', number: '7', thisUpdate: '2026-01-02T00:00:00.000Z', revoked: 0 },
    ]);
  });

  test('of a folder that can not be used says why, and still lists it', async () => {
    await writeFile(work.path('data/trust/crl/damaged.crl'), 'damaged');
    const { exit, out, err } = await work.run('trust', 'list');
    expect(exit).toBe(3);
    expect(out).toContain('crl/damaged.crl');
    expect(err).toContain('damaged.crl');
  });

  test('without a folder there is nothing to list', async () => {
    expect(await work.run('trust', 'list', '--trust', 'nowhere')).toMatchObject({ exit: 3 });
  });
});

describe('trust remove', () => {
  beforeEach(async () => {
    await add(outside.root.pem + outside.intermediate.pem);
  });

  test('removes what is named by its fingerprint, spelt as openssl spells it', async () => {
    const { fingerprint } = outside.root.certificate;
    const spelt = fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:');
    expect(await work.run('trust', 'remove', spelt)).toMatchObject({ exit: 0 });
    expect((await trust()).roots.map(({ certificate }) => certificate.fingerprint)).not.toContain(fingerprint);
  });

  test('removes what is named by its file, with its folder or without', async () => {
    const [file = ''] = (await readdir(work.path('data/trust/intermediates'))).filter((name) =>
      name.includes('outside'),
    );
    expect(await work.run('trust', 'remove', file)).toMatchObject({ exit: 0 });
    expect(await work.run('trust', 'remove', `intermediates/${file}`)).toMatchObject({ exit: 1 });
    expect(await work.run('trust', 'remove', 'crl/current-0.crl')).toMatchObject({ exit: 0 });
    expect((await trust()).revocationLists).toEqual([]);
  });

  test('removes what is named as it is listed, and says what counts no more', async () => {
    await add(outside.list().pem);
    const { exit, out } = await work.run('trust', 'remove', outside.root.certificate.subject);
    expect(exit).toBe(0);
    const orphans = ['intermediates', 'crl'].map((part) => new RegExp(`^  ${part}/.*outside`, 'm'));
    for (const orphan of orphans) expect(out).toMatch(orphan);
    expect(out).not.toContain('intermediate-g2.crt');
  });

  test.each(['nothing', '../trust/roots/root-g2.crt', 'f'.repeat(64), 'trust.json', 'roots/'])(
    'finds no %s, and changes nothing',
    async (wanted) => {
      const before = await everything();
      expect(await work.run('trust', 'remove', wanted)).toMatchObject({ exit: 1 });
      expect(await everything()).toEqual(before);
    },
  );

  test('two of the same name must be told apart', async () => {
    await writeFile(work.path('data/trust/intermediates/root-g2.crt'), outside.intermediate.pem);
    expect(await work.run('trust', 'remove', 'root-g2.crt')).toMatchObject({ exit: 1 });
    expect(await work.run('trust', 'remove', 'intermediates/root-g2.crt')).toMatchObject({ exit: 0 });
  });

  test('the last root goes only by force', async () => {
    await work.succeed('trust', 'remove', outside.root.certificate.fingerprint);
    const before = await everything();
    expect(await work.run('trust', 'remove', 'roots/root-g2.crt')).toMatchObject({ exit: 1 });
    expect(await everything()).toEqual(before);
    expect(await work.run('trust', 'remove', 'roots/root-g2.crt', '--force')).toMatchObject({ exit: 0 });
    expect(await readdir(work.path('data/trust/roots'))).toEqual([]);
  });

  test('a root that trust.json speaks of stays, since the folder could not be used without it', async () => {
    await writeFile(
      work.path('data/trust/trust.json'),
      '{"roots": {"root-g2.crt": {"algorithms": ["ecdsa-p384-sha384"]}}}',
    );
    const before = await everything();
    expect(await work.run('trust', 'remove', 'root-g2.crt')).toMatchObject({ exit: 1 });
    expect(await everything()).toEqual(before);
  });
});

test("the store's own authority goes only by force, also under another name", async () => {
  const own = await createWorkspace();
  try {
    await own.succeed('ca', 'init', '--name', 'Own');
    await writeFile(own.path('outside'), outside.root.pem);
    await own.succeed('trust', 'add', 'outside');
    const files = ['roots/portcullis-root.crt', 'intermediates/portcullis-developers.crt', 'crl/portcullis-root.crl'];
    for (const file of files) expect(await own.run('trust', 'remove', file)).toMatchObject({ exit: 1 });
    const list = await readFile(own.path('data/trust/crl/portcullis-developers.crl'));
    await writeFile(own.path('data/trust/crl/renamed.crl'), list);
    expect(await own.run('trust', 'remove', 'renamed.crl')).toMatchObject({ exit: 1 });
    expect(await own.run('trust', 'remove', 'renamed.crl', '--force')).toMatchObject({ exit: 0 });
    expect(await own.run('trust', 'remove', outside.root.certificate.fingerprint)).toMatchObject({ exit: 0 });
  } finally {
    await own.remove();
  }
});

test('a folder that can not be written to is left as it was', async () => {
  // Whoever may do everything may write there too.
  if (process.getuid?.() === 0) return;
  await chmod(work.path('data/trust/roots'), 0o500);
  const before = await everything();
  expect((await add(outside.root.pem)).exit).not.toBe(0);
  await chmod(work.path('data/trust/roots'), 0o700);
  expect(await everything()).toEqual(before);
});
