import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLedger } from '../../src/authority/ledger.js';
import { isSignedBy, parseCertificate, parseCertificates } from '../../src/pki/certificate.js';
import type { Certificate } from '../../src/pki/certificate.js';
import { generateKeyPair, isSameKeyPair, readPrivateKey } from '../../src/pki/keys.js';
import { parseRevocationList } from '../../src/pki/revocation-list.js';
import type { RevocationList } from '../../src/pki/revocation-list.js';
import { testWith } from '../support/installed.js';
import { openssl, opensslText } from '../support/openssl.js';
import type { CommandLineResult } from '../support/run-command-line.js';
import { startVaultServer } from '../support/vault-server.js';
import { createWorkspace } from '../support/workspace.js';
import type { Workspace } from '../support/workspace.js';

const opensslTest = testWith('openssl');
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const PASSPHRASE = 'of the root';

let work: Workspace;

beforeEach(async () => {
  work = await createWorkspace();
});

afterEach(async () => work.remove());

/** With a passphrase, as on another machine with another one's settings. */
function run(...argv: string[]): Promise<CommandLineResult> {
  return work.runWith({ environment: { AUTHORITY_PASSPHRASE: PASSPHRASE } }, ...argv);
}

async function succeed(...argv: string[]): Promise<CommandLineResult> {
  const result = await run(...argv);
  expect(result).toMatchObject({ exit: 0 });
  return result;
}

/** Makes an authority, and takes the root to a folder of its own: what is needed there and nothing more. */
async function takeRootAway(): Promise<void> {
  await succeed('ca', 'init', '--name', 'Example');
  await mkdir(work.path('offline'));
  for (const name of ['root.crt', 'developers.crt', 'ledger.jsonl', 'root.crl']) {
    await copyFile(work.path(join('data/authority', name)), work.path(join('offline', name)));
  }
  await rename(work.path('data/authority/root.key'), work.path('offline/root.key'));
}

const certificate = async (name: string): Promise<Certificate> => parseCertificate(await readFile(work.path(name)));
const list = async (name: string): Promise<RevocationList> => parseRevocationList(await readFile(work.path(name)));
const numberOf = ({ number }: RevocationList): bigint => BigInt(number ?? 0);

describe('private keys on the disk', () => {
  opensslTest('are encrypted: openssl opens them with the passphrase, and not without', async () => {
    await succeed('ca', 'init');
    for (const tier of ['root', 'developers']) {
      const key = await readFile(work.path(`data/authority/${tier}.key`));
      expect(key.toString()).toContain('BEGIN ENCRYPTED PRIVATE KEY');
      const pkey = (pass: string): Promise<{ status: number; output: string }> =>
        openssl(['pkey', '-in', 'key', '-passin', `pass:${pass}`, '-pubout'], { key });
      expect((await pkey('another')).status).not.toBe(0);
      const publicKey = (await certificate(`data/authority/${tier}.crt`)).publicKey;
      expect((await pkey(PASSPHRASE)).output).toBe(publicKey.export({ type: 'spki', format: 'pem' }));
      const parameters = await opensslText(['asn1parse', '-in', 'key'], { key });
      expect(parameters).toMatch(/PBKDF2[^]*INTEGER +:0927C0[^]*hmacWithSHA256[^]*aes-256-cbc/);
    }
    expect(await readdir(work.path('data'))).not.toContain('authority-passphrase');
  });

  test('have a passphrase of their own where the operator gave none', async () => {
    await work.succeed('ca', 'init');
    const passphrase = await readFile(work.path('data/authority-passphrase'), 'utf8');
    expect(passphrase).toMatch(/^[\w-]{43}\n$/);
    await work.succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'a.key');
    const issue = ['ca', 'issue', '--app-id', 'calendar', '--new-key', 'b.key', '--out', 'b.crt'];
    await rename(work.path('data/authority-passphrase'), work.path('kept'));
    const missing = await work.run(...issue);
    expect(missing).toMatchObject({ exit: 3, err: expect.stringContaining('AUTHORITY_PASSPHRASE') as string });
    expect(await readdir(work.path('data'))).not.toContain('authority-passphrase');
    const wrong = await run(...issue.map((word) => word.replace('b.', 'c.')));
    expect(wrong).toMatchObject({ exit: 3, err: expect.stringContaining('AUTHORITY_PASSPHRASE') as string });
    expect(wrong.err).not.toContain(PASSPHRASE);
    expect(
      (await readLedger(work.path('data/authority/ledger.jsonl'))).filter(({ event }) => event === 'intended'),
    ).toHaveLength(1);
  });

  test('of a passphrase file that was chosen and is not there are not made', async () => {
    const options = { environment: { AUTHORITY_PASSPHRASE_FILE: 'nowhere' } };
    expect(await work.runWith(options, 'ca', 'init')).toMatchObject({ exit: 3 });
    expect(await readdir(work.folder)).not.toContain('nowhere');
  });
});

describe('a root that is kept elsewhere', () => {
  test('renews the developers’ certificate over the same key and name, for longer', async () => {
    await takeRootAway();
    await work.runWith(
      { environment: { AUTHORITY_PASSPHRASE: PASSPHRASE } },
      'ca',
      'issue',
      '--app-id',
      'calendar',
      '--new-key',
      'a.key',
      '--out',
      'a.crt',
    );
    const before = await certificate('offline/developers.crt');
    const inThreeYears = (): Date => new Date(Date.now() + 3 * YEAR_MS);
    const options = { environment: { AUTHORITY_PASSPHRASE: PASSPHRASE }, now: inThreeYears };
    const words = ['ca', 'renew-intermediate', '--ca', 'offline', '--out', 'new.crt'];
    expect(await work.runWith(options, ...words)).toMatchObject({ exit: 0 });
    const renewed = await certificate('new.crt');
    expect(renewed.fingerprint).toBe((await certificate('offline/developers.crt')).fingerprint);
    expect(before.fingerprint).toBe((await certificate('offline/developers-1.crt')).fingerprint);
    expect(renewed).toMatchObject({
      subjectId: before.subjectId,
      publicKeyFingerprint: before.publicKeyFingerprint,
      subjectKeyId: before.subjectKeyId,
      basicConstraints: { ca: true, pathLength: 0 },
    });
    expect(renewed.serial).not.toBe(before.serial);
    expect(renewed.notAfter.getTime()).toBeGreaterThan(before.notAfter.getTime());
    const [leaf] = parseCertificates(await readFile(work.path('a.crt')));
    expect(leaf !== undefined && isSignedBy(leaf, renewed)).toBe(true);
    expect((await readLedger(work.path('offline/ledger.jsonl'))).slice(-2)).toMatchObject([
      { event: 'intermediate-intended', serial: renewed.serial, commonName: 'Example Developers' },
      { event: 'intermediate-issued', serial: renewed.serial, fingerprint: renewed.fingerprint },
    ]);
  });

  opensslTest('certifies another key under the next name, and openssl believes what both issued', async () => {
    await takeRootAway();
    const { privateKey } = await generateKeyPair();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const request = await opensslText(['req', '-new', '-key', 'key', '-subj', '/CN=whatever'], { key });
    await writeFile(work.path('second.csr'), request);
    await succeed('ca', 'renew-intermediate', '--ca', 'offline', '--csr', 'second.csr', '--out', 'second.crt');
    await succeed('ca', 'renew-intermediate', '--ca', 'offline', '--new-key', 'third.key', '--out', 'third.crt');
    const [second, third] = [await certificate('second.crt'), await certificate('third.crt')];
    expect([second.commonNames, third.commonNames]).toEqual([['Example Developers 2'], ['Example Developers 3']]);
    expect(isSameKeyPair(second.publicKey, privateKey)).toBe(true);
    const made = readPrivateKey(await readFile(work.path('third.key')), PASSPHRASE);
    expect(isSameKeyPair(third.publicKey, made)).toBe(true);
    const [root, crl] = [await readFile(work.path('offline/root.crt')), await readFile(work.path('offline/root.crl'))];
    for (const name of ['second.crt', 'third.crt', 'offline/developers-1.crt']) {
      const intermediate = await readFile(work.path(name));
      const words = ['verify', '-x509_strict', '-crl_check', '-CRLfile', 'crl', '-CAfile', 'root', 'intermediate'];
      expect(await openssl(words, { root, crl, intermediate })).toEqual({ status: 0, output: 'intermediate: OK\n' });
    }
    // The second key again: the same name, for what is below it knows no other.
    await succeed('ca', 'renew-intermediate', '--ca', 'offline', '--csr', 'second.csr', '--out', 'again.crt');
    expect((await certificate('again.crt')).subjectId).toBe(second.subjectId);
  });

  opensslTest('names in it where its list is fetched, as before or anew', async () => {
    await succeed('ca', 'init', '--name', 'Example', '--base-url', 'https://old.example/store/');
    await succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'a.key', '--out', 'a.crt');
    const text = async (name: string): Promise<string> =>
      opensslText(['x509', '-in', 'it', '-noout', '-text'], { it: await readFile(work.path(name)) });
    expect(await text('a.crt')).toMatch(
      /CRL Distribution[^]*URI:https:\/\/old\.example\/store\/crl\/developers\.crl\n/,
    );
    expect(await text('data/authority/root.crt')).not.toContain('CRL Distribution');
    // On the other machine nothing but the certificate tells.
    await rm(work.path('data/authority/authority.json'));
    await succeed('ca', 'renew-intermediate', '--out', 'same.crt');
    expect(await text('same.crt')).toMatch(/CRL Distribution[^]*URI:https:\/\/old\.example\/store\/crl\/root\.crl\n/);
    await succeed('ca', 'renew-intermediate', '--base-url', 'https://new.example', '--out', 'moved.crt');
    const moved = await text('moved.crt');
    expect(moved).toMatch(/CRL Distribution[^]*URI:https:\/\/new\.example\/crl\/root\.crl\n/);
    expect(moved).toMatch(/CA:TRUE, pathlen:0[^]*Certificate Sign, CRL Sign[^]*Code Signing/);
    expect(moved).toContain('ecdsa-with-SHA384');
    expect(await run('ca', 'renew-intermediate', '--base-url', 'ftp://new.example')).toMatchObject({ exit: 2 });
  });

  opensslTest('signs its list for another year, with a number that grows', async () => {
    await takeRootAway();
    const before = await list('offline/root.crl');
    await succeed('ca', 'root-crl', '--ca', 'offline', '--out', 'new.crl');
    const after = await list('new.crl');
    expect(numberOf(after)).toBeGreaterThan(numberOf(before));
    expect(numberOf(await list('offline/root.crl'))).toBe(numberOf(after));
    expect((after.nextUpdate?.getTime() ?? 0) - after.thisUpdate.getTime()).toBe(YEAR_MS);
    const files = { crl: await readFile(work.path('new.crl')), root: await readFile(work.path('offline/root.crt')) };
    expect(await openssl(['crl', '-in', 'crl', '-CAfile', 'root', '-noout'], files)).toEqual({
      status: 0,
      output: 'verify OK\n',
    });
  });

  opensslTest('revokes an intermediate for good, and openssl sees it', async () => {
    await takeRootAway();
    const words = ['ca', 'root-crl', '--ca', 'offline', '--revoke', 'offline/developers.crt'];
    await succeed(...words, '--reason', 'cacompromise', '--out', 'new.crl');
    const { serial } = await certificate('offline/developers.crt');
    const first = (await list('new.crl')).revoked.get(serial);
    expect(first).toMatchObject({ reason: 'cACompromise' });
    const files = {
      root: await readFile(work.path('offline/root.crt')),
      crl: await readFile(work.path('new.crl')),
      developers: await readFile(work.path('offline/developers.crt')),
    };
    const answer = await openssl(['verify', '-crl_check', '-CRLfile', 'crl', '-CAfile', 'root', 'developers'], files);
    expect(answer.output).toContain('certificate revoked');
    const text = await opensslText(['crl', '-in', 'crl', '-noout', '-text'], files);
    expect(text).toContain('CA Compromise');
    // Again, by its serial and for another reason; and then without the ledger, which another copy of the folder may
    // lack.
    await succeed('ca', 'root-crl', '--ca', 'offline', '--revoke', serial, '--reason', 'superseded');
    await rm(work.path('offline/ledger.jsonl'));
    await succeed('ca', 'root-crl', '--ca', 'offline');
    expect((await list('offline/root.crl')).revoked.get(serial)).toEqual(first);
  });

  test('does not certify a compromised key again, but one whose certificate was replaced', async () => {
    await takeRootAway();
    const revoke = ['ca', 'root-crl', '--ca', 'offline', '--revoke'];
    await succeed('ca', 'renew-intermediate', '--ca', 'offline');
    await succeed(...revoke, 'offline/developers-1.crt', '--reason', 'superseded');
    await succeed('ca', 'renew-intermediate', '--ca', 'offline');
    await succeed(...revoke, 'offline/developers-1.crt', '--reason', 'keyCompromise');
    await succeed(...revoke, 'offline/developers-2.crt', '--reason', 'keyCompromise');
    expect(await run('ca', 'renew-intermediate', '--ca', 'offline')).toMatchObject({ exit: 3 });
  });

  test('revokes for a worse reason what was revoked before, and keeps the time', async () => {
    await takeRootAway();
    const revoke = ['ca', 'root-crl', '--ca', 'offline', '--revoke', 'offline/developers.crt'];
    await succeed(...revoke);
    const { serial } = await certificate('offline/developers.crt');
    const before = (await list('offline/root.crl')).revoked.get(serial);
    expect(before).toMatchObject({ reason: null });
    const { err } = await succeed(...revoke, '--reason', 'keyCompromise');
    expect(err).toContain('keyCompromise');
    const compromised = { ...before, reason: 'keyCompromise' };
    expect((await list('offline/root.crl')).revoked.get(serial)).toEqual(compromised);
    await succeed(...revoke, '--reason', 'superseded');
    await rm(work.path('offline/root.crl'));
    await succeed('ca', 'root-crl', '--ca', 'offline');
    expect((await list('offline/root.crl')).revoked.get(serial)).toMatchObject({ reason: 'keyCompromise' });
  });

  test('revokes a compromised key in every certificate over it, and no other key', async () => {
    await takeRootAway();
    await succeed('ca', 'renew-intermediate', '--ca', 'offline');
    // Of one the ledger alone knows.
    const lost = await certificate('offline/developers.crt');
    await succeed('ca', 'renew-intermediate', '--ca', 'offline');
    await rm(work.path('offline/developers-2.crt'));
    await succeed('ca', 'renew-intermediate', '--ca', 'offline', '--new-key', 'other.key', '--out', 'other.crt');
    const first = await certificate('offline/developers-1.crt');
    const words = ['ca', 'root-crl', '--ca', 'offline', '--revoke', 'offline/developers-1.crt'];
    await succeed(...words, '--reason', 'superseded');
    expect((await list('offline/root.crl')).revoked.size).toBe(1);
    const { err } = await succeed(...words, '--reason', 'keyCompromise');
    const { revoked } = await list('offline/root.crl');
    expect([...revoked.values()].map(({ reason }) => reason)).toEqual(Array(3).fill('keyCompromise'));
    for (const serial of [first.serial, lost.serial]) {
      expect(revoked.has(serial)).toBe(true);
      expect(err).toContain(serial);
    }
    expect(revoked.has((await certificate('other.crt')).serial)).toBe(false);
  });

  test('revokes by its file what it issued and has no record of', async () => {
    await takeRootAway();
    await mkdir(work.path('older'));
    for (const name of await readdir(work.path('offline'))) {
      await copyFile(work.path(join('offline', name)), work.path(join('older', name)));
    }
    await succeed('ca', 'renew-intermediate', '--ca', 'offline', '--out', 'renewed.crt');
    const { serial } = await certificate('renewed.crt');
    expect(await run('ca', 'root-crl', '--ca', 'older', '--revoke', serial)).toMatchObject({ exit: 3 });
    await succeed('ca', 'root-crl', '--ca', 'older', '--revoke', 'renewed.crt', '--reason', 'keyCompromise');
    const old = (await certificate('older/developers.crt')).serial;
    expect([...(await list('older/root.crl')).revoked.keys()].sort()).toEqual([serial, old].sort());
  });

  test.each([
    ['superseded', 0],
    ['cessationOfOperation', 0],
    ['affiliationChanged', 0],
    ['unspecified', 3],
    ['keyCompromise', 3],
    ['cACompromise', 3],
  ])('after %s the key is certified again with exit %i', async (reason, exit) => {
    await takeRootAway();
    await succeed('ca', 'root-crl', '--ca', 'offline', '--revoke', 'offline/developers.crt', '--reason', reason);
    expect(await run('ca', 'renew-intermediate', '--ca', 'offline')).toMatchObject({ exit });
  });

  test('revokes nothing that it did not issue, and not itself', async () => {
    await takeRootAway();
    await work.succeed('ca', 'init', '--out', 'other', '--trust', 'other-trust');
    const before = await readFile(work.path('offline/root.crl'));
    const root = (await certificate('offline/root.crt')).serial;
    for (const which of ['other/developers.crt', 'other/root.crt', 'offline/root.crt', root, '0102030405060708']) {
      expect(await run('ca', 'root-crl', '--ca', 'offline', '--revoke', which)).toMatchObject({ exit: 3 });
    }
    expect(await run('ca', 'root-crl', '--ca', 'offline', '--revoke', 'no-serial')).toMatchObject({ exit: 2 });
    expect(await run('ca', 'root-crl', '--ca', 'offline', '--reason', 'superseded')).toMatchObject({ exit: 2 });
    expect(await readFile(work.path('offline/root.crl'))).toEqual(before);
  });

  test('does not go on from a list that is another root’s', async () => {
    await takeRootAway();
    await work.succeed('ca', 'init', '--out', 'other', '--trust', 'other-trust');
    await copyFile(work.path('other/root.crl'), work.path('offline/root.crl'));
    expect(await run('ca', 'root-crl', '--ca', 'offline')).toMatchObject({ exit: 3 });
  });

  test('can do nothing without its key, or with the certificate of another', async () => {
    await takeRootAway();
    for (const command of ['renew-intermediate', 'root-crl']) {
      expect(await run('ca', command)).toMatchObject({ exit: 3, err: expect.stringContaining('root.key') as string });
      expect(await work.run('ca', command, '--ca', 'offline')).toMatchObject({ exit: 3 });
    }
    await work.succeed('ca', 'init', '--out', 'other', '--trust', 'other-trust');
    const ledger = await readFile(work.path('offline/ledger.jsonl'));
    await copyFile(work.path('other/developers.crt'), work.path('offline/developers.crt'));
    expect(await run('ca', 'renew-intermediate', '--ca', 'offline')).toMatchObject({ exit: 3 });
    expect(await readFile(work.path('offline/ledger.jsonl'))).toEqual(ledger);
  });

  test('certifies no key that a request does not prove', async () => {
    await takeRootAway();
    await work.succeed('keygen', '--out', 'a.key');
    const { out } = await work.succeed('csr', '--key', 'a.key', '--app-id', 'calendar');
    const der = Buffer.from(out.split('\n').slice(1, -2).join(''), 'base64');
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    await writeFile(work.path('tampered.csr'), der);
    const words = ['ca', 'renew-intermediate', '--ca', 'offline', '--csr', 'tampered.csr'];
    expect(await run(...words)).toMatchObject({ exit: 1 });
    expect(await readdir(work.path('offline'))).not.toContain('developers-1.crt');
  });
});

describe('a passphrase beside the folder that is named', () => {
  test('opens the root’s key, and where there is none the message names the place', async () => {
    await work.succeed('ca', 'init');
    await mkdir(work.path('stick'));
    await rename(work.path('data/authority'), work.path('stick/authority'));
    await rename(work.path('data/authority-passphrase'), work.path('kept'));
    const words = ['ca', 'root-crl', '--ca', 'stick/authority'];
    const place = work.path('stick/authority-passphrase');
    expect(await work.run(...words)).toMatchObject({ exit: 3, err: expect.stringContaining(place) as string });
    await rename(work.path('kept'), place);
    await work.succeed(...words);
    await work.succeed('ca', 'csr', '--ca', 'stick/authority');
  });
});

test('a passphrase that is too short makes no authority', async () => {
  const environment = { AUTHORITY_PASSPHRASE: 'seven77' };
  expect(await work.runWith({ environment }, 'ca', 'init')).toMatchObject({ exit: 3 });
  expect(await readdir(work.folder)).not.toContain('data/authority');
});

test('an authority whose address nobody knows is warned of', async () => {
  expect((await work.succeed('ca', 'init', '--out', 'a', '--trust', 'at')).err).toContain('CRL distribution point');
  const named = await work.succeed('ca', 'init', '--out', 'b', '--trust', 'bt', '--base-url', 'HTTPS://Store.example/');
  expect(named.err).not.toContain('CRL distribution point');
  const { baseUrl } = JSON.parse(await readFile(work.path('b/authority.json'), 'utf8')) as { baseUrl: string };
  expect(baseUrl).toBe('https://store.example');
  for (const wrong of ['https://u:hunter2@store', 'https://store?x=1', 'https:store']) {
    const result = await work.run('ca', 'init', '--out', 'c', '--trust', 'ct', '--base-url', wrong);
    expect(result).toMatchObject({ exit: 2 });
    expect(result.err).not.toContain('hunter2');
  }
});

describe('a root in the folder of a whole authority', () => {
  test('leaves the folder with the certificate of the key that it issues with', async () => {
    await succeed('ca', 'init', '--name', 'Example');
    const before = await certificate('data/authority/developers.crt');
    await succeed('ca', 'renew-intermediate', '--new-key', 'new.key', '--out', 'new.crt');
    expect((await certificate('data/authority/developers.crt')).fingerprint).toBe(before.fingerprint);
    expect((await certificate('data/authority/developers-1.crt')).fingerprint).toBe(
      (await certificate('new.crt')).fingerprint,
    );
    await succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'a.key');
  });

  test.each(['superseded', 'keyCompromise'])(
    'issues nothing below a certificate that was revoked as %s',
    async (reason) => {
      await succeed('ca', 'init', '--name', 'Example');
      await succeed('ca', 'root-crl', '--revoke', 'data/authority/developers.crt', '--reason', reason);
      const issue = ['ca', 'issue', '--app-id', 'calendar', '--new-key'];
      expect(await run(...issue, 'a.key')).toMatchObject({ exit: 3 });
      // The list alone says so, where the ledger was not carried along.
      await rm(work.path('data/authority/ledger.jsonl'));
      expect(await run(...issue, 'b.key')).toMatchObject({ exit: 3 });
    },
  );

  opensslTest('publishes what it renews and revokes where it is trusted', async () => {
    await succeed('ca', 'init', '--name', 'Example');
    await succeed('ca', 'issue', '--app-id', 'calendar', '--new-key', 'a.key', '--out', 'a.crt');
    await succeed('ca', 'renew-intermediate');
    await succeed('ca', 'root-crl', '--revoke', 'data/authority/developers-1.crt', '--reason', 'superseded');
    const [root, developers, leaf, ...lists] = await Promise.all(
      [
        'data/trust/roots/portcullis-root.crt',
        'data/trust/intermediates/portcullis-developers.crt',
        'a.crt',
        'data/trust/crl/portcullis-root.crl',
        'data/trust/crl/portcullis-developers.crl',
      ].map((name) => readFile(work.path(name))),
    );
    const files = { root: root ?? '', developers: developers ?? '', leaf: leaf ?? '', lists: Buffer.concat(lists) };
    const words = [
      'verify',
      '-crl_check_all',
      '-CRLfile',
      'lists',
      '-CAfile',
      'root',
      '-untrusted',
      'developers',
      'leaf',
    ];
    expect(await openssl(words, files)).toEqual({ status: 0, output: 'leaf: OK\n' });
  });
});

describe('an authority with its developers’ key in Vault', () => {
  opensslTest('issues, revokes and is certified anew there, without a key in the folder', async () => {
    const keys = [await generateKeyPair()];
    const vault = await startVaultServer({ store: { type: 'ecdsa-p384', versions: keys } });
    const environment = {
      AUTHORITY_PASSPHRASE: PASSPHRASE,
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.token,
      VAULT_TRANSIT_KEY: 'store',
    };
    const withVault = async (...argv: string[]): Promise<void> =>
      expect(await work.runWith({ environment }, ...argv)).toMatchObject({ exit: 0 });
    await withVault('ca', 'init', '--name', 'Example');
    expect(await readdir(work.path('data/authority'))).not.toContain('developers.key');
    await withVault('ca', 'issue', '--app-id', 'calendar', '--new-key', 'a.key', '--out', 'a.crt');
    await withVault('ca', 'revoke', 'a.crt', '--reason', 'superseded');
    const names = [
      'roots/portcullis-root.crt',
      'intermediates/portcullis-developers.crt',
      'crl/portcullis-root.crl',
      'crl/portcullis-developers.crl',
    ];
    const [root, developers, ...lists] = await Promise.all(
      names.map((name) => readFile(work.path(join('data/trust', name)))),
    );
    const leaf = await readFile(work.path('a.crt'));
    const files = { root: root ?? '', developers: developers ?? '', leaf, lists: Buffer.concat(lists) };
    const words = ['verify', '-CAfile', 'root', '-untrusted', 'developers'];
    expect(await openssl([...words, 'leaf'], files)).toMatchObject({ status: 0 });
    const checked = await openssl([...words, '-crl_check_all', '-CRLfile', 'lists', 'leaf'], files);
    expect(checked.output).toContain('certificate revoked');

    // The key is rotated in Vault: the new version is another key, which takes a certificate of its own.
    keys.push(await generateKeyPair());
    await withVault('ca', 'csr', '--out', 'new.csr');
    await withVault('ca', 'renew-intermediate', '--csr', 'new.csr');
    const renewed = await certificate('data/authority/developers-1.crt');
    expect(renewed).toMatchObject({ commonNames: ['Example Developers 2'] });
    expect(isSameKeyPair(renewed.publicKey, keys[1]?.publicKey ?? renewed.publicKey)).toBe(true);
    // The folder goes on with the version that issued what it may have to revoke.
    await withVault('ca', 'issue', '--app-id', 'calendar', '--new-key', 'b.key', '--out', 'b.crt');
    await withVault('ca', 'revoke', 'b.crt');
    await vault.close();
  });
});
