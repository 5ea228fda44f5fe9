import { authenticate } from '../../src/accounts/tokens.js';
import { lockApp } from '../../src/database/apps.js';
import { inTransaction } from '../../src/database/connect.js';
import { setReleaseStatus } from '../../src/database/releases.js';
import { reinstateApp, suspendApp } from '../../src/releases/suspend-app.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { ask, csrFor } from '../support/signing-requests.js';
import { issueSigner, signedBy } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let moderator: string;
beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true });
  moderator = await gate.token(null, { account: 'mod', scopes: ['upload', 'manage', 'moderate'] });
});
afterAll(async () => {
  await gate.stop();
});

const appAt = (appId: string, path = ''): string => `${gate.url}/api/v1/apps/${appId}${path}`;
const codeOf = ({ status, body }: ApiAnswer): string => `${status} ${String(body.code)}`;
const suspend = (appId: string, token = moderator): Promise<ApiAnswer> =>
  sendJson(appAt(appId, '/suspension'), 'PUT', token, { reason: 'It mines coins.' });
const reinstate = (appId: string, token = moderator): Promise<ApiAnswer> =>
  sendJson(appAt(appId, '/suspension'), 'DELETE', token, { reason: 'It no longer does.' });
const setStatus = (appId: string, version: string, status: string, more: object = {}): Promise<ApiAnswer> =>
  sendJson(appAt(appId, `/releases/${version}/status`), 'PUT', moderator, { status, reason: 'looked at it', ...more });

/** An app with these releases, and its owner's token. */
async function published(appId: string, ...versions: string[]): Promise<string> {
  const token = await gate.token(appId, { scopes: ['upload', 'manage'] });
  for (const version of versions) {
    expect((await upload(gate.url, token, appId, await appArchive({ id: appId, version }))).status).toBe(201);
  }
  return token;
}

async function statusesOf(appId: string): Promise<Readonly<Record<string, string>>> {
  const { body } = await request(appAt(appId, '/releases'));
  return Object.fromEntries(
    body.releases.map(({ version, status }: { version: string; status: string }) => [version, status]),
  );
}

async function eventsOf(appId: string): Promise<readonly string[]> {
  const { body } = await request(appAt(appId, '/events'), { token: gate.operatorToken });
  return body.events.map(({ kind }: { kind: string }) => kind).toReversed();
}

/** Versions of an app whose quarantine waits for a moderator. */
async function waiting(appId: string): Promise<readonly string[]> {
  const { rows } = await gate.gate.database.query<{ version: string }>(
    "SELECT version FROM reviews WHERE app_id = $1 AND kind = 'quarantine' AND state = 'waiting' ORDER BY version",
    [appId],
  );
  return rows.map(({ version }) => version);
}

test('a suspended app serves nothing and takes nothing, says so, and comes back as it was', async () => {
  const token = await published('miner', '1.0.0', '1.1.0');
  await sendJson(appAt('miner', '/releases/1.0.0/status'), 'PUT', token, { status: 'withdrawn', reason: 'old' });
  expect((await suspend('miner')).body.suspended).toMatchObject({ reason: 'It mines coins.' });

  expect(await statusesOf('miner')).toEqual({ '1.0.0': 'withdrawn', '1.1.0': 'quarantined' });
  expect((await request(appAt('miner', '/releases/1.1.0/archive'))).status).toBe(410);
  expect((await request(appAt('miner'))).body.suspended).toMatchObject({ reason: 'It mines coins.' });
  expect((await request(appAt('miner', '/requirements'))).body.suspended).toMatchObject({ reason: 'It mines coins.' });
  expect((await request(appAt('unheard-of', '/requirements'))).body.suspended).toBeNull();
  const next = await appArchive({ id: 'miner', version: '2.0.0' });
  for (const refused of [
    await upload(gate.url, token, 'miner', next),
    await request(appAt('miner', '/validations'), {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/zip' },
      body: new Uint8Array(next),
    }),
    await ask(gate, token, 'miner', { csr: await csrFor('miner') }),
    await upload(gate.url, gate.operatorToken, 'miner', next),
  ]) {
    expect(codeOf(refused)).toBe('403 APP_SUSPENDED');
    expect(refused.body.detail).toContain('It mines coins.');
  }
  // What is put there with its app is no case of its own.
  expect(await waiting('miner')).toEqual([]);

  expect((await reinstate('miner')).body.suspended).toBeNull();
  expect(await statusesOf('miner')).toEqual({ '1.0.0': 'withdrawn', '1.1.0': 'published' });
  expect((await upload(gate.url, token, 'miner', next)).status).toBe(201);
  expect(await eventsOf('miner')).toEqual([
    ...['claimed', 'release-status'],
    ...['suspended', 'release-status', 'reinstated', 'release-status'],
  ]);
});

test('it is moderators who suspend and reinstate, and none who owns the app', async () => {
  const token = await published('governed', '1.0.0');
  const narrow = await gate.token('governed', { account: 'mod', scopes: ['upload', 'manage'] });
  for (const who of [token, narrow]) {
    expect(codeOf(await suspend('governed', who))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await reinstate('governed', who))).toBe('403 SCOPE_INSUFFICIENT');
  }
  expect((await request(appAt('governed', '/suspension'), { method: 'DELETE' })).status).toBe(401);
  await sendJson(appAt('governed', '/owners/mod'), 'PUT', gate.operatorToken, {});
  expect(codeOf(await suspend('governed'))).toBe('403 OWN_CASE');
  expect((await suspend('governed', gate.operatorToken)).status).toBe(200);
  expect(codeOf(await reinstate('governed'))).toBe('403 OWN_CASE');
  expect((await reinstate('governed', gate.operatorToken)).status).toBe(200);
  expect((await suspend('no-such-app')).status).toBe(404);
  expect((await suspend('..')).status).toBeGreaterThanOrEqual(400);
  for (const reason of ['', ' ', 'x'.repeat(2_001), 'a\0b']) {
    expect((await sendJson(appAt('governed', '/suspension'), 'PUT', moderator, { reason })).status).toBe(400);
  }
});

test('doing it twice, or at once, is doing it once', async () => {
  await published('twice', '1.0.0');
  const suspended = await Promise.all([suspend('twice'), suspend('twice')]);
  expect(suspended.map(({ status }) => status)).toEqual([200, 200]);
  const reinstated = await Promise.all([reinstate('twice'), reinstate('twice')]);
  expect(reinstated.map(({ status }) => status)).toEqual([200, 200]);
  expect(await statusesOf('twice')).toEqual({ '1.0.0': 'published' });
  expect((await eventsOf('twice')).filter((kind) => kind !== 'release-status')).toEqual([
    ...['claimed', 'suspended', 'reinstated'],
  ]);
});

test('no release of a suspended app is restored by itself, by no way', async () => {
  await published('locked', '1.0.0', '1.1.0');
  await setStatus('locked', '1.1.0', 'withdrawn');
  await suspend('locked');
  expect(codeOf(await setStatus('locked', '1.0.0', 'published'))).toBe('403 APP_SUSPENDED');
  expect(codeOf(await setStatus('locked', '1.1.0', 'published'))).toBe('403 APP_SUSPENDED');
  const behindItsBack = inTransaction(gate.gate.database, async (tx) => {
    const change = { appId: 'locked', version: '1.0.0', status: 'published', reason: 'r', reasonCode: null } as const;
    await setReleaseStatus(tx, { ...change, at: new Date() });
  });
  await expect(behindItsBack).rejects.toMatchObject({ code: '23514' });
  expect(await statusesOf('locked')).toEqual({ '1.0.0': 'quarantined', '1.1.0': 'withdrawn' });
});

test('what a moderator dealt with meanwhile stays so', async () => {
  await published('handled', '1.0.0', '1.1.0', '1.2.0', '1.3.0');
  await setStatus('handled', '1.0.0', 'quarantined');
  await suspend('handled');
  await setStatus('handled', '1.1.0', 'withdrawn');
  // Under quarantine already, with its app; now for a reason of its own.
  expect((await setStatus('handled', '1.2.0', 'quarantined', { reasonCode: 'malware' })).status).toBe(200);
  expect(await waiting('handled')).toEqual(['1.0.0', '1.2.0']);
  await reinstate('handled');
  expect(await statusesOf('handled')).toEqual({
    '1.0.0': 'quarantined',
    '1.1.0': 'withdrawn',
    '1.2.0': 'quarantined',
    '1.3.0': 'published',
  });
});

test('nobody puts a single release where only suspensions put it, out of sight', async () => {
  await published('hidden', '1.0.0');
  const hidden = await setStatus('hidden', '1.0.0', 'quarantined', { reasonCode: 'app-suspended' });
  expect(codeOf(hidden)).toBe('400 INVALID_REQUEST');
  expect(await statusesOf('hidden')).toEqual({ '1.0.0': 'published' });
});

test('what could not be published today does not come back, and waits for a moderator', async () => {
  const unsigned = await published('made-official', '1.0.0');
  expect(unsigned).toBeDefined();
  await suspend('made-official');
  const level = { trustLevel: 'official', reason: 'ours now' };
  await sendJson(appAt('made-official', '/trust-level'), 'PUT', moderator, level);
  await reinstate('made-official');
  expect(await statusesOf('made-official')).toEqual({ '1.0.0': 'quarantined' });
  expect(await waiting('made-official')).toEqual(['1.0.0']);
});

test('nor what was signed with a certificate that was revoked meanwhile, for whatever reason', async () => {
  for (const reason of ['keyCompromise', 'superseded']) {
    const appId = `stolen-${reason.toLowerCase()}`;
    const token = await gate.token(appId);
    const [kept, lost] = [await issueSigner(gate.gate, appId), await issueSigner(gate.gate, appId)];
    await upload(gate.url, token, appId, await signedBy(kept, { id: appId, version: '1.0.0' }));
    expect((await upload(gate.url, token, appId, await signedBy(lost, { id: appId, version: '1.1.0' }))).status).toBe(
      201,
    );
    await suspend(appId);
    const address = `${gate.url}/api/v1/certificates/${lost.leaf.serial}/revocation`;
    expect((await sendJson(address, 'POST', moderator, { reason })).status).toBe(200);
    await reinstate(appId);
    expect(await statusesOf(appId)).toEqual({ '1.0.0': 'published', '1.1.0': 'quarantined' });
    expect(await waiting(appId)).toEqual(['1.1.0']);
  }
});

test('what stands although its certificate was revoked before comes back', async () => {
  const token = await gate.token('renewed');
  const signer = await issueSigner(gate.gate, 'renewed');
  await upload(gate.url, token, 'renewed', await signedBy(signer, { id: 'renewed' }));
  const address = `${gate.url}/api/v1/certificates/${signer.leaf.serial}/revocation`;
  await sendJson(address, 'POST', moderator, { reason: 'superseded' });
  expect(await statusesOf('renewed')).toEqual({ '1.0.0': 'published' });
  await suspend('renewed');
  await reinstate('renewed');
  expect(await statusesOf('renewed')).toEqual({ '1.0.0': 'published' });
});

test('an upload at the same moment is published before the suspension and under quarantine by it, or refused', async () => {
  for (let round = 0; round < 12; round++) {
    const appId = `raced-${round}`;
    const token = await published(appId, '1.0.0');
    const archive = await appArchive({ id: appId, version: '1.1.0' });
    const [sent] = await Promise.all([upload(gate.url, token, appId, archive), suspend(appId)]);
    expect(['201 undefined', '403 APP_SUSPENDED']).toContain(codeOf(sent));
    const statuses = await statusesOf(appId);
    expect(Object.values(statuses)).not.toContain('published');
    await reinstate(appId);
    expect(await statusesOf(appId)).toEqual(
      sent.status === 201 ? { '1.0.0': 'published', '1.1.0': 'published' } : { '1.0.0': 'published' },
    );
  }
});

test('an upload that waits for the lock while the app is suspended is refused', async () => {
  const token = await published('overtaken', '1.0.0');
  const archive = await appArchive({ id: 'overtaken', version: '1.1.0' });
  let sent = Promise.resolve<ApiAnswer | null>(null);
  await inTransaction(gate.gate.database, async (tx) => {
    await lockApp(tx, 'overtaken');
    sent = upload(gate.url, token, 'overtaken', archive);
    // It has been let past the first question, and waits for our lock.
    for (let waits = 0; waits === 0;) {
      const { rows } = await gate.gate.database.query<{ waits: number }>(
        "SELECT count(*) AS waits FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      waits = rows[0]?.waits ?? 0;
    }
    await tx.query(
      `UPDATE apps SET suspended_at = now(), suspended_by = (SELECT id FROM accounts WHERE name = 'mod'),
         suspension_reason = 'r', suspended_releases = '{}' WHERE id = 'overtaken'`,
    );
  });
  expect((await sent)?.body.code).toBe('APP_SUSPENDED');
});

test('whoever is a moderator no longer when it counts neither suspends nor reinstates', async () => {
  await published('contested', '1.0.0');
  const token = await gate.token(null, { account: 'former', scopes: ['moderate'] });
  const caller = await authenticate(gate.gate.database, token, gate.gate.now());
  const role = `${gate.url}/api/v1/accounts/former/role`;
  await sendJson(role, 'PUT', gate.operatorToken, { role: 'developer', reason: 'r' });
  for (const act of [suspendApp, reinstateApp]) {
    await expect(act(gate.gate, caller, { appId: 'contested', reason: 'r' })).rejects.toMatchObject({
      code: 'SCOPE_INSUFFICIENT',
    });
  }
  expect(await statusesOf('contested')).toEqual({ '1.0.0': 'published' });
});
