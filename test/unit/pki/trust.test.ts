import { mkdir, mkdtemp, rename, rm, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustError, createTrustSource, emptyTrust, loadTrust } from '../../../src/pki/trust.js';
import {
  createTestAuthority,
  intermediateOptions,
  makeCertificate,
  rootOptions,
  testExtension,
  writeTrustFolder,
} from '../../support/test-authority.js';
import type { TrustFiles } from '../../support/test-authority.js';
import { writeInteger } from '../../../src/pki/der-writer.js';

const current = createTestAuthority('current');
const legacy = createTestAuthority('legacy');
const files: TrustFiles = { ...current.files(), ...legacy.files() };

let base: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'portcullis-trust-'));
  folder = join(base, 'trust');
});
afterEach(() => rm(base, { recursive: true, force: true }));

async function load(contents: TrustFiles) {
  await writeTrustFolder(folder, contents);
  return loadTrust(folder);
}

async function problemsOf(contents: TrustFiles): Promise<readonly string[]> {
  try {
    await load(contents);
    return [];
  } catch (error) {
    if (error instanceof TrustError) return error.problems;
    throw error;
  }
}

const settings = (value: unknown): TrustFiles => ({ ...files, 'trust.json': JSON.stringify(value) });

describe('a folder laid out as ownCloud lays it out', () => {
  test('gives roots by generation, intermediates and lists', async () => {
    const trust = await load(files);
    expect(trust.roots).toMatchObject([
      {
        file: 'root-g1.crt',
        generation: 'legacy',
        algorithms: ['rsa-pss-sha1'],
        enforceTimes: false,
        acceptedUntil: new Date('2026-12-31T23:59:59Z'),
      },
      {
        file: 'root-g2.crt',
        generation: 'current',
        algorithms: ['rsa-pss-sha1', 'rsa-pss-sha384', 'ecdsa-p384-sha384'],
        enforceTimes: true,
        acceptedUntil: null,
      },
    ]);
    expect(trust.intermediates.map(({ subject }) => subject)).toEqual([
      'CN=Test G1 Intermediate',
      'CN=Test G2 Intermediate',
    ]);
    expect(trust.revocationLists.map(({ file }) => file)).toEqual(['crl/current-0.crl', 'crl/legacy-0.crl']);
    expect(trust.coreMaySignApps).toBe(false);
  });
  test('needs no intermediates and no lists', async () => {
    const trust = await load({ 'roots/root-g2.crt': current.root.pem });
    expect(trust).toMatchObject({ intermediates: [], revocationLists: [] });
  });
  test('may hold DER, and a chain file among the intermediates with its root in it', async () => {
    const trust = await load({
      'roots/root-g2.crt': current.root.der,
      'intermediates/chain.crt': current.intermediate.pem + current.root.pem,
      'crl/list.crl': current.list().der,
    });
    expect([trust.roots.length, trust.intermediates.length, trust.revocationLists.length]).toEqual([1, 1, 1]);
  });
  test('may hold links, hidden files and notes', async () => {
    await writeTrustFolder(folder, {
      'roots/README.md': 'notes',
      'roots/.hidden.crt': 'no',
      'notes.txt': 'x',
      'crl/.keep': '',
    });
    // As Kubernetes mounts its volumes: every file a link into a hidden folder.
    await mkdir(join(folder, 'roots/..data'));
    await writeFile(join(folder, 'roots/..data/root-g2.crt'), current.root.pem);
    await symlink('..data/root-g2.crt', join(folder, 'roots/root-g2.crt'));
    expect((await loadTrust(folder)).roots).toHaveLength(1);
  });
});

test('names of files do not steer the terminal that a problem is told on, nor begin a line of it', async () => {
  const failed = load({ ...files, 'roots/e\u001b[2J\u009b\u202evil\n- fine.crt': 'nothing' });
  await expect(failed).rejects.toThrow('roots/e\\u{1b}[2J\\u{9b}\\u{202e}vil\\u{a}- fine.crt: ');
});

describe('the id of a trust', () => {
  test('does not depend on file names, encodings or order', async () => {
    const one = await load(files);
    const other = await load({
      'roots/root-g1-renamed.crt': legacy.root.pem + legacy.intermediate.pem,
      'roots/a.crt': current.root.der,
      'intermediates/b.crt': current.intermediate.der,
      'crl/z.crl': files['crl/current-0.crl'] ?? '',
      'crl/a.crl': files['crl/legacy-0.crl'] ?? '',
    });
    expect(one.id).toMatch(/^[0-9a-f]{64}$/);
    expect(other.id).toBe(one.id);
  });
  test('changes with everything that counts', async () => {
    const ids = [
      emptyTrust.id,
      (await load(files)).id,
      (await load(current.files())).id,
      (await load({ ...files, 'crl/more.crl': current.list({ revoked: ['05'] }).pem })).id,
      (
        await load({
          ...files,
          'intermediates/more.crt': makeCertificate({ ...intermediateOptions, issuer: current.root }).pem,
        })
      ).id,
      (await load(settings({ coreMaySignApps: true }))).id,
      (await load(settings({ roots: { 'root-g2.crt': { algorithms: ['ecdsa-p384-sha384'] } } }))).id,
      (await load(settings({ roots: { 'root-g2.crt': { acceptedUntil: '2030-01-01T00:00:00Z' } } }))).id,
      (await load(settings({ roots: { 'root-g1.crt': { enforceTimes: true } } }))).id,
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('trust.json', () => {
  test('changes what it names and nothing else', async () => {
    const trust = await load(
      settings({
        coreMaySignApps: true,
        roots: {
          'root-g1.crt': { acceptedUntil: '2028-01-01T00:00:00+01:00' },
          'root-g2.crt': { generation: 'legacy' },
        },
      }),
    );
    expect(trust.coreMaySignApps).toBe(true);
    expect(trust.roots).toMatchObject([
      { algorithms: ['rsa-pss-sha1'], enforceTimes: false, acceptedUntil: new Date('2027-12-31T23:00:00Z') },
      { generation: 'legacy', algorithms: ['rsa-pss-sha1'], enforceTimes: false },
    ]);
  });
  test.each<[string, unknown]>([
    ['a member nobody knows', { coreMaySignApp: true }],
    ['a member nobody knows in a root', { roots: { 'root-g2.crt': { algorithm: [] } } }],
    ['a root that has no file', { roots: { 'root-g3.crt': {} } }],
    ['an algorithm nobody knows', { roots: { 'root-g2.crt': { algorithms: ['md5'] } } }],
    ['no algorithm', { roots: { 'root-g2.crt': { algorithms: [] } } }],
    ['a day without a time', { roots: { 'root-g2.crt': { acceptedUntil: '2030-01-01' } } }],
    ['text for a switch', { coreMaySignApps: 'yes' }],
    ['leniency without end', { roots: { 'root-g1.crt': { acceptedUntil: null } } }],
    ['a list', []],
  ])('with %s is refused', async (_, value) => {
    expect(await problemsOf(settings(value))).toEqual([expect.stringContaining('trust.json: ')]);
  });
  test('that is no JSON is refused', async () => {
    expect(await problemsOf({ ...files, 'trust.json': '{' })).toEqual([expect.stringContaining('trust.json: ')]);
  });
});

describe('an unusable folder is refused as a whole', () => {
  test.each<[string, TrustFiles, string]>([
    ['no roots', {}, 'roots/'],
    ['a root that is none', { ...files, 'roots/x.crt': 'hello' }, 'roots/x.crt'],
    ['a root file without a self-signed one', { ...files, 'roots/x.crt': current.intermediate.pem }, 'roots/x.crt'],
    ['a leaf among the roots', { ...files, 'roots/x.crt': makeCertificate().pem }, 'roots/x.crt'],
    [
      'a root of version 1',
      { ...files, 'roots/x.crt': makeCertificate({ ...rootOptions, version: 1 }).pem },
      'roots/x.crt',
    ],
    ['the same root twice', { ...files, 'roots/x.crt': current.root.pem }, 'roots/x.crt'],
    [
      'a root among the intermediates',
      { ...files, 'intermediates/x.crt': makeCertificate(rootOptions).pem },
      'intermediates/x.crt',
    ],
    ['a list that is none', { ...files, 'crl/x.crl': '' }, 'crl/x.crl'],
    [
      'a delta list',
      { ...files, 'crl/x.crl': current.list({ extensions: [testExtension('2.5.29.27', writeInteger(1), true)] }).pem },
      'crl/x.crl',
    ],
    ["a folder in a file's place", { ...files, 'crl/x.crl/file': '' }, 'crl/x.crl'],
  ])('with %s', async (_, contents, label) => {
    expect(await problemsOf(contents)).toEqual([expect.stringContaining(label)]);
  });
  test('that does not exist', async () => {
    await expect(loadTrust(join(base, 'nowhere'))).rejects.toThrow(TrustError);
  });
  test('with a link to nowhere', async () => {
    await writeTrustFolder(folder, files);
    await symlink('nowhere', join(folder, 'crl/x.crl'));
    await expect(loadTrust(folder)).rejects.toThrow(/crl\/x\.crl/);
  });
  test('and says everything that is wrong at once', async () => {
    const problems = await problemsOf({
      ...files,
      'roots/a.crt': 'x',
      'intermediates/b.crt': 'x',
      'crl/c.crl': 'x',
      'trust.json': '[]',
    });
    expect(problems).toHaveLength(4);
  });
});

describe('a trust source', () => {
  const cases = ['unchanged', 'added', 'overwritten', 'renamed', 'broken'] as const;
  let settled: string;
  const longAgo = new Date('2026-01-01T00:00:00Z');
  const settledFolder = (name: (typeof cases)[number]) => join(settled, name);

  // A source relies on time stamps only once they are older than the coarsest clock of a file system.
  beforeAll(async () => {
    settled = await mkdtemp(join(tmpdir(), 'portcullis-trust-'));
    for (const name of cases) {
      await writeTrustFolder(settledFolder(name), {
        ...files,
        'crl/current-0.crl': current.list({ revoked: ['05'] }).der,
      });
    }
    await utimes(join(settledFolder('overwritten'), 'crl/current-0.crl'), longAgo, longAgo);
    await new Promise((resolve) => setTimeout(resolve, 2100));
  });
  afterAll(() => rm(settled, { recursive: true, force: true }));

  test('reads a folder that does not change only once', async () => {
    const source = createTrustSource(settledFolder('unchanged'));
    const kept = await source.current();
    expect(await source.current()).toBe(kept);
    expect((await Promise.all([source.current(), source.current()])).every((trust) => trust === kept)).toBe(true);
  });
  test('does not rely on files that were written this instant', async () => {
    await writeTrustFolder(folder, files);
    const source = createTrustSource(folder);
    const one = await source.current();
    const two = await source.current();
    expect(two).not.toBe(one);
    expect(two.id).toBe(one.id);
  });
  test('sees a list from the very next call on, and its removal', async () => {
    const source = createTrustSource(settledFolder('added'));
    const before = await source.current();
    await writeFile(join(settledFolder('added'), 'crl/new.crl'), current.list({ revoked: ['05'] }).pem);
    expect((await source.current()).revocationLists).toHaveLength(before.revocationLists.length + 1);
    await unlink(join(settledFolder('added'), 'crl/new.crl'));
    expect((await source.current()).id).toBe(before.id);
  });
  test('sees a file overwritten with as many bytes and its old time stamp', async () => {
    const source = createTrustSource(settledFolder('overwritten'));
    const path = join(settledFolder('overwritten'), 'crl/current-0.crl');
    const before = await source.current();
    const { size } = await stat(path);
    // ECDSA signatures differ in length: several tries make one of the same.
    let other = current.list({ revoked: ['06'] }).der;
    while (other.length !== size) other = current.list({ revoked: ['06'] }).der;
    await writeFile(path, other);
    await utimes(path, longAgo, longAgo);
    expect((await stat(path)).mtime).toEqual(longAgo);
    expect((await source.current()).id).not.toBe(before.id);
  });
  test('sees a file that was exchanged by renaming', async () => {
    const source = createTrustSource(settledFolder('renamed'));
    await source.current();
    await writeFile(join(base, 'new.crl'), current.list({ revoked: ['07'] }).pem);
    await rename(join(base, 'new.crl'), join(settledFolder('renamed'), 'crl/current-0.crl'));
    const { revocationLists } = await source.current();
    expect(revocationLists.some(({ revoked }) => revoked.has('07'))).toBe(true);
  });
  test('that broke hands out nothing, and recovers', async () => {
    const source = createTrustSource(settledFolder('broken'));
    const { id } = await source.current();
    await writeFile(join(settledFolder('broken'), 'crl/broken.crl'), 'not a list');
    await expect(source.current()).rejects.toThrow(TrustError);
    await expect(source.current()).rejects.toThrow(TrustError);
    await unlink(join(settledFolder('broken'), 'crl/broken.crl'));
    expect((await source.current()).id).toBe(id);
    await rm(settledFolder('broken'), { recursive: true });
    await expect(source.current()).rejects.toThrow(TrustError);
  });
});
