import argon2 from 'argon2';
import { setTimeout as pause } from 'node:timers/promises';
import { TOTP } from 'otpauth';
import { addressWindow, beginTry, countAttempt, forgetAttempts } from '../../src/accounts/attempts.js';
import { readOwnAccount } from '../../src/accounts/own-account.js';
import {
  changePassword,
  hashNewPassword,
  removePassword,
  setFirstPassword,
  setPasswordAsOperator,
} from '../../src/accounts/passwords.js';
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from '../../src/accounts/second-factor.js';
import {
  beginSession,
  endOtherSessions,
  endSession,
  findSession,
  listSessions,
  type Session,
} from '../../src/accounts/sessions.js';
import { signInWithPassword, signInWithToken, type PasswordSignIn } from '../../src/accounts/sign-in.js';
import { ensureSystemAccount } from '../../src/accounts/system-account.js';
import { createOwnToken, requireLiveToken } from '../../src/accounts/tokens.js';
import { findAccountSecrets, lockAccountSecrets } from '../../src/database/account-secrets.js';
import { ensureAccount, findAccount, setAccountRole, suspendAccount } from '../../src/database/accounts.js';
import { listAuditEntries, parseAuditEntry } from '../../src/database/audit-log.js';
import { inTransaction } from '../../src/database/connect.js';
import { insertIdentity } from '../../src/database/identities.js';
import { anyOperatorToken, endSessionsOfAccount, findToken } from '../../src/database/tokens.js';
import type { Gate } from '../../src/gate.js';
import { createSecretSealer } from '../../src/sealed-secrets.js';
import { request, sendJson } from '../support/api.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const PASSWORD = 'a quiet harbour at dusk';
const OTHER_PASSWORD = 'the lighthouse keeper sleeps';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let store: TestGate;
let gate: Gate;
/** The gate's clock stands still, so that values of second factors don't grow old on a slow machine. */
let standing = Date.now();
/** What it is ahead. */
let ahead = 0;
let made = 0;
const lines: string[] = [];

beforeAll(async () => {
  store = await startTestGate();
  const log = (details: object, message: string): void => void lines.push(message + JSON.stringify(details));
  gate = { ...store.gate, now: () => new Date(standing + ahead), log: { info: log, warn: log } };
});

afterAll(() => store.stop());

beforeEach(() => {
  standing = Date.now();
  ahead = 0;
  lines.length = 0;
});

/** A new account with a password, of a name of its own. */
async function account(password: string | null = PASSWORD): Promise<string> {
  made += 1;
  const name = `person-${made}`;
  const { id } = await ensureAccount(gate.database, name);
  if (password !== null) {
    const hashed = await hashNewPassword(password, name);
    await inTransaction(gate.database, (tx) => setFirstPassword(tx, gate, { id, name }, hashed));
  }
  return name;
}

/** Every sign-in from an address of its own, where no other is wanted. */
function given(name: string, rest: Partial<PasswordSignIn> = {}): PasswordSignIn {
  made += 1;
  const address = `2001:db8:${Math.floor(made / 256).toString(16)}:${(made % 256).toString(16)}::1`;
  return { name, password: PASSWORD, code: null, address, label: 'Firefox', ...rest };
}

async function secretOf(name: string, rest: Partial<PasswordSignIn> = {}): Promise<string> {
  const signedIn = await signInWithPassword(gate, given(name, rest));
  if (signedIn.kind !== 'session') throw new Error(`The sign-in ended with ${signedIn.kind}`);
  return signedIn.session.secret;
}

async function sessionOf(secret: string): Promise<Session> {
  const session = await findSession(gate, secret);
  if (session === null) throw new Error('No session');
  return session;
}

async function signIn(name: string, rest: Partial<PasswordSignIn> = {}): Promise<Session> {
  return sessionOf(await secretOf(name, rest));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

async function suspend(name: string): Promise<void> {
  const found = await findAccount(gate.database, name);
  if (found === null) throw new Error('No account');
  await inTransaction(gate.database, (tx) =>
    suspendAccount(tx, found, { by: found.id, reason: 'spam', at: new Date() }),
  );
}

/** The audit entries about an account or a token, the oldest first. */
async function entriesAbout(type: 'account' | 'token', id: string): Promise<ReturnType<typeof parseAuditEntry>[]> {
  const rows = await listAuditEntries(gate.database, { subject: { type, id }, before: null, limit: 50 });
  return rows.map(parseAuditEntry).reverse();
}

describe('a password', () => {
  test('signs in, whatever the case of the name and the blanks around it', async () => {
    const name = await account();
    const session = await signIn(` ${name.toUpperCase()} `);
    expect([session.caller.accountName, session.caller.kind, session.method, session.role]).toEqual([
      name,
      'session',
      'password',
      'developer',
    ]);
    expect(session.caller.scopes).toEqual(['upload', 'manage']);
  });

  test('that is wrong, a name that is unknown and an account without one have the same words and the same work', async () => {
    const name = await account();
    const without = await account(null);
    const system = await inTransaction(gate.database, ensureSystemAccount);
    await suspend(without);
    const refusals: unknown[] = [];
    for (const each of [
      given(name, { password: 'not the password at all' }),
      given(name, { password: '' }),
      given(name, { password: 'x'.repeat(100_000) }),
      given('nobody-of-that-name'),
      given(''),
      given('\0'),
      given("' OR 1=1 --"),
      given('a'.repeat(10_000)),
      given(without),
      given(without, { password: '', code: '123456' }),
      given(system.name),
      given(system.name, { password: '' }),
    ]) {
      const refusal = (await signInWithPassword(gate, each).catch((error: unknown) => error)) as Error;
      refusals.push([(refusal as { code?: string }).code, refusal.message]);
    }
    expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(refusals[0]).toEqual(['SIGN_IN_FAILED', expect.any(String)]);
  });

  test('is not logged, nor is a name that is nobody\u2019s', async () => {
    const name = await account();
    await codeOf(signInWithPassword(gate, given(name, { password: 'wrong-and-secret' })));
    await codeOf(signInWithPassword(gate, given('typed-a-password-here')));
    expect(lines).toHaveLength(2);
    expect(lines.join('\n')).toContain(name);
    expect(lines.join('\n')).not.toMatch(/wrong-and-secret|typed-a-password-here/);
  });

  test('of a suspended account says so, and only the right one', async () => {
    const name = await account();
    await suspend(name);
    expect(await codeOf(signInWithPassword(gate, given(name, { password: 'wrong' })))).toBe('SIGN_IN_FAILED');
    expect(await codeOf(signInWithPassword(gate, given(name)))).toBe('ACCOUNT_SUSPENDED');
  });

  test('gets a hash of today where it has an older one', async () => {
    const name = await account();
    const { id } = await ensureAccount(gate.database, name);
    const old = await argon2.hash(PASSWORD, { type: argon2.argon2id, memoryCost: 1024, timeCost: 2, parallelism: 1 });
    await gate.database.query('UPDATE account_secrets SET password_hash = $2 WHERE account_id = $1', [id, old]);
    expect(await codeOf(signInWithPassword(gate, given(name, { password: 'wrong' })))).toBe('SIGN_IN_FAILED');
    expect((await findAccountSecrets(gate.database, id)).passwordHash).toBe(old);
    await signIn(name);
    expect((await findAccountSecrets(gate.database, id)).passwordHash).not.toBe(old);
    await signIn(name);
  });

  test.each([null, '123456'])(
    'that is changed while somebody signs in with the old one lets nobody in (%j)',
    async (code) => {
      const name = await account();
      const { id } = await ensureAccount(gate.database, name);
      const hashed = await hashNewPassword(OTHER_PASSWORD, name);
      ahead = 1000;
      const signingIn = await inTransaction(gate.database, async (tx) => {
        await lockAccountSecrets(tx, id);
        const outcome = codeOf(signInWithPassword(gate, given(name, { code })));
        // It has checked the old password by the time it waits for us.
        await untilSomebodyWaits();
        await setFirstPassword(tx, gate, { id, name }, hashed);
        return { outcome };
      });
      expect(await signingIn.outcome).toBe('SIGN_IN_FAILED');
      await signIn(name, { password: OTHER_PASSWORD });
    },
  );
});

/** Waits until a statement on the test's database waits for a lock. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rowCount } = await gate.database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    if (rowCount !== 0) return;
    await pause(10);
  }
}

describe('too many wrong passwords', () => {
  test('for a name from an address end after five, the right one too, with the same words for a name nobody has', async () => {
    const name = await account();
    for (const each of [name, 'nobody-at-all']) {
      const address = `198.51.100.${each.length}`;
      const outcomes: string[] = [];
      for (let tries = 0; tries < 7; tries += 1) {
        outcomes.push(await codeOf(signInWithPassword(gate, given(each, { address, password: 'wrong' }))));
      }
      expect(outcomes).toEqual([...Array<string>(5).fill('SIGN_IN_FAILED'), 'TOO_MANY_ATTEMPTS', 'TOO_MANY_ATTEMPTS']);
      expect(await codeOf(signInWithPassword(gate, given(each, { address })))).toBe('TOO_MANY_ATTEMPTS');
    }
    // From elsewhere its owner still comes in.
    await signIn(name);
  });

  test('at once are no more than one after the other', async () => {
    const name = await account();
    const address = '198.51.100.77';
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        codeOf(signInWithPassword(gate, given(name, { address, password: `wrong ${index}` }))),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'SIGN_IN_FAILED')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'TOO_MANY_ATTEMPTS')).toHaveLength(15);
  });

  test('leave pauses that grow, and are forgotten after an hour or a success', async () => {
    const name = await account();
    const address = '198.51.100.78';
    const tryAgain = (password: string): Promise<string> =>
      codeOf(signInWithPassword(gate, given(name, { address, password })));
    for (let tries = 0; tries < 5; tries += 1) await tryAgain('wrong');
    const outcomes: string[] = [];
    for (const minutes of [0, 1.1, 1.2, 2.1, 3, 4.1, 7, 8.1]) {
      ahead = minutes * MINUTE_MS;
      outcomes.push((await tryAgain('wrong')) === 'SIGN_IN_FAILED' ? 'tried' : 'paused');
    }
    expect(outcomes).toEqual(['paused', 'tried', 'paused', 'tried', 'paused', 'tried', 'paused', 'tried']);
    ahead = 61 * MINUTE_MS;
    for (let tries = 0; tries < 4; tries += 1) expect(await tryAgain('wrong')).toBe('SIGN_IN_FAILED');
    expect(await tryAgain(PASSWORD)).toBe('done');
    for (let tries = 0; tries < 5; tries += 1) expect(await tryAgain('wrong')).toBe('SIGN_IN_FAILED');
  });

  test('from everywhere for one name, or from one address for every name, end too', async () => {
    const name = await account();
    const outcomes = new Set<string>();
    const at = gate.now();
    for (let tries = 0; tries < 50; tries += 1) {
      await countAttempt(gate.database, { subject: `sign-in-name:${name}`, windowMs: 60 * MINUTE_MS, limit: 50 }, at);
      await countAttempt(
        gate.database,
        { subject: 'sign-in-address:203.0.113.9', windowMs: 60 * MINUTE_MS, limit: 50 },
        at,
      );
    }
    outcomes.add(await codeOf(signInWithPassword(gate, given(name))));
    outcomes.add(await codeOf(signInWithPassword(gate, given(await account(), { address: '203.0.113.9' }))));
    outcomes.add(await codeOf(signInWithToken(gate, { token: 'x', label: '', address: '::ffff:203.0.113.9' })));
    expect([...outcomes]).toEqual(['TOO_MANY_ATTEMPTS']);
  });

  test('are counted without keeping who or where', async () => {
    const { rows } = await gate.database.query<{ subject: string }>('SELECT subject FROM attempts');
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ subject }) => !/^[a-z-]+:[0-9a-f]{64}$/.test(subject))).toEqual([]);
  });
});

describe('attempts', () => {
  const bounds = { windowMs: MINUTE_MS, limit: 3 };

  test('of anything end at their limit, exactly, also at once, and begin anew with the next window', async () => {
    const at = gate.now();
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => codeOf(countAttempt(gate.database, { subject: 'report:1', ...bounds }, at))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(3);
    const later = new Date(at.getTime() + MINUTE_MS);
    await countAttempt(gate.database, { subject: 'report:1', ...bounds }, later);
    await countAttempt(gate.database, { subject: 'report:2', ...bounds }, at);
  });

  test('after a clock that was set back are counted anew', async () => {
    const at = gate.now();
    for (let tries = 0; tries < 3; tries += 1) await countAttempt(gate.database, { subject: 'clock:1', ...bounds }, at);
    await countAttempt(gate.database, { subject: 'clock:1', ...bounds }, new Date(at.getTime() - DAY_MS));
  });

  test('under several counts are all taken back where one is refused', async () => {
    const at = gate.now();
    const full = { subject: 'full:1', bounds: { ...bounds, limit: 1, pauseMs: null } };
    const wide = { subject: 'wide:1', bounds: { ...bounds, limit: 1, pauseMs: null } };
    await beginTry(gate.database, [full], at);
    expect(await codeOf(beginTry(gate.database, [wide, full], at))).toBe('TOO_MANY_ATTEMPTS');
    expect(await codeOf(beginTry(gate.database, [wide], at))).toBe('done');
  });

  test('are forgotten after a day', async () => {
    const at = gate.now();
    await countAttempt(gate.database, { subject: 'old:1', ...bounds }, new Date(at.getTime() - DAY_MS - 1));
    const count = async (): Promise<unknown> =>
      (await gate.database.query("SELECT 1 FROM attempts WHERE subject LIKE 'old:%'")).rowCount;
    expect(await count()).toBe(1);
    await forgetAttempts(gate.database, at);
    expect(await count()).toBe(0);
    expect(addressWindow('198.51.100.77')).toBe('198.51.100.77');
  });
});

describe('a session', () => {
  test('has a secret of its own at every sign-in, which is kept hashed and found nowhere else', async () => {
    const name = await account();
    const [one, other] = [await secretOf(name), await secretOf(name)];
    expect(one).toMatch(/^portcullis_session_[\w-]{43}$/);
    expect(other).not.toBe(one);
    const { rows } = await gate.database.query(
      `SELECT 1 FROM tokens WHERE tokens::text LIKE '%' || $1 || '%'
       UNION SELECT 1 FROM audit_log WHERE entry LIKE '%' || $1 || '%'`,
      [one.slice(-43)],
    );
    expect(rows).toEqual([]);
    const [mine, others] = [await sessionOf(one), await sessionOf(other)];
    expect(mine.csrf).not.toBe(others.csrf);
    expect(mine.csrf).toBe((await sessionOf(one)).csrf);
    expect(one).not.toContain(mine.csrf);
  });

  test('is no bearer token, and a bearer token is no session', async () => {
    const name = await account();
    const secret = await secretOf(name);
    const asBearer = await request(`${store.url}/api/v1/account`, { token: secret });
    expect([asBearer.status, asBearer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    const bearer = await store.token(null, { account: name, scopes: ['upload', 'manage'] });
    expect(await findSession(gate, bearer)).toBeNull();
    expect(await findSession(gate, bearer.replace('portcullis_', 'portcullis_session_'))).toBeNull();
    expect(await findSession(gate, `portcullis_${secret.slice(-43)}`)).toBeNull();
  });

  test.each([
    '',
    'x',
    'portcullis_session_',
    `portcullis_session_${'A'.repeat(43)}`,
    `portcullis_session_${'A'.repeat(1e6)}`,
  ])('is not made up (%#)', async (secret) => {
    expect(await findSession(gate, secret)).toBeNull();
  });

  test('goes on while it is used, ends when it isn\u2019t, and after thirty days anyway', async () => {
    const name = await account();
    const secret = await secretOf(name);
    const idle = gate.sessionIdleMs;
    for (let uses = 1; uses <= 3; uses += 1) {
      ahead = uses * (idle - MINUTE_MS);
      expect(await findSession(gate, secret)).not.toBeNull();
    }
    ahead += idle + MINUTE_MS;
    expect(await findSession(gate, secret)).toBeNull();
    ahead = 0;
    const used = await secretOf(name);
    for (ahead = 0; ahead < 30 * DAY_MS - MINUTE_MS; ahead += idle / 2)
      expect(await findSession(gate, used)).not.toBeNull();
    // It began by the database's clock.
    ahead = 30 * DAY_MS + 10 * MINUTE_MS;
    expect(await findSession(gate, used)).toBeNull();
  });

  test('that has ended stays so, whoever uses it at that moment', async () => {
    const name = await account();
    const secret = await secretOf(name);
    const session = await sessionOf(secret);
    ahead = 5 * MINUTE_MS;
    await Promise.all([endSession(gate, session), findSession(gate, secret), findSession(gate, secret)]);
    expect(await findSession(gate, secret)).toBeNull();
    await endSession(gate, session);
    const entries = await entriesAbout('token', session.id);
    expect(entries.map(({ kind }) => kind)).toEqual(['session-began', 'session-ended']);
    const row = await findToken(gate.database, session.id);
    expect(row?.revokedAt).toBeNull();
    const work = inTransaction(gate.database, (tx) =>
      requireLiveToken(tx, session.caller, new Date(Date.now() + DAY_MS)),
    );
    expect(await codeOf(work)).toBe('UNAUTHENTICATED');
  });

  test('that has ended is not brought back by a clock that is behind', async () => {
    const name = await account();
    const [secret, other] = [await secretOf(name), await secretOf(name)];
    const session = await sessionOf(secret);
    ahead = 10 * MINUTE_MS;
    expect(await endOtherSessions(gate, session)).toBe(1);
    const behind: Gate = { ...gate, now: () => new Date(standing + ahead - 1000) };
    expect(await findSession(behind, other)).toBeNull();
    ahead = 15 * MINUTE_MS;
    expect(await findSession(gate, other)).toBeNull();
    expect((await listSessions(gate, session.caller)).map(({ isCurrent }) => isCurrent)).toEqual([true]);
  });

  test('that ends while it is used is not brought back by a use that began before', async () => {
    const name = await account();
    const secret = await secretOf(name);
    const { caller } = await sessionOf(secret);
    ahead = 10 * MINUTE_MS;
    const end = gate.now();
    const before: Gate = { ...gate, now: () => new Date(end.getTime() - 5) };
    const { use } = await inTransaction(gate.database, async (tx) => {
      await endSessionsOfAccount(tx, caller.accountId, end);
      const begun = findSession(before, secret);
      // It has found the session by the time it waits for us.
      await untilSomebodyWaits();
      return { use: begun };
    });
    expect(await use).toBeNull();
    ahead = 15 * MINUTE_MS;
    expect(await findSession(gate, secret)).toBeNull();
  });

  test('that ends in the midst of a burst of uses has ended', async () => {
    const name = await account();
    const session = await signIn(name);
    const running: Gate = { ...gate, now: () => new Date(Date.now() + ahead) };
    const left: boolean[] = [];
    for (let round = 0; round < 10; round += 1) {
      const secret = await secretOf(name);
      ahead += 2 * MINUTE_MS;
      const uses = Array.from({ length: 40 }, () => findSession(running, secret));
      await Promise.all([...uses, endOtherSessions(running, session)]);
      ahead += MINUTE_MS;
      left.push((await findSession(running, secret)) !== null);
    }
    expect(left).toEqual(Array<boolean>(10).fill(false));
  });

  test('ends with the others when its owner says so, and nobody else\u2019s does', async () => {
    const [name, stranger] = [await account(), await account()];
    const theirs = await secretOf(stranger);
    const [secret, other, third] = [await secretOf(name), await secretOf(name), await secretOf(name)];
    const session = await sessionOf(secret);
    const listed = await listSessions(gate, session.caller);
    expect(listed.map(({ isCurrent }) => isCurrent).filter(Boolean)).toHaveLength(1);
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ label: 'Firefox', method: 'password' });
    expect(await endOtherSessions(gate, session)).toBe(2);
    const left = await Promise.all([secret, other, third, theirs].map((each) => findSession(gate, each)));
    expect(left.map((each) => each !== null)).toEqual([true, false, false, true]);
  });

  test('shows only what can be shown of what a browser calls itself', async () => {
    const name = await account();
    const session = await signIn(name, { label: `Fire\u0000fox\u202e <script> \ud800${'x'.repeat(500)}` });
    const [listed] = await listSessions(gate, session.caller);
    expect(listed?.label).toMatch(/^Fire fox <script> x{50,}$/);
    expect(listed?.label.length).toBeLessThanOrEqual(100);
  });

  test('is not listed to a token that is made for some apps', async () => {
    const name = await account();
    const session = await signIn(name);
    const caller = { ...session.caller, kind: 'bearer' as const, appIds: ['calendar'] };
    expect(await codeOf(listSessions(gate, caller))).toBe('SCOPE_INSUFFICIENT');
    expect(await codeOf(listSessions(gate, { ...caller, appIds: null, scopes: ['upload'] }))).toBe(
      'SCOPE_INSUFFICIENT',
    );
  });

  test('of an account that is suspended, or whose role changes, follows at once', async () => {
    const name = await account();
    const secret = await secretOf(name);
    const by = (await ensureAccount(gate.database, 'operator')).id;
    const setRole = async (role: 'developer' | 'moderator'): Promise<void> => {
      const row = await ensureAccount(gate.database, name);
      await setAccountRole(gate.database, row, { role, by, reason: 'test' });
    };
    await setRole('moderator');
    const raised = await sessionOf(secret);
    expect([raised.role, raised.caller.scopes.includes('moderate')]).toEqual(['moderator', true]);
    await setRole('developer');
    const lowered = await sessionOf(secret);
    expect([lowered.role, lowered.caller.scopes.includes('moderate')]).toEqual(['developer', false]);
    const late = inTransaction(gate.database, (tx) => requireLiveToken(tx, raised.caller, gate.now()));
    expect(await codeOf(late)).toBe('SCOPE_INSUFFICIENT');
    await suspend(name);
    expect(await codeOf(findSession(gate, secret))).toBe('ACCOUNT_SUSPENDED');
  });

  test('is not begun for the gate\u2019s own account', async () => {
    const begun = inTransaction(gate.database, async (tx) => {
      await ensureSystemAccount(tx);
      const row = await findAccount(tx, 'portcullis');
      if (row === null) throw new Error('No account');
      return beginSession(tx, gate, row, { method: 'invitation', label: '' });
    });
    expect(await codeOf(begun)).toBe('SIGN_IN_FAILED');
  });
});

describe('a token', () => {
  const label = 'Firefox';
  const address = '192.0.2.50';

  test('of the operator signs in as administrator, and the session ends with it', async () => {
    const { secret } = await signInWithToken(gate, { token: ` ${store.operatorToken}\n`, label, address });
    const session = await sessionOf(secret);
    expect([session.caller.accountName, session.role, session.method]).toEqual(['operator', 'administrator', 'token']);
    const name = await account(null);
    const token = await store.token(null, { account: name, scopes: ['upload', 'manage'] });
    const own = await signInWithToken(gate, { token, label, address });
    const { caller } = await sessionOf(own.secret);
    const answer = await request(`${store.url}/api/v1/account`, { token });
    await revoke(answer.body.token.id, store.operatorToken);
    expect(await findSession(gate, own.secret)).toBeNull();
    expect((await entriesAbout('token', caller.tokenId)).map(({ kind }) => kind)).toEqual([
      'session-began',
      'session-ended',
    ]);
  });

  test('gets nobody a session that grows when the account gets another role', async () => {
    const name = await account(null);
    const token = await store.token(null, { account: name, scopes: ['upload', 'manage'] });
    const { secret } = await signInWithToken(gate, { token, label, address });
    const session = await sessionOf(secret);
    const by = (await ensureAccount(gate.database, 'operator')).id;
    const setRole = async (role: 'developer' | 'administrator'): Promise<void> =>
      setAccountRole(gate.database, await ensureAccount(gate.database, name), { role, by, reason: 'test' });
    await setRole('administrator');
    expect(await codeOf(signInWithToken(gate, { token, label, address }))).toBe('SCOPE_INSUFFICIENT');
    expect(await findSession(gate, secret)).toBeNull();
    // Nor does whoever began it come in by a first password meanwhile.
    expect(await codeOf(changePassword(gate, session, { current: null, next: PASSWORD }))).toBe('UNAUTHENTICATED');
    await setRole('developer');
    expect((await sessionOf(secret)).caller.scopes).toEqual(['upload', 'manage']);
  });

  test('that is revoked takes with it what it made, and what was made in its sessions, however far', async () => {
    const name = await account(null);
    const scopes = ['upload', 'manage'] as const;
    const [stolen, kept] = [
      await store.token(null, { account: name, scopes }),
      await store.token(null, { account: name, scopes }),
    ];
    const { secret } = await signInWithToken(gate, { token: stolen, label, address });
    const session = await sessionOf(secret);
    const wish = { scopes, appIds: null, label: '', expiresAt: null, account: null };
    const child = await makeToken(stolen);
    const grandchild = await makeToken(child.token);
    const inSession = await createOwnToken(gate.database, session.caller, wish, gate.now());
    const other = await makeToken(kept);
    // What it made stays its work where it was signed out, or revoked, meanwhile.
    await endSession(gate, session);
    await revoke(child.id, grandchild.token);
    expect(await areRevoked([child.token, grandchild.token, inSession.secret, kept])).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const id = await idOf(stolen);
    await revoke(id, kept);
    expect(await areRevoked([stolen, child.token, grandchild.token, inSession.secret, kept, other.token])).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    for (const each of [id, child.id, grandchild.id, inSession.id]) {
      expect((await entriesAbout('token', each)).map(({ kind }) => kind)).toEqual(['token-created', 'token-revoked']);
    }
  });

  test('revokes the one that it was made with, and stays', async () => {
    const old = await store.token(null, { account: await account(null), scopes: ['upload', 'manage'] });
    const next = await makeToken(old);
    const below = await makeToken(next.token);
    const beside = await makeToken(old);
    await revoke(await idOf(old), next.token);
    expect(await areRevoked([old, next.token, below.token, beside.token])).toEqual([true, false, false, true]);
  });

  test('of an administrator leaves what it made for developers, and takes what speaks for the store', async () => {
    const name = await account(null);
    const admin = await store.token(null, { account: name, scopes: ['operate'] });
    const developers = await makeToken(admin, { account: await account(null) });
    const operating = await makeToken(admin, { scopes: ['operate'], account: await account(null) });
    const moderating = await makeToken(admin, { scopes: ['moderate'], account: await account(null) });
    await revoke(await idOf(admin), store.operatorToken);
    expect(await areRevoked([admin, developers.token, operating.token, moderating.token])).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test('that is revoked while another is made with it leaves none', async () => {
    for (let round = 0; round < 5; round += 1) {
      const name = await account(null);
      const [stolen, kept] = [
        await store.token(null, { account: name, scopes: ['upload', 'manage'] }),
        await store.token(null, { account: name, scopes: ['upload', 'manage'] }),
      ];
      const id = await idOf(stolen);
      const making = Array.from({ length: 5 }, () =>
        sendJson(`${store.url}/api/v1/tokens`, 'POST', stolen, { scopes: ['upload', 'manage'] }),
      );
      const [made] = await Promise.all([Promise.all(making), revoke(id, kept)]);
      const tokens = made.filter(({ status }) => status === 201).map(({ body }) => String(body.token));
      expect(await areRevoked(tokens)).toEqual(tokens.map(() => true));
    }
  });

  async function idOf(token: string): Promise<string> {
    return String((await request(`${store.url}/api/v1/account`, { token })).body.token.id);
  }

  async function makeToken(token: string, wish: object = {}): Promise<{ readonly id: string; readonly token: string }> {
    const answer = await sendJson(`${store.url}/api/v1/tokens`, 'POST', token, {
      scopes: ['upload', 'manage'],
      ...wish,
    });
    expect(answer.status).toBe(201);
    return answer.body;
  }

  async function revoke(id: string, token: string): Promise<void> {
    const answer = await request(`${store.url}/api/v1/tokens/${id}`, { method: 'DELETE', token });
    expect(answer.status).toBe(204);
  }

  /** Which of them count no longer. */
  async function areRevoked(tokens: readonly string[]): Promise<readonly boolean[]> {
    const answers = await Promise.all(tokens.map((token) => request(`${store.url}/api/v1/account`, { token })));
    return answers.map(({ status }) => status === 401);
  }

  test('gets nobody a session that may do, or lasts, more than it', async () => {
    const name = await account(null);
    const weak = await store.token(null, { account: name, scopes: ['upload'] });
    const narrow = await store.token('mail', { account: name, scopes: ['upload', 'manage'] });
    const expiresAt = new Date(Date.now() + DAY_MS);
    const brief = await store.token(null, { account: name, scopes: ['upload', 'manage'], expiresAt });
    for (const token of [weak, narrow, brief]) {
      expect(await codeOf(signInWithToken(gate, { token, label, address }))).toBe('SCOPE_INSUFFICIENT');
    }
  });

  test('that is unknown, or a session\u2019s, does not sign in; one of a suspended account says why', async () => {
    const name = await account();
    const token = await store.token(null, { account: name, scopes: ['upload', 'manage'] });
    const secret = await secretOf(name);
    for (const wrong of ['', 'x', `portcullis_${'A'.repeat(43)}`, secret]) {
      expect(await codeOf(signInWithToken(gate, { token: wrong, label, address }))).toBe('SIGN_IN_FAILED');
    }
    await suspend(name);
    expect(await codeOf(signInWithToken(gate, { token, label, address }))).toBe('ACCOUNT_SUSPENDED');
  });

  test('is still made at the next start where only a session can do everything', async () => {
    await gate.database.query(
      "UPDATE tokens SET revoked_at = now() WHERE 'operate' = ANY (scopes) AND kind = 'bearer'",
    );
    await setPasswordAsOperator(gate, 'operator', PASSWORD);
    expect((await signIn('operator')).caller.scopes).toContain('operate');
    expect(await anyOperatorToken(gate.database, gate.now())).toBe(false);
  });
});

describe('a change of password', () => {
  test('asks for the one before, ends every other session, and is written down without it', async () => {
    const name = await account();
    const [secret, other] = [await secretOf(name), await secretOf(name)];
    const session = await sessionOf(secret);
    const change = (current: string | null, next: string): Promise<string> =>
      codeOf(changePassword(gate, session, { current, next }));
    expect(await change('wrong', OTHER_PASSWORD)).toBe('SIGN_IN_FAILED');
    expect(await change(null, OTHER_PASSWORD)).toBe('SIGN_IN_FAILED');
    expect(await change(PASSWORD, 'short')).toBe('PASSWORD_REFUSED');
    expect(await change(PASSWORD, `${name}-${name}`)).toBe('PASSWORD_REFUSED');
    expect(await findSession(gate, other)).not.toBeNull();
    expect(await change(PASSWORD, OTHER_PASSWORD)).toBe('done');
    expect([await findSession(gate, secret), await findSession(gate, other)].map((each) => each !== null)).toEqual([
      true,
      false,
    ]);
    expect(await codeOf(signInWithPassword(gate, given(name)))).toBe('SIGN_IN_FAILED');
    await signIn(name, { password: OTHER_PASSWORD });
    const entries = await entriesAbout('account', name);
    expect(entries.map(({ kind, after }) => [kind, after?.['isFirst']])).toEqual([
      ['account-created', undefined],
      ['account-password-changed', true],
      ['account-password-changed', false],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/argon2|harbour|lighthouse/);
  });

  test('of two at once has one outcome', async () => {
    const name = await account();
    const sessions = [await signIn(name), await signIn(name)];
    const outcomes = await Promise.all(
      sessions.map((session, index) =>
        codeOf(changePassword(gate, session, { current: PASSWORD, next: `${OTHER_PASSWORD} ${index}` })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    const winner = outcomes.indexOf('done');
    await signIn(name, { password: `${OTHER_PASSWORD} ${winner}` });
  });

  test('is not tried by whoever found an open browser, again and again', async () => {
    const session = await signIn(await account());
    const outcomes: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      outcomes.push(await codeOf(changePassword(gate, session, { current: `wrong ${tries}`, next: OTHER_PASSWORD })));
    }
    expect(outcomes).toEqual([...Array<string>(5).fill('SIGN_IN_FAILED'), 'TOO_MANY_ATTEMPTS']);
  });

  test('is not made in a session that has ended, or by a suspended account', async () => {
    const [name, other] = [await account(), await account()];
    const [session, suspended] = [await signIn(name), await signIn(other)];
    await endSession(gate, session);
    await suspend(other);
    const change = { current: PASSWORD, next: OTHER_PASSWORD };
    expect(await codeOf(changePassword(gate, session, change))).toBe('UNAUTHENTICATED');
    expect(await codeOf(changePassword(gate, suspended, change))).toBe('ACCOUNT_SUSPENDED');
  });

  test('by an operator ends every session, and takes the second factor only where that is asked for', async () => {
    const name = await account();
    const secret = await secretOf(name);
    await addSecondFactor(await sessionOf(secret));
    await setPasswordAsOperator(gate, name, OTHER_PASSWORD);
    expect(await findSession(gate, secret)).toBeNull();
    expect(await signInWithPassword(gate, given(name, { password: OTHER_PASSWORD }))).toEqual({ kind: 'code-needed' });
    await setPasswordAsOperator(gate, name, PASSWORD, { removeSecondFactor: true });
    await signIn(name);
    const last = (await entriesAbout('account', name)).slice(-2);
    expect(last.map(({ kind, actor }) => [kind, actor.account])).toEqual([
      ['account-password-changed', 'operator'],
      ['account-second-factor-removed', 'operator'],
    ]);
    expect(await codeOf(setPasswordAsOperator(gate, 'nobody-at-all', PASSWORD))).toBe('NOT_FOUND');
    expect(await codeOf(setPasswordAsOperator(gate, 'portcullis', PASSWORD))).toBe('NOT_FOUND');
    expect(await codeOf(setPasswordAsOperator(gate, name, 'short'))).toBe('PASSWORD_REFUSED');
  });

  test('is not an account’s first in a session that is older than some minutes', async () => {
    const bare = await account(null);
    const token = await store.token(null, { account: bare, scopes: ['upload', 'manage'] });
    const session = await sessionOf((await signInWithToken(gate, { token, label: '', address: '192.0.2.52' })).secret);
    const first = (): Promise<string> => codeOf(changePassword(gate, session, { current: null, next: PASSWORD }));
    ahead = 11 * MINUTE_MS;
    expect(await first()).toBe('SIGN_IN_FAILED');
    ahead = 9 * MINUTE_MS;
    expect(await first()).toBe('done');
  });

  test('to none needs another way in, and no second factor', async () => {
    const name = await account();
    const session = await signIn(name);
    const remove = (): Promise<string> => codeOf(removePassword(gate, session, { current: PASSWORD }));
    expect(await remove()).toBe('INVALID_REQUEST');
    const identity = { issuer: 'https://id.example.org', subject: name, accountId: session.caller.accountId };
    await inTransaction(gate.database, (tx) => insertIdentity(tx, { ...identity, addedAt: gate.now() }));
    await addSecondFactor(session);
    expect(await remove()).toBe('INVALID_REQUEST');
    await removeSecondFactor(gate, session, { password: PASSWORD });
    expect(await remove()).toBe('done');
    expect(await codeOf(signInWithPassword(gate, given(name)))).toBe('SIGN_IN_FAILED');
    expect(await codeOf(signInWithPassword(gate, given(name, { password: '' })))).toBe('SIGN_IN_FAILED');
    expect((await readOwnAccount(gate, session.caller)).passwordChangedAt).toBeNull();
  });
});

/** Adds a second factor, and returns what makes its values. */
async function addSecondFactor(session: Session): Promise<{ readonly codes: readonly string[]; value(): string }> {
  const { secret } = await beginSecondFactor(gate, session, { password: PASSWORD });
  const value = (): string => new TOTP({ secret }).generate({ timestamp: gate.now().getTime() });
  const { recoveryCodes } = await confirmSecondFactor(gate, session, value());
  return { codes: recoveryCodes, value };
}

describe('a second factor', () => {
  test('is asked for after the right password only, and its value is good once', async () => {
    const name = await account();
    const factor = await addSecondFactor(await signIn(name));
    const used = factor.value();
    const attempt = (rest: Partial<PasswordSignIn>): Promise<string> =>
      signInWithPassword(gate, given(name, rest)).then(
        ({ kind }) => kind,
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await attempt({})).toBe('code-needed');
    expect(await attempt({ password: 'wrong' })).toBe('SIGN_IN_FAILED');
    // The value that confirmed it was one use.
    expect(await attempt({ code: used })).toBe('SIGN_IN_FAILED');
    ahead = 30_000;
    const value = factor.value();
    expect(await attempt({ password: 'wrong', code: value })).toBe('SIGN_IN_FAILED');
    expect(await attempt({ code: value })).toBe('session');
    expect(await attempt({ code: value })).toBe('SIGN_IN_FAILED');
    // Nor is one from before it, which the drift would allow.
    expect(await attempt({ code: used })).toBe('SIGN_IN_FAILED');
    ahead = 90_000;
    expect((await signIn(name, { code: factor.value() })).method).toBe('password+totp');
  });

  test('has values that are good once also for many at once', async () => {
    const name = await account();
    const factor = await addSecondFactor(await signIn(name));
    ahead = 60_000;
    const code = factor.value();
    const outcomes = await Promise.all(
      Array.from({ length: 4 }, () => codeOf(signInWithPassword(gate, given(name, { code })))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  });

  test('is not guessed: five tries, then pauses, whatever address they come from', async () => {
    const name = await account();
    const factor = await addSecondFactor(await signIn(name));
    ahead = 60_000;
    const right = factor.value();
    const wrong = right === '000000' ? '000001' : '000000';
    const outcomes: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      outcomes.push(await codeOf(signInWithPassword(gate, given(name, { code: wrong }))));
    }
    expect(outcomes).toEqual([...Array<string>(5).fill('SIGN_IN_FAILED'), 'TOO_MANY_ATTEMPTS']);
    expect(await codeOf(signInWithPassword(gate, given(name, { code: right })))).toBe('TOO_MANY_ATTEMPTS');
    expect(lines.filter((line) => line.includes('after the right password'))).toHaveLength(5);
    expect(lines.join('\n')).not.toContain(wrong);
  });

  test('that is lost is made up for by ten codes, each good once, also for two at once', async () => {
    const name = await account();
    const { codes } = await addSecondFactor(await signIn(name));
    expect(new Set(codes).size).toBe(10);
    expect(codes.filter((code) => !/^[a-z2-7]{4}(?:-[a-z2-7]{4}){3}$/.test(code))).toEqual([]);
    const [first = '', second = ''] = codes;
    await signIn(name, { code: first.toUpperCase().replaceAll('-', ' ') });
    expect(await codeOf(signInWithPassword(gate, given(name, { code: first })))).toBe('SIGN_IN_FAILED');
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => codeOf(signInWithPassword(gate, given(name, { code: second })))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    const session = await signIn(name, { code: codes[2] ?? '' });
    expect((await readOwnAccount(gate, session.caller)).recoveryCodesLeft).toBe(7);
    const used = (await entriesAbout('account', name)).filter(({ kind }) => kind === 'account-recovery-code-used');
    expect(used.map(({ after }) => after)).toEqual([{ left: 9 }, { left: 8 }, { left: 7 }]);
    // Another account's codes are nobody else's.
    const other = await account();
    const others = await addSecondFactor(await signIn(other));
    expect(await codeOf(signInWithPassword(gate, given(name, { code: others.codes[0] ?? '' })))).toBe('SIGN_IN_FAILED');
  });

  test('is kept sealed, its codes hashed, and neither is written down', async () => {
    const name = await account();
    const session = await signIn(name);
    const { secret, uri } = await beginSecondFactor(gate, session, { password: PASSWORD });
    expect(uri).toContain(`secret=${secret}`);
    expect(uri).toMatch(new RegExp(`^otpauth://totp/[^?]*${name}\\?`));
    expect((await readOwnAccount(gate, session.caller)).secondFactorSince).toBeNull();
    const { codes } = await addSecondFactor(session);
    const { rows } = await gate.database.query<{ text: string }>(
      'SELECT account_secrets::text AS text FROM account_secrets UNION ALL SELECT recovery_codes::text FROM recovery_codes UNION ALL SELECT entry FROM audit_log',
    );
    const all = rows.map(({ text }) => text).join('\n');
    for (const each of [secret, ...codes]) expect(all).not.toContain(each);
  });

  test('of one account does not open as another\u2019s', async () => {
    const [name, other] = [await account(), await account()];
    const [mine, theirs] = [await signIn(name), await signIn(other)];
    const factor = await addSecondFactor(mine);
    await addSecondFactor(theirs);
    await gate.database.query(
      'UPDATE account_secrets SET totp_last_step = NULL, totp_secret = (SELECT totp_secret FROM account_secrets WHERE account_id = $1) WHERE account_id = $2',
      [mine.caller.accountId, theirs.caller.accountId],
    );
    expect(await codeOf(signInWithPassword(gate, given(other, { code: factor.value() })))).toBe('UNAVAILABLE');
  });

  test('that can\u2019t be read any more keeps the values out, and the recovery codes in', async () => {
    const name = await account();
    const factor = await addSecondFactor(await signIn(name));
    const rekeyed: Gate = { ...gate, secrets: createSecretSealer('another key of thirty-two characters') };
    ahead = 60_000;
    expect(await codeOf(signInWithPassword(rekeyed, given(name, { code: factor.value() })))).toBe('UNAVAILABLE');
    const code = factor.codes[0] ?? '';
    expect(await signInWithPassword(rekeyed, given(name, { code }))).toMatchObject({ kind: 'session' });
  });

  test('counts from its confirmation on, needs a password, and is not begun over another', async () => {
    const name = await account();
    const session = await signIn(name);
    expect(await codeOf(confirmSecondFactor(gate, session, '123456'))).toBe('INVALID_REQUEST');
    const { secret } = await beginSecondFactor(gate, session, { password: PASSWORD });
    await signIn(name);
    const forgotten = new TOTP({ secret }).generate({ timestamp: gate.now().getTime() });
    const { value } = await addSecondFactor(session);
    expect(forgotten).not.toBe(value());
    expect(await codeOf(beginSecondFactor(gate, session, { password: PASSWORD }))).toBe('INVALID_REQUEST');
    expect(await codeOf(confirmSecondFactor(gate, session, value()))).toBe('INVALID_REQUEST');
    const bare = await account(null);
    const token = await store.token(null, { account: bare, scopes: ['upload', 'manage'] });
    const { secret: cookie } = await signInWithToken(gate, { token, label: '', address: '192.0.2.51' });
    expect(await codeOf(beginSecondFactor(gate, await sessionOf(cookie), { password: null }))).toBe('INVALID_REQUEST');
  });

  test('is not begun with the session alone: who has it would keep the owner out', async () => {
    const session = await signIn(await account());
    for (const password of [null, '', 'a wrong guess here']) {
      expect(await codeOf(beginSecondFactor(gate, session, { password }))).toBe('SIGN_IN_FAILED');
    }
    expect(await codeOf(confirmSecondFactor(gate, session, '123456'))).toBe('INVALID_REQUEST');
  });

  test('is taken away with the password, a value or a recovery code, not with the session alone', async () => {
    const name = await account();
    const session = await signIn(name);
    const remove = (proof: { password: string } | { code: string }): Promise<string> =>
      codeOf(removeSecondFactor(gate, session, proof));
    expect(await remove({ password: PASSWORD })).toBe('INVALID_REQUEST');
    const first = await addSecondFactor(session);
    expect(await remove({ password: 'wrong' })).toBe('SIGN_IN_FAILED');
    expect(await remove({ code: first.value() })).toBe('SIGN_IN_FAILED');
    expect(await remove({ code: '' })).toBe('SIGN_IN_FAILED');
    expect(await remove({ code: first.codes[0] ?? '' })).toBe('done');
    await signIn(name);
    expect(await codeOf(signInWithPassword(gate, given(name, { code: first.codes[1] ?? '' })))).toBe('done');
    await addSecondFactor(session);
    expect(await remove({ password: PASSWORD })).toBe('done');
    const kinds = (await entriesAbout('account', name)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.startsWith('account-second-factor'))).toEqual([
      'account-second-factor-added',
      'account-second-factor-removed',
      'account-second-factor-added',
      'account-second-factor-removed',
    ]);
  });
});

describe('GET /api/v1/account', () => {
  test('says who asks and what the token allows, and the address not to a token for some apps', async () => {
    const name = await account();
    await gate.database.query("UPDATE accounts SET email = 'dev@example.org' WHERE name = $1", [name]);
    const token = await store.token(null, { account: name, scopes: ['upload'] });
    const answer = await request(`${store.url}/api/v1/account`, { token });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      name,
      role: 'developer',
      email: 'dev@example.org',
      hasPassword: true,
      hasSecondFactor: false,
      token: { id: expect.any(String), scopes: ['upload'], appIds: null, expiresAt: null },
    });
    const narrow = await store.token('notes', { account: name });
    expect((await request(`${store.url}/api/v1/account`, { token: narrow })).body).toMatchObject({
      email: null,
      token: { appIds: ['notes'] },
    });
    expect((await request(`${store.url}/api/v1/account`)).status).toBe(401);
  });
});
