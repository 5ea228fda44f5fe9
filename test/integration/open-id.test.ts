import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  beginLink,
  beginOpenId,
  finishLink,
  finishOpenId,
  purposeOfState,
  unlinkIdentity,
} from '../../src/accounts/open-id.js';
import { OPEN_ID_CALLBACK_PATH } from '../../src/accounts/open-id-provider.js';
import { readOwnAccount } from '../../src/accounts/own-account.js';
import { changePassword, setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { findSession, type Session } from '../../src/accounts/sessions.js';
import { signInWithPassword } from '../../src/accounts/sign-in.js';
import { findAccount, suspendAccount } from '../../src/database/accounts.js';
import { listAuditEntries, parseAuditEntry } from '../../src/database/audit-log.js';
import { inTransaction } from '../../src/database/connect.js';
import type { Gate } from '../../src/gate.js';
import { request, sendJson, type ApiAnswer } from '../support/api.js';
import { CLIENT_ID, CLIENT_SECRET, startOpenIdProvider, type TestProvider } from '../support/open-id-provider.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const BASE_URL = 'https://store.example.org/gate';
const label = 'Firefox';
const PASSWORD = 'a quiet harbour at dusk';

let provider: TestProvider;
let store: TestGate;
let gate: Gate;
/** What the gate's clock is ahead. */
let ahead = 0;
const lines: string[] = [];

beforeAll(async () => {
  provider = await startOpenIdProvider(BASE_URL + OPEN_ID_CALLBACK_PATH);
  store = await startTestGate({
    environment: {
      BASE_URL,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_SIGN_UP: 'true',
    },
  });
  const log = (details: object, message: string): void => void lines.push(message + JSON.stringify(details));
  gate = { ...store.gate, now: () => new Date(Date.now() + ahead), log: { info: log, warn: log } };
});

afterAll(async () => {
  await store.stop();
  await provider.stop();
});

beforeEach(() => {
  ahead = 0;
  lines.length = 0;
});

/** Signs in a person as a browser does, and returns the session. */
async function signIn(person: TestProvider['person'], at: Gate = gate): Promise<Session> {
  provider.person = person;
  const { location, state } = await beginOpenId(at, { returnTo: null });
  const { session } = await finishOpenId(at, { url: await provider.visit(location), state, label });
  const found = await findSession(at, session.secret);
  if (found === null) throw new Error('No session');
  return found;
}

async function kindsAbout(account: string): Promise<readonly string[]> {
  const rows = await listAuditEntries(gate.database, {
    subject: { type: 'account', id: account },
    before: null,
    limit: 50,
  });
  return rows.map((row) => parseAuditEntry(row).kind).reverse();
}

test('whom the provider vouches for gets an account of the name they have there, and the same one again', async () => {
  const person = { sub: 'id-ada', preferred_username: 'Ada', email: 'ada@example.org', email_verified: true };
  const session = await signIn(person);
  expect([session.caller.accountName, session.role, session.method]).toEqual(['ada', 'developer', 'oidc']);
  expect(await readOwnAccount(gate, session.caller)).toMatchObject({
    email: 'ada@example.org',
    passwordChangedAt: null,
    identities: [{ issuer: provider.issuer, subject: 'id-ada' }],
  });
  const again = await signIn({ ...person, preferred_username: 'another-name' });
  expect(again.caller.accountId).toBe(session.caller.accountId);
  expect(again.id).not.toBe(session.id);
  expect(await kindsAbout('ada')).toEqual(['account-created', 'account-identity-added']);
});

test('a name or an address that somebody has already makes nobody that account', async () => {
  const first = await signIn({
    sub: 'id-bea',
    preferred_username: 'bea',
    email: 'bea@example.org',
    email_verified: true,
  });
  const other = await signIn({
    sub: 'id-bea2',
    preferred_username: 'bea',
    email: 'bea@example.org',
    email_verified: true,
  });
  expect(first.caller.accountName).toBe('bea');
  expect(other.caller.accountName).toBe('bea-2');
});

test.each(['operator', 'portcullis', 'admin', 'core'])(
  'nobody becomes %j by being called so elsewhere',
  async (name) => {
    const session = await signIn({ sub: `id-${name}`, preferred_username: name });
    expect(session.caller.accountName).not.toBe(name);
    expect(session.role).toBe('developer');
  },
);

test('a name that an app has is no name for strangers', async () => {
  await store.token('calendar');
  await store.gate.database.query("INSERT INTO apps (id) VALUES ('deck') ON CONFLICT DO NOTHING");
  expect((await signIn({ sub: 'id-deck', preferred_username: 'deck' })).caller.accountName).not.toBe('deck');
  expect((await signIn({ sub: 'id-cal', preferred_username: 'calendar' })).caller.accountName).not.toBe('calendar');
});

test('a name that somebody is invited by is kept for them, for as long as the invitation is open', async () => {
  const invite = (body: object): Promise<ApiAnswer> =>
    sendJson(`${store.url}/api/v1/invitations`, 'POST', store.operatorToken, body);
  const { body } = await invite({ kind: 'account', name: 'invited', role: 'moderator' });
  expect((await signIn({ sub: 'id-squatter', preferred_username: 'invited' })).caller.accountName).toBe('invited-2');
  await request(`${store.url}/api/v1/invitations/${String(body.invitation.id)}`, {
    method: 'DELETE',
    token: store.operatorToken,
  });
  expect((await signIn({ sub: 'id-late', preferred_username: 'invited' })).caller.accountName).toBe('invited');
});

test('an address that the provider has not verified is not taken', async () => {
  const session = await signIn({
    sub: 'id-cy',
    preferred_username: 'cy',
    email: 'ada@example.org',
    email_verified: false,
  });
  expect((await findAccount(gate.database, session.caller.accountName))?.email).toBeNull();
});

test('somebody who comes back twice at once is one account', async () => {
  provider.person = { sub: 'id-twin', preferred_username: 'twin' };
  const begun = await Promise.all([1, 2, 3].map(() => beginOpenId(gate, { returnTo: null })));
  const urls = await Promise.all(begun.map(({ location }) => provider.visit(location)));
  const done = await Promise.all(
    begun.map(async ({ state }, index) => {
      const { session } = await finishOpenId(gate, { url: urls[index] ?? new URL(BASE_URL), state, label });
      return (await findSession(gate, session.secret))?.caller.accountName;
    }),
  );
  expect(done).toEqual(['twin', 'twin', 'twin']);
});

test('a store that takes no strangers says so, and makes no account', async () => {
  const closed: Gate = { ...gate, openId: gate.openId === null ? null : { ...gate.openId, signUp: false } };
  await expect(signIn({ sub: 'id-stranger', preferred_username: 'stranger' }, closed)).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
  });
  expect(await findAccount(gate.database, 'stranger')).toBeNull();
  const known = await signIn({ sub: 'id-known', preferred_username: 'known' });
  expect((await signIn({ sub: 'id-known' }, closed)).caller.accountId).toBe(known.caller.accountId);
});

test('a store without a provider has no such sign-in', async () => {
  await expect(beginOpenId({ ...gate, openId: null }, { returnTo: null })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('where to go afterwards stays within the console', async () => {
  provider.person = { sub: 'id-returning', preferred_username: 'returning' };
  for (const [asked, got] of [
    ['/console/queue?kind=held', '/console/queue?kind=held'],
    ['//elsewhere.example/console', '/console'],
    ['https://elsewhere.example', '/console'],
  ] as const) {
    const { location, state } = await beginOpenId(gate, { returnTo: asked });
    expect((await finishOpenId(gate, { url: await provider.visit(location), state, label })).returnTo).toBe(got);
  }
});

test('what is asked of the provider has state, nonce and PKCE, new each time, and nothing of them is readable in the cookie', async () => {
  const [one, other] = [await beginOpenId(gate, { returnTo: null }), await beginOpenId(gate, { returnTo: null })];
  const query = new URL(one.location).searchParams;
  expect(query.get('redirect_uri')).toBe(BASE_URL + OPEN_ID_CALLBACK_PATH);
  expect([query.get('response_type'), query.get('code_challenge_method')]).toEqual(['code', 'S256']);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(query.get(name)?.length).toBeGreaterThan(40);
    expect(query.get(name)).not.toBe(new URL(other.location).searchParams.get(name));
  }
  const raw = Buffer.from(one.state, 'base64url').toString('latin1');
  expect(raw).not.toContain(query.get('state'));
  expect(one.state).toMatch(/^[\w-]+$/);
});

describe('what comes back is refused', () => {
  async function begun(): Promise<{ readonly state: string; readonly url: URL; readonly location: string }> {
    provider.person = { sub: 'id-attacked', preferred_username: 'attacked' };
    const { location, state } = await beginOpenId(gate, { returnTo: null });
    return { location, state, url: await provider.visit(location) };
  }

  async function codeOf(url: URL, state: string): Promise<string> {
    return finishOpenId(gate, { url, state, label }).then(
      () => 'signed in',
      (error: unknown) => (error as { code: string }).code,
    );
  }

  test('with a code that was used', async () => {
    const { url, state } = await begun();
    expect(await codeOf(url, state)).toBe('signed in');
    expect(await codeOf(url, state)).toBe('SIGN_IN_FAILED');
  });

  test('with the state of another browser, in either direction', async () => {
    const [mine, theirs] = [await begun(), await begun()];
    expect(await codeOf(theirs.url, mine.state)).toBe('SIGN_IN_FAILED');
    expect(await codeOf(mine.url, theirs.state)).toBe('SIGN_IN_FAILED');
  });

  test('with a code that was asked for with another verifier', async () => {
    const [mine, theirs] = [await begun(), await begun()];
    const url = new URL(mine.url);
    url.searchParams.set('code', theirs.url.searchParams.get('code') ?? '');
    expect(await codeOf(url, mine.state)).toBe('SIGN_IN_FAILED');
  });

  test('with an ID token of another nonce', async () => {
    provider.person = { sub: 'id-attacked' };
    const { location, state } = await beginOpenId(gate, { returnTo: null });
    const other = new URL(location);
    other.searchParams.set('nonce', 'a'.repeat(43));
    expect(await codeOf(await provider.visit(other.href), state)).toBe('SIGN_IN_FAILED');
  });

  test('in the name of another issuer', async () => {
    const { url, state } = await begun();
    expect(url.searchParams.get('iss')).toBe(provider.issuer);
    url.searchParams.set('iss', 'https://elsewhere.example');
    expect(await codeOf(url, state)).toBe('SIGN_IN_FAILED');
    url.searchParams.delete('iss');
    expect(await codeOf(url, state)).toBe('SIGN_IN_FAILED');
  });

  test('after ten minutes', async () => {
    const { url, state } = await begun();
    ahead = 10 * 60 * 1000 + 1;
    expect(purposeOfState(gate, state)).toBeNull();
    expect(await codeOf(url, state)).toBe('SIGN_IN_FAILED');
  });

  test.each(['', 'x', 'A'.repeat(200), '../../etc/passwd'])('with the state %j', async (state) => {
    const { url } = await begun();
    expect(await codeOf(url, state)).toBe('SIGN_IN_FAILED');
  });

  test('with a secret that was sealed for something else', async () => {
    const { url, state } = await begun();
    const opened = gate.secrets.seal('{}', 'second factor of account 1').toString('base64url');
    expect(await codeOf(url, opened)).toBe('SIGN_IN_FAILED');
    expect(await codeOf(url, state)).toBe('signed in');
  });

  test('where another provider was configured meanwhile', async () => {
    const { url, state } = await begun();
    const moved = { ...gate, openId: gate.openId && { ...gate.openId, issuer: 'https://elsewhere.example' } };
    await expect(finishOpenId(moved, { url, state, label })).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
  });

  test('without a code, or with two', async () => {
    const { url, state } = await begun();
    const without = new URL(url);
    without.searchParams.delete('code');
    expect(await codeOf(without, state)).toBe('SIGN_IN_FAILED');
    const twice = new URL(url);
    twice.searchParams.append('code', 'another');
    expect(await codeOf(twice, state)).toBe('SIGN_IN_FAILED');
  });

  test('where the provider says no, in our words and not in its', async () => {
    provider.person = null;
    const { location, state } = await beginOpenId(gate, { returnTo: null });
    const url = await provider.visit(location);
    const refusal = await finishOpenId(gate, { url, state, label }).catch((error: unknown) => error as Error);
    expect(refusal).toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect(JSON.stringify(refusal) + (refusal as Error).message).not.toContain('script');
    expect((refusal as Error).message).toContain('access_denied');
    url.searchParams.set('error', '<b>bold</b>');
    await expect(finishOpenId(gate, { url, state, label })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: expect.not.stringContaining('<') as unknown,
    });
  });

  test('and no code, token or verifier is in the log', async () => {
    const { url, state } = await begun();
    const code = url.searchParams.get('code') ?? '';
    await codeOf(url, state);
    await codeOf(url, state);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain(code);
    expect(lines.join('\n')).not.toContain(CLIENT_SECRET);
  });
});

test('a suspended account stays out', async () => {
  const session = await signIn({ sub: 'id-sus', preferred_username: 'sus' });
  const account = { id: session.caller.accountId, name: 'sus' };
  await inTransaction(gate.database, (tx) =>
    suspendAccount(tx, account, { by: account.id, reason: 'spam', at: gate.now() }),
  );
  await expect(signIn({ sub: 'id-sus' })).rejects.toMatchObject({ code: 'ACCOUNT_SUSPENDED' });
});

describe('linking', () => {
  async function withPassword(name: string): Promise<Session> {
    await store.token(null, { account: name });
    await setPasswordAsOperator(gate, name, PASSWORD);
    const given = { name, password: PASSWORD, code: null, address: '192.0.2.1', label };
    const signedIn = await signInWithPassword(gate, given);
    const session = signedIn.kind === 'session' ? await findSession(gate, signedIn.session.secret) : null;
    if (session === null) throw new Error('No session');
    return session;
  }

  async function link(session: Session, sub: string): Promise<void> {
    provider.person = { sub };
    const { location, state } = await beginLink(gate, session, { returnTo: '/console/account', password: PASSWORD });
    expect(purposeOfState(gate, state)).toBe('link');
    expect(await finishLink(gate, session, { url: await provider.visit(location), state })).toEqual({
      returnTo: '/console/account',
    });
  }

  test('an identity that was linked signs in to the account, and doesn\u2019t once it is unlinked', async () => {
    const session = await withPassword('linker');
    await link(session, 'id-linker');
    await link(session, 'id-linker');
    expect((await signIn({ sub: 'id-linker' })).caller.accountName).toBe('linker');
    await unlinkIdentity(gate, session, { issuer: provider.issuer, subject: 'id-linker' });
    expect((await signIn({ sub: 'id-linker', preferred_username: 'linker' })).caller.accountName).toBe('linker-2');
    expect((await kindsAbout('linker')).slice(-2)).toEqual(['account-identity-added', 'account-identity-removed']);
  });

  test('is not begun with a session alone: the password is asked for, or a sign-in of the last minutes', async () => {
    const session = await withPassword('open-browser');
    for (const password of [null, '', 'a wrong guess here']) {
      await expect(beginLink(gate, session, { returnTo: null, password })).rejects.toMatchObject({
        code: 'SIGN_IN_FAILED',
      });
    }
    const bare = await signIn({ sub: 'id-bare', preferred_username: 'bare' });
    ahead = 9 * 60_000;
    expect(await beginLink(gate, bare, { returnTo: null, password: null })).toMatchObject({
      state: expect.any(String) as unknown,
    });
    ahead = 11 * 60_000;
    await expect(beginLink(gate, bare, { returnTo: null, password: null })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
    });
  });

  test('an identity has one account', async () => {
    const [one, other] = [await withPassword('one'), await withPassword('other')];
    await link(one, 'id-shared');
    await expect(link(other, 'id-shared')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(unlinkIdentity(gate, other, { issuer: provider.issuer, subject: 'id-shared' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('a link is finished only in the session that began it, and a sign-in is no link', async () => {
    const [mine, theirs] = [await withPassword('mine'), await withPassword('theirs')];
    provider.person = { sub: 'id-of-the-attacker' };
    const { location, state } = await beginLink(gate, theirs, { returnTo: null, password: PASSWORD });
    const url = await provider.visit(location);
    await expect(finishLink(gate, mine, { url, state })).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    await expect(finishOpenId(gate, { url, state, label })).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' });
    const signInState = await beginOpenId(gate, { returnTo: null });
    const back = await provider.visit(signInState.location);
    await expect(finishLink(gate, mine, { url: back, state: signInState.state })).rejects.toMatchObject({
      code: 'SIGN_IN_FAILED',
    });
  });

  test('the only way in is not taken away', async () => {
    const session = await signIn({ sub: 'id-only', preferred_username: 'only' });
    const identity = { issuer: provider.issuer, subject: 'id-only' };
    await expect(unlinkIdentity(gate, session, identity)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await changePassword(gate, session, { current: null, next: PASSWORD });
    await unlinkIdentity(gate, session, identity);
    expect((await readOwnAccount(gate, session.caller)).identities).toEqual([]);
  });
});

describe('a provider that does not do as it should', () => {
  let odd: Server;
  let issuer: string;
  let asked = 0;
  let answer: (path: string) => { status?: number; body: string; type?: string } | null;

  beforeAll(async () => {
    odd = createServer((request, response) => {
      asked += 1;
      const made = answer(request.url ?? '');
      if (made === null) return;
      response.writeHead(made.status ?? 200, { 'content-type': made.type ?? 'application/json' }).end(made.body);
    });
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    odd.closeAllConnections();
    await new Promise((resolve) => odd.close(resolve));
  });

  /** A gate with settings of its own, and so nothing known of the provider. */
  function gateOf(): Gate {
    if (gate.openId === null) throw new Error('No provider');
    return { ...gate, openId: { ...gate.openId, issuer } };
  }

  test.each([
    ['that is not there', { status: 404, body: 'no' }],
    ['that says it is another', { body: '{"issuer":"https://elsewhere.example"}' }],
    ['that sends no JSON', { body: '<script>alert(1)</script>' }],
    ['that sends megabytes', { body: `{"issuer":"${'x'.repeat(2_000_000)}"}` }],
    ['that redirects', { status: 302, body: '' }],
  ])('one %s is unavailable, and is not asked again at once', async (_what, made) => {
    answer = () => made;
    asked = 0;
    const to = gateOf();
    await expect(beginOpenId(to, { returnTo: null })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(beginOpenId(to, { returnTo: null })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(asked).toBe(1);
    expect(lines.join('\n')).not.toContain('<script>');
  });

  test('one that hangs is given up, by everybody who waits for it together', async () => {
    answer = () => null;
    asked = 0;
    const to = gateOf();
    const waits = await Promise.allSettled([1, 2, 3].map(() => beginOpenId(to, { returnTo: null })));
    expect(waits.map((wait) => (wait.status === 'rejected' ? wait.reason.code : wait.value))).toEqual(
      Array(3).fill('UNAVAILABLE'),
    );
    expect(asked).toBe(1);
  });

  test('one that sends people to another scheme is not followed', async () => {
    answer = () => ({
      body: JSON.stringify({
        issuer,
        authorization_endpoint: 'javascript:alert(1)',
        token_endpoint: `${issuer}/token`,
      }),
    });
    await expect(beginOpenId(gateOf(), { returnTo: null })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('one that answers again after a while is asked again', async () => {
    const to = gateOf();
    answer = () => ({ status: 500, body: '' });
    await expect(beginOpenId(to, { returnTo: null })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    answer = () => ({ body: JSON.stringify({ issuer, authorization_endpoint: `${issuer}/auth` }) });
    ahead = 11_000;
    expect((await beginOpenId(to, { returnTo: null })).location).toContain(`${issuer}/auth?`);
  });
});
