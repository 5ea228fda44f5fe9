import { beginSession, findSession } from '../../src/accounts/sessions.js';
import { setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { changeEmail, changeRole, suspendAccount } from '../../src/accounts/people.js';
import type { Caller } from '../../src/accounts/caller.js';
import { authenticate, requireLiveToken } from '../../src/accounts/tokens.js';
import { findAccount, type AccountRow } from '../../src/database/accounts.js';
import { listAuditEntries, parseAuditEntry } from '../../src/database/audit-log.js';
import { inTransaction } from '../../src/database/connect.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const mail = { smtpUrl: 'smtp://127.0.0.1:9', from: 'store@example.org', to: [] };
const PASSWORD = 'quiet harbour lamp 77';

let gate: TestGate;
let moderator: string;
beforeAll(async () => {
  gate = await startTestGate({ gate: { mail } });
  moderator = await gate.token(null, { account: 'mod', scopes: ['manage', 'moderate'] });
});
afterAll(async () => {
  await gate.stop();
});

const at = (path: string): string => `${gate.url}/api/v1/accounts${path}`;
const put = (path: string, token: string, body: unknown): Promise<ApiAnswer> => sendJson(at(path), 'PUT', token, body);
const suspend = (name: string, token: string): Promise<ApiAnswer> =>
  put(`/${name}/suspension`, token, { reason: 'spam' });
const reinstate = (name: string, token: string): Promise<ApiAnswer> =>
  sendJson(at(`/${name}/suspension`), 'DELETE', token, { reason: 'sorry' });
const setRole = (name: string, role: string, token: string): Promise<ApiAnswer> =>
  put(`/${name}/role`, token, { role, reason: 'because' });
const codeOf = ({ status, body }: ApiAnswer): string => `${status} ${String(body.code)}`;

async function account(name: string): Promise<AccountRow> {
  const found = await findAccount(gate.gate.database, name);
  if (found === null) throw new Error(`no account ${name}`);
  return found;
}

async function callerWith(token: string): Promise<Caller> {
  return authenticate(gate.gate.database, token, gate.gate.now());
}

/** A session of an account, and its secret. */
async function signIn(name: string): Promise<string> {
  const row = await account(name);
  const how = { method: 'password', label: 'test' } as const;
  return (await inTransaction(gate.gate.database, (tx) => beginSession(tx, gate.gate, row, how))).secret;
}

async function audited(name: string): Promise<readonly string[]> {
  const subject = { type: 'account', id: name } as const;
  const rows = await listAuditEntries(gate.gate.database, { subject, before: null, limit: 50 });
  return rows.map((row) => parseAuditEntry(row).kind).toReversed();
}

describe('reading', () => {
  test('moderators list accounts by name, a page at a time, and search and filter them', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await gate.token(null, { account: name });
    const first = await request(at('?q=LIST-&limit=2'), { token: moderator });
    expect(first.body.accounts.map(({ name }: AccountRow) => name)).toEqual(['list-a', 'list-b']);
    const second = await request(at(`?q=list-&limit=2&after=${String(first.body.next)}`), { token: moderator });
    expect(second.body).toMatchObject({ accounts: [{ name: 'list-c', role: 'developer' }], next: null });
    const administrators = await request(at('?role=administrator'), { token: moderator });
    expect(administrators.body.accounts.map(({ name }: AccountRow) => name)).toContain('operator');
    expect((await request(at('?q=%25'), { token: moderator })).body.accounts).toEqual([]);
    expect((await request(at('?suspended=true&q=list-'), { token: moderator })).body.accounts).toEqual([]);
  });

  test('whoever it is reads their own account, and others learn not even whether a name is taken', async () => {
    const token = await gate.token(null, { account: 'reader', scopes: ['upload', 'manage'] });
    await gate.token(null, { account: 'somebody' });
    expect((await request(at('/reader'), { token })).body).toMatchObject({
      name: 'reader',
      apps: [],
      suspendedBy: null,
    });
    const answers = [await request(at('/somebody'), { token }), await request(at('/nobody-at-all'), { token })];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(answers[0]?.body.detail).toBe(answers[1]?.body.detail);
    expect((await request(at(''), { token })).status).toBe(403);
    expect((await request(at(''))).status).toBe(401);
  });

  test('a token that only uploads reads no account, one’s own neither', async () => {
    const token = await gate.token(null, { account: 'ci-only' });
    expect((await request(at('/ci-only'), { token })).status).toBe(403);
  });

  test('names that no account can have are not found, however long or odd', async () => {
    for (const name of ['x'.repeat(5_000), '%00', '..%2f', 'Ünïcode', '-dash']) {
      const { status } = await request(at(`/${name}`), { token: moderator });
      expect([400, 404]).toContain(status);
      expect([400, 404]).toContain((await suspend(name, moderator)).status);
      expect([400, 404]).toContain((await setRole(name, 'moderator', gate.operatorToken)).status);
    }
  });
});

describe('roles', () => {
  test('only administrators change roles, and what is not a role is none', async () => {
    await gate.token(null, { account: 'climber', scopes: ['upload', 'manage'] });
    const own = await gate.token(null, { account: 'climber', scopes: ['upload', 'manage'] });
    expect(codeOf(await setRole('climber', 'administrator', own))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await setRole('climber', 'moderator', moderator))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await setRole('mod', 'administrator', moderator))).toBe('403 SCOPE_INSUFFICIENT');
    expect((await setRole('climber', 'owner', gate.operatorToken)).status).toBe(400);
    expect((await put('/climber/role', gate.operatorToken, { role: 'moderator', reason: ' ' })).status).toBe(400);
    expect((await setRole('climber', 'moderator', gate.operatorToken)).body.role).toBe('moderator');
    expect((await setRole('climber', 'moderator', gate.operatorToken)).status).toBe(200);
    expect(await audited('climber')).toEqual(['account-created', 'account-role-changed']);
  });

  test('a lower role counts at once, for tokens and for sessions', async () => {
    const token = await gate.token(null, { account: 'lowered', scopes: ['manage', 'moderate'] });
    const session = await signIn('lowered');
    expect((await request(at(''), { token })).status).toBe(200);
    expect((await findSession(gate.gate, session))?.caller.scopes).toContain('moderate');
    await setRole('lowered', 'developer', gate.operatorToken);
    expect((await request(at(''), { token })).status).toBe(403);
    expect((await findSession(gate.gate, session))?.caller.scopes).toEqual(['upload', 'manage']);
    await setRole('lowered', 'moderator', gate.operatorToken);
    expect((await request(at(''), { token })).status).toBe(200);
  });

  test('whoever was a moderator when a request began, and is none when it counts, does nothing', async () => {
    const caller = await callerWith(await gate.token(null, { account: 'midway', scopes: ['moderate'] }));
    await gate.token(null, { account: 'midway-victim' });
    await setRole('midway', 'developer', gate.operatorToken);
    await expect(suspendAccount(gate.gate, caller, { name: 'midway-victim', reason: 'late' })).rejects.toMatchObject({
      code: 'SCOPE_INSUFFICIENT',
    });
    await expect(
      inTransaction(gate.gate.database, (tx) => requireLiveToken(tx, caller, gate.gate.now())),
    ).rejects.toMatchObject({ code: 'SCOPE_INSUFFICIENT' });
    expect((await account('midway-victim')).suspendedAt).toBeNull();
  });

  test('a higher role gives a token no more than it was made with', async () => {
    const token = await gate.token(null, { account: 'raised', scopes: ['upload', 'manage'] });
    await setRole('raised', 'administrator', gate.operatorToken);
    expect((await request(at(''), { token })).status).toBe(403);
    await setRole('raised', 'developer', gate.operatorToken);
  });

  test('whoever was lowered revokes a token of theirs that could operate, before it can again', async () => {
    const operating = await gate.token(null, { account: 'once-admin', scopes: ['operate'] });
    const own = await gate.token(null, { account: 'once-admin', scopes: ['upload', 'manage'] });
    const { id } = (await request(`${gate.url}/api/v1/account`, { token: operating })).body.token;
    const revoke = (): Promise<ApiAnswer> =>
      request(`${gate.url}/api/v1/tokens/${String(id)}`, { method: 'DELETE', token: own });
    expect((await revoke()).status).toBe(404);
    await setRole('once-admin', 'developer', gate.operatorToken);
    expect((await revoke()).status).toBe(204);
    await setRole('once-admin', 'administrator', gate.operatorToken);
    expect((await request(at(''), { token: operating })).status).toBe(401);
    await setRole('once-admin', 'developer', gate.operatorToken);
  });

  test('the gate’s own account is nobody’s to change', async () => {
    await gate.gate.database.query("INSERT INTO accounts (name) VALUES ('portcullis') ON CONFLICT DO NOTHING");
    expect(codeOf(await setRole('portcullis', 'administrator', gate.operatorToken))).toBe('400 INVALID_REQUEST');
    expect(codeOf(await suspend('portcullis', gate.operatorToken))).toBe('400 INVALID_REQUEST');
  });
});

describe('suspension', () => {
  test('ends sessions, and tokens answer with the reason until it is over', async () => {
    const token = await gate.token('suspended-app', { account: 'spammer', scopes: ['upload', 'manage'] });
    const session = await signIn('spammer');
    expect((await suspend('spammer', moderator)).body.suspended).toMatchObject({ reason: 'spam' });
    const refused = await upload(gate.url, token, 'suspended-app', await appArchive({ id: 'suspended-app' }));
    expect(codeOf(refused)).toBe('403 ACCOUNT_SUSPENDED');
    expect(refused.body.detail).toContain('spam');
    expect(await findSession(gate.gate, session)).toBeNull();
    expect((await request(at('/spammer'), { token: moderator })).body.suspendedBy).toBe('mod');
    expect((await suspend('spammer', moderator)).status).toBe(200);
    expect((await reinstate('spammer', moderator)).body.suspended).toBeNull();
    expect((await upload(gate.url, token, 'suspended-app', await appArchive({ id: 'suspended-app' }))).status).toBe(
      201,
    );
    expect(await findSession(gate.gate, session)).toBeNull();
    expect((await reinstate('spammer', moderator)).status).toBe(200);
    expect(await audited('spammer')).toEqual(['account-created', 'account-suspended', 'account-reinstated']);
  });

  test('moderators suspend developers only, administrators everybody, nobody themselves', async () => {
    await gate.token(null, { account: 'mod-b', scopes: ['moderate'] });
    const other = await gate.token(null, { account: 'admin-b', scopes: ['operate'] });
    const developer = await gate.token(null, { account: 'dev-b', scopes: ['upload', 'manage'] });
    expect(codeOf(await suspend('dev-b', developer))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await suspend('mod-b', developer))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await suspend('mod-b', moderator))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await suspend('operator', moderator))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await suspend('mod', moderator))).toBe('403 OWN_CASE');
    expect(codeOf(await suspend('admin-b', other))).toBe('403 OWN_CASE');
    expect((await suspend('mod-b', other)).status).toBe(200);
    expect(codeOf(await reinstate('mod-b', moderator))).toBe('403 SCOPE_INSUFFICIENT');
    expect((await suspend('admin-b', gate.operatorToken)).status).toBe(200);
    expect(codeOf(await reinstate('admin-b', other))).toBe('403 ACCOUNT_SUSPENDED');
    await setRole('admin-b', 'developer', gate.operatorToken);
  });

  test('a token for some apps suspends nobody, whatever its account is', async () => {
    await gate.token(null, { account: 'mod-c', scopes: ['moderate'] });
    await gate.token(null, { account: 'dev-c' });
    const narrow = await gate.token('narrow-app', { account: 'mod-c', scopes: ['upload', 'manage'] });
    expect(codeOf(await suspend('dev-c', narrow))).toBe('403 SCOPE_INSUFFICIENT');
  });

  test('a reason is needed, and a short one', async () => {
    await gate.token(null, { account: 'dev-d' });
    for (const reason of ['', '  ', 'x'.repeat(2_001), 'a\0b', undefined]) {
      expect((await put('/dev-d/suspension', moderator, { reason })).status).toBe(400);
    }
    expect((await account('dev-d')).suspendedAt).toBeNull();
  });
});

describe('the last administrator', () => {
  test('stays, whether lowered or suspended', async () => {
    const other = await gate.token(null, { account: 'second-admin', scopes: ['operate'] });
    expect((await setRole('operator', 'developer', other)).status).toBe(200);
    expect(codeOf(await setRole('second-admin', 'developer', other))).toBe('409 LAST_ADMINISTRATOR');
    // One who is suspended is none.
    await setRole('operator', 'administrator', other);
    await suspend('operator', other);
    expect(codeOf(await setRole('second-admin', 'moderator', other))).toBe('409 LAST_ADMINISTRATOR');
    await reinstate('operator', other);
    expect((await setRole('second-admin', 'developer', gate.operatorToken)).status).toBe(200);
    expect(codeOf(await setRole('operator', 'developer', gate.operatorToken))).toBe('409 LAST_ADMINISTRATOR');
  });

  test('stays also where two lower, or suspend, each other at once', async () => {
    for (let round = 0; round < 8; round++) {
      const name = `rival-${round}`;
      const rival = await callerWith(await gate.token(null, { account: name, scopes: ['operate'] }));
      const operator = await callerWith(gate.operatorToken);
      const change =
        round % 2 === 0
          ? (caller: Caller, target: string) =>
              changeRole(gate.gate, caller, { name: target, role: 'developer', reason: 'r' })
          : (caller: Caller, target: string) => suspendAccount(gate.gate, caller, { name: target, reason: 'r' });
      const outcomes = await Promise.allSettled([change(rival, 'operator'), change(operator, name)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const { rows } = await gate.gate.database.query(
        "SELECT 1 FROM accounts WHERE role = 'administrator' AND suspended_at IS NULL",
      );
      expect(rows).toHaveLength(1);
      await gate.gate.database.query(
        "UPDATE accounts SET role = CASE name WHEN 'operator' THEN 'administrator' ELSE 'developer' END, suspended_at = NULL, suspended_by = NULL, suspension_reason = NULL WHERE name IN ('operator', $1)",
        [name],
      );
    }
  });

  test('stays also where the last two step down at once', async () => {
    for (let round = 0; round < 5; round++) {
      const one = await callerWith(await gate.token(null, { account: 'tired', scopes: ['operate'] }));
      const two = await callerWith(gate.operatorToken);
      const down = (caller: Caller) =>
        changeRole(gate.gate, caller, { name: caller.accountName, role: 'developer', reason: 'tired' });
      const outcomes = await Promise.allSettled([down(one), down(two)]);
      const reasons = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
      expect(reasons).toEqual(['LAST_ADMINISTRATOR']);
      await gate.gate.database.query("UPDATE accounts SET role = 'administrator' WHERE name = 'operator'");
      await gate.gate.database.query("UPDATE accounts SET role = 'developer' WHERE name = 'tired'");
    }
  });
});

describe('the address', () => {
  test('is changed by whoever it is, or an administrator; the log says so, and no address', async () => {
    const own = await gate.token(null, { account: 'mailer', scopes: ['upload', 'manage'] });
    expect((await put('/mailer/email', own, { email: 'first@example.org' })).body.email).toBe('first@example.org');
    expect((await put('/mailer/email', gate.operatorToken, { email: 'second@example.org' })).status).toBe(200);
    expect(codeOf(await put('/mailer/email', moderator, { email: 'mod@example.org' }))).toBe('403 SCOPE_INSUFFICIENT');
    expect((await put('/mailer/email', own, { email: null })).body.email).toBeNull();
    const rows = await listAuditEntries(gate.gate.database, { kind: 'account-email-changed', before: null, limit: 10 });
    expect(rows).toHaveLength(3);
    expect(rows.map(({ entry }) => entry).join()).not.toContain('@');
  });

  test('whoever had the old one is told', async () => {
    const own = await gate.token(null, { account: 'moved', scopes: ['upload', 'manage'] });
    await put('/moved/email', own, { email: 'old@example.org' });
    await put('/moved/email', own, { email: 'new@example.org' });
    const { rows } = await gate.gate.database.query<{ recipients: string[] }>(
      "SELECT recipients FROM outgoing_mail WHERE topic LIKE 'account-email:%' AND body LIKE '%moved%'",
    );
    expect(rows).toEqual([{ recipients: ['old@example.org'] }]);
  });

  test('is not changed by a token that is less than its account: a new password could be had through it', async () => {
    const wide = await gate.token(null, { account: 'guarded', scopes: ['upload', 'manage'] });
    const { gate: parts } = gate;
    const end = new Date(Date.now() + 60_000);
    const narrow = [
      await gate.token('guarded-app', { account: 'guarded', scopes: ['upload', 'manage'] }),
      await gate.token(null, { account: 'guarded', scopes: ['manage'] }),
      await gate.token(null, { account: 'guarded', scopes: ['upload'] }),
      await gate.token(null, { account: 'guarded', scopes: ['upload', 'manage'], expiresAt: end }),
      await gate.token(null, { account: 'stranger', scopes: ['upload', 'manage'] }),
    ];
    for (const token of narrow) {
      expect(codeOf(await put('/guarded/email', token, { email: 'thief@example.org' }))).toBe('403 SCOPE_INSUFFICIENT');
    }
    await setRole('guarded', 'moderator', gate.operatorToken);
    expect((await put('/guarded/email', wide, { email: 'thief@example.org' })).status).toBe(403);
    const session = await findSession(parts, await signIn('guarded'));
    if (session === null) throw new Error('no session');
    await changeEmail(parts, session.caller, { name: 'guarded', email: 'mine@example.org', password: null });
    expect((await account('guarded')).email).toBe('mine@example.org');
  });

  test('is not changed without the password, where there is one, by a session or the mightiest token', async () => {
    const own = await gate.token(null, { account: 'careful', scopes: ['upload', 'manage'] });
    await setPasswordAsOperator(gate.gate, 'careful', PASSWORD);
    const session = await findSession(gate.gate, await signIn('careful'));
    if (session === null) throw new Error('no session');
    const thiefs = { name: 'careful', email: 'thief@example.org' };
    for (const password of [null, '', 'a wrong guess here']) {
      for (const caller of [session.caller, await callerWith(own)]) {
        await expect(changeEmail(gate.gate, caller, { ...thiefs, password })).rejects.toMatchObject({
          code: 'SIGN_IN_FAILED',
        });
      }
      // Five wrong passwords an hour, whoever gives them.
      await gate.gate.database.query('DELETE FROM attempts');
    }
    expect(codeOf(await put('/careful/email', own, { email: 'thief@example.org' }))).toBe('401 SIGN_IN_FAILED');
    expect((await account('careful')).email).toBeNull();
    const mine = { email: 'careful@example.org', password: PASSWORD };
    expect((await put('/careful/email', own, mine)).body.email).toBe('careful@example.org');
    // An administrator changes others' without, and their own with it.
    expect((await put('/careful/email', gate.operatorToken, { email: null })).status).toBe(200);
    const admin = await gate.token(null, { account: 'careful-admin', scopes: ['operate'] });
    await setPasswordAsOperator(gate.gate, 'careful-admin', PASSWORD);
    expect(codeOf(await put('/careful-admin/email', admin, { email: 'thief@example.org' }))).toBe('401 SIGN_IN_FAILED');
  });

  test('of an account without a password is changed in a session that has just begun, and in no older one', async () => {
    await gate.token(null, { account: 'passwordless', scopes: ['upload', 'manage'] });
    const session = await findSession(gate.gate, await signIn('passwordless'));
    if (session === null) throw new Error('no session');
    const change = { name: 'passwordless', email: 'new@example.org', password: null };
    const at = (minutes: number) => ({
      ...gate.gate,
      now: () => new Date(session.startedAt.getTime() + minutes * 60_000),
    });
    await expect(changeEmail(at(11), session.caller, change)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect((await changeEmail(at(9), session.caller, change)).email).toBe('new@example.org');
  });

  test('is changed five times a day: each is mail to whoever had the old one', async () => {
    const own = await gate.token(null, { account: 'toggler', scopes: ['upload', 'manage'] });
    const toggle = (n: number) => put('/toggler/email', own, { email: n % 2 === 0 ? 'victim@bank.example' : null });
    const answers: string[] = [];
    for (let n = 0; n < 6; n++) answers.push(codeOf(await toggle(n)));
    expect(answers).toEqual([...Array<string>(5).fill('200 undefined'), '429 TOO_MANY_ATTEMPTS']);
    const { rows } = await gate.gate.database.query<{ count: number }>(
      "SELECT count(*) AS count FROM outgoing_mail WHERE 'victim@bank.example' = ANY (recipients)",
    );
    expect(rows[0]?.count).toBe(2);
    // What changes nothing is no change.
    expect((await put('/toggler/email', own, { email: 'victim@bank.example' })).status).toBe(200);
    expect((await put('/toggler/email', gate.operatorToken, { email: null })).status).toBe(200);
  });

  test('is one that mail can be sent to, and holds no second header', async () => {
    const own = await gate.token(null, { account: 'injector', scopes: ['upload', 'manage'] });
    for (const email of [
      '',
      'nobody',
      'a@b\r\nBcc: c@d',
      'a@b, c@d',
      '<a@b>',
      `${'x'.repeat(250)}@example.org`,
      'a\0@b',
    ]) {
      expect((await put('/injector/email', own, { email })).status).toBe(400);
    }
    expect((await account('injector')).email).toBeNull();
  });
});
