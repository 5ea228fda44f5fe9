import { OPEN_ID_CALLBACK_PATH } from '../../src/accounts/open-id-provider.js';
import { setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { visitConsole, type ConsoleAnswer, type ConsoleVisit } from '../support/console-visit.js';
import { CLIENT_ID, CLIENT_SECRET, startOpenIdProvider, type TestProvider } from '../support/open-id-provider.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const BASE_URL = 'http://gate.example:8080';

let provider: TestProvider;
let gate: TestGate;

beforeAll(async () => {
  provider = await startOpenIdProvider(BASE_URL + OPEN_ID_CALLBACK_PATH);
  gate = await startTestGate({
    environment: {
      BASE_URL,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_NAME: 'Example Identity',
      OIDC_SIGN_UP: 'true',
    },
  });
});

afterAll(async () => {
  await gate.stop();
  await provider.stop();
});

/** Goes where the gate sends the browser, and comes back as the provider says. */
async function throughProvider(visit: ConsoleVisit, location: string): Promise<ConsoleAnswer> {
  const { pathname, search } = await provider.visit(location);
  return visit.get(pathname + search, { 'sec-fetch-site': 'cross-site' });
}

it('signs somebody in with their provider, and leads them on', async () => {
  const visit = visitConsole(gate.url);
  const page = await visit.get('/console/sign-in?returnTo=console/account');
  const [, link = ''] =
    /href="(console\/sign-in\/openid\/begin[^"]*)">Sign in with Example Identity/.exec(page.html) ?? [];
  const begun = await visit.get(`/${link.replace(/&amp;/g, '&')}`);
  expect(begun.status).toBe(303);
  expect(begun.setCookies[0]).toMatch(/^portcullis-openid=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
  provider.person = { sub: 'id-tilda', preferred_username: 'tilda' };
  const done = await throughProvider(visit, begun.location ?? '');
  expect(done.location).toBe('/console/account');
  expect(visit.cookies.has('portcullis-openid')).toBe(false);
  expect((await visit.get('/console/account')).html).toContain('<strong>tilda</strong>');
});

it('signs nobody in whose browser did not begin', async () => {
  const attacker = visitConsole(gate.url);
  const begun = await attacker.get('/console/sign-in/openid/begin');
  provider.person = { sub: 'id-attacker', preferred_username: 'attacker' };
  const { pathname, search } = await provider.visit(begun.location ?? '');
  const victim = visitConsole(gate.url);
  const answer = await victim.get(pathname + search);
  expect(answer.status).toBe(401);
  expect(victim.cookies.has('portcullis-session')).toBe(false);
});

it('shows nothing of what a provider says as anything but text', async () => {
  const visit = visitConsole(gate.url);
  const begun = await visit.get('/console/sign-in/openid/begin');
  provider.person = null;
  const answer = await throughProvider(visit, begun.location ?? '');
  expect(answer.status).toBe(401);
  expect(answer.html).not.toContain('<script>alert');
});

it('links an identity to the account that is signed in, and unlinks it', async () => {
  const visit = visitConsole(gate.url);
  await visit.signInWithToken(gate.operatorToken);
  const page = await visit.send('/console/account/identities/link', {}, '/console/account');
  // A page that leads on by itself: form-action holds for what a form redirects to, too.
  expect(page.status).toBe(200);
  const location = (page.headers.get('refresh') ?? '').replace(/^0; url=/, '');
  expect(page.html).toContain('Continue to Example Identity');
  provider.person = { sub: 'id-operator' };
  const done = await throughProvider(visit, location);
  expect(done.location).toBe('/console/account');
  expect((await visit.follow(done)).html).toContain('The identity is linked to your account.');

  const other = visitConsole(gate.url);
  const begun = await other.get('/console/sign-in/openid/begin');
  expect((await throughProvider(other, begun.location ?? '')).location).toBe('/console');
  expect((await other.get('/console/account')).html).toContain('<strong>operator</strong>');

  await visit.send('/console/account/password', { next: 'nine quiet herons wading' }, '/console/account');
  const fields = { issuer: provider.issuer, subject: 'id-operator' };
  const unlinked = await visit.send('/console/account/identities/unlink', fields, '/console/account');
  expect(unlinked.location).toBe('/console/account');
});

it('links nothing without the password of an account that has one', async () => {
  const name = 'locked-down';
  await gate.token(null, { account: name });
  await setPasswordAsOperator(gate.gate, name, 'nine quiet herons wading');
  const visit = visitConsole(gate.url);
  await visit.signIn(name, 'nine quiet herons wading');
  expect((await visit.get('/console/account')).html).toContain('Link Example Identity');
  const path = '/console/account/identities/link';
  for (const fields of [{ password: '' }, { password: 'not it at all' }]) {
    const refused = await visit.send(path, fields, '/console/account');
    expect([refused.status, refused.headers.get('refresh')]).toEqual([401, null]);
    expect(refused.html).toMatch(/name="password"[^>]*aria-invalid|aria-invalid[^>]*name="password"/);
  }
  const begun = await visit.send(path, { password: 'nine quiet herons wading' }, '/console/account');
  expect(begun.headers.get('refresh')).toContain(provider.issuer);
});

it('links nothing for a browser that has signed out in between', async () => {
  const visit = visitConsole(gate.url);
  await visit.signInWithToken(gate.operatorToken);
  const page = await visit.send(
    '/console/account/identities/link',
    { password: 'nine quiet herons wading' },
    '/console/account',
  );
  const location = (page.headers.get('refresh') ?? '').replace(/^0; url=/, '');
  visit.cookies.delete('portcullis-session');
  provider.person = { sub: 'id-late' };
  expect((await throughProvider(visit, location)).status).toBe(401);
});
