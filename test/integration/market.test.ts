import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { inTransaction, type Database } from '../../src/database/connect.js';
import type { Gate } from '../../src/gate.js';
import { readFeedState, readMarketFeed } from '../../src/storefront/market-feed.js';
import { createWaitingRoom } from '../../src/storefront/waiting-room.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { seedCatalogue } from '../support/seeded-catalogue.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/** What an app's info.xml may say that these tests are about. */
interface Published {
  readonly id: string;
  readonly version?: string;
  readonly name?: string;
  /** The element `<owncloud …/>`, or none. */
  readonly range?: string;
  readonly more?: string;
}

const ANY_TEN = 'min-version="10.0" max-version="10"';

async function publish(gate: TestGate, { id, version = '1.0.0', name = id, range = ANY_TEN, more = '' }: Published) {
  const infoXml = `<?xml version="1.0"?><info><id>${id}</id><name>${name}</name><version>${version}</version>
    <dependencies>${range === '' ? '' : `<owncloud ${range}/>`}</dependencies>${more}</info>`;
  const answer = await upload(gate.url, gate.operatorToken, id, await appArchive({ id, version, infoXml }));
  expect(answer.status).toBe(201);
}

async function setStatus(gate: TestGate, id: string, version: string, status: string): Promise<void> {
  const path = `/api/v1/apps/${id}/releases/${version}/status`;
  expect((await sendJson(gate.url + path, 'PUT', gate.operatorToken, { status, reason: 'For tests.' })).status).toBe(
    200,
  );
}

const feed = async (
  gate: TestGate,
  platform: string | null,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> =>
  request(`${gate.url}/api/v1/${platform === null ? '' : `platform/${platform}/`}apps.json`, { headers });

/** Publishes what no upload would let in, as older gates may have. */
async function insertRelease({ gate: { database } }: TestGate, id: string, info: unknown): Promise<void> {
  await database.query('INSERT INTO apps (id) VALUES ($1)', [id]);
  await database.query(
    `INSERT INTO archive_files (archive_sha256, files) VALUES (repeat('a', 64), '{}') ON CONFLICT DO NOTHING`,
  );
  await database.query(
    `WITH submitted AS (
       INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
         SELECT gen_random_uuid(), $1, '1.0.0', 'accepted', repeat('a', 64), 10, '{}', account_id, id, now() FROM tokens LIMIT 1
         RETURNING id, app_id, version, archive_sha256, archive_bytes)
     INSERT INTO releases (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, info, published_at)
       SELECT app_id, version, id, archive_sha256, archive_bytes, false, '{"status":"absent","signer":null}', $2, now() FROM submitted`,
    [id, JSON.stringify(info)],
  );
}

interface Listed {
  readonly id: string;
  readonly categories: readonly string[];
  readonly releases: readonly { readonly version: string; readonly download: string }[];
}

/** Of every app listed its versions. */
async function versions(gate: TestGate, platform: string | null): Promise<Readonly<Record<string, readonly string[]>>> {
  const { status, body } = await feed(gate, platform);
  expect(status).toBe(200);
  return Object.fromEntries((body as Listed[]).map(({ id, releases }) => [id, releases.map(({ version }) => version)]));
}

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => gate.stop());

/**
 * What ownCloud's market app reads of an app (its PHP, or its pages), of what type it takes it to be, and what it does where it is
 * not there. The same table is in docs/owncloud.md.
 */
const readOfApp: readonly (readonly [field: string, type: string, whenAbsent: string])[] = [
  ['id', 'string', 'the whole list fails: every app is looked up by it'],
  ['name', 'string', 'a tile without a title'],
  ['title', 'string', 'a bundle shows a row without a name'],
  ['categories', 'array', 'listing by category fails; pages that show the first one are not drawn'],
  ['description', 'string', 'the page of the app is not drawn: there is nothing to convert from Markdown'],
  ['screenshots.0.url', 'string', 'older ones don’t draw the tile, nor the page of the app'],
  ['marketplace', 'string', 'a link to nowhere'],
  ['downloads', 'number', 'nothing'],
  ['rating.mean', 'number', 'the stars are not drawn, nor what they are in'],
  ['downloadable', 'boolean', 'no button to install it: a link to the marketplace in its place'],
  ['publisher.name', 'string', 'without a publisher the page of the app is not drawn'],
  ['publisher.url', 'string', 'a link to nowhere'],
  ['publisher.isPagePublic', 'boolean', 'the name of the publisher is no link'],
  ['releases', 'array', 'the whole list fails'],
  ['releases.0.version', 'string', 'no updates, and nothing is installed'],
  ['releases.0.platformMin', 'string', 'counts as lower than any version'],
  [
    'releases.0.platformMax',
    'string',
    'counts as lower than any version: no server is low enough, and it is never installed',
  ],
  ['releases.0.download', 'string', 'nothing is fetched; without an ending in its path the archive can’t be opened'],
  [
    'releases.0.license',
    'string',
    'not shown; “ownCloud Commercial License” of the first one makes servers before 10.5 ask for a key',
  ],
  ['releases.0.created', 'string', 'no date is shown'],
];

function memberOf(value: any, path: string): unknown {
  return path.split('.').reduce((member: any, name) => member?.[name], value);
}

describe('what is listed', () => {
  beforeAll(async () => {
    await publish(gate, { id: 'bare-app', range: '' });
    await publish(gate, {
      id: 'full-app',
      more: '<category>Tools</category><category>tools</category><category>Office</category>',
    });
    await publish(gate, { id: 'full-app', version: '1.10.0', more: '<category>Tools</category>' });
    await publish(gate, { id: 'full-app', version: '1.9.0', more: '<category>Tools</category>' });
  });

  test.each(readOfApp)('%s is there, as %s', async (field, type) => {
    for (const app of (await feed(gate, '10.15.0')).body as Listed[]) {
      const value = memberOf(app, field);
      expect([app.id, Array.isArray(value) ? 'array' : typeof value]).toEqual([app.id, type]);
    }
  });

  test('an app without a range is for every version, in words that the market app compares', async () => {
    for (const platform of ['9.1.0', '10.15.0', '99999'])
      expect(await versions(gate, platform)).toHaveProperty('bare-app');
    const [bare] = (await feed(gate, '8')).body as Listed[];
    expect(bare?.releases[0]).toMatchObject({ platformMin: '0', platformMax: '99999' });
  });

  test('of several releases the one published last comes first, not the highest', async () => {
    expect((await versions(gate, '10.15.0'))['full-app']).toEqual(['1.9.0', '1.10.0', '1.0.0']);
  });

  test('an archive is where the list says, and its address ends in .zip', async () => {
    const { releases } = ((await feed(gate, null)).body as Listed[]).find(({ id }) => id === 'full-app') ?? {
      releases: [],
    };
    for (const { version, download } of releases) {
      expect(download).toBe(
        `${gate.gate.baseUrl}/api/v1/apps/full-app/releases/${version}/archive/full-app-${version}.zip`,
      );
      const fetched = await fetch(download.replace(gate.gate.baseUrl, gate.url));
      expect([fetched.status, fetched.headers.get('content-type')]).toEqual([200, 'application/zip']);
      await fetched.arrayBuffer();
    }
  });

  test('each category of an app is explained, under the same id, in English', async () => {
    const { body } = await request(`${gate.url}/api/v1/categories.json`);
    const apps = (await feed(gate, null)).body as Listed[];
    for (const category of apps.flatMap(({ categories }) => categories)) {
      expect(body).toContainEqual({
        id: category,
        translations: { en: { name: expect.any(String), description: '' } },
      });
    }
    expect(apps.find(({ id }) => id === 'full-app')?.categories).toEqual(['tools']);
    expect((body as { id: string }[]).filter(({ id }) => id === 'tools')).toHaveLength(1);
  });

  test.each<[string, unknown, Readonly<Record<string, unknown>>]>([
    ['nothing', {}, { name: 'odd-nothing', categories: [] }],
    [
      'nulls',
      { name: null, authors: null, categories: null, translations: null, platform: null },
      { name: 'odd-nulls' },
    ],
    [
      'scalars',
      { name: 7, authors: 'Ada', categories: [1, null, 'Tools'], translations: [1, 'x'], platform: '10', website: {} },
      { name: 'odd-scalars', categories: ['tools'] },
    ],
    [
      'addresses',
      { name: 'Odd', authors: [{ name: 'Ada', homepage: 'javascript:alert(1)' }], website: 'data:,x' },
      { name: 'Odd', publisher: { name: 'Ada', url: expect.stringMatching(/^http/), isPagePublic: false } },
    ],
    [
      'platforms',
      { name: 'Odd', platform: { min: '10.x', max: '' }, licence: 'x'.repeat(1_000) },
      { releases: [expect.objectContaining({ platformMin: '0', platformMax: '99999' })] },
    ],
  ])('an app that says odd %s takes no list from others', async (what, info, expected) => {
    await insertRelease(gate, `odd-${what}`, info);
    const { status, body } = await feed(gate, '10.15.0');
    expect(status).toBe(200);
    expect((body as Listed[]).find(({ id }) => id === `odd-${what}`)).toMatchObject(expected);
    expect((body as Listed[]).map(({ id }) => id)).toContain('full-app');
  });

  test('an app whose platforms end before they begin is for none', async () => {
    await insertRelease(gate, 'odd-range', { name: 'Odd', platform: { min: '11', max: '10' } });
    for (const platform of ['10.15.0', '11']) expect(await versions(gate, platform)).not.toHaveProperty('odd-range');
  });

  test('ownCloud itself is no app', async () => {
    await insertRelease(gate, 'core', { id: 'core', version: '10.15.0', name: 'ownCloud', categories: ['server'] });
    expect(await versions(gate, null)).not.toHaveProperty('core');
    expect(await versions(gate, '10.15.0')).not.toHaveProperty('core');
    const { body } = await request(`${gate.url}/api/v1/categories.json`);
    expect((body as { id: string }[]).map(({ id }) => id)).not.toContain('server');
  });

  test('without bundles there are none', async () => {
    expect(await request(`${gate.url}/api/v1/bundles.json`)).toMatchObject({ status: 200, body: [] });
  });
});

describe('which platform it is for', () => {
  const ranges: Readonly<Record<string, string>> = {
    'from-10-5': 'min-version="10.5"',
    'up-to-10': 'max-version="10"',
    'only-10-5': 'min-version="10.5" max-version="10.5"',
    'from-10-5-2-3': 'min-version="10.5.2.3" max-version="10.5.3"',
    'ten-and-eleven': 'min-version="10" max-version="11"',
  };
  beforeAll(async () => {
    for (const [id, range] of Object.entries(ranges)) await publish(gate, { id, range });
    // What it is for differs by release.
    await publish(gate, { id: 'two-lines', version: '1.0.0', range: 'min-version="9" max-version="9"' });
    await publish(gate, { id: 'two-lines', version: '2.0.0', range: 'min-version="11" max-version="11"' });
  });

  test.each<[string, readonly string[]]>([
    ['9.1.8', ['up-to-10', 'two-lines']],
    ['10.4.1', ['up-to-10', 'ten-and-eleven']],
    ['10.5.0', ['from-10-5', 'up-to-10', 'only-10-5', 'ten-and-eleven']],
    // A server that asks with three numbers may be 10.5.2.3.
    ['10.5.2', ['from-10-5', 'up-to-10', 'only-10-5', 'from-10-5-2-3', 'ten-and-eleven']],
    ['10.5.2.2', ['from-10-5', 'up-to-10', 'only-10-5', 'ten-and-eleven']],
    ['10.5.3.9', ['from-10-5', 'up-to-10', 'only-10-5', 'from-10-5-2-3', 'ten-and-eleven']],
    ['10.5.4', ['from-10-5', 'up-to-10', 'only-10-5', 'ten-and-eleven']],
    ['10.15.99999', ['from-10-5', 'up-to-10', 'ten-and-eleven']],
    ['10', ['from-10-5', 'up-to-10', 'only-10-5', 'from-10-5-2-3', 'ten-and-eleven']],
    ['11.2', ['from-10-5', 'ten-and-eleven', 'two-lines']],
    ['12.0.0', ['from-10-5']],
    ['010.004.001', ['up-to-10', 'ten-and-eleven']],
  ])('for %s there are %j', async (platform, expected) => {
    const listed = Object.keys(await versions(gate, platform));
    const about = [...Object.keys(ranges), 'two-lines'];
    expect(listed.filter((id) => about.includes(id)).sort()).toEqual([...expected].sort());
  });

  test('of an app only the releases for that version are listed', async () => {
    expect((await versions(gate, '9.1'))['two-lines']).toEqual(['1.0.0']);
    expect((await versions(gate, '11.0'))['two-lines']).toEqual(['2.0.0']);
    expect(await versions(gate, '10.0')).not.toHaveProperty('two-lines');
    expect((await versions(gate, null))['two-lines']).toEqual(['2.0.0', '1.0.0']);
  });

  test.each(['10.x', '10.5.0.0.1', '10.', '-1', '100000', '10.5 ', '1e5', '10,5', "10'--", '%00', '٣', 'latest'])(
    '%j is no version',
    async (platform) => {
      const answer = await feed(gate, encodeURIComponent(platform));
      expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
    },
  );
});

describe('what does not stand', () => {
  const id = 'unsteady';
  beforeAll(async () => {
    await publish(gate, { id, version: '1.0.0' });
    await publish(gate, { id, version: '2.0.0' });
  });

  test.each(['withdrawn', 'quarantined'])(
    'a %s release is not listed, and is again when it is restored',
    async (status) => {
      await setStatus(gate, id, '2.0.0', status);
      expect((await versions(gate, '10.15.0'))[id]).toEqual(['1.0.0']);
      expect((await versions(gate, null))[id]).toEqual(['1.0.0']);
      await setStatus(gate, id, '2.0.0', 'published');
      expect((await versions(gate, '10.15.0'))[id]).toEqual(['2.0.0', '1.0.0']);
    },
  );

  test('an app without a release that stands is not listed', async () => {
    for (const version of ['1.0.0', '2.0.0']) await setStatus(gate, id, version, 'withdrawn');
    expect(await versions(gate, null)).not.toHaveProperty(id);
    for (const version of ['1.0.0', '2.0.0']) await setStatus(gate, id, version, 'published');
  });

  test('a suspended app is not listed, nor explains a category', async () => {
    await publish(gate, { id, version: '3.0.0', more: '<category>only-here</category>' });
    const categories = async (): Promise<readonly string[]> =>
      ((await request(`${gate.url}/api/v1/categories.json`)).body as { id: string }[]).map((each) => each.id);
    expect(await categories()).toContain('only-here');
    const suspension = `${gate.url}/api/v1/apps/${id}/suspension`;
    await sendJson(suspension, 'PUT', gate.operatorToken, { reason: 'For tests.' });
    expect(await versions(gate, '10.15.0')).not.toHaveProperty(id);
    expect(await versions(gate, null)).not.toHaveProperty(id);
    expect(await categories()).not.toContain('only-here');
    await sendJson(suspension, 'DELETE', gate.operatorToken, { reason: 'For tests.' });
    expect((await versions(gate, '10.15.0'))[id]).toEqual(['3.0.0', '2.0.0', '1.0.0']);
  });

  test('that it is suspended counts also where its releases stand', async () => {
    const suspend = async (since: Date | null): Promise<unknown> =>
      gate.gate.database.query(
        `UPDATE apps SET suspended_at = $2, suspended_by = CASE WHEN $2::timestamptz IS NOT NULL THEN (SELECT min(id) FROM accounts) END,
           suspension_reason = CASE WHEN $2::timestamptz IS NOT NULL THEN 'For tests.' END,
           suspended_releases = CASE WHEN $2::timestamptz IS NOT NULL THEN '{}'::text[] END WHERE id = $1`,
        [id, since],
      );
    await suspend(new Date());
    expect(await versions(gate, '10.15.0')).not.toHaveProperty(id);
    expect(await versions(gate, null)).not.toHaveProperty(id);
    await suspend(null);
    expect(await versions(gate, null)).toHaveProperty(id);
  });
});

describe('whoever has it already', () => {
  const tagOf = async (platform: string | null): Promise<string> =>
    (await feed(gate, platform)).headers.get('etag') ?? '';

  test('is told so, for as long as nothing changes', async () => {
    for (const platform of ['10.15.0', null]) {
      const first = await feed(gate, platform);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]+"$/);
      expect(first.headers.get('cache-control')).toBe('public, max-age=60');
      const again = await feed(gate, platform, { 'if-none-match': etag });
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
  });

  test('has another tag for another platform', async () => {
    expect(new Set([await tagOf('10.15.0'), await tagOf('10.15'), await tagOf(null)]).size).toBe(3);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a release', async () => publish(gate, { id: 'fresh-app' })],
    ['a withdrawal', async () => setStatus(gate, 'fresh-app', '1.0.0', 'withdrawn')],
    [
      'a download that was counted',
      async () =>
        gate.gate.database.query(
          `INSERT INTO release_downloads (app_id, version, downloads) VALUES ('full-app', '1.9.0', 41)
           ON CONFLICT (app_id, version) DO UPDATE SET downloads = release_downloads.downloads + 41`,
        ),
    ],
  ])('is told anew after %s', async (_what, change) => {
    const etag = await tagOf('10.15.0');
    await change();
    const answer = await feed(gate, '10.15.0', { 'if-none-match': etag });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).not.toBe(etag);
  });

  test('has another tag after the database was set back and came as far again', async () => {
    const state = async (): Promise<string> => readFeedState(gate.gate, null);
    const history = async (change: string): Promise<readonly string[]> => {
      const seen: string[] = [];
      // What is undone stands for the backup.
      const work = inTransaction(gate.gate.database, async (tx) => {
        await tx.query(change);
        await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
        seen.push(await readFeedState({ ...gate.gate, database: tx as unknown as Database }, null));
        throw new Error('It is set back');
      });
      await expect(work).rejects.toThrow('It is set back');
      return seen;
    };
    const before = await state();
    for (const change of [
      `UPDATE releases SET status_reason = 'one more' WHERE app_id = 'full-app'`,
      'UPDATE release_downloads SET downloads = downloads + 1',
    ]) {
      const [once_, again] = [await history(change), await history(change)];
      expect(new Set([before, ...once_, ...again]).size).toBe(3);
    }
    expect(await state()).toBe(before);
  });

  test('is not told that a list is exact which was read while something changed', async () => {
    const list = { platform: '10.15.0', address: '192.0.2.1' };
    const before = await readFeedState(gate.gate, list.platform);
    expect(await readMarketFeed(gate.gate, { ...list, state: before })).toMatchObject({ exact: true });
    await publish(gate, { id: 'later-app' });
    expect(await readMarketFeed(gate.gate, { ...list, state: before })).toMatchObject({ exact: false });
  });

  test('the numbers of downloads are those that were counted', async () => {
    const app = (
      (await feed(gate, null)).body as { id: string; releases: { version: string; downloads: number }[] }[]
    ).find(({ id }) => id === 'full-app');
    expect(app?.releases.map(({ version, downloads }) => [version, downloads])).toContainEqual(['1.9.0', 41]);
  });
});

describe('a store with keys, bundles and words of its own', () => {
  let closed: TestGate;
  let folder: string;
  const key = { authorization: 'apikey: the-first-key' };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-market-'));
    const bundles = join(folder, 'bundles.json');
    const categories = join(folder, 'categories.json');
    await writeFile(
      bundles,
      JSON.stringify([
        {
          id: 'starter',
          title: 'To begin with',
          description: 'Some',
          apps: ['notes-app', 'not-there', 'core', 'tasks-app', 'notes-app'],
        },
        { id: 'empty', title: 'Nothing of it', apps: ['not-there'] },
      ]),
    );
    await writeFile(
      categories,
      JSON.stringify([{ id: 'Tools', translations: { en: { name: 'Useful' }, de: { name: 'Nützlich' } } }]),
    );
    closed = await startTestGate({
      environment: {
        MARKET_API_KEYS: 'the-first-key, the-second-key',
        MARKET_BUNDLES: bundles,
        MARKET_CATEGORIES: categories,
      },
    });
    for (const id of ['notes-app', 'tasks-app']) await publish(closed, { id, more: '<category>other</category>' });
    await insertRelease(closed, 'core', { id: 'core', version: '10.15.0', name: 'ownCloud', categories: ['server'] });
  });
  afterAll(async () => {
    await closed.stop();
    await rm(folder, { recursive: true });
  });

  const paths = ['platform/10.15.0/apps.json', 'apps.json', 'categories.json', 'bundles.json'];

  test.each(paths)('%s asks for a key', async (path) => {
    for (const authorization of [undefined, 'apikey: another-key', 'apikey: ', `Bearer ${closed.operatorToken}`]) {
      const headers = authorization === undefined ? undefined : { authorization };
      const answer = await request(`${closed.url}/api/v1/${path}`, { ...(headers && { headers }) });
      expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(answer.headers.get('www-authenticate')).toBe('apikey realm="portcullis"');
    }
    for (const name of ['the-first-key', 'the-second-key']) {
      const answer = await request(`${closed.url}/api/v1/${path}`, { headers: { authorization: `apikey: ${name}` } });
      expect(answer.status).toBe(200);
      // Or a cache would hand it on to whoever has none.
      expect(answer.headers.get('cache-control')).toBe('private, max-age=60');
      expect(answer.headers.get('vary')).toMatch(/\bAuthorization\b/);
    }
  });

  test('a tag opens nothing without the key', async () => {
    const etag = (await feed(closed, null, key)).headers.get('etag') ?? '';
    expect((await feed(closed, null, { ...key, 'if-none-match': etag })).status).toBe(304);
    expect((await feed(closed, null, { 'if-none-match': etag })).status).toBe(401);
    expect((await feed(closed, null, { 'if-none-match': '*' })).status).toBe(401);
  });

  test('a bundle has the apps of it that stand, as the list has them, each once', async () => {
    const { body } = await request(`${closed.url}/api/v1/bundles.json`, { headers: key });
    const apps = (await feed(closed, null, key)).body as Listed[];
    expect(body).toEqual([
      {
        id: 'starter',
        title: 'To begin with',
        description: 'Some',
        downloadable: true,
        marketplace: expect.any(String),
        products: apps,
      },
    ]);
    await setStatus(closed, 'tasks-app', '1.0.0', 'withdrawn');
    const after = await request(`${closed.url}/api/v1/bundles.json`, { headers: key });
    expect(after.body[0].products.map(({ id }: Listed) => id)).toEqual(['notes-app']);
  });

  test('the categories are those that the operator named', async () => {
    const { body } = await request(`${closed.url}/api/v1/categories.json`, { headers: key });
    expect(body).toEqual([
      {
        id: 'tools',
        translations: { en: { name: 'Useful', description: '' }, de: { name: 'Nützlich', description: '' } },
      },
    ]);
  });

  test('a gate whose bundles can not be read does not start, and says why', async () => {
    const start = startTestGate({ environment: { MARKET_BUNDLES: '/nowhere/bundles.json' } });
    await expect(start).rejects.toThrow(/MARKET_BUNDLES/);
  });
});

describe('a long list', () => {
  let large: TestGate;
  beforeAll(async () => {
    large = await startTestGate();
    await seedCatalogue(large.gate.database, { apps: 1_500, releases: 3_000 });
  });
  afterAll(async () => large.stop());

  /** The gate with a database that is asked by way of `ask`. */
  function askedBy(ask: (query: () => Promise<unknown>) => Promise<unknown>): Gate {
    const { database } = large.gate;
    const query = (...args: readonly unknown[]) =>
      ask(() => (database.query as (...all: readonly unknown[]) => Promise<unknown>)(...args));
    return { ...large.gate, database: { query } as unknown as Database };
  }
  const everything = async (wired: Gate, address = '192.0.2.1') =>
    readMarketFeed(wired, { platform: null, state: await readFeedState(wired, null), address });

  test('has every app once, with its newest releases, and a weak tag', async () => {
    const { body, headers } = await feed(large, null);
    const { rows } = await large.gate.database.query<{ id: string; versions: string[] }>(
      `SELECT app_id AS id, array_agg(version ORDER BY published_at DESC, releases.id DESC) AS versions
       FROM releases JOIN apps ON apps.id = app_id WHERE status = 'published' AND suspended_at IS NULL
       GROUP BY app_id ORDER BY app_id COLLATE "C"`,
    );
    expect(rows.length).toBeGreaterThan(1_000);
    const listed = (body as Listed[]).map(({ id, releases }) => ({
      id,
      versions: releases.map(({ version }) => version),
    }));
    expect(listed.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      rows.map(({ id, versions: all }) => ({ id, versions: all })),
    );
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    expect((await feed(large, null, { 'if-none-match': etag })).status).toBe(304);
  });

  test('is read no faster than it is taken, and no further once nobody takes it', async () => {
    let asked = 0;
    const { body } = await everything(askedBy(async (query) => ((asked += 1), query())));
    if (typeof body === 'string') throw new Error('It is not long');
    await new Promise((resolve) => body.once('readable', resolve));
    const before = asked;
    await pause(300);
    // One page may be on its way.
    expect(asked).toBeLessThanOrEqual(before + 1);
    const whole = await versions(large, null);
    expect(asked).toBeLessThan(Object.keys(whole).length / 50);
    const closed = new Promise((resolve) => body.once('close', resolve));
    body.destroy();
    await closed;
    const after = asked;
    await pause(100);
    expect(asked).toBe(after);
  });

  test('breaks off where a page can not be read: it never ends as if it were all', async () => {
    let isGone = false;
    const { body } = await everything(
      askedBy(async (query) => {
        if (isGone) throw new Error('The database is gone');
        return query();
      }),
    );
    isGone = true;
    if (typeof body === 'string') throw new Error('It is not long');
    let text = '';
    await expect(
      (async () => {
        for await (const chunk of body) text += String(chunk);
      })(),
    ).rejects.toThrow('The database is gone');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test('is given to an address only so many times at once, and again when one is over', async () => {
    const open = await Promise.all(Array.from({ length: 5 }, async () => everything(large.gate, '192.0.2.7')));
    await expect(everything(large.gate, '192.0.2.7')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    open.push(await everything(large.gate, '192.0.2.8'));
    for (const { body } of open) {
      if (typeof body === 'string') continue;
      const closed = new Promise((resolve) => body.once('close', resolve));
      body.destroy();
      await closed;
    }
    const { body } = await everything(large.gate, '192.0.2.7');
    if (typeof body !== 'string') body.destroy();
  });

  test.each<[string, (taken: Buffer, done: () => void) => unknown]>([
    ['takes nothing', () => {}],
    ['takes too little', (_taken, done) => setTimeout(done, 100)],
  ])('is broken off for whoever %s of it, and another has the place', async (_what, write) => {
    const market = {
      ...large.gate.market,
      room: createWaitingRoom({ total: 1, perAddress: 1 }),
      pace: { bytes: 1024 ** 2, ms: 200 },
    };
    const { body } = await everything({ ...large.gate, market });
    await expect(everything({ ...large.gate, market })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const reader = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => void write(chunk, done),
    });
    // What an answer is closed with in the middle.
    await expect(pipeline(body, reader)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    const next = await everything({ ...large.gate, market });
    if (typeof next.body !== 'string') next.body.destroy();
  });

  test('is not broken off where the gate itself is slow', async () => {
    const slow = askedBy(async (query) => (await pause(20), query()));
    // More than there is: whoever waits as long as this for the gate is asked for nothing.
    const pace = { bytes: 1024 ** 3, ms: 250 };
    const { body } = await everything({ ...slow, market: { ...slow.market, pace } });
    if (typeof body === 'string') throw new Error('It is not long');
    let text = '';
    for await (const chunk of body) text += String(chunk);
    expect((JSON.parse(text) as unknown[]).length).toBeGreaterThan(1_000);
  });

  test('that is short for one platform is made as a whole, of what is for it', async () => {
    const listed = (await feed(large, '9.0.0')).body as { releases: { platformMin: string }[] }[];
    expect(listed.length).toBeGreaterThan(10);
    for (const { platformMin } of listed.flatMap(({ releases }) => releases)) expect(platformMin).toBe('0');
  });
});
