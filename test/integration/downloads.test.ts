import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Queryable } from '../../src/database/connect.js';
import { StorageError } from '../../src/storage/archive-store.js';
import { createFolderStore } from '../../src/storage/folder-store.js';
import { createDownloadCounter, type DownloadCounter } from '../../src/storefront/count-downloads.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { rawRequest } from '../support/raw-request.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let archive: Buffer;
let digest: string;
beforeAll(async () => {
  gate = await startTestGate({ config: { proxies: 1 } });
  archive = await publish(gate, 'calendar', '1.0.0');
  digest = `sha-256=:${createHash('sha256').update(archive).digest('base64')}:`;
});
afterAll(async () => {
  await gate.stop();
});

async function publish({ url, token }: TestGate, id: string, version: string): Promise<Buffer> {
  const bytes = await appArchive({ id, version });
  expect((await upload(url, await token(id), id, bytes)).status).toBe(201);
  return bytes;
}

async function publishedAnHourAgo({ gate: { database } }: TestGate, id: string): Promise<void> {
  await database.query('ALTER TABLE releases DISABLE TRIGGER USER');
  await database.query(`UPDATE releases SET published_at = now() - interval '1 hour' WHERE app_id = $1`, [id]);
  await database.query('ALTER TABLE releases ENABLE TRIGGER USER');
}

const pathOf = (id: string, version: string): string => `/api/v1/apps/${id}/releases/${version}/archive`;
const ARCHIVE = pathOf('calendar', '1.0.0');

async function counted(db: Queryable, id: string, version: string): Promise<readonly [release: number, app: number]> {
  const { rows } = await db.query<{ release: number; app: number }>(
    `SELECT coalesce((SELECT downloads FROM release_downloads WHERE app_id = $1 AND version = $2), 0)::bigint AS release,
       (SELECT downloads FROM listings WHERE app_id = $1) AS app`,
    [id, version],
  );
  return [rows[0]?.release ?? -1, rows[0]?.app ?? -1];
}

describe('an archive', () => {
  test('has an address that ends in its name, and in no other', async () => {
    const { status, headers, bytes } = await rawRequest(`${gate.url}${ARCHIVE}/calendar-1.0.0.zip`);
    expect([status, headers['content-type'], bytes.equals(archive)]).toEqual([200, 'application/zip', true]);
    expect(headers).toMatchObject({ 'content-digest': digest, 'repr-digest': digest });
    for (const name of ['calendar-1.0.1.zip', 'Calendar-1.0.0.zip', 'calendar-1.0.0.zip.exe', '..%2Fx.zip']) {
      expect((await request(`${gate.url}${ARCHIVE}/${name}`)).status).toBe(404);
    }
    expect((await request(`${gate.url}${ARCHIVE}/`)).status).toBe(404);
  });

  test('comes in parts of which each says what the whole is', async () => {
    const { status, headers, bytes } = await rawRequest(`${gate.url}${ARCHIVE}`, { headers: { range: 'bytes=5-9' } });
    expect([status, bytes.equals(archive.subarray(5, 10))]).toEqual([206, true]);
    expect(headers).toMatchObject({ 'content-length': '5', 'repr-digest': digest });
    expect(headers['content-digest']).toBeUndefined();
    const ifRange = (tag: string) =>
      rawRequest(`${gate.url}${ARCHIVE}`, { headers: { range: 'bytes=5-9', 'if-range': tag } });
    expect((await ifRange(String(headers.etag))).status).toBe(206);
    // A weak tag promises no bytes (RFC 9110 §13.1.5), and a date we would not have said.
    for (const tag of [`W/${headers.etag}`, '"other"', new Date().toUTCString()]) {
      expect((await ifRange(tag)).status).toBe(200);
    }
  });

  test('comes as a whole where more of its end is asked for than there is, or nothing that can be', async () => {
    const ask = (range: string) => rawRequest(`${gate.url}${ARCHIVE}`, { headers: { range } });
    const { status, headers, bytes } = await ask('bytes=-2000000');
    expect([status, headers['content-range'], bytes.equals(archive)]).toEqual([
      206,
      `bytes 0-${archive.length - 1}/${archive.length}`,
      true,
    ]);
    for (const range of ['bytes=5-1', 'bytes=0-1,3-4', 'items=0-1']) expect((await ask(range)).status).toBe(200);
  });

  test.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['grown', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(5_000, 'A')])],
  ])('that was %s in the storage is not to be had, instead of another one', async (how, damage) => {
    const bytes = await publish(gate, how, '1.0.0');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = join(gate.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
    await writeFile(file, damage(bytes));
    for (const headers of [{}, { range: 'bytes=0-9' }, { range: 'bytes=200-' }]) {
      const answer = await rawRequest(`${gate.url}${pathOf(how, '1.0.0')}`, { headers });
      expect([answer.status, answer.headers['retry-after'], JSON.parse(answer.bytes.toString()).code]).toEqual([
        503,
        '10',
        'UNAVAILABLE',
      ]);
    }
    await gate.gate.downloads.flush();
    expect((await counted(gate.gate.database, how, '1.0.0'))[0]).toBe(0);
  });

  test('that was altered in the storage is never handed out to its end', async () => {
    const bytes = await publish(gate, 'altered', '1.0.0');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = join(gate.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
    await writeFile(file, Buffer.concat([Buffer.from('X'), bytes.subarray(1)]));
    const address = `${gate.url}${pathOf('altered', '1.0.0')}`;
    await expect(fetch(address).then((response) => response.arrayBuffer())).rejects.toThrow();
    await writeFile(file, bytes);
    const mended = await fetch(address).then((response) => response.arrayBuffer());
    expect(Buffer.from(mended).equals(bytes)).toBe(true);
  });

  test('has no part beyond its end, which no cache remembers', async () => {
    const { status, headers, bytes } = await rawRequest(`${gate.url}${ARCHIVE}`, {
      headers: { range: 'bytes=9999999-' },
    });
    expect([status, JSON.parse(bytes.toString()).code]).toEqual([416, 'RANGE_NOT_SATISFIABLE']);
    expect(headers).toMatchObject({ 'content-range': `bytes */${archive.length}`, 'cache-control': 'no-store' });
  });

  test('tells HEAD of the whole, whatever part is asked for', async () => {
    const asked = { method: 'HEAD', headers: { range: 'bytes=0-4' } };
    const { status, headers } = await rawRequest(`${gate.url}${ARCHIVE}`, asked);
    expect([status, headers['content-length'], headers['content-digest']]).toEqual([
      200,
      String(archive.length),
      digest,
    ]);
  });

  test('that is gone says why, since when and as what', async () => {
    await publish(gate, 'gone', '1.0.0');
    const status = `${gate.url}/api/v1/apps/gone/releases/1.0.0/status`;
    const change = { status: 'withdrawn', reason: 'It lost data.', reasonCode: null };
    const { body } = await sendJson(status, 'PUT', gate.operatorToken, change);
    const gone = await request(`${gate.url}${pathOf('gone', '1.0.0')}`);
    expect([gone.status, gone.body]).toEqual([
      410,
      expect.objectContaining({
        code: 'RELEASE_WITHDRAWN',
        status: 410,
        reason: 'It lost data.',
        reasonCode: null,
        releaseStatus: 'withdrawn',
        changedAt: body.statusChangedAt,
      }),
    ]);
    expect((await request(`${gate.url}${pathOf('gone', '1.0.0')}/gone-1.0.0.zip`)).status).toBe(410);
    // What is in it is still told, so that a server can clear it away; only not for ever.
    const manifest = await request(`${gate.url}/api/v1/apps/gone/releases/1.0.0/manifest`);
    expect([manifest.status, manifest.headers.get('cache-control')]).toEqual([200, 'public, max-age=60']);
    const standing = await request(`${gate.url}/api/v1/apps/calendar/releases/1.0.0/manifest`);
    expect(standing.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });
});

describe('a download', () => {
  /** Asks as if through a proxy, from that address. */
  const from = async (address: string, path: string, { method = 'GET', headers = {} } = {}): Promise<number> =>
    (await rawRequest(`${gate.url}${path}`, { method, headers: { ...headers, 'x-forwarded-for': address } })).status;
  const countOf = async (id: string): Promise<number> => {
    await gate.gate.downloads.flush();
    const [release, app] = await counted(gate.gate.database, id, '1.0.0');
    expect(app).toBe(release);
    return release;
  };

  test('is counted where the whole is fetched, or the beginning of it', async () => {
    await publish(gate, 'counts', '1.0.0');
    const path = pathOf('counts', '1.0.0');
    expect(await from('192.0.2.1', path)).toBe(200);
    expect(await from('192.0.2.2', path, { headers: { range: 'bytes=0-9' } })).toBe(206);
    expect(await from('192.0.2.3', `${path}/counts-1.0.0.zip`)).toBe(200);
    expect(await countOf('counts')).toBe(3);
  });

  test('is none where nothing, or the rest, is fetched', async () => {
    await publish(gate, 'counted', '1.0.0');
    const path = pathOf('counted', '1.0.0');
    expect(await from('192.0.2.1', path, { method: 'HEAD' })).toBe(200);
    expect(await from('192.0.2.2', path, { headers: { 'if-none-match': '*' } })).toBe(304);
    expect(await from('192.0.2.3', path, { headers: { range: 'bytes=10-' } })).toBe(206);
    expect(await from('192.0.2.4', path, { headers: { range: 'bytes=9999999-' } })).toBe(416);
    expect(await from('192.0.2.5', `${path}/other.zip`)).toBe(404);
    expect(await from('192.0.2.6', path, { headers: { range: 'bytes=0-1', 'if-none-match': '*' } })).toBe(304);
    expect(await countOf('counted')).toBe(0);
  });

  test('is none where whoever asks has it since its time', async () => {
    await publish(gate, 'dated', '1.0.0');
    await publishedAnHourAgo(gate, 'dated');
    const path = pathOf('dated', '1.0.0');
    const { headers } = await rawRequest(`${gate.url}${path}`, { method: 'HEAD' });
    const since = { 'if-modified-since': String(headers['last-modified']) };
    expect(await from('192.0.2.1', path, { headers: since })).toBe(304);
    expect(await from('192.0.2.2', path, { headers: { ...since, range: 'bytes=0-4' } })).toBe(304);
    expect(await countOf('dated')).toBe(0);
  });

  test('is one for an address, however often it asks; and IPv6 has many addresses for everybody', async () => {
    await publish(gate, 'often', '1.0.0');
    const path = pathOf('often', '1.0.0');
    for (const address of ['192.0.2.7', '192.0.2.7', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']) {
      expect(await from(address, path)).toBe(200);
    }
    expect(await countOf('often')).toBe(3);
  });

  test('is no change of the catalogue', async () => {
    const head = async (): Promise<unknown> =>
      (await gate.gate.database.query('SELECT max(position) AS head FROM catalogue_changes')).rows;
    const before = await head();
    gate.gate.downloads.count('calendar', '1.0.0', '198.51.100.1');
    expect(await countOf('calendar')).toBeGreaterThan(0);
    expect(await head()).toEqual(before);
  });
});

describe('the counter', () => {
  let at: Date;
  const counterOver = (database: Queryable, remembered = 1_000): DownloadCounter =>
    createDownloadCounter({ database, now: () => at, randomBytes: gate.gate.randomBytes }, { remembered });
  const addresses = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  beforeEach(() => {
    at = new Date('2026-03-01T12:00:00Z');
  });

  test('counts an address again after an hour', async () => {
    await publish(gate, 'hourly', '1.0.0');
    const counter = counterOver(gate.gate.database);
    const after = async (ms: number): Promise<number> => {
      at = new Date(at.getTime() + ms);
      counter.count('hourly', '1.0.0', '192.0.2.1');
      await counter.flush();
      return (await counted(gate.gate.database, 'hourly', '1.0.0'))[0];
    };
    expect([await after(0), await after(3_599_999), await after(1), await after(60_000)]).toEqual([1, 1, 2, 2]);
  });

  test('remembers no more than it may, and forgets who came first', async () => {
    await publish(gate, 'bounded', '1.0.0');
    const counter = counterOver(gate.gate.database, 10);
    for (let round = 0; round < 2; round++) {
      for (const address of addresses(20)) counter.count('bounded', '1.0.0', address);
    }
    counter.count('bounded', '1.0.0', addresses(20).at(-1) ?? '');
    await counter.flush();
    expect((await counted(gate.gate.database, 'bounded', '1.0.0'))[0]).toBe(40);
  });

  test('loses nothing while the database is away', async () => {
    for (const id of ['away', 'near']) await publish(gate, id, '1.0.0');
    let isAway = true;
    const counter = counterOver({
      query: (text, values) =>
        isAway ? Promise.reject(new Error('away')) : gate.gate.database.query(text, values as unknown[]),
    });
    for (const id of ['away', 'near']) counter.count(id, '1.0.0', '192.0.2.1');
    await expect(counter.flush()).rejects.toThrow('away');
    counter.count('away', '1.0.0', '192.0.2.2');
    isAway = false;
    await counter.flush();
    await counter.flush();
    expect(await counted(gate.gate.database, 'away', '1.0.0')).toEqual([2, 2]);
    expect(await counted(gate.gate.database, 'near', '1.0.0')).toEqual([1, 1]);
  });

  test('writes down all others where one release can not be written', async () => {
    await publish(gate, 'writable', '1.0.0');
    const counter = counterOver(gate.gate.database);
    const flush = async (): Promise<number> => {
      await expect(counter.flush()).rejects.toThrow('foreign key');
      return (await counted(gate.gate.database, 'writable', '1.0.0'))[0];
    };
    counter.count('writable', '2.0.0', '192.0.2.1');
    counter.count('writable', '1.0.0', '192.0.2.1');
    expect(await flush()).toBe(1);
    // Of many, those that failed come after the others the next time.
    for (let minor = 1; minor < 5; minor++) counter.count('writable', `2.${minor}.0`, '192.0.2.1');
    counter.count('writable', '1.0.0', '192.0.2.2');
    await flush();
    expect(await flush()).toBe(2);
  });

  test('asks a database that is away for a few releases only', async () => {
    let asked = 0;
    const counter = counterOver({
      query: () => {
        asked += 1;
        return Promise.reject(new Error('away'));
      },
    });
    for (let release = 0; release < 50; release++) counter.count('away', `1.0.${release}`, '192.0.2.1');
    await expect(counter.flush()).rejects.toThrow('away');
    expect(asked).toBeLessThan(10);
  });

  test('of several gates adds up, also at the same moment as a release', async () => {
    await publish(gate, 'replicas', '1.0.0');
    const counters = [1, 2, 3, 4].map(() => counterOver(gate.gate.database));
    for (const counter of counters) for (const address of addresses(25)) counter.count('replicas', '1.0.0', address);
    const writing = counters.map((counter) => counter.flush());
    await publish(gate, 'replicas', '1.1.0');
    await Promise.all(writing);
    for (const counter of counters) counter.count('replicas', '1.1.0', '192.0.2.1');
    await Promise.all(counters.map((counter) => counter.flush()));
    expect(await counted(gate.gate.database, 'replicas', '1.0.0')).toEqual([100, 104]);
    expect(await counted(gate.gate.database, 'replicas', '1.1.0')).toEqual([4, 104]);
  });
});

describe('a storage that hands out archives itself', () => {
  let folder: string;
  let links: { sha256: string; fileName: string; seconds: number }[];
  let redirecting: TestGate;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-links-'));
    const store = createFolderStore(folder);
    const linkTo = async (sha256: string, as: { fileName: string; seconds: number }): Promise<string | null> => {
      links.push({ sha256, ...as });
      return as.fileName.startsWith('here-') ? null : `https://bucket.example/${sha256}?signed`;
    };
    links = [];
    redirecting = await startTestGate({ gate: { archives: { ...store, linkTo } } });
    for (const id of ['there', 'here']) await publish(redirecting, id, '1.0.0');
  });
  beforeEach(() => {
    links = [];
  });
  afterAll(async () => {
    await redirecting.stop();
    await rm(folder, { recursive: true });
  });
  const ask = (id: string, asked?: Parameters<typeof rawRequest>[1]) =>
    rawRequest(`${redirecting.url}${pathOf(id, '1.0.0')}`, asked);

  test('is where the client is sent, for a minute, by an answer that no cache keeps; and that counts', async () => {
    const { status, headers, bytes } = await ask('there');
    expect([status, bytes.length, headers['cache-control']]).toEqual([302, 0, 'no-store']);
    expect(links).toEqual([{ sha256: expect.any(String), fileName: 'there-1.0.0.zip', seconds: 60 }]);
    expect(headers.location).toBe(`https://bucket.example/${links[0]?.sha256}?signed`);
    expect(headers.etag).toBeUndefined();
    await redirecting.gate.downloads.flush();
    expect(await counted(redirecting.gate.database, 'there', '1.0.0')).toEqual([1, 1]);
  });

  test('is asked for nothing where nothing is to be sent', async () => {
    expect((await ask('there', { method: 'HEAD' })).status).toBe(200);
    expect((await ask('there', { headers: { 'if-none-match': '*' } })).status).toBe(304);
    await publishedAnHourAgo(redirecting, 'there');
    const since = new Date().toUTCString();
    expect((await ask('there', { headers: { 'if-modified-since': since } })).status).toBe(304);
    expect(links).toEqual([]);
  });

  test('and has no address for one: then it comes from here', async () => {
    const { status, headers } = await ask('here');
    expect([status, headers['content-type']]).toEqual([200, 'application/zip']);
  });

  test('hands out nothing that is withdrawn', async () => {
    const change = { status: 'withdrawn', reason: 'x' };
    const path = `${redirecting.url}/api/v1/apps/there/releases/1.0.0/status`;
    expect((await sendJson(path, 'PUT', redirecting.operatorToken, change)).status).toBe(200);
    expect([(await ask('there')).status, links]).toEqual([410, []]);
  });
});

test('an archive that is lost is said to be so for now, and is what the watch looks at next', async () => {
  const lost = await publish(gate, 'lost', '1.0.0');
  const sha256 = createHash('sha256').update(lost).digest('hex');
  const { database, now } = gate.gate;
  const turn = async (): Promise<unknown> => {
    const { rows } = await database.query(`SELECT archive_tried_at AS at FROM standing_looks WHERE app_id = 'lost'`);
    return rows[0]?.at;
  };
  const tried = (hoursAgo: number): Promise<unknown> =>
    database.query(`UPDATE standing_looks SET archive_tried_at = $1 WHERE app_id = 'lost'`, [
      new Date(now().getTime() - hoursAgo * 3_600_000),
    ]);
  await rm(join(gate.config.dataDir, 'archives', sha256.slice(0, 2)), { recursive: true });
  await tried(0.5);
  const asked = await turn();
  const answer = await request(`${gate.url}${pathOf('lost', '1.0.0')}`);
  expect([answer.status, answer.body['code']]).toEqual([503, 'UNAVAILABLE']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await turn()).toEqual(asked);
  await tried(2);
  expect((await request(`${gate.url}${pathOf('lost', '1.0.0')}`)).status).toBe(503);
  expect(await turn()).toBe(-Infinity);
});

test('a storage that can not be asked is said to be so for now', async () => {
  const archives = { ...gate.gate.archives, open: () => Promise.reject(new StorageError('It does not answer')) };
  const store = await startTestGate({ gate: { archives }, replicaOf: gate });
  const { status, body } = await request(`${store.url}${ARCHIVE}`);
  expect([status, body['code']]).toEqual([503, 'UNAVAILABLE']);
  await store.stop();
});
