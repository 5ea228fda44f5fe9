import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { setAccountRole, findAccount } from '../../src/database/accounts.js';
import { endOtherSessions, findSession } from '../../src/accounts/sessions.js';
import { setPasswordAsOperator } from '../../src/accounts/passwords.js';
import { namedAccount } from '../../src/accounts/tokens.js';
import { inTransaction } from '../../src/database/connect.js';
import { consoleRouter } from '../../src/console/console-router.js';
import { createApp } from '../../src/http/app.js';
import { localPath } from '../../src/console/local-path.js';
import { readCookie, writeCookie, sessionCookieName } from '../../src/console/cookies.js';
import { tokenIn, visitConsole, type ConsoleVisit } from '../support/console-visit.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const PASSWORD = 'nine quiet herons wading';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'self'; require-trusted-types-for 'script'; trusted-types portcullis";

let gate: TestGate;

beforeAll(async () => {
  gate = await startTestGate();
  for (const name of ['ada', 'grace', 'mod']) {
    await inTransaction(gate.gate.database, (tx) => namedAccount(tx, name));
    await setPasswordAsOperator(gate.gate, name, PASSWORD);
  }
  await inTransaction(gate.gate.database, async (tx) => {
    const mod = await findAccount(tx, 'mod');
    if (mod === null) throw new Error('no such account');
    await setAccountRole(tx, mod, { role: 'moderator', by: mod.id, reason: 'test' });
  });
});

afterAll(() => gate.stop());

/** A browser in which somebody is signed in. */
async function signedIn(name: string): Promise<ConsoleVisit> {
  const visit = visitConsole(gate.url);
  expect((await visit.signIn(name, PASSWORD)).status).toBe(303);
  return visit;
}

/** The address that an account has, which the form that these tests send changes. */
async function emailOf(name: string): Promise<string | null> {
  return (await findAccount(gate.gate.database, name))?.email ?? null;
}

const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

describe('cookies', () => {
  it('gives a session a cookie that no script reads and no other site sends along', async () => {
    const visit = visitConsole(gate.url);
    const { setCookies } = await visit.signIn('ada', PASSWORD);
    const cookie = setCookies.find((text) => text.startsWith('portcullis-session=portcullis_session_')) ?? '';
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  });

  it('keeps them for this very host, over https only, where BASE_URL is https', () => {
    const name = sessionCookieName('https://apps.example.org/store');
    const cookie = writeCookie('https://apps.example.org/store', { name, value: 'x', maxAgeSeconds: null });
    expect(cookie).toBe('__Host-portcullis=x; Path=/; HttpOnly; SameSite=Lax; Secure');
  });

  it('believes none of two cookies of one name, since another host of the domain set the other', () => {
    expect(readCookie({ cookie: 'a=1; b=2' }, 'b')).toBe('2');
    expect(readCookie({ cookie: 'b=1; b=2' }, 'b')).toBeNull();
    expect(readCookie({ cookie: 'bb=1' }, 'b')).toBeNull();
    expect(readCookie({}, 'b')).toBeNull();
  });

  it('gives a new secret at sign-in: what was planted in the browser before is worth nothing', async () => {
    const victim = visitConsole(gate.url);
    const attacker = await signedIn('grace');
    const planted = attacker.cookies.get('portcullis-session') ?? '';
    victim.cookies.set('portcullis-session', planted);
    await victim.send('/console/sign-in', { name: 'ada', password: PASSWORD }, '/console/account');
    const own = victim.cookies.get('portcullis-session');
    expect(own).not.toBe(planted);
    // And the session that was in it has ended: whoever planted it isn't signed in with the victim.
    expect(await findSession(gate.gate, planted)).toBeNull();
    expect((await victim.get('/console/account')).html).toContain('<strong>ada</strong>');
  });

  it('forgets what a browser had before it signed in', async () => {
    const visit = visitConsole(gate.url);
    await visit.get('/console/sign-in');
    expect(visit.cookies.has('portcullis-form')).toBe(true);
    await visit.signIn('ada', PASSWORD);
    expect(visit.cookies.has('portcullis-form')).toBe(false);
  });

  it('lets nobody in with the cookie of a session that has ended', async () => {
    const [first, second] = [await signedIn('ada'), await signedIn('ada')];
    const session = await findSession(gate.gate, second.cookies.get('portcullis-session') ?? '');
    if (session === null) throw new Error('no session');
    await endOtherSessions(gate.gate, session);
    expect((await first.get('/console/account')).location).toBe('/console/sign-in?returnTo=console%2Faccount');
    expect((await second.get('/console/account')).status).toBe(200);
  });

  it('signs out for good: the cookie is worth nothing afterwards, wherever it was copied to', async () => {
    const visit = await signedIn('ada');
    const cookie = visit.cookies.get('portcullis-session') ?? '';
    expect((await visit.send('/console/sign-out', {}, '/console/account')).location).toBe('/console/sign-in');
    expect(visit.cookies.has('portcullis-session')).toBe(false);
    visit.cookies.set('portcullis-session', cookie);
    expect((await visit.get('/console/account')).status).toBe(303);
  });

  it.each(['', 'x', 'portcullis_session_', `portcullis_session_${'A'.repeat(43)}`, '"', '%00', 'null'])(
    'takes %p for nobody',
    async (value) => {
      const visit = visitConsole(gate.url);
      visit.cookies.set('portcullis-session', value);
      expect((await visit.get('/console/account')).status).toBe(303);
    },
  );

  it('takes no bearer token for a session, and no session for a bearer token', async () => {
    const visit = visitConsole(gate.url);
    visit.cookies.set('portcullis-session', gate.operatorToken);
    expect((await visit.get('/console/account')).status).toBe(303);
    const secret = (await signedIn('ada')).cookies.get('portcullis-session') ?? '';
    const answer = await fetch(`${gate.url}/api/v1/tokens`, { headers: { authorization: `Bearer ${secret}` } });
    expect(answer.status).toBe(401);
  });
});

describe('headers', () => {
  let ada: ConsoleVisit;
  beforeAll(async () => (ada = await signedIn('ada')));

  const paths = [
    '/console',
    '/console/sign-in',
    '/console/sign-in/token',
    '/console/sign-in/code',
    '/console/password-reset',
    '/console/invitations/x',
    '/console/account',
    '/console/account/second-factor',
    '/console/findings',
    '/console/findings/BAD_CHAIN',
    '/console/nothing',
  ];

  it.each(paths)('%s allows no script of others and no frame, whoever asks', async (path) => {
    for (const visit of [visitConsole(gate.url), ada]) {
      const { headers, html } = await visit.get(path);
      expect(headers.get('content-security-policy')).toBe(POLICY);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toMatch(/^(same-origin|no-referrer)$/);
      // Nothing that the policy would have to let through.
      expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:/i);
    }
  });

  it.each(paths)('%s is kept by no cache for whoever is signed in', async (path) => {
    expect((await ada.get(path)).headers.get('cache-control')).toBe('no-store');
  });

  it('keeps the address of an invitation to itself', async () => {
    const visit = visitConsole(gate.url);
    const { status, headers } = await visit.get('/console/invitations/portcullis_invitation_unknown');
    expect(status).toBe(410);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('serves its assets under names that tell their content, to be kept for ever', async () => {
    const visit = visitConsole(gate.url);
    const { html } = await visit.get('/console/findings');
    const names = [...html.matchAll(/(?:href|src)="(console\/assets\/[^"]+)"/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      const { status, headers } = await visit.get(`/${name}`);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await visit.get('/console/assets/console-000000000000.js')).status).toBe(404);
    expect((await visit.get('/console/assets/..%2f..%2fpackage.json')).status).toBe(404);
  });
});

it('writes no secret of an address into the log', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const server = createServer(createApp(gate.gate, log, consoleRouter(gate.gate, log)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const secret = `portcullis_invitation_SECRET${'_-aZ9'.repeat(8)}`;
  const paths = [
    ...[secret, `${secret}/`, `${secret}/accept`, `${secret}/nothing/at/all`].map(
      (path) => `console/invitations/${path}`,
    ),
    // As mail programs and people mangle them.
    ...[`/console/invitations/${secret}`, `Console/invitations/${secret}`, `console//invitations/${secret}`],
    ...[`console/invitations%2F${secret}`, `gate/console/invitations/${secret}`, `api/v1/invitations/${secret}`],
    ...[`portcullis_${'SECRET'.repeat(7)}A`, `x/portcullis_session_${'SECRET'.repeat(7)}A/y`],
  ];
  for (const path of paths) await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
  await new Promise((resolve) => server.close(resolve));
  expect(lines).toHaveLength(paths.length);
  expect(lines.join('')).toContain('/console/invitations/{secret}');
  expect(lines.join('')).not.toContain('SECRET');
});

describe('forms', () => {
  const path = '/console/account/email';
  const fields = { email: 'evil@example.org', password: PASSWORD };

  it('takes a form with the token of its own session', async () => {
    const visit = await signedIn('grace');
    expect(
      (await visit.send(path, { email: 'grace@example.org', password: PASSWORD }, '/console/account')).status,
    ).toBe(303);
    expect(await emailOf('grace')).toBe('grace@example.org');
  });

  it.each([
    ['no token', async () => ''],
    ['a wrong one', async () => 'A'.repeat(43)],
    ["another session's", async () => tokenIn((await (await signedIn('grace')).get('/console/account')).html)],
    ["a form's before sign-in", async () => tokenIn((await visitConsole(gate.url).get('/console/sign-in')).html)],
  ])('does nothing for a form with %s', async (_what, tokenOf) => {
    const visit = await signedIn('ada');
    const answer = await visit.post(path, form({ ...fields, csrf: await tokenOf() }), { origin: gate.url });
    expect(answer.status).toBe(403);
    expect(await emailOf('ada')).toBeNull();
  });

  it('shows a form whose token is too old again, with what was typed', async () => {
    const visit = await signedIn('ada');
    const answer = await visit.post(path, form({ email: 'ada@example.org', csrf: 'old' }), { origin: gate.url });
    expect(answer.html).toContain('value="ada@example.org"');
    expect(tokenIn(answer.html)).not.toBe('old');
    // What doesn't say where it comes from could be another site's filling in.
    const unsaid = await visit.post(path, form({ email: 'ada@example.org', csrf: 'old' }));
    expect(unsaid.status).toBe(403);
    expect(unsaid.html).not.toContain('ada@example.org');
  });

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1' }],
    [{ origin: '' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ] as [Record<string, string>][])('does nothing for a form from elsewhere: %j', async (headers) => {
    const visit = await signedIn('ada');
    const csrf = tokenIn((await visit.get('/console/account')).html);
    // fetch sets some of these headers itself, so this goes past it.
    expect(await postRaw(path, form({ ...fields, csrf }), visit, headers)).toBe(403);
    expect(await emailOf('ada')).toBeNull();
  });

  it('takes the token from a header as well, for scripts', async () => {
    const visit = await signedIn('mod');
    const token = tokenIn((await visit.get('/console/account')).html);
    const answer = await visit.post(path, form({ email: 'mod@example.org', password: PASSWORD }), {
      'x-csrf-token': token,
    });
    expect(answer.status).toBe(303);
  });

  it('signs nobody in with a form of another browser: each has its own token', async () => {
    const attacker = visitConsole(gate.url);
    const token = tokenIn((await attacker.get('/console/sign-in')).html);
    const victim = visitConsole(gate.url);
    await victim.get('/console/sign-in');
    const body = form({ name: 'grace', password: PASSWORD, csrf: token });
    const answer = await victim.post('/console/sign-in', body, { origin: gate.url });
    expect(answer.status).toBe(403);
    expect(victim.cookies.has('portcullis-session')).toBe(false);
    // Nor with a cookie that this gate did not make.
    victim.cookies.set('portcullis-form', 'bWFkZSB1cA');
    expect((await victim.post('/console/sign-in', body, { origin: gate.url })).status).toBe(403);
  });

  it('takes no form by any other method than its own', async () => {
    const visit = await signedIn('ada');
    const csrf = tokenIn((await visit.get('/console/account')).html);
    const answer = await visit.get(`${path}?${form({ ...fields, csrf })}`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(await emailOf('ada')).toBeNull();
  });

  it('reads 256 KiB of a form and no more', async () => {
    const visit = await signedIn('ada');
    const csrf = tokenIn((await visit.get('/console/account')).html);
    const answer = await visit.post(path, form({ email: 'x'.repeat(256 * 1024), csrf }), { origin: gate.url });
    expect(answer.status).toBe(413);
    expect(answer.headers.get('content-type')).toContain('text/html');
    const many = Array.from({ length: 2000 }, (_, index) => `a${index}=1`).join('&');
    expect((await visit.post(path, many, { origin: gate.url })).status).toBe(413);
  });

  it.each([
    ['JSON', '{"email":"evil@example.org"}', 'application/json'],
    ['plain text', 'email=evil@example.org', 'text/plain'],
  ])('reads no %s', async (_what, body, type) => {
    const visit = await signedIn('ada');
    const answer = await visit.post(path, body, { 'content-type': type, origin: gate.url });
    expect(answer.status).toBe(403);
    expect(await emailOf('ada')).toBeNull();
  });

  it('refuses NUL and half characters instead of failing on them', async () => {
    const visit = visitConsole(gate.url);
    const answer = await visit.send('/console/sign-in', { name: 'a\0b', password: PASSWORD });
    expect([401, 422]).toContain(answer.status);
    const twice = await visit.send('/console/sign-in', { name: ['a', 'b'], password: PASSWORD });
    expect(twice.status).toBe(422);
  });

  it('escapes what was typed where it shows it again', async () => {
    const visit = await signedIn('ada');
    const email = '"><script>alert(1)</script>';
    const answer = await visit.send(path, { email }, '/console/account');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.html).not.toContain('<script>alert');
    expect(answer.html).toContain('&quot;>&lt;script>alert(1)');
  });
});

describe('the way back after sign-in', () => {
  let ada: ConsoleVisit;
  beforeAll(async () => (ada = await signedIn('ada')));

  const tricks = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/console/..//evil.example',
    '/console//evil.example',
    'console/../../evil',
    'console/%2e%2e/evil',
    'console/.%2E/api',
    'console\\evil',
    'console/\\evil.example',
    'consoleevil.example',
    'console.evil.example',
    'console@evil.example',
    '/console:80@evil.example',
    'javascript:alert(1)',
    'console/\njavascript:alert(1)',
    '\tconsole',
    'console/\r\nset-cookie: a=b',
    'console/ä',
    'data:text/html,x',
    ' console',
    `console/${'a'.repeat(3000)}`,
    '/CONSOLE',
    '',
  ];

  it.each(tricks)('%p leads to the first page', async (returnTo) => {
    expect(localPath(returnTo)).toBeNull();
    const answer = await visitConsole(gate.url).send('/console/sign-in', { name: 'ada', password: PASSWORD, returnTo });
    expect(answer.location).toBe('/console');
    const query = new URLSearchParams({ returnTo }).toString();
    expect((await ada.get(`/console/sign-in?${query}`)).location).toBe('/console');
  });

  it.each(['console', '/console', 'console/account', '/console/queue?kind=held&q=a%2F%2Fb'])(
    '%p is taken',
    (returnTo) => {
      expect(localPath(returnTo)).toBe(returnTo.replace(/^\//, ''));
    },
  );

  it('is where somebody wanted to go', async () => {
    const visit = visitConsole(gate.url);
    const { location } = await visit.get('/console/account?from=mail');
    expect(location).toBe('/console/sign-in?returnTo=console%2Faccount%3Ffrom%3Dmail');
    const { html } = await visit.get(location ?? '');
    expect(html).toContain('value="console/account?from=mail"');
  });
});

describe('pages', () => {
  it('lets developers into no page of moderators, and says so', async () => {
    const { pages } = await import('../../src/console/pages.js');
    const developer = await signedIn('ada');
    for (const { path, method, access } of pages) {
      if (method !== 'get' || (access !== 'moderator' && access !== 'administrator')) continue;
      const address = path.replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
      expect([path, (await developer.get(address)).status]).toEqual([path, 403]);
      expect([path, (await visitConsole(gate.url).get(address)).status]).toEqual([path, 303]);
    }
  });

  it('does no form of any page for a browser that nobody signed in with, or without its token', async () => {
    const { pages } = await import('../../src/console/pages.js');
    for (const { path, method, access } of pages) {
      if (method !== 'post') continue;
      const address = path.replace(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
      const anonymous = await visitConsole(gate.url).post(address, '', { origin: gate.url });
      // Of a form whose page is not there either, that is said: nothing is done all the same.
      const refusals = access === 'anyone' ? [403, 404, 410] : [401];
      expect({ path, refused: refusals.includes(anonymous.status) }).toEqual({ path, refused: true });
    }
  });

  it('answers HEAD like GET, without a body', async () => {
    const response = await fetch(`${gate.url}/console/findings`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(1000);
    expect(await response.text()).toBe('');
  });

  it.each([
    '/console/nothing',
    '/console/findings/NO_SUCH_CODE',
    '/console/findings/constructor',
    '/console/%ff',
    '/console/account/',
  ])('%s is a page that says that nothing is there', async (path) => {
    const { status, headers } = await visitConsole(gate.url).get(path);
    expect([400, 404]).toContain(status);
    expect(headers.get('content-type')).toContain('text/html');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is no method of a page', async (method) => {
    const response = await fetch(`${gate.url}/console/findings`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('leaves the rest of the gate as it was', async () => {
    expect((await visitConsole(gate.url).get('/')).location).toBe('/docs');
    const unknown = await fetch(`${gate.url}/consoles`);
    expect(unknown.headers.get('content-type')).toBe('application/problem+json');
  });

  it('writes every link relative to the path of BASE_URL, and redirects beneath it', async () => {
    const below = await startTestGate({ environment: { BASE_URL: 'https://apps.example.org/store' } });
    try {
      const visit = visitConsole(below.url);
      const { html, setCookies } = await visit.get('/console/sign-in');
      expect(html).toContain('<base href="/store/"/>');
      expect(html).not.toMatch(/(?:href|src|action)="\/(?!store\/")/);
      expect(setCookies[0]).toMatch(/^__Host-portcullis-form=.*; Secure/);
      expect((await visit.get('/console/account')).location).toBe('/store/console/sign-in?returnTo=console%2Faccount');
    } finally {
      await below.stop();
    }
  });
});

/** Sends a form with exactly these headers, and says what status came back. */
async function postRaw(
  path: string,
  body: string,
  visit: ConsoleVisit,
  headers: Record<string, string>,
): Promise<number> {
  const cookie = [...visit.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const all = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
    cookie,
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${gate.url}${path}`, { method: 'POST', headers: all }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
