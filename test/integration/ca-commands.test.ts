import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issuingCertificate, readStoreAuthority } from '../../src/authority/store-authority.js';
import { findCertificate } from '../../src/database/certificates.js';
import { listNewestRevocationLists } from '../../src/database/revocation-lists.js';
import { parseCertificates } from '../../src/pki/certificate.js';
import { generateKeyPair, readPrivateKey, writePrivateKey } from '../../src/pki/keys.js';
import { parseRevocationList, type RevocationList } from '../../src/pki/revocation-list.js';
import { writePem } from '../../src/pki/pem.js';
import { codesOf, request, sendJson, upload } from '../support/api.js';
import { commandLine, type CommandLineResult } from '../support/run-command-line.js';
import { issueSigner, signedBy, type StoreSigner } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let folder: string;

beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  folder = await mkdtemp(join(tmpdir(), 'portcullis-ca-'));
});

afterAll(async () => {
  await gate.stop();
  await rm(folder, { recursive: true });
});

/** Runs a command beside the gate, in the test's folder. */
async function run(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CommandLineResult> {
  const settings = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir, ...environment };
  return commandLine(argv, { workingFolder: folder, environment: settings });
}

/** Runs a command while somebody else puts a file in the place of its output, once it has looked there. */
async function runMeanwhile(argv: readonly string[], file: string): Promise<CommandLineResult> {
  const environment = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir };
  const now = (): Date => {
    writeFileSync(file, 'mine');
    return new Date();
  };
  return commandLine(argv, { workingFolder: folder, environment, now });
}

async function succeed(...argv: readonly string[]): Promise<string> {
  const { exit, out, err } = await run(argv);
  if (exit !== 0) throw new Error(`exit ${exit}: ${out}${err}`);
  return out;
}

async function read(...names: readonly string[]): Promise<string> {
  return readFile(join(folder, ...names), 'utf8');
}

/** A key with a certificate that `ca issue` issued. */
async function issued(appId: string): Promise<StoreSigner> {
  await succeed('ca', 'issue', '--app-id', appId, '--new-key', `${appId}.key`);
  const [leaf, ...chain] = parseCertificates(await read(`${appId}.crt`));
  if (leaf === undefined) throw new Error('Nothing was issued');
  return { privateKey: readPrivateKey(await read(`${appId}.key`)), leaf, chain };
}

async function send(signer: StoreSigner, id: string, version = '1.0.0') {
  return upload(gate.url, gate.operatorToken, id, await signedBy(signer, { id, version }));
}

async function newestList(tier: 'root' | 'developers'): Promise<RevocationList> {
  const row = (await listNewestRevocationLists(gate.gate.database)).find((each) => each.tier === tier);
  if (row === undefined) throw new Error('There is no list');
  return parseRevocationList(row.der);
}

async function trustedList(tier: 'root' | 'developers'): Promise<RevocationList> {
  return parseRevocationList(await readFile(join(gate.config.trustDir, 'crl', `portcullis-${tier}.crl`)));
}

describe('portcullis ca issue', () => {
  test('beside a gate goes into the ledger of the store, and signs what the gate accepts', async () => {
    const signer = await issued('calendar');
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({
      appId: 'calendar',
      fingerprint: signer.leaf.fingerprint,
    });
    expect((await send(signer, 'calendar')).status).toBe(201);
  });

  test('refuses a key that is known to be in wrong hands, and a request for another app', async () => {
    const signer = await issued('compromised');
    await succeed('csr', '--key', 'compromised.key', '--app-id', 'contacts', '--out', 'contacts.csr');
    await succeed('ca', 'revoke', signer.leaf.serial, '--reason', 'keyCompromise');
    const reused = await run(['ca', 'issue', '--app-id', 'contacts', '--csr', 'contacts.csr']);
    expect(reused).toMatchObject({ exit: 1, out: '' });
    expect(reused.err).toContain('KEY_REFUSED');
    expect((await run(['ca', 'issue', '--app-id', 'gallery', '--csr', 'contacts.csr'])).exit).toBe(1);
  });

  test('warns of a key that is another app’s, which an operator may want', async () => {
    await issued('shared-key');
    await succeed('csr', '--key', 'shared-key.key', '--app-id', 'shared-too', '--out', 'shared-too.csr');
    const { exit, err } = await run(['ca', 'issue', '--app-id', 'shared-too', '--csr', 'shared-too.csr']);
    expect(exit).toBe(0);
    expect(err).toContain('another app');
  });

  test('names the address that the gate was told, also where the command was not', async () => {
    const told = await startTestGate({ ownAuthority: true, environment: { BASE_URL: 'https://store.example.org' } });
    try {
      const place = { DATABASE_URL: told.databaseUrl, DATA_DIR: told.config.dataDir };
      expect((await run(['ca', 'issue', '--app-id', 'addressed', '--new-key', 'addressed.key'], place)).exit).toBe(0);
      const [leaf] = parseCertificates(await read('addressed.crt'));
      expect(leaf?.der.includes('https://store.example.org/crl/developers.crl')).toBe(true);
    } finally {
      await told.stop();
    }
  });

  test('issues nothing where the file for it is taken', async () => {
    const before = await succeed('ca', 'list');
    await writeFile(join(folder, 'taken.crt'), 'mine');
    expect((await run(['ca', 'issue', '--app-id', 'taken', '--new-key', 'taken.key'])).exit).toBe(3);
    expect(await succeed('ca', 'list')).toBe(before);
    expect(await read('taken.crt')).toBe('mine');
  });

  test('issues nothing that could not be written: no folder, a link to nowhere, the key’s own file', async () => {
    const before = await succeed('ca', 'list');
    await symlink('nowhere', join(folder, 'dangling.crt'));
    const words = ['ca', 'issue', '--app-id', 'unwritten', '--new-key', 'unwritten.key', '--out'];
    for (const out of ['nodir/x.crt', 'dangling.crt', 'unwritten.key']) {
      expect((await run([...words, out])).exit).toBe(3);
      await expect(read('unwritten.key')).rejects.toMatchObject({ code: 'ENOENT' });
    }
    expect((await run([...words, './unwritten.key', '--force'])).exit).toBe(3);
    expect(await succeed('ca', 'list')).toBe(before);
    await succeed('keygen', '--out', 'given.key');
    const key = await read('given.key');
    const given = ['ca', 'issue', '--app-id', 'unwritten', '--key', 'given.key', '--force', '--out'];
    expect((await run([...given, 'given.key'])).exit).toBe(3);
    expect(await read('given.key')).toBe(key);
    await succeed(...given, 'unwritten.crt');
    const [leaf] = parseCertificates(await read('unwritten.crt'));
    expect(leaf?.publicKey.equals(createPublicKey(readPrivateKey(key)))).toBe(true);
  });

  test('a certificate that could not be written in the end is in the ledger, and its serial is told', async () => {
    const file = join(folder, 'overtaken.crt');
    const result = await runMeanwhile(['ca', 'issue', '--app-id', 'overtaken', '--new-key', 'overtaken.key'], file);
    expect(result.exit).toBe(3);
    const [, serial = ''] = /certificate get ([0-9A-F]+)/.exec(result.err) ?? [];
    expect(await findCertificate(gate.gate.database, serial)).toMatchObject({ appId: 'overtaken', revokedAt: null });
  });

  test('says that a certificate is not valid for as long as was asked, and that an id is reserved', async () => {
    const words = ['ca', 'issue', '--app-id', 'too-long', '--new-key', 'too-long.key', '--days'];
    expect((await run([...words, '9999'])).err).toContain('no longer');
    const reserved = { RESERVED_APP_IDS: 'set-aside' };
    const result = await run(['ca', 'issue', '--app-id', 'set-aside', '--new-key', 'set-aside.key'], reserved);
    expect(result.exit).toBe(0);
    expect(result.err).toContain('reserved');
  });

  test('on a machine without the key is exit 3, and so is a folder of another store', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere, { recursive: true });
    const words = ['ca', 'issue', '--app-id', 'elsewhere', '--new-key', 'elsewhere.key'];
    const keyless = await run(words, { DATA_DIR: elsewhere });
    expect(keyless.exit).toBe(3);
    expect(keyless.err).toContain('ISSUER_UNAVAILABLE');
    await expect(read('elsewhere.key')).rejects.toMatchObject({ code: 'ENOENT' });

    const other = await startTestGate({ ownAuthority: true });
    try {
      const ca = other.config.authorityDir;
      const result = await run(['ca', 'issue', '--app-id', 'other', '--new-key', 'other.key', '--ca', ca]);
      expect(result.exit).toBe(3);
      expect(result.err).toContain('is not that of this store');
    } finally {
      await other.stop();
    }
  });

  test('where there is no store and no authority is exit 3', async () => {
    const nothing = { DATA_DIR: join(folder, 'nothing'), DATABASE_URL: undefined };
    expect((await run(['ca', 'issue', '--app-id', 'none', '--new-key', 'none.key'], nothing)).exit).toBe(3);
    expect((await run(['ca', 'list'], nothing)).exit).toBe(3);
    await expect(read('none.key')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('portcullis ca revoke', () => {
  test('beside a gate is in force for the very next upload, and on the list that others verify by', async () => {
    const signer = await issued('revoked-app');
    expect((await send(signer, 'revoked-app')).status).toBe(201);
    await succeed('ca', 'revoke', 'revoked-app.crt', '--reason', 'superseded');
    expect(codesOf(await send(signer, 'revoked-app', '1.1.0'))).toContain('REVOKED');
    expect((await trustedList('developers')).revoked.get(signer.leaf.serial)).toMatchObject({ reason: 'superseded' });
    expect(await succeed('ca', 'revoke', signer.leaf.serial.toLowerCase())).toContain('already');
  });

  test('--preview shows what --since would quarantine, and changes nothing', async () => {
    const signer = await issued('previewed');
    expect((await send(signer, 'previewed')).status).toBe(201);
    const words = ['ca', 'revoke', signer.leaf.serial, '--reason', 'keyCompromise', '--since', '2026-01-01'];
    expect(await succeed(...words, '--preview')).toContain('previewed 1.0.0');
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({ revokedAt: null });
    await succeed(...words);
    const { body } = await request(`${gate.url}/api/v1/apps/previewed/releases/1.0.0`);
    expect(body).toMatchObject({ status: 'quarantined' });
  });

  test('a second time with a later --since says that the earlier one stays', async () => {
    const signer = await issued('twice');
    const words = ['ca', 'revoke', signer.leaf.serial, '--reason', 'keyCompromise', '--since'];
    expect(await succeed(...words, '2026-02-01')).toContain('in wrong hands since 2026-02-01');
    expect(await succeed(...words, '2026-03-01')).toContain('since 2026-02-01T00:00:00.000Z stays');
    const { exit, out } = await run([...words, '2026-01-01']);
    expect(exit).toBe(0);
    expect(out).not.toContain('stays');
    expect(out).toContain('in wrong hands since 2026-01-01');
  });

  test('shows what else is revoked with it, and marks what it signed', async () => {
    const signer = await issued('both-one');
    expect((await send(signer, 'both-one')).status).toBe(201);
    await succeed('ca', 'issue', '--app-id', 'both-two', '--key', 'both-one.key');
    const [other] = parseCertificates(await read('both-two.crt'));
    expect(await succeed('ca', 'revoke', signer.leaf.serial, '--reason', 'keyCompromise')).toContain(other?.serial);
    const store = ['--url', gate.url];
    for (const subject of ['both-one', 'both-one@1.0.0']) {
      expect((await run(['status', subject, ...store])).out).toMatch(/signer revoked.*keyCompromise/);
    }
  });

  test('another certificate than the one in the ledger is not revoked by its serial', async () => {
    const signer = await issued('same-serial');
    const stranger = gate.authority.issue('same-serial', { serial: BigInt(`0x${signer.leaf.serial}`) });
    await writeFile(join(folder, 'stranger.crt'), writePem(stranger.der, 'CERTIFICATE'));
    expect((await run(['ca', 'revoke', 'stranger.crt'])).exit).toBe(1);
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({ revokedAt: null });
  });

  test('without the key it is in force all the same', async () => {
    const signer = await issued('keyless');
    const elsewhere = { DATA_DIR: join(folder, 'elsewhere') };
    const { exit, err } = await run(['ca', 'revoke', signer.leaf.serial], elsewhere);
    expect(exit).toBe(0);
    expect(err).toContain('in force');
    expect(codesOf(await send(signer, 'keyless'))).toContain('REVOKED');
  });

  test.each([
    ['a serial that is not in the ledger', 1, ['01'.repeat(16)]],
    ['a time to come', 2, ['01'.repeat(16), '--since', '2099-01-01']],
    ['a time without a zone', 2, ['01'.repeat(16), '--since', '2026-01-01T00:00:00']],
    ['a reason that is none', 2, ['01'.repeat(16), '--reason', 'because']],
    ['no serial', 2, ['serial!']],
    ['nothing', 2, []],
  ])('%s is exit %i', async (_what, exit, words) => {
    expect((await run(['ca', 'revoke', ...words])).exit).toBe(exit);
  });
});

test('portcullis ca crl signs every list anew whose key is here', async () => {
  const before = { root: await newestList('root'), developers: await newestList('developers') };
  expect(await succeed('ca', 'crl')).toBe('Signed anew: root, developers.\n');
  for (const tier of ['root', 'developers'] as const) {
    const after = await newestList(tier);
    expect(BigInt(after.number ?? 0)).toBeGreaterThan(BigInt(before[tier].number ?? 0));
    expect((await trustedList(tier)).number).toBe(after.number);
  }
  expect((await run(['ca', 'crl'], { DATA_DIR: join(folder, 'elsewhere') })).exit).toBe(3);
});

test('portcullis ca list has every certificate, or those of one app', async () => {
  const { leaf } = await issueSigner(gate.gate, 'in-the-list');
  const { certificates } = JSON.parse(await succeed('ca', 'list', '--app', 'in-the-list', '--json'));
  expect(certificates).toMatchObject([{ serial: leaf.serial, status: 'valid', appId: 'in-the-list' }]);
  expect(await succeed('ca', 'list')).toContain(leaf.serial);
  expect((await run(['ca', 'list', '--app', 'No'])).exit).toBe(2);
});

describe('signing requests', () => {
  async function requested(appId: string): Promise<{ readonly id: string; readonly token: string }> {
    const token = await gate.token(appId, { scopes: ['upload', 'manage'] });
    await succeed('keygen', '--out', `${appId}.key`);
    await succeed('csr', '--key', `${appId}.key`, '--app-id', appId, '--out', `${appId}.csr`);
    const csr = await read(`${appId}.csr`);
    const url = `${gate.url}/api/v1/apps/${appId}/signing-requests`;
    const { body } = await sendJson(url, 'POST', token, { csr, note: 'for \u001b[31mus' });
    return { id: body.id as string, token };
  }

  test('are listed, shown and approved by an operator', async () => {
    const { id, token } = await requested('wanted');
    expect(await succeed('ca', 'requests')).toContain(id);
    const shown = await succeed('ca', 'requests', id);
    expect(shown).toContain('EC P-384');
    expect(shown).not.toContain('\u001b');
    const out = await succeed('ca', 'approve', id, '--reason', 'known to us', '--out', 'wanted.crt', '--json');
    const { certificate } = JSON.parse(out);
    expect(parseCertificates(await read('wanted.crt'))[0]?.serial).toBe(certificate.serial);
    const { body } = await request(`${gate.url}/api/v1/signing-requests/${id}`, { token });
    expect(body).toMatchObject({ state: 'approved', serial: certificate.serial });
    const approved = body.events.find(({ kind }: { kind: string }) => kind === 'approved');
    expect(approved).toMatchObject({ account: 'operator', text: 'known to us' });
    expect(await succeed('ca', 'requests')).not.toContain(id);
    expect(await succeed('ca', 'requests', '--state', 'approved')).toContain(id);
  });

  test('are approved to a file only where that can be written; where it can’t be in the end, that they are is said', async () => {
    const { id } = await requested('approved-anyway');
    const words = ['ca', 'approve', id, '--reason', 'known to us', '--out'];
    expect((await run([...words, 'nodir/x.crt'])).exit).toBe(3);
    expect(await succeed('ca', 'requests')).toContain(id);
    const result = await runMeanwhile([...words, 'meanwhile.crt'], join(folder, 'meanwhile.crt'));
    expect(result.exit).toBe(3);
    expect(result.err).toContain('approved');
    expect(result.err).toMatch(/certificate get [0-9A-F]+/);
    expect(await succeed('ca', 'requests', '--state', 'approved')).toContain(id);
  });

  test('are asked back and declined', async () => {
    const { id } = await requested('unwanted');
    await succeed('ca', 'question', id, '--reason', 'Who are you?');
    expect(JSON.parse(await succeed('ca', 'requests', id, '--json'))).toMatchObject({ state: 'questioned' });
    await succeed('ca', 'decline', id, '--reason', 'no answer');
    const again = await run(['ca', 'approve', id, '--reason', 'after all']);
    expect(again.exit).toBe(1);
    expect(again.err).toContain('REQUEST_DECIDED');
  });

  test('that are not there are exit 1; without a reason, or what is no id, exit 2', async () => {
    const id = '6f1d2c3b-4a59-4876-9123-456789abcdef';
    for (const verdict of ['approve', 'decline', 'question']) {
      expect((await run(['ca', verdict, id, '--reason', 'why'])).exit).toBe(1);
      expect((await run(['ca', verdict, id])).exit).toBe(2);
      expect((await run(['ca', verdict, 'calendar', '--reason', 'why'])).exit).toBe(2);
    }
    expect((await run(['ca', 'requests', id])).exit).toBe(1);
    expect((await run(['ca', 'requests', '--state', 'lost'])).exit).toBe(2);
  });
});

describe('portcullis ca import', () => {
  /** A machine off the network, with a copy of what the root needs. */
  async function offline(name: string): Promise<(...argv: readonly string[]) => Promise<void>> {
    const place = join(folder, name);
    await mkdir(place);
    for (const file of ['root.crt', 'root.key', 'root.crl', 'developers.crt', 'ledger.jsonl', 'authority.json']) {
      await cp(join(gate.config.authorityDir, file), join(place, file));
    }
    const environment = { AUTHORITY_PASSPHRASE_FILE: join(gate.config.dataDir, 'authority-passphrase') };
    return async (...argv) => {
      const result = await commandLine([...argv, '--ca', name], { workingFolder: folder, environment });
      if (result.exit !== 0) throw new Error(result.err);
    };
  }

  async function issuing() {
    const authority = await readStoreAuthority(gate.gate.database);
    if (authority === null) throw new Error('There is no authority');
    return issuingCertificate(authority).certificate;
  }

  async function refused(...names: readonly string[]): Promise<string> {
    const before = [await issuing(), (await newestList('root')).number];
    const { exit, err, out } = await run(['ca', 'import', ...names]);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect([await issuing(), (await newestList('root')).number]).toEqual(before);
    return err;
  }

  test('takes over a renewed certificate and a new list, in the store, the folder and the trust folder', async () => {
    const signer = await issued('before-renewal');
    const root = await offline('offline');
    await root('ca', 'renew-intermediate', '--out', 'renewed.crt');
    await root('ca', 'root-crl', '--out', 'root.crl');
    const [renewed] = parseCertificates(await read('renewed.crt'));
    const list = parseRevocationList(await read('root.crl'));

    const out = await succeed('ca', 'import', 'renewed.crt', 'root.crl');
    expect(out).toContain(renewed?.serial);
    expect((await issuing()).fingerprint).toBe(renewed?.fingerprint);
    expect((await newestList('root')).number).toBe(list.number);
    const { authorityDir, trustDir } = gate.config;
    const inFolder = parseCertificates(await readFile(join(authorityDir, 'developers.crt')));
    expect(inFolder[0]?.fingerprint).toBe(renewed?.fingerprint);
    expect(parseRevocationList(await readFile(join(authorityDir, 'root.crl'))).number).toBe(list.number);
    expect((await trustedList('root')).number).toBe(list.number);
    const trusted = await readFile(join(trustDir, 'intermediates', 'portcullis-developers.crt'));
    expect(parseCertificates(trusted)[0]?.fingerprint).toBe(renewed?.fingerprint);

    expect((await send(signer, 'before-renewal')).status).toBe(201);
    expect((await send(await issued('after-renewal'), 'after-renewal')).status).toBe(201);
    expect(await succeed('ca', 'import', 'renewed.crt', 'root.crl')).toContain('already');
  });

  test('refuses an older list, and one that lacks what was revoked', async () => {
    const root = await offline('older');
    await root('ca', 'root-crl', '--out', 'older.crl');
    const forgetful = await offline('forgetful');
    await root('ca', 'renew-intermediate', '--new-key', 'spare.key', '--out', 'spare.crt');
    const [spare] = parseCertificates(await read('spare.crt'));
    await root('ca', 'root-crl', '--revoke', 'spare.crt', '--out', 'newer.crl');
    await succeed('ca', 'import', 'newer.crl');
    expect(await refused('older.crl')).toContain('number');
    expect(await refused('spare.crt')).toContain('revoked');
    // Numbers are seconds where that is more, and grow by one otherwise.
    for (let times = 0; times < 3; times++) await forgetful('ca', 'root-crl', '--out', 'forgetful.crl', '--force');
    await forgetful('ca', 'root-crl', '--out', 'forgetful.crl', '--force');
    expect(await refused('forgetful.crl')).toContain(spare?.serial);
    expect((await newestList('root')).revoked.has(spare?.serial ?? '')).toBe(true);
  });

  test('refuses a list that lacks what the folder here has revoked, which the store has not heard of yet', async () => {
    const root = await offline('behind');
    const { authorityDir } = gate.config;
    const kept = await readFile(join(authorityDir, 'ledger.jsonl'), 'utf8');
    const serial = '01AA';
    const event = { event: 'intermediate-revoked', at: new Date().toISOString(), serial, reason: 'keyCompromise' };
    await appendFile(join(authorityDir, 'ledger.jsonl'), `${JSON.stringify(event)}\n`);
    await root('ca', 'root-crl', '--out', 'behind.crl');
    expect(await refused('behind.crl')).toContain(serial);
    await writeFile(join(authorityDir, 'ledger.jsonl'), kept);
    await succeed('ca', 'import', 'behind.crl');
  });

  test('of several files takes all or none', async () => {
    const root = await offline('partly');
    await root('ca', 'renew-intermediate', '--out', 'good.crt');
    const [good] = parseCertificates(await read('good.crt'));
    await refused('good.crt', 'older.crl');
    expect((await issuing()).serial).not.toBe(good?.serial);
  });

  test('issues with another key once that key is there, and still believes what the one before issued', async () => {
    const earlier = await issued('earlier-key');
    const root = await offline('another-key');
    await root('ca', 'renew-intermediate', '--new-key', 'second.key', '--out', 'second.crt');
    const [second] = parseCertificates(await read('second.crt'));
    const { exit, err } = await run(['ca', 'import', 'second.crt']);
    expect(exit).toBe(0);
    expect(err).toContain('is not to be had here');
    expect(err).toContain(join(gate.config.authorityDir, 'developers-2.key'));
    const words = ['ca', 'issue', '--app-id', 'later-key', '--new-key', 'later-key.key'];
    expect((await run(words)).exit).toBe(3);
    await rm(join(folder, 'later-key.key'), { force: true });

    const { authorityDir } = gate.config;
    await cp(join(folder, 'second.key'), join(authorityDir, 'developers-2.key'));
    const later = await issued('later-key');
    expect(later.chain[0]?.fingerprint).toBe(second?.fingerprint);
    expect((await send(later, 'later-key')).status).toBe(201);
    expect((await send(earlier, 'earlier-key')).status).toBe(201);
    await succeed('ca', 'revoke', earlier.leaf.serial);
    expect(codesOf(await send(earlier, 'earlier-key', '1.1.0'))).toContain('REVOKED');
    const inFolder = parseCertificates(await readFile(join(authorityDir, 'developers.crt')));
    expect(inFolder[0]?.fingerprint).toBe(earlier.chain[0]?.fingerprint);
  });

  test('issues with a key that was made on the gate and never left it', async () => {
    const { authorityDir } = gate.config;
    const root = await offline('third-key');
    // What the machine with the root's key issued before is known there.
    await cp(join(folder, 'second.crt'), join(folder, 'third-key', 'developers-1.crt'));
    const keyFile = join(authorityDir, 'developers-3.key');
    await succeed('ca', 'csr', '--new-key', keyFile, '--out', 'third.csr');
    expect(await readFile(keyFile, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect((await run(['ca', 'csr', '--new-key', keyFile, '--out', 'again.csr'])).exit).not.toBe(0);
    await root('ca', 'renew-intermediate', '--csr', 'third.csr', '--out', 'third.crt');
    const { exit, err } = await run(['ca', 'import', 'third.crt']);
    expect({ exit, err }).toMatchObject({ exit: 0, err: expect.not.stringContaining('Warning') as string });
    const [third] = parseCertificates(await read('third.crt'));
    const signer = await issued('with-third-key');
    expect(signer.chain[0]?.fingerprint).toBe(third?.fingerprint);
    expect((await send(signer, 'with-third-key')).status).toBe(201);
  });

  test('refuses what the root of this store did not sign, and what is none of the two', async () => {
    const { leaf } = await issueSigner(gate.gate, 'a-leaf');
    const files = gate.authority.files();
    const { privateKey } = await generateKeyPair();
    const contents: Record<string, string | Buffer> = {
      'leaf.crt': writePem(leaf.der, 'CERTIFICATE'),
      'own-root.crt': await readFile(join(gate.config.authorityDir, 'root.crt')),
      'own-developers.crl': await readFile(join(gate.config.authorityDir, 'developers.crl')),
      'foreign.crt': files['intermediates/intermediate-g2.crt'] ?? '',
      'foreign.crl': files['crl/current-0.crl'] ?? '',
      'key.pem': writePrivateKey(privateKey),
      'text.txt': 'hello',
      'empty.crt': '',
      'broken.crt': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'open.crl': '-----BEGIN X509 CRL-----\nMIIB\n',
    };
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(join(folder, name), content);
      expect(await refused(name)).not.toBe('');
    }
    expect((await run(['ca', 'import'])).exit).toBe(2);
    expect((await run(['ca', 'import', 'nowhere.crt'])).exit).toBe(3);
  });
});
