import { pages } from '../../src/console/pages.js';
import { routes } from '../../src/http/app.js';
import { accountOf, people, startAccessStore, type AccessStore, type Person } from '../support/access-store.js';
import { request } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { tokenIn, type ConsoleVisit } from '../support/console-visit.js';
import { pageAccess, type AskedPage, type PageLine } from '../support/page-access-table.js';
import { apiAccess, type AccessLine, type Asked } from '../support/route-access-table.js';

/* Every route and every page × everybody: the tables are in test/support. */

let store: AccessStore;
beforeAll(async () => {
  store = await startAccessStore();
}, 120_000);
afterAll(async () => store.stop());

/** Asks with a token, if any, and says what status came back. */
async function answerTo({ route }: AccessLine, asked: Asked, token: string | undefined): Promise<[number, string]> {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replace(/\{(\w+)\}/g, (_all, name: string) =>
    name === 'path' ? (asked.params?.[name] ?? '') : encodeURIComponent(asked.params?.[name] ?? ''),
  );
  const query = new URLSearchParams(asked.query).toString();
  const address = `${store.gate.url}${path}${query && '?'}${query}`;
  const type = asked.body?.type ?? (asked.json === undefined ? undefined : 'application/json');
  const body = asked.body === undefined ? asked.json && JSON.stringify(asked.json) : new Uint8Array(asked.body.bytes);
  const headers = { ...(type !== undefined && { 'content-type': type }) };
  const init = { method, headers, ...(body !== undefined && { body: body as string }) };
  if (route.endsWith('/submissions/{id}/events')) {
    // It never ends by itself.
    const stop = new AbortController();
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status } = await fetch(address, { headers: authorization, signal: stop.signal });
    stop.abort();
    return [status, ''];
  }
  const { status, body: said } = await request(address, { ...init, ...(token !== undefined && { token }) });
  return [status, (said as { code?: string } | null)?.code ?? ''];
}

describe('the API', () => {
  test('has no route without a line', () => {
    const listed = routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(apiAccess.map(({ route }) => route))].toSorted()).toEqual(listed.toSorted());
  });

  const check = async (line: AccessLine): Promise<void> => {
    const answers: number[] = [];
    let asked: Asked | null = null;
    for (const who of [...people, 'elsewhere'] as const) {
      const token = who === 'elsewhere' ? store.elsewhere : store.tokens[who];
      asked ??= await line.ask(store);
      const [status] = await answerTo(line, asked, token);
      answers.push(status);
      if (status < 300) asked = null;
    }
    expect(answers.join(' ')).toBe(line.expected);
  };
  for (const line of apiAccess) {
    const title = `${line.route}: ${line.expected}`;
    test(title, () => check(line));
  }

  test('does nothing for a suspended account, whatever it asks', async () => {
    for (const line of apiAccess) {
      if (line.expected.startsWith('2')) continue;
      const [status, code] = await answerTo(line, await line.ask(store), store.suspended);
      expect([line.route, status, code]).toEqual([
        line.route,
        403,
        line.route.endsWith('/events') ? code : 'ACCOUNT_SUSPENDED',
      ]);
    }
  });
});

describe('the console', () => {
  interface Browser {
    readonly visit: ConsoleVisit;
    readonly token: string;
  }
  const browsers = new Map<Person, Browser>();

  /** A browser in which they are signed in, with the token of its forms. */
  async function openBrowser(who: Person): Promise<Browser> {
    const visit = await store.browserOf(who === 'nobody' ? null : accountOf[who]);
    const { html } = await visit.get(who === 'nobody' ? '/console/sign-in' : '/console/account');
    return { visit, token: tokenIn(html) };
  }

  async function browserOf(who: Person): Promise<Browser> {
    const browser = browsers.get(who) ?? (await openBrowser(who));
    browsers.set(who, browser);
    return browser;
  }

  /** The status that somebody gets who asks for the page, or sends its form. */
  async function statusFor({ page }: PageLine, asked: AskedPage, who: Person): Promise<number> {
    const [method = '', pattern = ''] = page.split(' ');
    const path = pattern.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(asked.params?.[name] ?? ''));
    const query = new URLSearchParams(asked.query).toString();
    const { visit, token } = asked.isLast === true ? await openBrowser(who) : await browserOf(who);
    const address = `${path}${query && '?'}${query}`;
    if (path.endsWith('/events')) {
      const stop = new AbortController();
      const cookie = [...visit.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const init = { headers: { cookie }, redirect: 'manual', signal: stop.signal } as const;
      const { status } = await fetch(`${store.gate.url}${address}`, init);
      stop.abort();
      return status;
    }
    if (method === 'GET') return (await visit.get(address)).status;
    if (asked.upload !== undefined) return sendArchive(visit, address, token, asked.upload);
    const form = new URLSearchParams({ csrf: token, ...asked.form });
    return (await visit.post(address, form.toString(), { origin: store.gate.url })).status;
  }

  async function sendArchive(visit: ConsoleVisit, address: string, token: string, id: string): Promise<number> {
    const archive = await appArchive({ id, version: store.newVersion() });
    const form = new FormData();
    form.set('csrf', token);
    form.set('appId', id);
    form.set('archive', new File([new Uint8Array(archive)], `${id}.zip`, { type: 'application/zip' }));
    const cookie = [...visit.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, origin: store.gate.url };
    return (await fetch(`${store.gate.url}${address}`, { method: 'POST', headers, body: form, redirect: 'manual' }))
      .status;
  }

  test('has no page without a line', () => {
    const listed = pages.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...new Set(pageAccess.map(({ page }) => page))].toSorted()).toEqual(listed.toSorted());
  });

  for (const line of pageAccess) {
    test(`${line.page}: ${line.expected}`, async () => {
      const answers: number[] = [];
      let asked: AskedPage | null = null;
      for (const who of people) {
        asked ??= await line.ask(store);
        const status = await statusFor(line, asked, who);
        answers.push(status);
        // What led on did something, but for a page that leads to the sign-in.
        if (status < 400 && line.page.startsWith('POST')) asked = null;
      }
      expect(answers.join(' ')).toBe(line.expected);
    });
  }
});
