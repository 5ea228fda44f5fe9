import { inSearch } from '../../src/storefront/bounded-searches.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive, infoXml } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* The list of apps: what is found, in which order, and that pages fit together. */

let gate: TestGate;
const first = new Date();
const second = new Date(first.getTime() + 60_000);
let now = first;
let beforeLast: Date;

interface Wish {
  readonly version?: string;
  readonly name?: string;
  readonly category?: string;
  /** Instead of the platform that the others are for. */
  readonly platform?: string;
  readonly more?: string;
  readonly signed?: boolean;
}

async function publish(id: string, wish: Wish = {}): Promise<void> {
  const { version = '1.0.0', name = id, category = 'productivity', platform, more = '', signed = false } = wish;
  const owncloud = '<owncloud min-version="10.0" max-version="10"/>';
  const xml = infoXml({ id, version, name })
    .replace('productivity', category)
    .replace(owncloud, platform ?? owncloud)
    .replace('</info>', `${more}</info>`);
  const token = await gate.token(id, { scopes: ['upload', 'manage'] });
  const archive = signed
    ? await signedApp(gate.authority, { id, version, infoXml: xml })
    : await appArchive({ id, infoXml: xml });
  expect((await upload(gate.url, token, id, archive)).status).toBe(201);
}

beforeAll(async () => {
  gate = await startTestGate({ gate: { now: () => now } });
  await publish('notes', {
    name: 'Field Notes',
    more: `<name lang="de">Feldnotizen</name><summary lang="de">Ein Kalender für alle</summary>
      <summary lang="pt_BR">Um calendário</summary><description lang="de">Schreibt Gedankensplitter auf.</description>`,
  });
  await publish('signed-one', { name: 'Zebra', signed: true, category: 'Multimedia &amp; Games' });
  // What stands is for 9 and 11, and nothing for 10.
  // The words of a category and of a translation have no English stems.
  await publish('viewer', {
    name: 'Viewer',
    category: 'tools',
    more: '<summary lang="de_DE">Zeigt Freigaben</summary>',
  });
  await publish('gap', { platform: '<owncloud min-version="9" max-version="9"/>', version: '1.0.0' });
  now = second;
  await publish('gap', { platform: '<owncloud min-version="11.2"/>', version: '2.0.0', name: 'Gap' });
  await publish('taken-back', { name: 'Field work' });
  await publish('stopped', { name: 'same' });
  // Many that are alike in all that lists are sorted by.
  for (const id of ['same-b', 'same-a', 'same-c']) await publish(id, { name: 'Same' });
  const manage = (path: string, method: string, body: unknown) =>
    sendJson(`${gate.url}/api/v1/apps/${path}`, method, gate.operatorToken, { reason: 'because', ...(body as object) });
  expect((await manage('taken-back/releases/1.0.0/status', 'PUT', { status: 'withdrawn' })).status).toBe(200);
  expect((await manage('stopped/suspension', 'PUT', {})).status).toBe(200);
  expect((await manage('signed-one/trust-level', 'PUT', { trustLevel: 'official' })).status).toBe(200);
  await gate.gate.database.query(`UPDATE listings SET downloads = 70 WHERE app_id = 'gap'`);
  await gate.gate.database.query(`UPDATE listings SET downloads = 7 WHERE app_id IN ('same-b', 'notes')`);
  const { rows } = await gate.gate.database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  beforeLast = rows[0]?.now ?? new Date(Number.NaN);
  await publish('last', { name: 'last', platform: '' });
});
afterAll(async () => {
  await gate.stop();
});

const ask = async (query: string) => request(`${gate.url}/api/v1/apps?${query}`);
const idsOf = ({ body }: { body: { apps: { id: string }[] } }): string[] => body.apps.map(({ id }) => id);
const found = async (query: string): Promise<string[]> => idsOf(await ask(query));

const everyId = ['gap', 'last', 'notes', 'same-a', 'same-b', 'same-c', 'signed-one', 'stopped', 'taken-back', 'viewer'];

describe('an app in the list', () => {
  test('has what a frontend shows of it', async () => {
    const { body } = await ask('q=gap');
    expect(body.apps).toEqual([
      {
        id: 'gap',
        name: 'Gap',
        summary: 'A calendar for everybody',
        categories: ['productivity'],
        trustLevel: 'experimental',
        status: 'published',
        signed: false,
        signedSince: null,
        suspended: null,
        version: '2.0.0',
        publishedAt: second.toISOString(),
        platform: { min: '11.2', max: null },
        licence: 'AGPL',
        authors: [{ name: 'Ada Example', homepage: null }],
        downloads: 70,
        createdAt: expect.any(String),
        changedAt: expect.any(String),
        thumbnail: null,
      },
    ]);
  });

  test('of which nothing stands is there, by what it was', async () => {
    const { body } = await ask('status=withdrawn');
    expect(body.apps).toMatchObject([
      { id: 'taken-back', version: '1.0.0', status: 'withdrawn', platform: { min: '10.0' } },
    ]);
  });

  test('that is suspended says so', async () => {
    const { body } = await ask('status=quarantined');
    expect(body.apps).toMatchObject([{ id: 'stopped', suspended: { reason: 'because' } }]);
  });

  test('is shown by the release before, once the last is withdrawn', async () => {
    const versionOf = async () => (await ask('q=gap')).body.apps[0].version;
    const set = (status: string) =>
      sendJson(`${gate.url}/api/v1/apps/gap/releases/2.0.0/status`, 'PUT', gate.operatorToken, { status, reason: 'x' });
    expect((await set('withdrawn')).status).toBe(200);
    expect([await versionOf(), await found('platform=11.3')]).toEqual(['1.0.0', ['last']]);
    expect((await set('published')).status).toBe(200);
    expect([await versionOf(), await found('platform=11.3')]).toEqual(['2.0.0', ['gap', 'last']]);
  });

  test('is called as its translation does, where it has one', async () => {
    const nameIn = async (lang: string) => {
      const [{ name, summary }] = (await ask(`q=field+notes&lang=${lang}`)).body.apps;
      return [name, summary];
    };
    expect(await nameIn('de')).toEqual(['Feldnotizen', 'Ein Kalender für alle']);
    expect(await nameIn('de_AT')).toEqual(['Feldnotizen', 'Ein Kalender für alle']);
    expect(await nameIn('pt-br')).toEqual(['Field Notes', 'Um calendário']);
    expect(await nameIn('pt')).toEqual(['Field Notes', 'Um calendário']);
    expect(await nameIn('fr')).toEqual(['Field Notes', 'A calendar for everybody']);
    expect((await ask('lang=../../etc')).body.code).toBe('INVALID_REQUEST');
  });
});

describe('a search', () => {
  test.each([
    ['q=notes', ['notes']],
    ['q=NOTES+field', ['notes']],
    ['q=field', ['notes', 'taken-back']],
    ['q=field+-work', ['notes']],
    ['q=zebra+or+notes', ['notes', 'signed-one']],
    ['q=%22field+work%22', ['taken-back']],
    ['q=%22work+notes%22', []],
    // By the stem, and by parts of the id.
    ['q=note', ['notes']],
    ['q=signed', ['signed-one']],
    ['q=signed-one', ['signed-one']],
    // In another language.
    ['q=gedankensplitter', ['notes']],
    ['q=calend%C3%A1rio', ['notes']],
    ['q=nothing-of-the-kind', []],
    // What either reading of a word finds is left out.
    ['q=viewer', ['viewer']],
    ['q=viewer+-tools', []],
    ['q=viewer+-freigaben', []],
    ['q=viewer+-multimedia', ['viewer']],
    ['q=viewer+-%22zeigt+freigaben%22', []],
    ['q=viewer+-%22freigaben+zeigt%22', ['viewer']],
    // A word that English leaves out counts where there is no other.
    ['q=alle+-picture', ['notes']],
    ['q=f%C3%BCr+the+viewer', []],
    ['q=the+viewer', ['viewer']],
    ['q=an+-nothing', []],
    // The last word may be unfinished, but not one of two letters.
    ['q=gedanken', ['notes']],
    ['q=field+gedan', ['notes']],
    ['q=gedan+field', []],
    ['q=ge', []],
    ['q=%22gedan%22', []],
    ['q=viewer+-frei', ['viewer']],
    // Alternatives, each with what it leaves out.
    ['q=zebra+or+viewer+-tools', ['signed-one']],
    ['q=zebra+or+-tools', ['signed-one']],
    ['q=or', []],
    ['q=or+zebra+OR', ['signed-one']],
    ['q=--zebra', []],
    ['q=zebra+%22', ['signed-one']],
    ['q=%22field+work', ['taken-back']],
    // Words that no index finds.
    ['q=-notes', []],
    ['q=%21%26%7C%28%29%3A%2A%27%22%5C', []],
    ['q=%25', []],
  ])('for %s finds %j', async (query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  test('for nothing finds everything', async () => {
    for (const query of ['', 'q=', 'q=++']) expect(await found(query)).toEqual(everyId);
  });
});

describe('searches', () => {
  test('beyond what runs and waits are told to come back, and other lists go on', async () => {
    const { database } = gate.gate;
    let end = (): void => {};
    const held = new Promise<void>((resolve) => (end = resolve));
    const searches = Array.from({ length: 24 }, () => inSearch(database, () => held));
    try {
      const { status, body } = await ask('q=gap');
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect((await ask('category=tools')).status).toBe(200);
    } finally {
      end();
    }
    await Promise.all(searches);
    expect(await found('q=gap')).toEqual(['gap']);
  });

  test('are ended by the database after two seconds', async () => {
    const shown = await inSearch(gate.gate.database, (tx) => tx.query('SHOW statement_timeout'));
    expect(shown.rows).toEqual([{ statement_timeout: '2s' }]);
  });
});

describe('a filter', () => {
  test.each([
    ['trustLevel=official', ['signed-one']],
    ['category=multimedia+%26+games', ['signed-one']],
    ['category=MULTIMEDIA+%26+GAMES', ['signed-one']],
    ['category=multimedia', []],
    ['signed=true', ['signed-one']],
    ['status=withdrawn', ['taken-back']],
    ['status=quarantined', ['stopped']],
    ['platform=9', ['gap', 'last']],
    ['platform=9.1.2.3', ['gap', 'last']],
    ['platform=11.1.99999', ['last']],
    ['platform=11.2', ['gap', 'last']],
    // Whatever begins with it.
    ['platform=11', ['gap', 'last']],
    ['platform=12', ['gap', 'last']],
    ['platform=10.15&q=gap', []],
    ['platform=10.15.1&signed=true', ['signed-one']],
    ['platform=99999.99999.99999.99999', ['gap', 'last']],
    ['trustLevel=official&signed=false', []],
    ['signed=true&category=multimedia+%26+games&status=published&platform=10&q=zebra&sort=relevance', ['signed-one']],
    ['changedSince=2100-01-01T00:00:00Z', []],
    ['changedSince=0001-01-01T00:00:00Z', everyId],
    ['changedSince=2026-05-01T12:00:00%2B02:00&status=withdrawn', ['taken-back']],
  ])('%s leaves %j', async (query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  test('by the time of change leaves what changed since', async () => {
    for (const sort of ['id', 'changed', 'name', 'relevance&q=last']) {
      const ids = await found(`changedSince=${beforeLast.toISOString()}&sort=${sort}`);
      // What another test of this file has changed since may be among them.
      expect([sort, ids.filter((id) => id !== 'gap')]).toEqual([sort, ['last']]);
    }
  });

  test.each([
    'trustLevel=best',
    'signed=yes',
    'status=gone',
    'platform=ten',
    'platform=10.',
    'platform=1.2.3.4.5',
    'platform=100000',
    'changedSince=yesterday',
    'changedSince=2026-02-30T00:00:00Z',
    'changedSince=2026-01-01T25:00:00Z',
    'sort=rating',
    'sort=relevance',
    'sort=relevance&q=',
    'limit=0',
    'limit=501',
    'limit=x',
    `q=${'x'.repeat(201)}`,
    `category=${'x'.repeat(65)}`,
    'category=',
    'q=a%00b',
    'category=a%00b',
    'lang=a%00b',
    'q=a&q=b',
    'after=a%00b',
  ])('that is none is refused: %s', async (query) => {
    const { status, body } = await ask(query);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

const sorts = ['id', 'name', 'published', 'downloads', 'changed', 'relevance'] as const;
// Every app says it.
const queryOf = (sort: string): string => `sort=${sort}${sort === 'relevance' ? '&q=calendar' : ''}`;

describe('an order', () => {
  test.each([
    ['id', everyId],
    // Three of one name, and one that differs in a capital only.
    ['name', ['notes', 'taken-back', 'gap', 'last', 'same-a', 'same-b', 'same-c', 'stopped', 'viewer', 'signed-one']],
    [
      'published',
      ['taken-back', 'stopped', 'same-c', 'same-b', 'same-a', 'last', 'gap', 'viewer', 'signed-one', 'notes'],
    ],
    [
      'downloads',
      ['gap', 'notes', 'same-b', 'last', 'same-a', 'same-c', 'signed-one', 'stopped', 'taken-back', 'viewer'],
    ],
  ])('by %s is %j', async (sort, ids) => {
    expect(await found(`sort=${sort}`)).toEqual(ids);
  });

  test('by change begins with what changed last', async () => {
    const { body } = await ask('sort=changed');
    const times = body.apps.map(({ changedAt }: { changedAt: string }) => changedAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('by relevance begins with what is called so', async () => {
    await publish('calendar', { name: 'Calendar' });
    everyId.unshift('calendar');
    expect((await found('q=calendar&sort=relevance'))[0]).toBe('calendar');
  });

  test.each(sorts)(
    'by %s is the same in pages of any size, to the end, with nothing twice or missing',
    async (sort) => {
      const whole = await found(queryOf(sort));
      expect([...whole].sort()).toEqual(everyId);
      for (const limit of [1, 2, 3, everyId.length]) {
        const pages: string[] = [];
        let next: string | null = '';
        while (next !== null) {
          const answer: { body: { apps: { id: string }[]; next: string | null } } = await ask(
            `${queryOf(sort)}&limit=${limit}&after=${next}`,
          );
          expect(answer.body.apps.length).toBeGreaterThan(0);
          pages.push(...idsOf(answer));
          next = answer.body.next;
        }
        expect(pages).toEqual(whole);
      }
    },
  );

  test.each(sorts)('by %s goes on in filtered lists, too', async (sort) => {
    const filter = `${queryOf(sort)}&status=published&platform=11.5`;
    const whole = await found(filter);
    expect([...whole].sort()).toEqual(['gap', 'last']);
    const one = await ask(`${filter}&limit=1`);
    const other = await ask(`${filter}&limit=1&after=${one.body.next}`);
    expect([...idsOf(one), ...idsOf(other), other.body.next]).toEqual([...whole, null]);
  });
});

describe('a cursor', () => {
  const cursor = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

  test('of another order is refused', async () => {
    const cursors = new Map<string, string>();
    for (const sort of sorts) cursors.set(sort, (await ask(`${queryOf(sort)}&limit=1`)).body.next);
    for (const sort of sorts) {
      for (const [other, text] of cursors) {
        if (other === sort) continue;
        const { status, body } = await ask(`${queryOf(sort)}&after=${text}`);
        expect([sort, other, status, body.code]).toEqual([sort, other, 400, 'INVALID_REQUEST']);
      }
    }
  });

  test.each([
    ['id', 'calendar'],
    ['id', cursor('id', '', '')],
    ['id', cursor('id', '', "x' OR 1=1")],
    ['id', cursor('id', '', 'a\u0000bc')],
    ['id', cursor('id', 'x', 'notes')],
    ['id', cursor('id', '')],
    ['id', cursor('id', '', 'notes', 'more')],
    ['id', Buffer.from('{"id":"notes"}').toString('base64url')],
    ['id', Buffer.from('"').toString('base64url')],
    ['id', `${cursor('id', '', 'notes')}%00`],
    ['id', 'A'.repeat(2_001)],
    ['name', cursor('name', '', 'notes')],
    ['name', cursor('name', 'a\u0000b', 'notes')],
    ['name', cursor('name', '\ud800', 'notes')],
    ['name', cursor('name', 'x'.repeat(501), 'notes')],
    ['name', cursor('name', 7, 'notes')],
    ['published', cursor('published', '2026-01-01', 'notes')],
    ['published', cursor('published', '-1', 'notes')],
    ['published', cursor('published', '1'.repeat(17), 'notes')],
    ['downloads', cursor('downloads', '1'.repeat(16), 'notes')],
    ['downloads', cursor('downloads', '1e5', 'notes')],
    ['changed', cursor('changed', 'infinity', 'notes')],
    ['relevance', cursor('relevance', 'NaN', 'notes')],
    ['relevance', cursor('relevance', '-0.5', 'notes')],
    ['relevance', cursor('relevance', '1e-400', 'notes')],
  ])('by %s that nobody gave out is refused: %.40s', async (sort, text) => {
    const { status, body } = await ask(`${queryOf(sort)}&after=${text}`);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test.each([
    ['id', cursor('id', '', 'zzz')],
    ['name', cursor('name', 'zzzz', 'zzz')],
    ['published', cursor('published', '0', 'notes')],
    ['downloads', cursor('downloads', '0', 'zzz')],
    ['changed', cursor('changed', '0', 'notes')],
    ['relevance', cursor('relevance', '1e-99', 'zzz')],
  ])('by %s at the end leads to nothing', async (sort, text) => {
    const { status, body } = await ask(`${queryOf(sort)}&after=${text}`);
    expect([status, body]).toEqual([200, { apps: [], next: null }]);
  });

  test('as far away as there can be one fails nothing', async () => {
    for (const [sort, key] of [
      ['published', '9'.repeat(16)],
      ['changed', '9'.repeat(16)],
      ['downloads', '9'.repeat(15)],
      ['relevance', '999.99999999999999999999e-99'],
    ] as const) {
      expect((await ask(`${queryOf(sort)}&after=${cursor(sort, key, 'notes')}`)).status).toBe(200);
    }
  });
});
