import type { Browser, Page } from 'playwright-core';
import { SaxesParser } from 'saxes';
import { pages } from '../../src/console/pages.js';
import { sendDueMail } from '../../src/notices/send-mail.js';
import { launchChromium, openWindow, withChromium, chromiumWord } from '../support/browser.js';
import { visitConsole, type ConsoleAnswer, type ConsoleVisit } from '../support/console-visit.js';
import { hostile, marks, startHostileStore, type HostileStore } from '../support/hostile-store.js';

/* Texts from outside, everywhere that they can come in; and then every page, feed, mail and webhook that says them again. */

const roles = ['nobody', 'developer', 'moderator', 'administrator'] as const;
type Role = (typeof roles)[number];

const USER_AGENT = `in-user-agent"'><x-evil onclick=1></x-evil>`;

let store: HostileStore;
const visitors = new Map<Role, ConsoleVisit>();
/** Every page that anybody was shown. */
const seen: { readonly role: Role; readonly path: string; readonly answer: ConsoleAnswer }[] = [];

beforeAll(async () => {
  store = await startHostileStore();
  for (const role of roles) {
    const visit = visitConsole(store.gate.url);
    visitors.set(role, visit);
    if (role !== 'nobody') await signIn(visit, store.tokens[role]);
    await walk(role, visit);
  }
}, 300_000);
afterAll(async () => store.stop());

/** With a browser that says of itself what it likes. */
async function signIn(visit: ConsoleVisit, token: string): Promise<void> {
  const { html } = await visit.get('/console/sign-in/token');
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const form = new URLSearchParams({ csrf, token }).toString();
  const { status } = await visit.post('/console/sign-in/token', form, {
    origin: store.gate.url,
    'user-agent': USER_AGENT,
  });
  expect(status).toBe(303);
}

/** Of an address with a hostile query, whose parts lists show again. */
function queried(path: string): string {
  const text = hostile('in-query').slice(0, 90);
  const names = ['q', 'after', 'app', 'kind', 'actor', 'subject', 'path', 'returnTo'];
  return `${path}?${new URLSearchParams(names.map((name) => [name, text])).toString()}`;
}

/** Every page that can be reached from the pages without parameters, by links; of the many alike only some. */
async function walk(role: Role, visit: ConsoleVisit): Promise<void> {
  const plain = pages.filter(({ method, path }) => method === 'get' && !path.includes('{')).map(({ path }) => path);
  const queue = [...plain, ...plain.map(queried), ...store.seeds];
  const known = new Set(queue);
  const alike = new Map<string, number>();
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const kind = path.replace(/[?].*$/, '').replace(/[0-9a-f]{8}-[0-9a-f-]+|\b[A-Z][A-Z0-9_]+\b/g, '*');
    const count = (alike.get(kind) ?? 0) + 1;
    alike.set(kind, count);
    if (count > 12 || path.includes('/events') || path.startsWith('/console/audit/export')) continue;
    const answer = await visit.get(path);
    seen.push({ role, path, answer });
    for (const [, href = ''] of answer.html.matchAll(/ href="(console[^"#]*)/g)) {
      const next = `/${href.replaceAll('&amp;', '&')}`;
      if (known.has(next) || next.startsWith('/console/assets/')) continue;
      known.add(next);
      queue.push(next);
    }
  }
}

const htmlPages = () => seen.filter(({ answer }) => (answer.headers.get('content-type') ?? '').startsWith('text/html'));

test('every page is shown under the policy that lets no script of others run', () => {
  expect(htmlPages().length).toBeGreaterThan(100);
  for (const { path, answer } of seen) {
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect([path, /default-src 'none'; (?:script-src 'self'; |.*sandbox)/.test(policy)]).toEqual([path, true]);
    expect([path, policy.includes('unsafe')]).toEqual([path, false]);
    expect([path, answer.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    expect([path, answer.status < 500]).toEqual([path, true]);
  }
});

test('what is no page is handed out as a file of plain text, or leads on within the console', () => {
  for (const { path, answer } of seen) {
    const type = answer.headers.get('content-type') ?? '';
    if (type.startsWith('text/html') || answer.status === 303) continue;
    expect([path, answer.headers.get('content-disposition') ?? '']).toEqual([
      path,
      expect.stringMatching(/^attachment; filename="[\w.-]+"$/),
    ]);
  }
  for (const { path, answer } of seen) {
    if (answer.location !== null)
      expect([path, answer.location]).toEqual([path, expect.stringMatching(/^\/console(?:[/?]|$)/)]);
  }
});

test.each(marks)('what came in as %s is shown to somebody, as a text', (mark) => {
  const shown = htmlPages().filter(({ answer }) => answer.html.includes(mark));
  expect(shown.length).toBeGreaterThan(0);
});

test('no page has an element, in its text, that nobody of ours wrote', () => {
  for (const { path, answer } of htmlPages()) {
    expect([path, /<(?:x-evil|img src=x|script>)/i.exec(answer.html)]).toEqual([path, null]);
  }
});

test('a form that is not accepted shows what was typed, as a text', async () => {
  const moderator = visitors.get('administrator');
  if (moderator === undefined) throw new Error('nobody');
  const text = hostile('in-form');
  const sent: ConsoleAnswer[] = [
    await moderator.send('/console/people/invitations', { name: text, email: text, role: text }, '/console/people'),
    await moderator.send(
      '/console/store/apps/calendar/releases',
      { version: text, status: text, reason: text },
      '/console/store/apps/calendar',
    ),
    await moderator.send('/console/people/ada/role', { role: text, reason: text }, '/console/people/ada'),
    await moderator.send('/console/account/email', { email: text }, '/console/account'),
    await visitConsole(store.gate.url).send('/console/sign-in', { name: text, password: text }),
    await visitConsole(store.gate.url).send('/console/password-reset', { nameOrEmail: text.repeat(3) }),
  ];
  for (const answer of sent) {
    seen.push({ role: 'administrator', path: 'a form', answer });
    expect(answer.html).not.toMatch(/<x-evil|<img src=x/);
  }
  expect(sent.filter(({ html }) => html.includes('in-form')).length).toBeGreaterThan(3);
});

withChromium(`every page, ${chromiumWord}`, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
    ({ page } = await openWindow(browser));
  });
  afterAll(async () => browser.close());

  test('has no element, attribute or address that came of a text', async () => {
    const faults = new Set<string>();
    for (const { role, path, answer } of htmlPages()) {
      for (const fault of await page.evaluate(judge, { html: answer.html, origin: store.gate.url }))
        faults.add(`${path} (${role}): ${fault}`);
    }
    expect([...faults]).toEqual([]);
  });

  test('finds such elements where there are any', async () => {
    const html = `<title>${hostile('x')}</title><a href="javascript:1">x</a><form action="https://evil.example/"></form>`;
    const faults = await page.evaluate(judge, { html, origin: store.gate.url });
    expect(faults.length).toBeGreaterThan(4);
  });

  test('runs nothing when it is really opened', async () => {
    const context = await browser.newContext();
    const window = await context.newPage();
    const complaints: string[] = [];
    window.on(
      'console',
      (message) => message.type() === 'error' && complaints.push(`${window.url()}: ${message.text()}`),
    );
    window.on('pageerror', (error) => complaints.push(`${window.url()}: ${String(error)}`));
    window.on('dialog', (dialog) => {
      complaints.push(`${window.url()}: a dialog`);
      void dialog.dismiss();
    });
    const cookies = [...(visitors.get('administrator')?.cookies ?? [])];
    await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: store.gate.url })));
    const opened = htmlPages().filter(
      ({ role, path, answer }) => role === 'administrator' && answer.status === 200 && !/findings|^a form/.test(path),
    );
    for (const { path } of opened.filter(({ answer }) => answer.html.includes('x-evil'))) {
      await window.goto(`${store.gate.url}${path}`);
      const isBroken = await window.evaluate(() =>
        Boolean((globalThis as any).document.querySelector('x-evil, [x-evil]')),
      );
      expect([path, isBroken]).toEqual([path, false]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Runs in the browser: what a page has that none of ours has. */
function judge({ html, origin }: { html: string; origin: string }): string[] {
  const { DOMParser, URL: Address } = globalThis as any;
  const document = new DOMParser().parseFromString(html, 'text/html');
  const faults: string[] = [];
  for (const element of document.querySelectorAll('*')) {
    const tag = element.tagName.toLowerCase();
    const described =
      `<${tag}${[...element.attributes].map(({ name, value }: any) => ` ${name}="${value}"`).join('')}>`.slice(0, 300);
    if (tag.includes('evil') || ['iframe', 'object', 'embed', 'applet', 'frame', 'style'].includes(tag))
      faults.push(described);
    if (
      tag === 'script' &&
      (element.textContent !== '' || !/^console\/assets\/[\w.-]+$/.test(element.getAttribute('src') ?? ''))
    )
      faults.push(described);
    if (tag === 'meta' && element.hasAttribute('http-equiv')) faults.push(described);
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name.includes('evil') || ['style', 'srcdoc'].includes(name)) faults.push(described);
      if (!['href', 'src', 'action', 'formaction', 'xlink:href', 'poster', 'data', 'ping', 'srcset'].includes(name))
        continue;
      const address = new Address(value, `${origin}/`);
      const isPicture = tag === 'img' && value.startsWith('data:image/');
      const isOurs = address.origin === origin;
      const isLink = tag === 'a' && ['https:', 'http:'].includes(address.protocol);
      const isMail = tag === 'a' && address.protocol === 'mailto:' && !value.includes('?');
      if (!isOurs && !isPicture && !isLink && !isMail) faults.push(described);
    }
  }
  return faults;
}

test('the Atom feed and the JSON Feed stay what they are', async () => {
  const atom = await (await fetch(`${store.gate.url}/feeds/releases.atom`)).text();
  const names = new Set<string>();
  const attributes = new Set<string>();
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    names.add(tag.name);
    for (const name of Object.keys(tag.attributes)) attributes.add(name);
  });
  parser.write(atom).close();
  expect(atom).toContain('in-quarantine');
  expect([...names, ...attributes].filter((name) => /evil|onclick|img|script/.test(name))).toEqual([]);
  const json = (await (await fetch(`${store.gate.url}/feeds/releases.json`)).json()) as {
    items: { url: string; content_html?: string }[];
  };
  expect(json.items.filter(({ content_html }) => content_html !== undefined)).toEqual([]);
  for (const { url } of json.items) expect(new URL(url).protocol).toMatch(/^https?:$/);
});

test('the page that describes the API holds nothing of anybody', async () => {
  const response = await fetch(`${store.gate.url}/docs`);
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(html).not.toMatch(/x-evil|<script/);
});

test('a webhook is JSON, and its headers are ours', async () => {
  await store.gate.tell();
  expect(store.receiver.received.length).toBeGreaterThan(0);
  for (const { headers, body, url } of store.receiver.received) {
    expect(Object.keys(headers).filter((name) => /evil|bcc/.test(name))).toEqual([]);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['type', 'timestamp', 'data']);
    expect(url).toMatch(/^\/in-webhook\?[\x21\x23-\x3b\x3d\x3f-\x7e]*$/);
  }
});

test('no mail goes to anybody but whom it is for, and none has a header out of a text', async () => {
  await store.gate.tell();
  await sendDueMail(store.gate.gate, store.gate.gate.mail);
  expect(store.mail.received.length).toBeGreaterThan(3);
  expect(store.mail.received.some(({ source }) => source.includes('in-'))).toBe(true);
  for (const { recipients, source } of store.mail.received) {
    expect(recipients.filter((address) => address.startsWith('evil@'))).toEqual([]);
    const [head = ''] = source.split('\r\n\r\n', 1);
    expect(head).not.toMatch(/^(?:bcc|x-evil|<x-evil)/im);
    expect(head).toMatch(/^content-type: text\/plain/im);
  }
});
