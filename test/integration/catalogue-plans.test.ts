import { request, type ApiAnswer } from '../support/api.js';
import { explain, recordQueries, type RecordedQuery } from '../support/recorded-queries.js';
import { seedCatalogue } from '../support/seeded-catalogue.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * Whatever the storefront is asked, an index answers: in a catalogue that is large enough to tell, every query that the routes send is
 * explained by Postgres with the values that it was sent with.
 */

const SIZE = { apps: 5_000, releases: 50_000 };

/** What grows with the catalogue, and is so large here already that reading all of it is never the quickest. */
const LARGE = new Set([
  ...['releases', 'listings', 'catalogue_changes', 'certificates', 'submissions', 'archive_files'],
  ...['apps', 'release_downloads', 'release_screenshots', 'standing_looks'],
]);

/** So many rows may be looked at in vain for one query, however large the catalogue is. */
const MOST_IN_VAIN = 1_000;

let gate: TestGate;
let queries: readonly RecordedQuery[];
beforeAll(async () => {
  gate = await startTestGate();
  await seedCatalogue(gate.gate.database, SIZE);
  queries = recordQueries(gate.gate.database);
}, 240_000);
afterAll(async () => {
  await gate.stop();
});

/** The tables that are read from their beginning to their end where this is done, or for the most part in vain, with the query. */
async function scannedBy(ask: () => Promise<unknown>): Promise<readonly string[]> {
  const before = queries.length;
  await ask();
  const sent = queries.slice(before).filter(({ text }) => /^\s*(?:SELECT|WITH)\b/i.test(text));
  expect(sent.length).toBeGreaterThan(0);
  const scanned: string[] = [];
  for (const query of sent) {
    const { scans, lookedAtInVain } = await explain(gate.gate.database, query);
    for (const { kind, table } of scans) {
      if (kind === 'Seq Scan' && LARGE.has(table)) scanned.push(`${table}: ${query.text}`);
    }
    if (lookedAtInVain > MOST_IN_VAIN) scanned.push(`${lookedAtInVain} rows in vain: ${query.text}`);
  }
  return scanned;
}

async function read(path: string): Promise<ApiAnswer> {
  const answer = await request(`${gate.url}${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer;
}

/** Two pages of a list. */
async function readPages(path: string): Promise<void> {
  const { body } = await read(path);
  if (body.next !== null) await read(`${path}&after=${encodeURIComponent(body.next)}`);
}

const sorts = ['id', 'name', 'published', 'downloads', 'changed'];
const filters = [
  '',
  'q=calendar',
  'q=team%20calendar',
  'q=nothinglikethis',
  // Words that are common, and never stand together or in this order.
  'q=%22calendar%20team%22%20or%20%22files%20team%22',
  'q=%22the%20of%20and%22%20or%20%22of%20the%20and%22',
  'q=team%20-files%20-the',
  'q=cal%20or%20con',
  'trustLevel=official',
  'trustLevel=experimental',
  'category=productivity',
  'category=nosuchcategory',
  'platform=10.5',
  'platform=10.15.1',
  'platform=99',
  'signed=true',
  'signed=false',
  'status=published',
  'status=withdrawn',
  'changedSince=2025-12-30T00:00:00Z',
  'changedSince=2016-01-01T00:00:00Z',
  'q=calendar&trustLevel=approved&category=security&platform=10.5&signed=true&status=published&changedSince=2020-01-01T00:00:00Z',
];

test.each(sorts)('apps sorted by %s, filtered by anything, page by page, are found by index', async (sort) => {
  for (const filter of filters) {
    const path = `/api/v1/apps?limit=20&sort=${sort}&${filter}`;
    expect([path, await scannedBy(() => readPages(path))]).toEqual([path, []]);
  }
});

test('apps by relevance are found by index', async () => {
  for (const filter of filters.filter((some) => some.startsWith('q='))) {
    const path = `/api/v1/apps?limit=20&sort=relevance&${filter}`;
    expect([path, await scannedBy(() => readPages(path))]).toEqual([path, []]);
  }
});

test('an app, its releases, one of them and what an upgrade changes are found by index', async () => {
  const { body } = await read('/api/v1/apps?limit=1&sort=downloads');
  const [app] = body.apps;
  const releases = `/api/v1/apps/${app.id}/releases`;
  const listed = (await read(`${releases}?limit=2`)).body.releases;
  expect(listed).toHaveLength(2);
  const [to, from] = listed.map(({ version }: { version: string }) => version);
  for (const path of [
    `/api/v1/apps/${app.id}`,
    `${releases}/${to}`,
    `${releases}/${to}/manifest`,
    `/api/v1/apps/${app.id}/upgrade?from=${from}&to=${to}`,
  ]) {
    expect([path, await scannedBy(() => read(path))]).toEqual([path, []]);
  }
  expect(await scannedBy(() => readPages(`${releases}?limit=2`))).toEqual([]);
});

test('the status of five hundred releases at once is found by index', async () => {
  const { body } = await read('/api/v1/apps?limit=500');
  const releases = body.apps.map(({ id, version }: { id: string; version: string }) => ({ app: id, version }));
  expect(releases).toHaveLength(500);
  const ask = async (): Promise<void> => {
    const answer = await request(`${gate.url}/api/v1/releases/status`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ releases }),
    });
    expect(answer.body.releases).toHaveLength(500);
  };
  expect(await scannedBy(ask)).toEqual([]);
});

test('changes, from the beginning or the middle, are found by index', async () => {
  const middle = (await read('/api/v1/changes?limit=500')).body.next;
  for (const path of ['/api/v1/changes?limit=100', `/api/v1/changes?limit=500&after=${middle}`]) {
    expect([path, await scannedBy(() => read(path))]).toEqual([path, []]);
  }
});

test('a page as long as can be is found by index', async () => {
  for (const query of ['sort=name', 'sort=changed', 'sort=relevance&q=calendar']) {
    const path = `/api/v1/apps?limit=500&${query}`;
    expect([path, await scannedBy(() => readPages(path))]).toEqual([path, []]);
  }
});

test('the query that no index answers is found out', async () => {
  const { database } = gate.gate;
  const ask = () => database.query(`SELECT * FROM releases WHERE info ->> 'licence' = 'none'`);
  expect(await scannedBy(ask)).toEqual([
    expect.stringMatching(/^releases: SELECT/),
    expect.stringMatching(/^50000 rows in vain: SELECT/),
  ]);
});
