import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureSystemAccount } from '../../src/accounts/system-account.js';
import { ensureApp } from '../../src/database/apps.js';
import { beginAuthorityChange } from '../../src/database/authority-state.js';
import { insertIntendedCertificate, setCertificateRevoked } from '../../src/database/certificates.js';
import { inTransaction, type Transaction } from '../../src/database/connect.js';
import { codesOf, request, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { testWith } from '../support/installed.js';
import { fileFrom } from '../support/key-tools.js';
import { commandLine } from '../support/run-command-line.js';
import { signedApp } from '../support/signed-app.js';
import type { TestCertificate } from '../support/test-authority.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * A private key in an upload: that the report names the certificate, and that its owners and the operators are told.
 */

let gate: TestGate;
const warnings: object[] = [];
beforeAll(async () => {
  gate = await startTestGate({ gate: { log: { info: () => {}, warn: (details) => void warnings.push(details) } } });
});
afterAll(() => gate.stop());

const CODE = 'PRIVATE_KEY_IN_ARCHIVE';

/** An app with a signed release, and the token of its owner. */
async function publishedApp(id: string): Promise<{ readonly token: string; readonly leaf: TestCertificate }> {
  const token = await gate.token(id);
  const leaf = gate.authority.issue(id);
  expect((await upload(gate.url, token, id, await signedApp(gate.authority, { id, leaf }))).status).toBe(201);
  return { token, leaf };
}

/** An unsigned upload with this file in it. */
async function uploadKey(id: string, token: string, key: string | Buffer, version = '2.0.0'): Promise<ApiAnswer> {
  return upload(gate.url, token, id, await appArchive({ id, version, files: { 'js/key.txt': key } }));
}

async function events(id: string, token: string, query = ''): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/apps/${id}/events${query}`, { token });
}

async function exposures(id: string): Promise<readonly { account: string; detail: Record<string, string> }[]> {
  const { body } = await events(id, gate.operatorToken, '?limit=100');
  return (body.events as { kind: string; account: string; detail: Record<string, string> }[]).filter(
    ({ kind }) => kind === 'key-exposed',
  );
}

test('an app with the key that signs it is refused, and the finding names the serial and how to revoke it', async () => {
  const id = 'own-key';
  const token = await gate.token(id);
  const leaf = gate.authority.issue(id);
  const archive = await signedApp(gate.authority, { id, leaf, files: { 'own-key.key': leaf.privateKeyPem } });
  const answer = await upload(gate.url, token, id, archive);
  expect([answer.status, codesOf(answer)]).toEqual([422, [CODE]]);
  const [finding] = answer.body.report.findings;
  const { serial } = leaf.certificate;
  expect(finding).toMatchObject({ severity: 'error', path: 'own-key.key' });
  expect(finding.message).toContain(`${serial} (CN="own-key")`);
  // The authority of this test is trusted, and is not the store's own.
  expect(finding.fix).toContain(`ask whoever issued it, naming the serial ${serial}`);
  expect(finding.fix).not.toContain('portcullis certificate revoke');
  expect(JSON.stringify(answer.body)).not.toContain(leaf.privateKeyPem.split('\n')[1]);
  expect(await exposures(id)).toMatchObject([
    { account: 'own-key', detail: { serial, proven: 'yes', submission: answer.body.id, uploadedFor: id } },
  ]);
  expect(warnings).toContainEqual({
    submission: answer.body.id,
    app: id,
    key: leaf.certificate.publicKeyFingerprint,
    serial,
    proven: true,
  });
});

test('the event is for owners and operators, and not for strangers', async () => {
  const { token, leaf } = await publishedApp('seen-by');
  await uploadKey('seen-by', token, leaf.privateKeyPem);
  for (const reader of [token, gate.operatorToken]) {
    const { status, body } = await events('seen-by', reader);
    expect([status, body.events[0].kind, body.events[0].account]).toEqual([200, 'key-exposed', 'seen-by']);
  }
  const stranger = await gate.token('other-id', { account: 'stranger' });
  const sameAccount = await gate.token('not-this-app', { account: 'seen-by' });
  expect((await events('seen-by', stranger)).body.code).toBe('SCOPE_INSUFFICIENT');
  expect((await events('seen-by', sameAccount)).body.code).toBe('SCOPE_INSUFFICIENT');
  expect((await events('seen-by', await gate.token('seen-by', { account: 'stranger' }))).body.code).toBe('NOT_OWNER');
  expect((await request(`${gate.url}/api/v1/apps/seen-by/events`)).status).toBe(401);
  expect((await events('Not An Id', gate.operatorToken)).status).toBe(400);
});

test('the list of events goes on where its page ended', async () => {
  const { token, leaf } = await publishedApp('pages');
  await uploadKey('pages', token, leaf.privateKeyPem);
  const environment = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir };
  for (const level of ['official', 'approved']) {
    const words = ['app', 'level', 'pages', level, '--reason', 'a test'];
    expect((await commandLine(words, { environment })).exit).toBe(0);
  }
  const seen: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const { body } = await events('pages', token, `?limit=1${after === '' ? '' : `&after=${after}`}`);
    seen.push(...(body.events as { id: string }[]).map((event) => event.id));
    after = body.next as string | null;
  }
  expect(seen).toHaveLength(4);
  expect(seen.map(Number)).toEqual(seen.map(Number).toSorted((one, other) => other - one));
  expect((await events('pages', token, '?after=x')).status).toBe(400);
});

test('the key of another app is told that app, whoever uploads it, and not the one it was uploaded for', async () => {
  const { leaf } = await publishedApp('victim');
  const token = await gate.token('finder');
  const answer = await uploadKey('finder', token, leaf.privateKeyPem);
  expect(answer.status).toBe(422);
  expect(answer.body.report.findings[0].message).toContain('signed a release of victim');
  const { serial } = leaf.certificate;
  expect(await exposures('victim')).toMatchObject([
    { account: 'finder', detail: { serial, uploadedFor: 'finder', commonName: 'victim' } },
  ]);
  expect(await exposures('finder')).toEqual([]);
});

test('the same key is told once for each account that uploads it, however many the archives', async () => {
  const { token, leaf } = await publishedApp('repeated');
  for (const version of ['2.0.0', '2.0.0', '3.0.0']) {
    expect((await uploadKey('repeated', token, leaf.privateKeyPem, version)).status).toBe(422);
  }
  const stranger = await gate.token('repeated-by');
  for (const version of ['4.0.0', '5.0.0']) await uploadKey('repeated-by', stranger, leaf.privateKeyPem, version);
  expect((await exposures('repeated')).map(({ account }) => account)).toEqual(['repeated-by', 'repeated']);
  const key = leaf.certificate.publicKeyFingerprint;
  expect(warnings.filter((warning) => (warning as { key: string }).key === key)).toHaveLength(2);
});

describe('a certificate that the store’s own authority issued', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const pem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const serial = '01ABCDEF0123456789';
  const publicKeyFingerprint = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');

  /** Writes into the ledger, as whoever issues and revokes does. */
  async function inLedger(write: (tx: Transaction, change: number, accountId: number) => Promise<void>): Promise<void> {
    await inTransaction(gate.gate.database, async (tx) => {
      const change = await beginAuthorityChange(tx);
      await write(tx, change, (await ensureSystemAccount(tx)).id);
    });
  }

  test('is known before anything was released with it, for an app that nobody has uploaded', async () => {
    await inLedger(async (tx, change, accountId) => {
      await ensureApp(tx, 'never-uploaded');
      await insertIntendedCertificate(tx, change, {
        serial,
        issuerKey: '0'.repeat(64),
        appId: 'never-uploaded',
        publicKey: publicKeyFingerprint,
        requestId: null,
        contact: null,
        intendedAt: new Date('2026-05-01T12:00:00Z'),
        accountId,
      });
    });
    const answer = await uploadKey('ledger-finder', await gate.token('ledger-finder'), pem);
    expect(answer.body.report.findings[0].message).toContain(
      `${serial} (CN="never-uploaded"), which was issued by this store`,
    );
    const { fix } = answer.body.report.findings[0];
    expect(fix).toContain(`portcullis certificate revoke ${serial} --reason keyCompromise`);
    expect(fix).toContain('POST /api/v1/revocations');
    expect(await exposures('never-uploaded')).toMatchObject([{ detail: { serial } }]);
  });

  test('needn’t be revoked twice', async () => {
    await inLedger((tx, change, accountId) =>
      setCertificateRevoked(tx, change, {
        serial,
        revokedAt: new Date('2026-05-02T12:00:00Z'),
        reason: 'keyCompromise',
        invalidityDate: null,
        accountId,
        note: '',
      }),
    );
    const { body } = await uploadKey('ledger-finder', await gate.token('ledger-finder'), pem, '3.0.0');
    expect(body.report.findings[0].fix).toContain('revoked already');
  });
});

test('a validation says the same, and keeps nothing', async () => {
  const { token, leaf } = await publishedApp('validated');
  const archive = await appArchive({ id: 'validated', version: '2.0.0', files: { 'k.pem': leaf.privateKeyPem } });
  const answer = await request(`${gate.url}/api/v1/apps/validated/validations`, {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/zip' },
    body: new Uint8Array(archive),
  });
  expect(answer.body.report.findings[0].message).toContain(leaf.certificate.serial);
  expect(await exposures('validated')).toEqual([]);
});

test('a key of nobody’s certificate is refused and told nobody', async () => {
  const id = 'test-key';
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const answer = await uploadKey(
    id,
    await gate.token(id),
    privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  );
  expect([answer.status, codesOf(answer)]).toEqual([422, [CODE]]);
  expect(await exposures(id)).toEqual([]);
});

describe('nobody raises a false alarm', () => {
  test('with the public numbers of another app’s certificate beside others', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const id = 'alarmed-rsa';
    const leaf = gate.authority.issue(id, { keys });
    const token = await gate.token(id);
    expect((await upload(gate.url, token, id, await signedApp(gate.authority, { id, leaf }))).status).toBe(201);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
    const { n, e } = keys.publicKey.export({ format: 'jwk' });
    const forged = JSON.stringify({ ...other, n, e });
    const answer = await uploadKey('alarmist', await gate.token('alarmist'), forged);
    expect(answer.body.report.findings[0].message).toContain("can't be seen");
    expect(await exposures(id)).toEqual([]);
    // Its own owners are told, once: there it is no alarm about others.
    for (const version of ['2.0.0', '3.0.0']) await uploadKey(id, token, forged, version);
    expect(await exposures(id)).toMatchObject([{ detail: { proven: 'no' } }]);
    // What is proven is told all the same.
    await uploadKey(id, token, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), '4.0.0');
    expect(await exposures(id)).toMatchObject([{ detail: { proven: 'yes' } }, { detail: { proven: 'no' } }]);
  });

  test('with a certificate of their own making that bears another app’s name and serial', async () => {
    const { leaf: genuine } = await publishedApp('named-app');
    const { serial } = genuine.certificate;
    const id = 'forger';
    const own = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const { makeCertificate } = await import('../support/test-authority.js');
    const leaf = makeCertificate({ commonName: 'named-app', serial: BigInt(`0x${serial}`), keys: own });
    const archive = await signedApp(gate.authority, { id, leaf, files: { 'k.pem': leaf.privateKeyPem } });
    const answer = await upload(gate.url, await gate.token(id), id, archive);
    expect(answer.status).toBe(422);
    const [finding] = answer.body.report.findings;
    expect(finding.code).toBe(CODE);
    expect(finding.message).toContain('which no trusted authority vouches for');
    expect(JSON.stringify(finding)).not.toMatch(new RegExp(`${serial}|named-app|portcullis certificate revoke`));
    expect(await exposures('named-app')).toEqual([]);
    expect((await events(id, gate.operatorToken)).body.events ?? []).toEqual([]);
    expect(warnings).not.toContainEqual(expect.objectContaining({ app: id }));
    expect(warnings).not.toContainEqual(expect.objectContaining({ serial }));
  });
});

testWith('ssh-keygen')('an encrypted OpenSSH key is known by its public half', async () => {
  const { token, leaf } = await publishedApp('ssh-app');
  await mkdir(join(gate.config.dataDir, 'ssh'));
  const file = join(gate.config.dataDir, 'ssh', 'key');
  await writeFile(file, leaf.keys.privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  const key = await fileFrom(`ssh-keygen -q -p -N secret -f ${file}; cat ${file} > out`);
  const { body } = await uploadKey('ssh-app', token, key);
  expect(body.report.findings[0].message).toMatch(/OpenSSH, encrypted.*CN="ssh-app"/);
});

test('two apps whose uploads expose each other’s keys at once neither wait for each other nor miss an event', async () => {
  const ROUNDS = 10;
  const [one, other] = [await publishedApp('cross-one'), await publishedApp('cross-other')];
  for (let round = 0; round < ROUNDS; round += 1) {
    const both = one.leaf.privateKeyPem + other.leaf.privateKeyPem;
    const answers = await Promise.all([
      uploadKey('cross-one', one.token, other.leaf.privateKeyPem, `2.0.${round}`),
      uploadKey('cross-other', other.token, one.leaf.privateKeyPem, `2.0.${round}`),
      uploadKey('cross-one', one.token, both, `3.0.${round}`),
      uploadKey('cross-other', other.token, both, `3.0.${round}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
  }
  // A deadlock would be tried again and go well in the end.
  const { rows } = await gate.gate.database.query<{ deadlocks: number }>(
    'SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: 0 }]);
  for (const id of ['cross-one', 'cross-other']) {
    expect((await exposures(id)).map(({ account }) => account).sort()).toEqual(['cross-one', 'cross-other']);
  }
});

test('the record is kept as it is, and the database itself knows an exposure once', async () => {
  const { token, leaf } = await publishedApp('kept');
  await uploadKey('kept', token, leaf.privateKeyPem);
  const { database } = gate.gate;
  await expect(database.query(`DELETE FROM app_events WHERE app_id = 'kept'`)).rejects.toThrow('kept as they are');
  const again = `INSERT INTO app_events (app_id, kind, account_id, detail)
    SELECT app_id, kind, account_id, detail FROM app_events WHERE app_id = 'kept' AND kind = 'key-exposed'`;
  await expect(database.query(again)).rejects.toThrow(/unique/);
});

test('portcullis app events shows it to the operator', async () => {
  const { token, leaf } = await publishedApp('on-terminal');
  await uploadKey('on-terminal', token, leaf.privateKeyPem);
  const environment = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir };
  const text = await commandLine(['app', 'events', 'on-terminal'], { environment });
  expect([text.exit, text.err]).toEqual([0, '']);
  expect(text.out).toMatch(new RegExp(`key-exposed  on-terminal  .*serial=${leaf.certificate.serial}`));
  const { out } = await commandLine(['app', 'events', 'on-terminal', '--json'], { environment });
  // A common name is free text.
  await gate.gate.database.query(
    `INSERT INTO app_events (app_id, kind, account_id, detail) SELECT app_id, kind, account_id, $1 FROM app_events
     WHERE app_id = 'on-terminal' AND kind = 'key-exposed'`,
    [JSON.stringify({ serial: '01', commonName: 'a  serial=02', key: 'k', archive: 'a' })],
  );
  const named = await commandLine(['app', 'events', 'on-terminal'], { environment });
  expect(named.out).toContain('commonName="a  serial=02"');
  expect(JSON.parse(out)).toMatchObject([{ kind: 'key-exposed', account: 'on-terminal' }, { kind: 'claimed' }]);
});

test('an app that is not there has no events to show', async () => {
  expect((await events('nosuch', gate.operatorToken)).status).toBe(404);
  const environment = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir };
  const { exit, out } = await commandLine(['app', 'events', 'nosuch'], { environment });
  expect([exit, out]).toEqual([1, '']);
});
