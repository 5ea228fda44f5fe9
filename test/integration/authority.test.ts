import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '../../src/authority/authority-folder.js';
import type { AuthorityFolder } from '../../src/authority/authority-folder.js';
import { createAuthorityFolder } from '../../src/authority/create-authority.js';
import type { NewAuthority } from '../../src/authority/create-authority.js';
import { handOverLedger } from '../../src/authority/file-ledger.js';
import { issueLeaf } from '../../src/authority/issue-leaf.js';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import type { AuthorityKeys } from '../../src/authority/issuing-key.js';
import { readLedger } from '../../src/authority/ledger.js';
import type { PassphraseSource } from '../../src/authority/passphrase.js';
import { renewRevocationLists } from '../../src/authority/revocation-lists.js';
import { revokeLeaf } from '../../src/authority/revoke-leaf.js';
import { publishTrust } from '../../src/authority/trust-folder.js';
import { isSignedBy, parseCertificate, parseCertificates } from '../../src/pki/certificate.js';
import { generateKeyPair, readPrivateKey, writePrivateKey } from '../../src/pki/keys.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import { keySigner } from '../../src/pki/signer.js';
import { loadTrust } from '../../src/pki/trust.js';
import { opensslText, openssl } from '../support/openssl.js';
import { createWorkspace } from '../support/workspace.js';
import type { Workspace } from '../support/workspace.js';
import { testWith } from '../support/installed.js';

const opensslTest = testWith('openssl');

const DAY_MS = 24 * 60 * 60 * 1000;

describe('on the command line', () => {
  let work: Workspace;

  beforeAll(async () => {
    work = await createWorkspace();
    await work.succeed('ca', 'init', '--name', 'Example');
  });

  afterAll(async () => work.remove());

  async function chain(): Promise<{ readonly root: Buffer; readonly developers: Buffer }> {
    const [root, developers] = await Promise.all([
      readFile(work.path('data/trust/roots/portcullis-root.crt')),
      readFile(work.path('data/trust/intermediates/portcullis-developers.crt')),
    ]);
    return { root, developers };
  }

  function lists(): Promise<readonly Buffer[]> {
    return Promise.all(
      ['root', 'developers'].map((tier) => readFile(work.path(`data/trust/crl/portcullis-${tier}.crl`))),
    );
  }

  test('ca init makes a trust folder that is believed, and keys that only their owner reads', async () => {
    const trust = await loadTrust(work.path('data/trust'));
    expect(trust).toMatchObject({
      roots: [{ generation: 'current' }],
      intermediates: [{ commonNames: ['Example Developers'] }],
    });
    expect(trust.revocationLists).toHaveLength(2);
    expect((await stat(work.path('data/authority'))).mode & 0o777).toBe(0o700);
    for (const key of ['root.key', 'developers.key', 'ledger.jsonl']) {
      expect((await stat(work.path(`data/authority/${key}`))).mode & 0o777).toBe(0o600);
    }
    expect((await readdir(work.path('data'))).sort()).toEqual(['authority', 'authority-passphrase', 'trust']);
    expect((await stat(work.path('data/authority-passphrase'))).mode & 0o777).toBe(0o600);
  });

  test('ca init touches neither an authority nor a trust folder that is there', async () => {
    expect(await work.run('ca', 'init')).toMatchObject({ exit: 3 });
    expect(await work.run('ca', 'init', '--out', 'another')).toMatchObject({ exit: 3 });
    expect(await work.run('ca', 'init', '--trust', 'another')).toMatchObject({ exit: 3 });
    expect(await readdir(work.folder)).not.toContain('another');
  });

  opensslTest.each([
    ['EC P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['RSA 2048', ['-newkey', 'rsa:2048']],
  ])('what is issued on a request by openssl with an %s key is verified by openssl', async (name, words) => {
    const subject = ['-subj', '/CN=calendar', '-addext', 'basicConstraints=CA:TRUE'];
    const request = await opensslText(['req', '-new', '-nodes', ...words, '-keyout', '/dev/null', ...subject]);
    await writeFile(work.path('request.pem'), request.slice(request.indexOf('-----BEGIN CERTIFICATE REQUEST')));
    await work.succeed('ca', 'issue', '--app-id', 'calendar', '--csr', 'request.pem', '--out', `${name}.crt`);
    const bundle = await readFile(work.path(`${name}.crt`));
    const { root, developers } = await chain();
    const purpose = ['-purpose', 'any', '-x509_strict', '-crl_check_all', '-CRLfile', 'lists'];
    const answer = await openssl(['verify', ...purpose, '-CAfile', 'root', '-untrusted', 'developers', 'leaf'], {
      root,
      developers,
      leaf: bundle,
      lists: Buffer.concat([...(await lists())]),
    });
    expect(answer).toEqual({ status: 0, output: 'leaf: OK\n' });
    const [leaf, intermediate] = parseCertificates(bundle);
    // Whatever the request asked for, the profile decides.
    expect(leaf).toMatchObject({ commonNames: ['calendar'], basicConstraints: { ca: false } });
    expect(intermediate?.der.equals(parseCertificate(developers).der)).toBe(true);
  });

  test('the serial is in the ledger twice: intended, then issued', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'ledger-app', '--new-key', 'ledger.key', '--out', 'ledger.crt');
    const [leaf] = parseCertificates(await readFile(work.path('ledger.crt')));
    const events = (await readLedger(work.path('data/authority/ledger.jsonl'))).filter(
      ({ serial }) => serial === leaf?.serial,
    );
    expect(events).toMatchObject([
      { event: 'intended', appId: 'ledger-app', publicKeyFingerprint: leaf?.publicKeyFingerprint },
      { event: 'issued', fingerprint: leaf?.fingerprint },
    ]);
  });

  test('nothing is issued where the ledger can not be written', async () => {
    const before = await readFile(work.path('data/authority/ledger.jsonl'));
    await rename(work.path('data/authority/ledger.jsonl'), work.path('ledger.kept'));
    await mkdir(work.path('data/authority/ledger.jsonl'));
    expect(
      await work.run('ca', 'issue', '--app-id', 'calendar', '--new-key', 'never.key', '--out', 'never.crt'),
    ).toMatchObject({
      exit: 3,
    });
    await rm(work.path('data/authority/ledger.jsonl'), { recursive: true });
    await rename(work.path('ledger.kept'), work.path('data/authority/ledger.jsonl'));
    await expect(readFile(work.path('never.crt'))).rejects.toThrow('ENOENT');
    expect(await readFile(work.path('data/authority/ledger.jsonl'))).toEqual(before);
  });

  test('a request for another app, or one that was tampered with, is refused', async () => {
    await work.succeed('keygen', '--out', 'other.key');
    const { out } = await work.succeed('csr', '--key', 'other.key', '--app-id', 'other-app');
    await writeFile(work.path('other.csr'), out);
    const issue = (appId: string, file: string): Promise<{ exit: number; err: string }> =>
      work.run('ca', 'issue', '--app-id', appId, '--csr', file, '--out', 'refused.crt');
    expect(await issue('calendar', 'other.csr')).toMatchObject({ exit: 1 });
    const der = Buffer.from(out.split('\n').slice(1, -2).join(''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    await writeFile(work.path('tampered.csr'), der);
    expect(await issue('other-app', 'tampered.csr')).toMatchObject({ exit: 1 });
    await expect(readFile(work.path('refused.crt'))).rejects.toThrow('ENOENT');
  });

  test('--days shortens the validity, and never lengthens it', async () => {
    const issued = async (days: string): Promise<number> => {
      await work.succeed(
        'ca',
        'issue',
        '--app-id',
        'brief',
        '--new-key',
        `${days}.key`,
        '--out',
        `${days}.crt`,
        '--days',
        days,
      );
      const [leaf] = parseCertificates(await readFile(work.path(`${days}.crt`)));
      return ((leaf?.notAfter.getTime() ?? 0) - Date.now()) / DAY_MS;
    };
    expect(Math.round(await issued('30'))).toBe(30);
    expect(await issued('9999')).toBeLessThan(2 * 366);
  });

  test('neither a certificate nor a key is overwritten', async () => {
    await writeFile(work.path('precious.key'), 'the only copy');
    const words = ['ca', 'issue', '--app-id', 'calendar', '--new-key', 'precious.key', '--out', 'new.crt', '--force'];
    expect(await work.run(...words)).toMatchObject({ exit: 3 });
    expect(await readFile(work.path('precious.key'), 'utf8')).toBe('the only copy');
    await writeFile(work.path('precious.crt'), 'the only copy');
    const before = await readLedger(work.path('data/authority/ledger.jsonl'));
    expect(
      await work.run('ca', 'issue', '--app-id', 'calendar', '--new-key', 'unused.key', '--out', 'precious.crt'),
    ).toMatchObject({ exit: 3 });
    expect(await readLedger(work.path('data/authority/ledger.jsonl'))).toEqual(before);
  });

  opensslTest('what a revoked certificate signed is refused, and openssl sees the revocation too', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'lost.key', '--out', 'lost.crt');
    await work.app('calendar');
    await work.succeed('sign', '--path', 'calendar', '--key', 'lost.key', '--cert', 'lost.crt');
    expect(await work.verify('calendar')).toMatchObject({ exit: 0 });
    await work.succeed('ca', 'revoke', 'lost.crt', '--reason', 'keyCompromise');
    expect(await work.verify('calendar')).toMatchObject({ exit: 1, findings: [{ code: 'REVOKED' }] });
    const { root, developers } = await chain();
    const { status, output } = await openssl(
      ['verify', '-crl_check_all', '-CRLfile', 'lists', '-CAfile', 'root', '-untrusted', 'developers', 'leaf'],
      { root, developers, lists: Buffer.concat([...(await lists())]), leaf: await readFile(work.path('lost.crt')) },
    );
    expect(status).not.toBe(0);
    expect(output).toContain('certificate revoked');
  });

  test('is revoked by its serial too, however it is spelt, and once for all', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'serial.key', '--out', 'serial.crt');
    const [leaf] = parseCertificates(await readFile(work.path('serial.crt')));
    const serial = leaf?.serial ?? '';
    const colons = serial.toLowerCase().replace(/..(?=.)/g, '$&:');
    await work.succeed('ca', 'revoke', colons, '--reason', 'superseded');
    await work.succeed('ca', 'revoke', serial, '--reason', 'cessationOfOperation');
    const list = parseRevocationList(await readFile(work.path('data/trust/crl/portcullis-developers.crl')));
    expect(list.revoked.get(serial)).toMatchObject({ reason: 'superseded' });
  });

  test('what this authority did not issue is not revoked', async () => {
    expect(await work.run('ca', 'revoke', '01020304')).toMatchObject({ exit: 1 });
    expect(await work.run('ca', 'revoke', 'data/trust/roots/portcullis-root.crt')).toMatchObject({ exit: 1 });
    expect(await work.run('ca', 'revoke', 'not-a-serial')).toMatchObject({ exit: 2 });
    expect(await work.run('ca', 'revoke', '01020304', '--reason', 'whim')).toMatchObject({ exit: 2 });
  });

  test('ca crl signs new lists with higher numbers that keep what was revoked', async () => {
    const before = (await lists()).map((bytes) => parseRevocationList(bytes));
    await work.succeed('ca', 'crl');
    const after = (await lists()).map((bytes) => parseRevocationList(bytes));
    for (const [index, list] of after.entries()) {
      expect(BigInt(list.number ?? 0)).toBeGreaterThan(BigInt(before[index]?.number ?? 0));
      expect([...list.revoked.keys()]).toEqual([...(before[index]?.revoked.keys() ?? [])]);
    }
  });

  test('several revocations at the same time are all kept', async () => {
    const serials = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', `${name}.key`, '--out', `${name}.crt`);
        return parseCertificates(await readFile(work.path(`${name}.crt`)))[0]?.serial ?? '';
      }),
    );
    await Promise.all(serials.map((serial) => work.succeed('ca', 'revoke', serial)));
    const list = parseRevocationList(await readFile(work.path('data/trust/crl/portcullis-developers.crl')));
    for (const serial of serials) expect(list.revoked.has(serial)).toBe(true);
  });

  test('a root key that is kept elsewhere stops nothing but the root list', async () => {
    await rename(work.path('data/authority/root.key'), work.path('root.key'));
    const { exit, err } = await work.run('ca', 'crl');
    expect({ exit, err }).toEqual({ exit: 0, err: expect.stringContaining('root') as string });
    await rename(work.path('root.key'), work.path('data/authority/root.key'));
  });

  test('a certificate is revoked for a worse reason later, in the ledger and on the list, since the first time', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'worse', '--new-key', 'worse.key', '--out', 'worse.crt');
    const [{ serial } = { serial: '' }] = parseCertificates(await readFile(work.path('worse.crt')));
    const listed = async () =>
      parseRevocationList(await readFile(work.path('data/trust/crl/portcullis-developers.crl'))).revoked.get(serial);
    await work.succeed('ca', 'revoke', 'worse.crt', '--reason', 'superseded');
    const before = await listed();
    expect(before).toMatchObject({ reason: 'superseded' });
    await work.succeed('ca', 'revoke', 'worse.crt', '--reason', 'keyCompromise');
    expect(await listed()).toEqual({ ...before, reason: 'keyCompromise' });
    await work.succeed('ca', 'revoke', 'worse.crt', '--reason', 'superseded');
    expect(await listed()).toEqual({ ...before, reason: 'keyCompromise' });
  });

  test('a root key that can not be opened keeps nothing off the developers’ list, and is told of', async () => {
    await work.succeed('ca', 'issue', '--app-id', 'locked', '--new-key', 'locked.key', '--out', 'locked.crt');
    const [{ serial } = { serial: '' }] = parseCertificates(await readFile(work.path('locked.crt')));
    const file = work.path('data/authority/root.key');
    const key = await readFile(file);
    await writeFile(file, 'ENCRYPTED nonsense');
    // The root's list is due a day later.
    const now = (): Date => new Date(Date.now() + 2 * DAY_MS);
    const { exit, err } = await work.runWith({ now }, 'ca', 'revoke', 'locked.crt', '--reason', 'keyCompromise');
    await writeFile(file, key);
    expect({ exit, err }).toEqual({ exit: 3, err: expect.stringContaining('root.crl') as string });
    expect(err).toContain(serial);
    const list = parseRevocationList(await readFile(work.path('data/trust/crl/portcullis-developers.crl')));
    expect(list.revoked.get(serial)).toMatchObject({ reason: 'keyCompromise' });
  });

  test('a ledger with a line that nobody wrote is not guessed at', async () => {
    const ledger = work.path('data/authority/ledger.jsonl');
    const before = await readFile(ledger);
    await writeFile(ledger, Buffer.concat([before, Buffer.from('{"event":"revo\n')]));
    expect(await work.run('ca', 'crl')).toMatchObject({ exit: 3 });
    await writeFile(ledger, before);
  });

  opensslTest('an authority of RSA keys issues too', async () => {
    await work.succeed('ca', 'init', '--rsa', '--out', 'rsa/authority', '--trust', 'rsa/trust');
    await work.succeed(
      'ca',
      'issue',
      '--ca',
      'rsa/authority',
      '--app-id',
      'calendar',
      '--new-key',
      'r.key',
      '--out',
      'r.crt',
    );
    const root = await readFile(work.path('rsa/trust/roots/portcullis-root.crt'));
    const developers = await readFile(work.path('rsa/trust/intermediates/portcullis-developers.crt'));
    const leaf = await readFile(work.path('r.crt'));
    expect(parseCertificate(root)).toMatchObject({ keyType: 'rsa', keyBits: 4096 });
    await opensslText(['verify', '-CAfile', 'root', '-untrusted', 'developers', 'leaf'], { root, developers, leaf });
  });
});

describe('in a folder', () => {
  let home: string;
  const now = new Date();
  const later = (days: number): Date => new Date(now.getTime() + days * DAY_MS);
  const places = (): { readonly folder: string; readonly trustFolder: string } => ({
    folder: join(home, 'authority'),
    trustFolder: join(home, 'trust'),
  });
  const passphrase = (): PassphraseSource => ({ file: join(home, 'passphrase'), isChosen: false });
  const keys = (): AuthorityKeys =>
    createIssuingKeySource({ authorityDir: places().folder, authorityPassphrase: passphrase(), vault: null });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'portcullis-authority-'));
  });

  afterEach(async () => rm(home, { recursive: true, force: true }));

  function create(changes: Partial<NewAuthority> = {}): Promise<boolean> {
    const { folder, trustFolder } = places();
    return createAuthorityFolder({
      folder,
      trustFolder,
      name: 'Example',
      keyKind: 'ec-p384',
      passphrase: passphrase(),
      developersSigner: null,
      baseUrl: null,
      now,
      randomBytes,
      ...changes,
    });
  }

  async function createTrusted(changes: Partial<NewAuthority> = {}): Promise<AuthorityFolder> {
    await create(changes);
    const authority = await openAuthority(places().folder);
    await publishTrust(authority);
    return authority;
  }

  const listBytes = (tier: string): Promise<Buffer> => readFile(join(home, 'trust', 'crl', `portcullis-${tier}.crl`));

  test('is made by one, whoever begins at the same time', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => create()));
    expect(made.filter((each) => each)).toHaveLength(1);
    expect((await readdir(home)).sort()).toEqual(['authority', 'passphrase']);
    expect(await keys().root()).not.toBeNull();
  });

  test('what a killed process left half-made is swept after an hour, and nothing else', async () => {
    const leave = async (name: string, minutes: number): Promise<void> => {
      await mkdir(join(home, name));
      await writeFile(join(home, name, 'root.key'), 'of no use');
      const at = new Date(Date.now() - minutes * 60_000);
      await utimes(join(home, name), at, at);
    };
    await leave('.authority-unfinished-old123', 61);
    const kept = ['.authority-unfinished-new123', '.authority-backup', '.another-unfinished-old123'];
    await leave('.authority-unfinished-new123', 59);
    await leave('.authority-backup', 10_000);
    await leave('.another-unfinished-old123', 10_000);
    // Whatever our clock says: files are dated by the file system's.
    await create({ now: later(400) });
    expect((await readdir(home)).sort()).toEqual([...kept, 'authority', 'passphrase'].sort());
  });

  test('is not made over what lies there', async () => {
    await mkdir(join(home, 'authority'));
    await writeFile(join(home, 'authority', 'root.key'), 'precious');
    expect(await create()).toBe(false);
    expect(await readFile(join(home, 'authority', 'root.key'), 'utf8')).toBe('precious');
  });

  test('its lists are signed anew after a day, and not before', async () => {
    const authority = await createTrusted();
    const first = await listBytes('developers');
    expect(await renewRevocationLists(authority, keys(), later(0.9))).toMatchObject({ developers: 'current' });
    expect(await listBytes('developers')).toEqual(first);
    expect(await renewRevocationLists(authority, keys(), later(1.1))).toMatchObject({ developers: 'renewed' });
    const second = parseRevocationList(await listBytes('developers'));
    expect(BigInt(second.number ?? 0)).toBeGreaterThan(BigInt(parseRevocationList(first).number ?? 0));
    const days = ((second.nextUpdate?.getTime() ?? 0) - second.thisUpdate.getTime()) / DAY_MS;
    expect(days).toBe(7);
  });

  test('a list from the future, left by a clock that was wrong, is replaced', async () => {
    const authority = await createTrusted({ now: later(400) });
    await renewRevocationLists(authority, keys(), now);
    expect(parseRevocationList(await listBytes('developers')).thisUpdate.getTime()).toBeLessThanOrEqual(now.getTime());
  });

  test('a list that was put in its place by somebody else is replaced', async () => {
    const authority = await createTrusted();
    const own = await listBytes('developers');
    await writeFile(join(home, 'trust', 'crl', 'portcullis-developers.crl'), await listBytes('root'));
    await renewRevocationLists(authority, keys(), now);
    expect(await listBytes('developers')).toEqual(own);
  });

  test('nothing is written into a trust folder that does not trust it, were it under the same name', async () => {
    const authority = await createTrusted();
    const { trustFolder } = places();
    await rm(trustFolder, { recursive: true });
    for (const part of ['roots', 'crl']) await mkdir(join(trustFolder, part), { recursive: true });
    await writeFile(join(trustFolder, 'roots', 'portcullis-root.crt'), 'of another one');
    await writeFile(join(trustFolder, 'crl', 'portcullis-developers.crl'), 'of another one');
    expect(await renewRevocationLists(authority, keys(), later(2))).toMatchObject({ isPublished: false });
    expect((await listBytes('developers')).toString()).toBe('of another one');
    expect(await readdir(join(trustFolder, 'crl'))).toEqual(['portcullis-developers.crl']);
  });

  test('without its keys its lists stay as they are', async () => {
    const authority = await createTrusted();
    const first = await listBytes('developers');
    for (const key of ['root.key', 'developers.key']) await rm(join(home, 'authority', key));
    const renewals = await renewRevocationLists(authority, keys(), later(2));
    expect(renewals).toMatchObject({ root: 'no-key', developers: 'no-key' });
    expect(await listBytes('developers')).toEqual(first);
  });

  test('made by an earlier version, with plain keys and without a word on its ledger, it goes on', async () => {
    await create();
    const { folder } = places();
    const text = await readFile(join(home, 'passphrase'), 'utf8');
    const description = JSON.parse(await readFile(join(folder, 'authority.json'), 'utf8')) as Record<string, unknown>;
    const { ledger: _ledger, baseUrl: _baseUrl, ...earlier } = description;
    await writeFile(join(folder, 'authority.json'), JSON.stringify(earlier));
    for (const tier of ['root', 'developers']) {
      const file = join(folder, `${tier}.key`);
      await writeFile(file, writePrivateKey(readPrivateKey(await readFile(file), text.trim())));
    }
    await rm(join(home, 'passphrase'));
    const authority = await openAuthority(folder);
    expect(authority).toMatchObject({ ledger: 'file', baseUrl: null });
    expect(await renewRevocationLists(authority, keys(), later(2))).toMatchObject({
      root: 'renewed',
      developers: 'renewed',
    });
  });

  test('names where its lists are fetched, in its own certificate and in those it issues', async () => {
    await create({ baseUrl: 'https://store.example.org' });
    const authority = await openAuthority(places().folder);
    const { publicKey } = await generateKeyPair();
    const leaf = await issueLeaf(authority, keys(), { appId: 'calendar', publicKey, days: null, now, randomBytes });
    expect(leaf.der.includes('https://store.example.org/crl/developers.crl')).toBe(true);
    expect(authority.certificates.developers.der.includes('https://store.example.org/crl/root.crl')).toBe(true);
  });

  test('whose developers’ key is elsewhere has no such file, and issues with that key', async () => {
    const { privateKey } = await generateKeyPair('rsa-2048');
    const elsewhere = keySigner(privateKey);
    await create({ developersSigner: elsewhere });
    const authority = await openAuthority(places().folder);
    expect(await readdir(authority.folder)).not.toContain('developers.key');
    expect(authority.certificates.developers).toMatchObject({ keyType: 'rsa' });
    const { publicKey } = await generateKeyPair();
    const leaf = await issueLeaf(
      authority,
      { ...keys(), signer: async () => elsewhere },
      { appId: 'calendar', publicKey, days: null, now, randomBytes },
    );
    expect(isSignedBy(leaf, authority.certificates.developers)).toBe(true);
  });

  test('that a store has taken over writes nothing into its own ledger any more', async () => {
    const authority = await createTrusted();
    const { folder } = authority;
    const before = await readLedger(join(folder, 'ledger.jsonl'));
    const taken: unknown[] = [];
    const take = async (events: readonly unknown[]): Promise<void> => void taken.push(...events);
    expect(await handOverLedger(authority, take)).toBe(true);
    expect(await handOverLedger(authority, take)).toBe(false);
    expect(taken).toEqual(before);
    const { publicKey } = await generateKeyPair();
    const serial = authority.certificates.developers.serial;
    // Opened before it was taken over, and after.
    for (const each of [authority, await openAuthority(folder)]) {
      const attempts = [
        issueLeaf(each, keys(), { appId: 'calendar', publicKey, days: null, now, randomBytes }),
        revokeLeaf(each, keys(), serial, 'unspecified', now),
        renewRevocationLists(each, keys(), later(2)),
      ];
      for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ name: 'AuthorityError' });
    }
    expect(await readLedger(join(folder, 'ledger.jsonl'))).toEqual(before);
  });

  test('whose store could not take its ledger over keeps it', async () => {
    const authority = await createTrusted();
    const failing = handOverLedger(authority, async () => Promise.reject(new Error('the database is gone')));
    await expect(failing).rejects.toThrow('gone');
    expect((await openAuthority(authority.folder)).ledger).toBe('file');
  });
});
