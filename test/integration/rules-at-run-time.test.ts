import { parseAuditEntry, readAuditLog, type AuditEntry } from '../../src/database/audit-log.js';
import { recordConfiguredRules } from '../../src/releases/store-rules.js';
import { isInTrial } from '../../src/policy/decide.js';
import type { Finding } from '../../src/report/finding.js';
import { catalogue } from '../../src/report/catalogue.js';
import { codesOf, request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let token: string;

beforeEach(async () => {
  gate = await startTestGate();
  token = await gate.token('calendar');
});

afterEach(() => gate.stop());

const set = (code: string, mode: unknown, by = gate.operatorToken): Promise<ApiAnswer> =>
  sendJson(`${gate.url}/api/v1/rules/${code}`, 'PUT', by, { mode, reason: 'because' });

async function rule(code: string): Promise<any> {
  const { body } = await request(`${gate.url}/api/v1/rules`);
  return body.rules.find((each: { code: string }) => each.code === code);
}

const publish = async (version: string): Promise<ApiAnswer> =>
  upload(gate.url, token, 'calendar', await appArchive({ version }));

async function entriesOf(kind: string): Promise<readonly AuditEntry[]> {
  const rows = await readAuditLog(gate.gate.database, { after: 0, limit: 10_000 });
  return rows.map(parseAuditEntry).filter((entry) => entry.kind === kind);
}

test('everybody may read what each finding weighs, and who says so', async () => {
  const { status, body } = await request(`${gate.url}/api/v1/rules`);
  expect(status).toBe(200);
  expect(body.rules.map(({ code }: { code: string }) => code)).toEqual(
    Object.entries(catalogue)
      .filter(([, entry]) => !('retired' in entry))
      .map(([code]) => code),
  );
  const fixed = { configurable: false, liftable: false, source: 'catalogue', mode: null, changedAt: null };
  expect(await rule('OFFICIAL_APP_UNSIGNED')).toMatchObject({ ...fixed, weight: 'error', defaultWeight: 'error' });
  expect(await rule('SIGNING_REQUIRED')).toMatchObject({ ...fixed, weight: null, defaultWeight: null });
  expect(await rule('APPROVAL_REQUIRED')).toMatchObject({ configurable: true, liftable: true, weight: null });
  expect(await rule('VERSION_NOT_NEWER')).toMatchObject({ configurable: true, weight: 'warning' });
});

test.each([
  ['off', 'accepted', null],
  ['shadow', 'accepted', 'warning'],
  ['hold', 'held', 'hold'],
  ['refuse', 'refused', 'error'],
] as const)('a rule that is set to %s counts from the next upload on', async (mode, outcome, weight) => {
  await publish('2.0.0');
  expect(await set('VERSION_NOT_NEWER', mode)).toMatchObject({
    status: 200,
    body: { mode, weight, source: 'store', defaultWeight: 'warning' },
  });
  const answer = await publish('1.0.0');
  expect(answer.body.outcome).toBe(outcome);
  const found = (answer.body.report.findings as Finding[]).find(({ code }) => code === 'VERSION_NOT_NEWER');
  expect(found?.severity ?? null).toBe(weight);
});

test('what a rule in shadow finds is told from a warning', async () => {
  await publish('2.0.0');
  const trialOf = (answer: ApiAnswer): unknown =>
    (answer.body.report.findings as Finding[]).filter((found) => isInTrial(found)).map(({ code }) => code);
  expect(trialOf(await publish('1.0.0'))).toEqual([]);
  await set('VERSION_NOT_NEWER', 'shadow');
  const answer = await publish('1.1.0');
  expect(trialOf(answer)).toEqual(['VERSION_NOT_NEWER']);
  expect(codesOf(answer)).toContain('VERSION_NOT_NEWER');
});

test('null gives the word back to the settings', async () => {
  await set('VERSION_NOT_NEWER', 'refuse');
  expect(await set('VERSION_NOT_NEWER', null)).toMatchObject({
    status: 200,
    body: { mode: null, source: 'catalogue' },
  });
  await publish('2.0.0');
  expect((await publish('1.0.0')).body.outcome).toBe('accepted');
});

test('a change is in the log, with what it was before', async () => {
  await set('SIGNER_CHANGED', 'hold');
  await set('SIGNER_CHANGED', 'off');
  const entries = await entriesOf('rule-changed');
  expect(entries).toHaveLength(2);
  expect(entries[1]).toMatchObject({
    actor: { account: 'operator' },
    subject: { type: 'rule', id: 'SIGNER_CHANGED' },
    reason: 'because',
    before: { mode: 'hold', weight: 'hold' },
    after: { mode: 'off', weight: 'off' },
  });
});

test('the same again, one after the other or at once, is one change', async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => set('SIGNER_CHANGED', 'hold')));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await set('SIGNER_CHANGED', 'hold');
  await set('VERSION_NOT_NEWER', null);
  expect(await entriesOf('rule-changed')).toHaveLength(1);
});

test.each([
  'OFFICIAL_APP_UNSIGNED',
  'SIGNATURE_DROPPED',
  'SIGNING_REQUIRED',
  'BAD_SIGNATURE',
  'VERSION_EXISTS',
  'ARCHIVE_ENCRYPTED',
])('%s has one weight in every store', async (code) => {
  const before = await rule(code);
  if (before === undefined) throw new Error('no such code');
  for (const mode of ['off', 'shadow', 'hold', 'refuse', null]) {
    expect(await set(code, mode)).toMatchObject({ status: 409, body: { code: 'RULE_FIXED' } });
  }
  expect(await rule(code)).toEqual(before);
});

test.each([
  ['NO_SUCH_RULE', 'off', 404],
  ['toString', 'off', 404],
  ['__proto__', 'off', 404],
  ['VERSION_NOT_NEWER', 'error', 400],
  ['VERSION_NOT_NEWER', undefined, 400],
  ['VERSION_NOT_NEWER', ['off'], 400],
])('%s set to %p is refused', async (code, mode, status) => {
  expect(await set(code, mode)).toMatchObject({ status });
  expect(await entriesOf('rule-changed')).toEqual([]);
});

test.each([[''], ['   '], ['x'.repeat(2_001)], ['nul\0']])('a reason like %j is refused', async (reason) => {
  const answer = await sendJson(`${gate.url}/api/v1/rules/SIGNER_CHANGED`, 'PUT', gate.operatorToken, {
    mode: 'off',
    reason,
  });
  expect(answer.status).toBe(400);
});

test('only administrators change a rule', async () => {
  const moderator = await gate.token(null, { account: 'mona', scopes: ['moderate'] });
  expect(await set('SIGNER_CHANGED', 'off', moderator)).toMatchObject({ status: 403 });
  expect(await set('SIGNER_CHANGED', 'off', token)).toMatchObject({ status: 403 });
  const nobody = await request(`${gate.url}/api/v1/rules/SIGNER_CHANGED`, { method: 'PUT' });
  expect(nobody.status).toBe(401);
  expect(await rule('SIGNER_CHANGED')).toMatchObject({ mode: null });
});

test('a token that was revoked while its request was under way changes nothing', async () => {
  const administrator = await gate.token(null, { account: 'root', scopes: ['operate'] });
  const { changeRule } = await import('../../src/moderation/change-rules.js');
  const { authenticate } = await import('../../src/accounts/tokens.js');
  const caller = await authenticate(gate.gate.database, administrator, new Date());
  await gate.gate.database.query('UPDATE tokens SET revoked_at = now() WHERE id = $1', [caller.tokenId]);
  await expect(
    changeRule(gate.gate, caller, { code: 'SIGNER_CHANGED', mode: 'off', reason: 'x' }),
  ).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

describe('the settings', () => {
  test('of the first start are in the log once, however often the gate starts', async () => {
    const replica = await startTestGate({ replicaOf: gate });
    await replica.stop();
    expect(await entriesOf('rules-configured')).toMatchObject([
      { actor: { account: 'portcullis' }, before: null, after: { requireSignature: false, modes: {} } },
    ]);
  });

  test('that have changed are in the log with what they were, once for replicas that start together', async () => {
    const changed = { requireSignature: true, modes: { SIGNER_CHANGED: 'hold', CRL_STALE: 'off' } } as const;
    await Promise.all([1, 2, 3, 4, 5].map(() => recordConfiguredRules(gate.gate.database, changed)));
    // The same in another order.
    await recordConfiguredRules(gate.gate.database, {
      ...changed,
      modes: { CRL_STALE: 'off', SIGNER_CHANGED: 'hold' },
    });
    const entries = await entriesOf('rules-configured');
    expect(entries).toHaveLength(2);
    expect(entries[1]).toMatchObject({ before: { requireSignature: false, modes: {} }, after: changed });
  });

  test('say who speaks, and are overruled at run time', async () => {
    const strict = await startTestGate({ environment: { RULES: 'SIGNER_CHANGED=hold', REQUIRE_SIGNATURE: 'true' } });
    try {
      const read = async (code: string): Promise<any> =>
        (await request(`${strict.url}/api/v1/rules`)).body.rules.find((each: { code: string }) => each.code === code);
      expect(await read('SIGNER_CHANGED')).toMatchObject({ source: 'settings', weight: 'hold', mode: 'hold' });
      expect(await read('SIGNING_REQUIRED')).toMatchObject({ weight: 'error' });
      const change = { mode: 'off', reason: 'because' };
      await sendJson(`${strict.url}/api/v1/rules/SIGNER_CHANGED`, 'PUT', strict.operatorToken, change);
      expect(await read('SIGNER_CHANGED')).toMatchObject({ source: 'store', weight: null, mode: 'off' });
      const back = { mode: null, reason: 'because' };
      await sendJson(`${strict.url}/api/v1/rules/SIGNER_CHANGED`, 'PUT', strict.operatorToken, back);
      expect(await read('SIGNER_CHANGED')).toMatchObject({ source: 'settings', weight: 'hold', mode: 'hold' });
    } finally {
      await strict.stop();
    }
  });
});

describe('portcullis rules', () => {
  const run = (...words: string[]) =>
    commandLine(['rules', ...words], {
      environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
    });

  test('set changes a rule beside the running gate, list shows it', async () => {
    expect(await run('set', 'VERSION_NOT_NEWER', 'refuse', '--reason', 'no slips')).toMatchObject({
      exit: 0,
      out: 'VERSION_NOT_NEWER is refuse now (store).\n',
    });
    expect(await rule('VERSION_NOT_NEWER')).toMatchObject({ mode: 'refuse' });
    const { out } = await run('list');
    expect(out).toMatch(/^VERSION_NOT_NEWER +error +store .*operator +no slips$/m);
    expect(out).not.toContain('OFFICIAL_APP_UNSIGNED');
    expect((await run('list', '--all')).out).toMatch(/^OFFICIAL_APP_UNSIGNED +error +catalogue$/m);
    const json = JSON.parse((await run('list', '--json')).out);
    expect(json.rules).toContainEqual(expect.objectContaining({ code: 'VERSION_NOT_NEWER', mode: 'refuse' }));
    expect(await run('set', 'VERSION_NOT_NEWER', 'default', '--reason', 'enough')).toMatchObject({
      exit: 0,
      out: 'VERSION_NOT_NEWER is warning now (catalogue).\n',
    });
  });

  test.each([
    [['set', 'OFFICIAL_APP_UNSIGNED', 'off', '--reason', 'x'], 1],
    [['set', 'NOTHING', 'off', '--reason', 'x'], 1],
    [['set', 'SIGNER_CHANGED', 'error', '--reason', 'x'], 2],
    [['set', 'SIGNER_CHANGED', 'off'], 2],
    [['set', 'SIGNER_CHANGED', '--reason', 'x'], 2],
    [['replay'], 2],
    [['replay', '--rule', 'NOTHING'], 1],
    [['replay', '--rule', 'SIGNER_CHANGED', '--days', '0'], 2],
    [['replay', '--rule', 'SIGNER_CHANGED', '--days', 'many'], 2],
  ])('%j ends with %d', async (words, exit) => {
    expect(await run(...words)).toMatchObject({ exit });
  });
});
