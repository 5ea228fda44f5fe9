import { TOTP } from 'otpauth';
import { inviteAccount, inviteCoOwner } from '../../src/accounts/invitations.js';
import { authenticate, namedAccount } from '../../src/accounts/tokens.js';
import { setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { suspendAccount } from '../../src/accounts/people.js';
import { findAccount } from '../../src/database/accounts.js';
import { inTransaction } from '../../src/database/connect.js';
import type { Caller } from '../../src/accounts/caller.js';
import { appArchive } from '../support/app-archive.js';
import { upload } from '../support/api.js';
import { visitConsole, type ConsoleVisit } from '../support/console-visit.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const PASSWORD = 'nine quiet herons wading';
const NEXT_PASSWORD = 'seven slow otters diving';

let gate: TestGate;
let operator: Caller;

beforeAll(async () => {
  gate = await startTestGate();
  operator = await authenticate(gate.gate.database, gate.operatorToken, gate.gate.now());
});

afterAll(() => gate.stop());

/** An account with a password that nobody else in these tests uses. */
async function newAccount(name: string): Promise<string> {
  await inTransaction(gate.gate.database, (tx) => namedAccount(tx, name));
  await setPasswordAsOperator(gate.gate, name, PASSWORD);
  return name;
}

async function signedIn(name: string): Promise<ConsoleVisit> {
  const visit = visitConsole(gate.url);
  expect((await visit.signIn(name, PASSWORD)).status).toBe(303);
  return visit;
}

/** Sets up a second step in the pages, and says what makes codes and what the recovery codes are. */
async function setUpSecondStep(
  visit: ConsoleVisit,
): Promise<{ readonly totp: TOTP; readonly recovery: readonly string[] }> {
  const begun = await visit.send(
    '/console/account/second-factor/begin',
    { password: PASSWORD },
    '/console/account/second-factor',
  );
  expect(begun.html).toContain('<svg class="qr"');
  const secret = /<code id="[^"]+">([A-Z2-7 ]+)<\/code>/.exec(begun.html)?.[1]?.replace(/ /g, '') ?? '';
  const totp = new TOTP({ secret });
  const done = await visit.send(
    '/console/account/second-factor/confirm',
    { code: totp.generate() },
    '/console/account/second-factor',
  );
  expect(done.status).toBe(200);
  const list = /<ul class="recovery-codes".*?<\/ul>/.exec(done.html)?.[0] ?? '';
  return { totp, recovery: [...list.matchAll(/<code>([^<]+)<\/code>/g)].map(([, code = '']) => code) };
}

/** The hidden field that leads from the first step of a sign-in to the second. */
function pendingIn(html: string): string {
  return /name="pending" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

describe('the first administrator', () => {
  it('comes in with the token of the first start, sets a password, and comes in with that', async () => {
    const visit = visitConsole(gate.url);
    expect((await visit.signInWithToken(gate.operatorToken)).location).toBe('/console');
    const account = await visit.get('/console/account');
    expect(account.html).toContain('administrator');
    const changed = await visit.send('/console/account/password', { next: PASSWORD }, '/console/account');
    expect((await visit.follow(changed)).html).toContain('Your password is changed.');
    expect((await visitConsole(gate.url).signIn('operator', PASSWORD)).location).toBe('/console');
  });

  it('does not come in with a token that is wrong, or made for some apps', async () => {
    const visit = visitConsole(gate.url);
    const unknown = await visit.signInWithToken(`portcullis_${'A'.repeat(43)}`);
    expect(unknown.status).toBe(401);
    // A secret that was typed is not shown again.
    expect(unknown.html).not.toContain('AAAAAAA');
    const narrow = await visit.signInWithToken(await gate.token('calendar'));
    expect(narrow.status).toBe(403);
    expect(visit.cookies.has('portcullis-session')).toBe(false);
  });
});

describe('sign-in with a password', () => {
  it('says the same of a wrong password and of an account that is not there, and keeps the name', async () => {
    const name = await newAccount('dora');
    const answers = [];
    for (const wrong of [name, 'nobody-at-all']) {
      const answer = await visitConsole(gate.url).signIn(wrong, 'a wrong password');
      expect(answer.status).toBe(401);
      expect(answer.html).toContain(`value="${wrong}"`);
      expect(answer.html).not.toContain('a wrong password');
      answers.push(/role="alert">(.*?)<\/div><\/div>/.exec(answer.html)?.[1]);
    }
    expect(answers[0]).toBeDefined();
    expect(answers[0]).toBe(answers[1]);
  });

  it('says beside each field what is missing', async () => {
    const answer = await visitConsole(gate.url).send('/console/sign-in', { name: '', password: '' });
    expect(answer.status).toBe(422);
    expect(answer.html.match(/aria-invalid/g)).toHaveLength(2);
  });

  it('sends somebody who is signed in already where they want to go', async () => {
    const visit = await signedIn(await newAccount('edna'));
    expect((await visit.get('/console/sign-in?returnTo=console/account')).location).toBe('/console/account');
  });

  it('tells whoever is suspended why, and lets them in nowhere', async () => {
    const name = await newAccount('fran');
    const visit = await signedIn(name);
    await suspendAccount(gate.gate, operator, { name, reason: 'Uploaded malware.' });
    expect((await visit.get('/console/account')).status).toBe(303);
    // Public pages stay what they are for everybody.
    expect((await visit.get('/console/findings')).status).toBe(200);
    const again = await visitConsole(gate.url).signIn(name, PASSWORD);
    expect(again.status).toBe(403);
    expect(again.html).toContain('Uploaded malware.');
  });
});

describe('the second step', () => {
  it('is asked for after the password, takes a code once, and recovery codes once each', async () => {
    const name = await newAccount('gwen');
    const { recovery } = await setUpSecondStep(await signedIn(name));
    expect(recovery).toHaveLength(10);

    const visit = visitConsole(gate.url);
    const asked = await visit.signIn(name, PASSWORD);
    expect(asked.status).toBe(200);
    expect(visit.cookies.has('portcullis-session')).toBe(false);
    expect(asked.html).not.toContain(PASSWORD);
    const pending = pendingIn(asked.html);
    const wrong = await visit.send('/console/sign-in/code', { pending, code: '000000' }, '/console/sign-in');
    expect(wrong.status).toBe(401);
    // The step can be tried again from there.
    expect(pendingIn(wrong.html)).toBe(pending);
    const [code = ''] = recovery;
    const done = await visit.send('/console/sign-in/code', { pending, code }, '/console/sign-in');
    expect(done.location).toBe('/console');

    const other = visitConsole(gate.url);
    const next = pendingIn((await other.signIn(name, PASSWORD)).html);
    expect((await other.send('/console/sign-in/code', { pending: next, code }, '/console/sign-in')).status).toBe(401);
  });

  it('does not begin with what is made up, nor end with what waited too long', async () => {
    const visit = visitConsole(gate.url);
    for (const pending of ['', 'x', 'bWFkZSB1cA']) {
      const answer = await visit.send('/console/sign-in/code', { pending, code: '123456' }, '/console/sign-in');
      expect(answer.location).toBe('/console/sign-in');
    }
  });

  it('is set up with the password, and what is wrong is said beside it', async () => {
    const visit = await signedIn(await newAccount('heidi'));
    const page = '/console/account/second-factor';
    expect((await visit.send(`${page}/begin`, {}, page)).status).toBe(401);
    for (const fields of [{ password: '' }, { password: 'not it at all' }]) {
      const answer = await visit.send(`${page}/begin`, fields, page);
      expect(answer.status).toBe(401);
      expect(answer.html).not.toContain('<svg class="qr"');
      expect(answer.html).toMatch(/name="password"[^>]*aria-invalid|aria-invalid[^>]*name="password"/);
    }
  });

  it('is removed with a code, and not without', async () => {
    const name = await newAccount('hazel');
    const visit = await signedIn(name);
    const { recovery } = await setUpSecondStep(visit);
    const page = '/console/account/second-factor';
    expect((await visit.send(`${page}/remove`, { code: '000000' }, page)).status).toBe(401);
    expect((await visit.send(`${page}/remove`, { code: recovery[1] ?? '' }, page)).location).toBe('/console/account');
    expect((await visitConsole(gate.url).signIn(name, PASSWORD)).status).toBe(303);
  });

  it('is not to be had without a password that it would be second to', async () => {
    const visit = visitConsole(gate.url);
    await inTransaction(gate.gate.database, (tx) => namedAccount(tx, 'ivy'));
    await visit.signInWithToken(await gate.token(null, { account: 'ivy', scopes: ['upload', 'manage'] }));
    expect((await visit.get('/console/account/second-factor')).html).toContain('Set a password first');
  });
});

describe('the account page', () => {
  it('changes the password, which ends every other session', async () => {
    const name = await newAccount('jane');
    const [here, there] = [await signedIn(name), await signedIn(name)];
    const wrong = await here.send(
      '/console/account/password',
      { current: 'not it at all', next: NEXT_PASSWORD },
      '/console/account',
    );
    expect(wrong.status).toBe(401);
    const weak = await here.send(
      '/console/account/password',
      { current: PASSWORD, next: 'password1234' },
      '/console/account',
    );
    expect(weak.status).toBe(422);
    const done = await here.send(
      '/console/account/password',
      { current: PASSWORD, next: NEXT_PASSWORD },
      '/console/account',
    );
    expect(done.location).toBe('/console/account');
    expect((await here.get('/console/account')).status).toBe(200);
    expect((await there.get('/console/account')).status).toBe(303);
    expect((await visitConsole(gate.url).signIn(name, PASSWORD)).status).toBe(401);
    expect((await visitConsole(gate.url).signIn(name, NEXT_PASSWORD)).status).toBe(303);
  });

  it('lists sessions, and ends the others', async () => {
    const name = await newAccount('kate');
    const [here, there] = [await signedIn(name), await signedIn(name)];
    expect((await here.get('/console/account')).html.match(/this one/g)).toHaveLength(1);
    const done = await here.send('/console/account/sessions/end', {}, '/console/account');
    expect((await here.follow(done)).html).toContain('Your other sessions are ended.');
    expect((await there.get('/console/account')).status).toBe(303);
  });

  it('says what was done once, and not again', async () => {
    const name = await newAccount('lena');
    const visit = await signedIn(name);
    const done = await visit.send(
      '/console/account/email',
      { email: 'lena@example.org', password: PASSWORD },
      '/console/account',
    );
    expect((await visit.follow(done)).html).toContain('Your e-mail address is changed.');
    expect((await visit.get('/console/account')).html).not.toContain('Your e-mail address is changed.');
    expect((await findAccount(gate.gate.database, name))?.email).toBe('lena@example.org');
    visit.cookies.set('portcullis-flash', 'You have won');
    expect((await visit.get('/console/account')).html).not.toContain('You have won');
    const bad = await visit.send('/console/account/email', { email: 'not an address' }, '/console/account');
    expect(bad.html).toContain('value="not an address"');
  });
});

describe('a browser left open', () => {
  it('changes no address and links no identity: the password is asked for beside each', async () => {
    const name = await newAccount('wanda');
    const visit = await signedIn(name);
    for (const fields of [{ password: '' }, { password: 'not it at all' }]) {
      const sent = { email: 'thief@example.org', ...fields };
      const answer = await visit.send('/console/account/email', sent, '/console/account');
      expect(answer.status).toBe(401);
      expect(answer.html).toContain('value="thief@example.org"');
      expect(answer.html).toMatch(/name="password"[^>]*aria-invalid|aria-invalid[^>]*name="password"/);
    }
    expect((await findAccount(gate.gate.database, name))?.email).toBeNull();
  });
});

describe('invitations', () => {
  const pathOf = (link: string | null): string => new URL(link ?? '').pathname;

  it('makes an account of a name and a password, signed in at once, and only once', async () => {
    const { link } = await inviteAccount(gate.gate, operator, { name: null, role: 'moderator', email: null });
    const path = pathOf(link);
    const visit = visitConsole(gate.url);
    const page = await visit.get(path);
    expect(page.html).toContain('Join this store');
    const weak = await visit.send(`${path}/account`, { name: 'mina', password: 'short' }, path);
    expect(weak.status).toBe(422);
    expect(weak.html).toContain('value="mina"');
    const done = await visit.send(`${path}/account`, { name: 'mina', password: PASSWORD }, path);
    expect(done.location).toBe('/console');
    expect((await visit.get('/console/account')).html).toContain('moderator');
    expect((await visit.get(path)).status).toBe(410);
  });

  it('is accepted by whoever is signed in, or declined for good', async () => {
    const developer = await gate.token('kites', { account: 'nell', scopes: ['upload', 'manage'] });
    const nell = await authenticate(gate.gate.database, developer, gate.gate.now());
    expect((await upload(gate.url, developer, 'kites', await appArchive({ id: 'kites' }))).status).toBe(201);
    const oona = await signedIn(await newAccount('oona'));

    const declined = pathOf(
      (await inviteCoOwner(gate.gate, nell, { appId: 'kites', account: null, email: null })).link,
    );
    expect((await oona.send(`${declined}/decline`, {}, declined)).location).toBe('/console');
    expect((await oona.get(declined)).status).toBe(410);

    const path = pathOf((await inviteCoOwner(gate.gate, nell, { appId: 'kites', account: null, email: null })).link);
    const stranger = (await visitConsole(gate.url).get(path)).html;
    expect(stranger).toContain('sign in');
    expect(stranger).not.toContain('Make an account');
    expect((await oona.get(path)).html).toContain('Accept as');
    expect((await oona.send(`${path}/accept`, {}, path)).location).toBe('/console/my/apps/kites');
  });

  it('leads whoever has an account back after sign-in', async () => {
    const { link } = await inviteAccount(gate.gate, operator, { name: null, role: 'moderator', email: null });
    const { html } = await visitConsole(gate.url).get(pathOf(link));
    const returnTo = encodeURIComponent(pathOf(link).slice(1));
    expect(html).toContain(`console/sign-in?returnTo=${returnTo}`);
  });
});

describe('a new password', () => {
  it('answers alike whether or not there is such an account', async () => {
    const mailing = await startTestGate({
      environment: { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'gate@example.org' },
    });
    try {
      await inTransaction(mailing.gate.database, (tx) => namedAccount(tx, 'pia'));
      const pages = [];
      for (const nameOrEmail of ['pia', 'nobody', 'nobody@example.org']) {
        const answer = await visitConsole(mailing.url).send('/console/password-reset', { nameOrEmail });
        expect(answer.status).toBe(200);
        pages.push(answer.html);
      }
      expect(new Set(pages).size).toBe(1);
    } finally {
      await mailing.stop();
    }
  });

  it('says where the store sends no mail that it does not', async () => {
    const { html } = await visitConsole(gate.url).get('/console/password-reset');
    expect(html).toContain('This store sends no mail.');
    expect(html).not.toContain('<form method="post" action="console/password-reset"');
  });
});

describe('the explanation of findings', () => {
  it('has a page for every code there is, and finds them by words', async () => {
    const { catalogue } = await import('../../src/report/catalogue.js');
    const visit = visitConsole(gate.url);
    for (const code of Object.keys(catalogue)) {
      expect([code, (await visit.get(`/console/findings/${code}`)).status]).toEqual([code, 200]);
    }
    const found = await visit.get('/console/findings?q=revocation+list');
    expect(found.html).toContain('console/findings/CRL_STALE');
    expect(found.html).not.toContain('console/findings/INFO_XML_MISSING');
    expect((await visit.get('/console/findings?q=xyzzy')).html).toContain('No finding fits');
  });
});
