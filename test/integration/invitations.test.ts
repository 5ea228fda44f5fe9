import {
  acceptInvitation,
  declineInvitation,
  offerTransfer,
  readInvitation,
  requestPasswordReset,
} from '../../src/accounts/invitations.js';
import { changePassword, setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { signInWithPassword, signInWithToken } from '../../src/accounts/sign-in.js';
import { endOtherSessions, endSession, findSession, type Session } from '../../src/accounts/sessions.js';
import type { Caller } from '../../src/accounts/caller.js';
import { authenticate } from '../../src/accounts/tokens.js';
import { findAccount } from '../../src/database/accounts.js';
import { listAuditEntries } from '../../src/database/audit-log.js';
import type { Gate } from '../../src/gate.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const mail = { smtpUrl: 'smtp://127.0.0.1:9', from: 'store@example.org', to: [] };
const password = 'quiet harbour lamp 77';
const DAY_MS = 24 * 60 * 60 * 1000;

let gate: TestGate;
/** The same gate where mail goes out; nothing of it is sent in these tests. */
let mailing: Gate;
let moderator: string;
let later = 0;

beforeAll(async () => {
  gate = await startTestGate({ gate: { now: () => new Date(Date.now() + later) } });
  mailing = { ...gate.gate, mail };
  moderator = await gate.token(null, { account: 'mod', scopes: ['manage', 'moderate'] });
});
afterEach(() => {
  later = 0;
});
afterAll(async () => {
  await gate.stop();
});

const invite = (token: string, body: unknown): Promise<ApiAnswer> =>
  sendJson(`${gate.url}/api/v1/invitations`, 'POST', token, body);

/** Without a token where it is null. */
async function accept(secret: string, token: string | null, more: object = {}): Promise<ApiAnswer> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ secret, ...more });
  const init = { method: 'POST', headers, body, ...(token !== null && { token }) };
  return request(`${gate.url}/api/v1/invitations/acceptance`, init);
}

const codeOf = ({ status, body }: ApiAnswer): string => `${status} ${String(body.code)}`;
const newcomer = (name: string) => ({ newAccount: { name, password } });

async function linked(token: string, body: unknown): Promise<string> {
  const answer = await invite(token, body);
  expect(answer.status).toBe(201);
  const [, secret] =
    /^.*\/console\/invitations\/(portcullis_invitation_[\w-]{43})$/.exec(String(answer.body.link)) ?? [];
  if (secret === undefined) throw new Error(`no link in ${JSON.stringify(answer.body)}`);
  return secret;
}

/** A token of an account that owns the app. */
async function owner(account: string, appId: string): Promise<string> {
  const token = await gate.token(null, { account, scopes: ['upload', 'manage'] });
  expect((await upload(gate.url, token, appId, await appArchive({ id: appId }))).status).toBe(201);
  return token;
}

const member = (account: string): Promise<string> => gate.token(null, { account, scopes: ['upload', 'manage'] });

async function ownersOf(appId: string): Promise<readonly string[]> {
  return (await request(`${gate.url}/api/v1/apps/${appId}/owners`, { token: gate.operatorToken })).body.owners;
}

async function eventsOf(appId: string): Promise<readonly string[]> {
  const { body } = await request(`${gate.url}/api/v1/apps/${appId}/events`, { token: gate.operatorToken });
  return body.events.map(({ kind }: { kind: string }) => kind).toReversed();
}

async function callerWith(token: string): Promise<Caller> {
  return authenticate(gate.gate.database, token, gate.gate.now());
}

async function canSignIn(name: string, secret = password): Promise<boolean> {
  return signInWithPassword(gate.gate, { name, password: secret, code: null, address: '192.0.2.1', label: '' }).then(
    () => true,
    () => false,
  );
}

describe('to the store', () => {
  test('a newcomer gets the account, the role and a password, and signs in with it', async () => {
    const secret = await linked(gate.operatorToken, { kind: 'account', name: 'ada', role: 'moderator' });
    const answer = await accept(secret, null, newcomer('ada'));
    expect(answer.body).toMatchObject({ account: 'ada', invitation: { closedAs: 'accepted', acceptedBy: 'ada' } });
    expect((await findAccount(gate.gate.database, 'ada'))?.role).toBe('moderator');
    expect(await canSignIn('ada')).toBe(true);
  });

  test('in the console a newcomer has a session at once', async () => {
    const secret = await linked(moderator, { kind: 'account' });
    const { session } = await acceptInvitation(gate.gate, secret, { ...newcomer('berta'), label: 'a browser' });
    expect(await findSession(gate.gate, session?.secret ?? '')).toMatchObject({
      method: 'invitation',
      role: 'developer',
    });
  });

  test('whoever is signed in already gets the role, and is never lowered', async () => {
    const token = await member('carl');
    expect((await accept(await linked(gate.operatorToken, { kind: 'account', role: 'moderator' }), token)).status).toBe(
      200,
    );
    expect((await accept(await linked(gate.operatorToken, { kind: 'account', role: 'developer' }), token)).status).toBe(
      200,
    );
    expect((await findAccount(gate.gate.database, 'carl'))?.role).toBe('moderator');
  });

  test('moderators invite developers, and nobody else anybody', async () => {
    const developer = await member('dora');
    expect(codeOf(await invite(moderator, { kind: 'account', role: 'administrator' }))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await invite(moderator, { kind: 'account', role: 'moderator' }))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await invite(developer, { kind: 'account' }))).toBe('403 SCOPE_INSUFFICIENT');
    expect((await invite(moderator, { kind: 'password-reset', name: 'operator' })).status).toBe(400);
  });

  test('a name that is there already is only an administrator’s to invite, and only who has no way in gets one by it', async () => {
    await member('edgar');
    expect(codeOf(await invite(moderator, { kind: 'account', name: 'edgar' }))).toBe('409 NAME_TAKEN');
    expect(codeOf(await invite(gate.operatorToken, { kind: 'account', name: 'portcullis' }))).toBe('409 NAME_TAKEN');
    const first = await linked(gate.operatorToken, { kind: 'account', name: 'edgar', role: 'moderator' });
    const second = await linked(gate.operatorToken, { kind: 'account', name: 'edgar' });
    expect((await accept(first, null, newcomer('edgar'))).status).toBe(200);
    expect((await findAccount(gate.gate.database, 'edgar'))?.role).toBe('moderator');
    const takeover = { newAccount: { name: 'edgar', password: 'another harbour lamp 78' } };
    expect(codeOf(await accept(second, null, takeover))).toBe('409 NAME_TAKEN');
    expect([await canSignIn('edgar'), await canSignIn('edgar', 'another harbour lamp 78')]).toEqual([true, false]);
  });

  test('whoever chooses a name can’t choose somebody else’s, however they came to be there', async () => {
    const open = await linked(moderator, { kind: 'account' });
    expect(codeOf(await accept(open, null, newcomer('operator')))).toBe('409 NAME_TAKEN');
    expect(codeOf(await accept(open, null, newcomer('portcullis')))).toBe('409 NAME_TAKEN');
    // Invited by name while there was nobody of that name; a token made the account since.
    const named = await linked(gate.operatorToken, { kind: 'account', name: 'frida' });
    await member('frida');
    expect(codeOf(await accept(named, null, newcomer('frida')))).toBe('409 NAME_TAKEN');
    expect(await canSignIn('frida')).toBe(false);
    expect(codeOf(await accept(named, null, newcomer('gustav')))).toBe('403 SCOPE_INSUFFICIENT');
  });

  test('whoever chooses a name can’t choose one that stands for the store, an app or somebody who is invited', async () => {
    const open = await linked(moderator, { kind: 'account' });
    await owner('greta', 'greta-notes');
    await linked(gate.operatorToken, { kind: 'account', name: 'awaited' });
    for (const name of ['security', 'admin', 'owncloud', 'core', 'greta-notes', 'awaited']) {
      expect(codeOf(await accept(open, null, newcomer(name)))).toBe('409 NAME_TAKEN');
    }
    expect((await accept(open, null, newcomer('gunda'))).status).toBe(200);
    // Who runs the store gives what name they like.
    const given = await linked(gate.operatorToken, { kind: 'account', name: 'security' });
    expect((await accept(given, null, newcomer('security'))).status).toBe(200);
  });

  test('names and passwords that can be none leave the invitation as it was', async () => {
    const secret = await linked(moderator, { kind: 'account' });
    for (const name of ['', 'Capital', 'x'.repeat(65), '../up', 'a b']) {
      expect(codeOf(await accept(secret, null, newcomer(name)))).toBe('400 INVALID_REQUEST');
    }
    expect((await accept(secret, null, newcomer('a\0b'))).status).toBe(400);
    expect(codeOf(await accept(secret, null, { newAccount: { name: 'hugo', password: 'short' } }))).toBe(
      '422 PASSWORD_REFUSED',
    );
    expect(await findAccount(gate.gate.database, 'hugo')).toBeNull();
    expect((await accept(secret, null, newcomer('hugo'))).status).toBe(200);
  });
});

describe('a link', () => {
  test('works once, whoever comes at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const secret = await linked(moderator, { kind: 'account' });
      const names = [0, 1, 2].map((n) => `racer-${round}-${n}`);
      const answers = await Promise.all(names.map((name) => accept(secret, null, newcomer(name))));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
      const made = await Promise.all(names.map((name) => findAccount(gate.gate.database, name)));
      expect(made.filter((account) => account !== null)).toHaveLength(1);
      expect(codeOf(await accept(secret, null, newcomer('too-late')))).toBe('410 INVITATION_INVALID');
    }
  });

  test('says the same whether it is unknown, used, revoked, declined, expired or nonsense', async () => {
    const [used, revoked, declined, expired] = [
      await linked(moderator, { kind: 'account' }),
      await linked(moderator, { kind: 'account' }),
      await linked(moderator, { kind: 'account' }),
      await linked(moderator, { kind: 'account' }),
    ];
    await accept(used, null, newcomer('ilse'));
    const { id } = await readInvitation(gate.gate, revoked);
    expect((await request(`${gate.url}/api/v1/invitations/${id}`, { method: 'DELETE', token: moderator })).status).toBe(
      204,
    );
    await declineInvitation(gate.gate, declined);
    later = 7 * DAY_MS + 1_000;
    const secrets = [
      used,
      revoked,
      declined,
      expired,
      `portcullis_invitation_${'A'.repeat(43)}`,
      '',
      'x',
      "' OR 1=1 --",
    ];
    const answers = await Promise.all(secrets.map((secret) => accept(secret, null, newcomer('jonas'))));
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body.detail)}`)).size).toBe(1);
    expect(answers[0]?.body.code).toBe('INVITATION_INVALID');
    for (const secret of secrets) {
      await expect(readInvitation(gate.gate, secret)).rejects.toMatchObject({ code: 'INVITATION_INVALID' });
    }
    expect(await findAccount(gate.gate.database, 'jonas')).toBeNull();
  });

  test('is good until its last moment', async () => {
    const secret = await linked(moderator, { kind: 'account' });
    later = 7 * DAY_MS - 60_000;
    expect((await accept(secret, null, newcomer('klara'))).status).toBe(200);
  });

  test('is no bearer token, and its secret is kept nowhere', async () => {
    const secret = await linked(moderator, { kind: 'account' });
    expect((await request(`${gate.url}/api/v1/invitations`, { token: secret })).status).toBe(401);
    const { rows } = await gate.gate.database.query<{ text: string }>(
      `SELECT coalesce((SELECT string_agg(invitations::text, '') FROM invitations), '')
         || coalesce((SELECT string_agg(entry, '') FROM audit_log), '') AS text`,
    );
    expect(rows[0]?.text).toContain('invitation-made');
    expect(rows[0]?.text).not.toContain(secret.slice(22));
  });

  test('takes one thing only: a token, a new account or a new password', async () => {
    const secret = await linked(moderator, { kind: 'account' });
    const token = await member('leo');
    expect(codeOf(await accept(secret, token, newcomer('leo-2')))).toBe('400 INVALID_REQUEST');
    expect(codeOf(await accept(secret, null, { newPassword: password }))).toBe('400 INVALID_REQUEST');
    expect(codeOf(await accept(secret, null))).toBe('401 UNAUTHENTICATED');
    expect(codeOf(await accept(secret, `portcullis_${'A'.repeat(43)}`))).toBe('401 UNAUTHENTICATED');
    expect((await accept(secret, token)).status).toBe(200);
  });

  test('counts no longer than its inviter: suspended, lowered, or with a token that was revoked', async () => {
    const admin = await gate.token(null, { account: 'brief-admin', scopes: ['manage', 'operate'] });
    const toSuspend = await linked(admin, { kind: 'account', role: 'moderator' });
    const account = `${gate.url}/api/v1/accounts/brief-admin`;
    await sendJson(`${account}/suspension`, 'PUT', gate.operatorToken, { reason: 'r' });
    expect(codeOf(await accept(toSuspend, null, newcomer('martha')))).toBe('410 INVITATION_INVALID');
    await sendJson(`${account}/suspension`, 'DELETE', gate.operatorToken, { reason: 'r' });
    await sendJson(`${account}/role`, 'PUT', gate.operatorToken, { role: 'moderator', reason: 'r' });
    expect(codeOf(await accept(toSuspend, null, newcomer('martha')))).toBe('410 INVITATION_INVALID');
    await sendJson(`${account}/role`, 'PUT', gate.operatorToken, { role: 'administrator', reason: 'r' });
    const tokens = await request(`${gate.url}/api/v1/tokens`, { token: admin });
    const { id } = tokens.body.tokens.find((token: { account: string }) => token.account === 'brief-admin');
    await request(`${gate.url}/api/v1/tokens/${String(id)}`, { method: 'DELETE', token: gate.operatorToken });
    expect(codeOf(await accept(toSuspend, null, newcomer('martha')))).toBe('410 INVITATION_INVALID');
    await expect(readInvitation(gate.gate, toSuspend)).rejects.toMatchObject({ code: 'INVITATION_INVALID' });
    expect(await findAccount(gate.gate.database, 'martha')).toBeNull();
  });
});

describe('with what it was made', () => {
  /** The session of somebody who signs in with a token. */
  async function sessionWith(token: string): Promise<Session> {
    const { secret } = await signInWithToken(gate.gate, { token, label: 'x', address: '192.0.2.2' });
    return sessionBy(secret);
  }

  async function sessionBy(secret: string): Promise<Session> {
    const session = await findSession(gate.gate, secret);
    if (session === null) throw new Error('no session');
    return session;
  }

  async function signIn(name: string): Promise<Session> {
    const from = { code: null, address: '192.0.2.1', label: '' };
    const signedIn = await signInWithPassword(gate.gate, { name, password, ...from });
    if (signedIn.kind !== 'session') throw new Error('no session');
    return sessionBy(signedIn.session.secret);
  }

  async function offered(caller: Caller, appId: string): Promise<string> {
    const { link } = await offerTransfer(gate.gate, caller, { appId, account: null, email: null });
    return link?.split('/').at(-1) ?? '';
  }

  /** What becomes of each invitation where somebody tries to accept it; those that are refused first. */
  async function tryEach(secrets: readonly string[]): Promise<readonly string[]> {
    const thief = await member('thief');
    const outcomes: string[] = [];
    for (const secret of secrets) outcomes.push(codeOf(await accept(secret, thief)));
    return outcomes;
  }

  const closed = '410 INVITATION_INVALID';
  const accepted = '200 undefined';

  test('ends what a token invited to when it is revoked, in sessions begun with it and by tokens it made, too', async () => {
    const main = await owner('robbed', 'robbed-app');
    const stolen = await member('robbed');
    const session = await sessionWith(stolen);
    const child = await sendJson(`${gate.url}/api/v1/tokens`, 'POST', stolen, { scopes: ['upload', 'manage'] });
    const secrets = [
      await linked(stolen, { kind: 'transfer', appId: 'robbed-app' }),
      await offered(session.caller, 'robbed-app'),
      await linked(String(child.body.token), { kind: 'transfer', appId: 'robbed-app' }),
    ];
    const own = await linked(main, { kind: 'co-owner', appId: 'robbed-app' });
    const { id } = (await request(`${gate.url}/api/v1/account`, { token: stolen })).body.token;
    await request(`${gate.url}/api/v1/tokens/${String(id)}`, { method: 'DELETE', token: main });
    expect(await tryEach([...secrets, own])).toEqual([closed, closed, closed, accepted]);
    const listed = await request(`${gate.url}/api/v1/invitations`, { token: main });
    const ends = listed.body.invitations.map(({ closedAs }: { closedAs: string }) => closedAs);
    expect(ends.toSorted()).toEqual(['accepted', 'revoked', 'revoked', 'revoked']);
  });

  test.each(['a change of the password', 'a reset of the password', 'an end of the other sessions'])(
    'ends with %s, also where the thief signed out before',
    async (how) => {
      const name = `burgled-${how.replaceAll(' ', '-')}`;
      const appId = `app-${name}`.slice(0, 60);
      const token = await owner(name, appId);
      const first = await sessionWith(token);
      await changePassword(gate.gate, first, { current: null, next: password });
      const [mine, stolen, left] = [await signIn(name), await signIn(name), await signIn(name)];
      const fromStolen = [await offered(stolen.caller, appId), await offered(left.caller, appId)];
      await endSession(gate.gate, left);
      const own = [await offered(mine.caller, appId), await linked(token, { kind: 'transfer', appId })];
      const next = 'other lantern bridge 55';
      if (how.startsWith('an end')) await endOtherSessions(gate.gate, mine);
      else if (how.startsWith('a change')) await changePassword(gate.gate, mine, { current: password, next });
      else {
        await sendJson(`${gate.url}/api/v1/accounts/${name}/email`, 'PUT', gate.operatorToken, {
          email: 'b@example.org',
        });
        await requestPasswordReset(mailing, { nameOrEmail: name });
        const { rows } = await gate.gate.database.query<{ body: string }>(
          'SELECT body FROM outgoing_mail ORDER BY id DESC LIMIT 1',
        );
        const secret = /\/console\/invitations\/(\S+)/.exec(rows[0]?.body ?? '')?.[1] ?? '';
        expect((await accept(secret, null, { newPassword: next })).status).toBe(200);
      }
      const isReset = how.startsWith('a reset');
      // Who forgot the password trusts no session at all. A token is another matter: it is revoked by itself.
      expect(await tryEach([...fromStolen, own[0] ?? ''])).toEqual([closed, closed, isReset ? closed : accepted]);
      expect((await tryEach([own[1] ?? '']))[0]).toBe(isReset ? accepted : closed);
    },
  );

  test('is not ended by a sign-out', async () => {
    const session = await sessionWith(await owner('signed-out', 'signed-out-app'));
    const secret = await offered(session.caller, 'signed-out-app');
    await endSession(gate.gate, session);
    expect(await tryEach([secret])).toEqual([accepted]);
  });
});

describe('to an app', () => {
  test('a co-owner comes beside the others, and may upload', async () => {
    const token = await owner('nina', 'shared-app');
    const secret = await linked(token, { kind: 'co-owner', appId: 'shared-app' });
    const guest = await member('otto');
    expect((await accept(secret, guest)).status).toBe(200);
    expect(await ownersOf('shared-app')).toEqual(['nina', 'otto']);
    expect(await eventsOf('shared-app')).toEqual(['claimed', 'owner-added']);
    expect(
      (await upload(gate.url, guest, 'shared-app', await appArchive({ id: 'shared-app', version: '1.1.0' }))).status,
    ).toBe(201);
  });

  test('whoever takes an app over is its only owner', async () => {
    const token = await owner('paul', 'handed-app');
    const helper = await member('helper');
    await accept(await linked(token, { kind: 'co-owner', appId: 'handed-app' }), helper);
    const open = await linked(helper, { kind: 'co-owner', appId: 'handed-app' });
    const quinn = await member('quinn');
    expect(
      (await accept(await linked(token, { kind: 'transfer', appId: 'handed-app', account: 'quinn' }), quinn)).status,
    ).toBe(200);
    expect(await ownersOf('handed-app')).toEqual(['quinn']);
    expect(await eventsOf('handed-app')).toEqual(['claimed', 'owner-added', 'transferred']);
    const old = await upload(gate.url, token, 'handed-app', await appArchive({ id: 'handed-app', version: '2.0.0' }));
    expect(codeOf(old)).toBe('403 NOT_OWNER');
    // What the former owners had offered goes with them.
    expect(codeOf(await accept(open, await member('rosa')))).toBe('410 INVITATION_INVALID');
  });

  test('is for those who have an account: developers let nobody into the store', async () => {
    const token = await owner('rolf', 'closed-door');
    for (const kind of ['co-owner', 'transfer']) {
      const secret = await linked(token, { kind, appId: 'closed-door' });
      expect(codeOf(await accept(secret, null, newcomer('sock-puppet')))).toBe('400 INVALID_REQUEST');
      expect(await findAccount(gate.gate.database, 'sock-puppet')).toBeNull();
      // The link is as good as it was.
      expect((await readInvitation(gate.gate, secret)).closedAt).toBeNull();
    }
    expect(await ownersOf('closed-door')).toEqual(['rolf']);
  });

  test('one for a certain account is accepted by that account alone', async () => {
    const token = await owner('sven', 'named-app');
    const tanja = await member('tanja');
    const thief = await member('thief');
    const secret = await linked(token, { kind: 'transfer', appId: 'named-app', account: 'tanja' });
    expect(codeOf(await accept(secret, thief))).toBe('403 SCOPE_INSUFFICIENT');
    for (const name of ['thief-2', 'tanja']) {
      expect(codeOf(await accept(secret, null, newcomer(name)))).toBe('400 INVALID_REQUEST');
    }
    expect(await ownersOf('named-app')).toEqual(['sven']);
    expect((await accept(secret, tanja)).status).toBe(200);
  });

  test('only owners invite, with a token for the app that may manage', async () => {
    const wide = await owner('ulla', 'guarded-app');
    await owner('victor', 'other-app');
    const wrong = [
      await member('victor'),
      await gate.token('other-app', { account: 'ulla', scopes: ['manage'] }),
      await gate.token('guarded-app', { account: 'ulla', scopes: ['upload'] }),
      moderator,
    ];
    for (const token of wrong) {
      for (const kind of ['co-owner', 'transfer']) {
        expect((await invite(token, { kind, appId: 'guarded-app' })).status).toBe(403);
      }
    }
    for (const appId of ['', '../x', 'x'.repeat(300)]) {
      expect((await invite(wide, { kind: 'transfer', appId })).status).toBe(400);
    }
    expect((await invite(gate.operatorToken, { kind: 'transfer', appId: 'no-such-app' })).status).toBe(404);
    expect((await invite(wide, { kind: 'co-owner', appId: 'guarded-app', account: 'no-such-account' })).status).toBe(
      404,
    );
    expect((await invite(wide, { kind: 'co-owner', appId: 'guarded-app', account: 'portcullis' })).status).toBe(404);
  });

  test('a token for other apps accepts nothing', async () => {
    const token = await owner('wanda', 'reach-app');
    const secret = await linked(token, { kind: 'co-owner', appId: 'reach-app' });
    const narrow = await gate.token('elsewhere-app', { account: 'xaver', scopes: ['upload', 'manage'] });
    const uploads = await gate.token(null, { account: 'xaver', scopes: ['upload'] });
    expect(codeOf(await accept(secret, narrow))).toBe('403 SCOPE_INSUFFICIENT');
    expect(codeOf(await accept(secret, uploads))).toBe('403 SCOPE_INSUFFICIENT');
    expect(await ownersOf('reach-app')).toEqual(['wanda']);
  });

  test('is worth nothing once whoever offered it has lost the app, also at that very moment', async () => {
    for (let round = 0; round < 5; round++) {
      const appId = `lost-app-${round}`;
      const first = await owner('yuri', appId);
      const second = await member('zoe');
      await accept(await linked(first, { kind: 'co-owner', appId }), second);
      const secret = await linked(second, { kind: 'transfer', appId });
      const thief = await member('thief');
      const [taken, removed] = await Promise.all([
        accept(secret, thief),
        request(`${gate.url}/api/v1/apps/${appId}/owners/zoe`, { method: 'DELETE', token: first }),
      ]);
      const outcome = [taken.status, removed.status, (await ownersOf(appId)).join()];
      // Whichever came first; never both.
      expect([[200, 403, 'thief'].join(), [410, 200, 'yuri'].join()]).toContain(outcome.join());
    }
  });

  test('an administrator’s offer stands without owning the app', async () => {
    await owner('anna', 'orphan-app');
    const heir = await member('heir');
    expect(
      (await accept(await linked(gate.operatorToken, { kind: 'transfer', appId: 'orphan-app' }), heir)).status,
    ).toBe(200);
    expect(await ownersOf('orphan-app')).toEqual(['heir']);
  });

  test('a suspended account accepts nothing', async () => {
    const token = await owner('bruno', 'calm-app');
    const secret = await linked(token, { kind: 'co-owner', appId: 'calm-app' });
    const guest = await member('banned');
    const caller = await callerWith(guest);
    await sendJson(`${gate.url}/api/v1/accounts/banned/suspension`, 'PUT', moderator, { reason: 'r' });
    expect(codeOf(await accept(secret, guest))).toBe('403 ACCOUNT_SUSPENDED');
    await expect(acceptInvitation(gate.gate, secret, { caller, label: null })).rejects.toMatchObject({
      code: 'ACCOUNT_SUSPENDED',
    });
    expect(await ownersOf('calm-app')).toEqual(['bruno']);
  });
});

describe('the list', () => {
  test('shows what concerns somebody, and revoking is theirs alone', async () => {
    const token = await owner('cora', 'listed-app');
    const guest = await member('dirk');
    const stranger = await member('elsewhere');
    const secret = await linked(token, { kind: 'co-owner', appId: 'listed-app', account: 'dirk' });
    const { id } = await readInvitation(gate.gate, secret);
    const seenBy = async (who: string): Promise<boolean> => {
      const { body } = await request(`${gate.url}/api/v1/invitations`, { token: who });
      return body.invitations.some((each: { id: string }) => each.id === id);
    };
    expect(await Promise.all([token, guest, stranger, moderator].map(seenBy))).toEqual([true, true, false, true]);
    const narrow = await gate.token('another-app', { account: 'cora', scopes: ['manage'] });
    expect(await seenBy(narrow)).toBe(false);
    const revoke = (who: string) => request(`${gate.url}/api/v1/invitations/${id}`, { method: 'DELETE', token: who });
    for (const who of [guest, stranger, moderator, narrow]) expect((await revoke(who)).status).toBe(404);
    expect((await revoke(token)).status).toBe(204);
    expect(codeOf(await revoke(token))).toBe('410 INVITATION_INVALID');
    expect(codeOf(await accept(secret, guest))).toBe('410 INVITATION_INVALID');
  });

  test('accepting and revoking at once come to one of both', async () => {
    const token = await owner('ernst', 'tied-app');
    for (let round = 0; round < 5; round++) {
      const secret = await linked(token, { kind: 'co-owner', appId: 'tied-app' });
      const { id } = await readInvitation(gate.gate, secret);
      const guest = await member(`tied-${round}`);
      const [taken, revoked] = await Promise.all([
        accept(secret, guest),
        request(`${gate.url}/api/v1/invitations/${id}`, { method: 'DELETE', token }),
      ]);
      expect([[200, 410].join(), [410, 204].join()]).toContain([taken.status, revoked.status].join());
      expect((await ownersOf('tied-app')).includes(`tied-${round}`)).toBe(taken.status === 200);
    }
  });
});

describe('by mail', () => {
  async function mails(): Promise<readonly { topic: string; recipients: string[]; subject: string; body: string }[]> {
    return (await gate.gate.database.query('SELECT topic, recipients, subject, body FROM outgoing_mail ORDER BY id'))
      .rows;
  }
  const secretIn = (body: string): string => /\/console\/invitations\/(\S+)/.exec(body)?.[1] ?? '';

  async function setEmail(name: string, email: string): Promise<void> {
    await sendJson(`${gate.url}/api/v1/accounts/${name}/email`, 'PUT', gate.operatorToken, { email });
  }

  test('a link that is mailed is shown to nobody else', async () => {
    const caller = await callerWith(await owner('fritz', 'mailed-app'));
    const offered = await offerTransfer(mailing, caller, {
      appId: 'mailed-app',
      account: null,
      email: 'heir@example.org',
    });
    expect(offered.link).toBeNull();
    const [sent] = (await mails()).filter(({ body }) => body.includes('mailed-app'));
    expect(sent?.recipients).toEqual(['heir@example.org']);
    expect((await readInvitation(gate.gate, secretIn(sent?.body ?? ''))).id).toBe(offered.invitation.id);
  });

  test('one for a certain account goes to the address of that account, whatever the inviter says', async () => {
    const caller = await callerWith(await owner('gerda', 'certain-app'));
    await member('hanna');
    await setEmail('hanna', 'hanna@example.org');
    await offerTransfer(mailing, caller, { appId: 'certain-app', account: 'hanna', email: 'thief@example.org' });
    const [sent] = (await mails()).filter(({ body }) => body.includes('certain-app'));
    expect(sent?.recipients).toEqual(['hanna@example.org']);
  });

  test('somebody who invites too much is stopped', async () => {
    const caller = await callerWith(await owner('spammer', 'spam-app'));
    const offers = Array.from({ length: 40 }, (_, n) =>
      offerTransfer(mailing, caller, { appId: 'spam-app', account: null, email: `victim-${n}@example.org` }).then(
        () => 'sent',
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    const outcomes = await Promise.all(offers);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(30);
    expect(outcomes.filter((outcome) => outcome === 'TOO_MANY_ATTEMPTS')).toHaveLength(10);
  });

  test('addresses that can be none are refused before anything is written', async () => {
    const token = await owner('ida', 'address-app');
    for (const email of ['x', 'a@b\r\nBcc: c@d', 'a@b,c@d', 'x'.repeat(300)]) {
      expect((await invite(token, { kind: 'co-owner', appId: 'address-app', email })).status).toBe(400);
    }
  });

  describe('a new password', () => {
    const next = 'other lantern bridge 55';

    async function withPassword(name: string, email: string | null): Promise<void> {
      expect(
        (await accept(await linked(gate.operatorToken, { kind: 'account', name }), null, newcomer(name))).status,
      ).toBe(200);
      if (email !== null) await setEmail(name, email);
    }

    async function resetOf(nameOrEmail: string): Promise<string | null> {
      const before = (await mails()).length;
      await requestPasswordReset(mailing, { nameOrEmail });
      const sent = (await mails()).slice(before);
      return sent.length === 0 ? null : secretIn(sent[0]?.body ?? '');
    }

    test('comes to whoever has the address, once, and ends every session', async () => {
      await withPassword('julia', 'julia@example.org');
      const session = (
        await acceptInvitation(gate.gate, await linked(moderator, { kind: 'account' }), {
          ...newcomer('sitter'),
          label: 'x',
        })
      ).session;
      expect(session).not.toBeNull();
      await setEmail('sitter', 'sitter@example.org');
      const secret = (await resetOf('sitter')) ?? '';
      expect((await accept(secret, null, { newPassword: next })).body).toMatchObject({ account: 'sitter' });
      expect(await findSession(gate.gate, session?.secret ?? '')).toBeNull();
      expect([await canSignIn('sitter'), await canSignIn('sitter', next)]).toEqual([false, true]);
      expect(codeOf(await accept(secret, null, { newPassword: next }))).toBe('410 INVITATION_INVALID');
      expect(await resetOf('JULIA@example.org')).not.toBeNull();
    });

    test('the answer is the same whoever is asked for, and mail goes to those that are there', async () => {
      await withPassword('konrad', null);
      await withPassword('lost-soul', 'lost@example.org');
      await sendJson(`${gate.url}/api/v1/accounts/lost-soul/suspension`, 'PUT', moderator, { reason: 'r' });
      for (const who of [
        'konrad',
        'nobody-here',
        'nobody@example.org',
        'lost-soul',
        'portcullis',
        '',
        'a\0b',
        'x'.repeat(100_000),
      ]) {
        const before = (await mails()).length;
        await expect(requestPasswordReset(mailing, { nameOrEmail: who })).resolves.toBeUndefined();
        expect((await mails()).length).toBe(before);
      }
    });

    test('is not offered more than three times an hour to one account, however many ask at once', async () => {
      await withPassword('nagged', 'nagged@example.org');
      const before = (await mails()).length;
      await Promise.all(Array.from({ length: 8 }, () => requestPasswordReset(mailing, { nameOrEmail: 'nagged' })));
      expect((await mails()).length).toBe(before + 3);
    });

    test('comes for every account of an address in one mail, whoever else says that the address is theirs', async () => {
      const squatters = Array.from({ length: 7 }, (_, n) => `squatter-${n}`);
      for (const name of squatters) {
        await member(name);
        await setEmail(name, 'eve@example.org');
      }
      await withPassword('eve', 'eve@example.org');
      await member('elsewhere');
      await setEmail('elsewhere', 'EVE@example.org');
      const before = (await mails()).length;
      await requestPasswordReset(mailing, { nameOrEmail: 'eve@example.org' });
      const sent = (await mails()).slice(before);
      expect(sent.map(({ recipients }) => recipients)).toEqual([['eve@example.org'], ['EVE@example.org']]);
      // Whose mailbox is another's, written small, gets nobody else's link.
      expect(sent[1]?.body.match(/\/console\/invitations\//g)).toHaveLength(1);
      const body = sent[0]?.body ?? '';
      for (const name of [...squatters, 'eve']) expect(body).toContain(`${name}:`);
      const secret = /eve:\s+\S+\/console\/invitations\/(\S+)/.exec(body)?.[1] ?? '';
      expect((await accept(secret, null, { newPassword: next })).body).toMatchObject({ account: 'eve' });
      // Of so many that no mail would hold them the way is the name.
      await gate.gate.database.query(
        "INSERT INTO accounts (name, email) SELECT 'horde-' || n, 'horde@example.org' FROM generate_series(1, 25) n",
      );
      const many = (await mails()).length;
      await requestPasswordReset(mailing, { nameOrEmail: 'horde@example.org' });
      const [mail] = (await mails()).slice(many);
      expect(mail?.body.match(/\/console\/invitations\//g)).toHaveLength(20);
      expect(mail?.body).toContain('by its name');
      expect(await resetOf('horde-25')).not.toBeNull();
    });

    test('ends after an hour, with a changed address, and with a suspension', async () => {
      await withPassword('oskar', 'oskar@example.org');
      const old = (await resetOf('oskar')) ?? '';
      later = 60 * 60 * 1000 + 1_000;
      expect(codeOf(await accept(old, null, { newPassword: next }))).toBe('410 INVITATION_INVALID');
      const moved = (await resetOf('oskar')) ?? '';
      await setEmail('oskar', 'oskar-now@example.org');
      expect(codeOf(await accept(moved, null, { newPassword: next }))).toBe('410 INVITATION_INVALID');
      const barred = (await resetOf('oskar')) ?? '';
      await sendJson(`${gate.url}/api/v1/accounts/oskar/suspension`, 'PUT', moderator, { reason: 'r' });
      expect(codeOf(await accept(barred, null, { newPassword: next }))).toBe('410 INVITATION_INVALID');
      expect(await canSignIn('oskar', next)).toBe(false);
    });

    test('that was had ends every other link to one, however many are used at once', async () => {
      await withPassword('quirin', 'quirin@example.org');
      const links = [await resetOf('quirin'), await resetOf('quirin'), await resetOf('quirin')];
      const outcomes = await Promise.all(
        links.map((secret, index) => accept(secret ?? '', null, { newPassword: `${next} ${index}` })),
      );
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual([200, 410, 410]);
      expect(await canSignIn('quirin', `${next} ${outcomes.findIndex(({ status }) => status === 200)}`)).toBe(true);
      later = 61 * 60 * 1000;
      const link = (await resetOf('quirin')) ?? '';
      await setPasswordAsOperator(gate.gate, 'quirin', password);
      expect(codeOf(await accept(link, null, { newPassword: next }))).toBe('410 INVITATION_INVALID');
      expect(await canSignIn('quirin')).toBe(true);
    });

    test('is no way to an account, a role or an app', async () => {
      await withPassword('petra', 'petra@example.org');
      const secret = (await resetOf('petra')) ?? '';
      expect(codeOf(await accept(secret, null, newcomer('petra-2')))).toBe('400 INVALID_REQUEST');
      expect(codeOf(await accept(secret, null, newcomer('petra')))).toBe('400 INVALID_REQUEST');
      expect(codeOf(await accept(secret, await member('thief')))).toBe('400 INVALID_REQUEST');
      const { body } = await request(`${gate.url}/api/v1/invitations`, { token: moderator });
      expect(body.invitations.some(({ kind }: { kind: string }) => kind === 'password-reset')).toBe(false);
    });

    test('the log says that one was asked for, by nobody it knows', async () => {
      const rows = await listAuditEntries(gate.gate.database, {
        actor: '(public)',
        kind: 'invitation-made',
        before: null,
        limit: 5,
      });
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.map(({ entry }) => entry).join()).not.toContain('@');
    });
  });
});
