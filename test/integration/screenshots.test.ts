import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import sharp from 'sharp';
import { inTransaction } from '../../src/database/connect.js';
import { claimDueScreenshot, listScreenshots, type DueScreenshot } from '../../src/database/screenshots.js';
import type { Gate } from '../../src/gate.js';
import { copyScreenshots, MAX_COPY_ATTEMPTS, type CopyCount } from '../../src/storefront/copy-screenshots.js';
import { screenshotBounds } from '../../src/storefront/reencode-image.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive, infoXml } from '../support/app-archive.js';
import {
  httpAnswer,
  startHttpsServer,
  webCertificate,
  webRoot,
  type TestHttpsServer,
} from '../support/https-server.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* Screenshots of real uploads, fetched from a real server over TLS and decoded by the real program. */

const HOST = 'shots.example';
const OTHER_HOST = 'raw.example';
const MINUTE_MS = 60_000;

let now = new Date();
let server: TestHttpsServer;
let gate: TestGate;
let replica: TestGate;
let token: string;
/** What the server answers by path; 404 by default. */
let pages: Map<string, Buffer | ((socket: TLSSocket) => void)>;

const network: Gate['network'] = {
  resolve: async (hostname) => {
    if (hostname === 'inside.example') return ['10.0.0.1'];
    if (hostname === HOST || hostname === OTHER_HOST) return ['127.0.0.1'];
    throw new Error('no such name, says the resolver at 10.1.2.3');
  },
  isAllowed: (address) => address === '127.0.0.1',
  isAllowedPort: (port) => port === server.port,
  ca: webRoot.pem,
};

const png = await sharp({ create: { width: 900, height: 300, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

beforeAll(async () => {
  server = await startHttpsServer(webCertificate([HOST, OTHER_HOST]), (socket, head) => {
    const page = pages.get(head.split(' ')[1] ?? '') ?? httpAnswer(404, 'not here');
    if (typeof page === 'function') page(socket);
    else socket.end(page);
  });
  const parts = { network, now: () => now };
  gate = await startTestGate({ gate: parts, ownAuthority: true });
  replica = await startTestGate({ gate: { ...parts, images: gate.gate.images }, replicaOf: gate });
  token = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
});
afterAll(async () => {
  await replica.stop();
  await gate.stop();
  await server.close();
});
beforeEach(async () => {
  now = new Date();
  pages = new Map();
  // What a test before has left waiting is not this one's.
  await gate.gate.database.query(`UPDATE release_screenshots SET state = 'failed' WHERE state = 'waiting'`);
});

const address = (path: string, host = HOST): string => `https://${host}:${server.port}${path}`;
const asked = (path: string): number => server.heads.filter((head) => head.startsWith(`GET ${path} `)).length;

let lastApp = 0;

/** Publishes a release of a new app that declares these screenshots. */
async function publish(
  urls: readonly string[],
  { id = `shown-${(lastApp += 1)}`, version = '1.0.0' } = {},
): Promise<string> {
  const elements = urls.map((url) => `<screenshot>${url}</screenshot>`).join('');
  const described = infoXml({ id, version }).replace(/<screenshot>.*<\/screenshot>/, elements);
  const { status } = await upload(gate.url, token, id, await appArchive({ id, version, infoXml: described }));
  expect(status).toBe(201);
  return id;
}

async function rowsOf(app: string): Promise<readonly any[]> {
  const { rows } = await gate.gate.database.query(
    'SELECT * FROM release_screenshots WHERE app_id = $1 ORDER BY version, place',
    [app],
  );
  return rows;
}

const copy = (bounds = {}, at = gate): Promise<CopyCount> =>
  copyScreenshots(at.gate, { fetchMs: 20_000, reencoding: screenshotBounds, ...bounds });
const shownOf = async (app: string) => listScreenshots(gate.gate.database, [{ app, version: '1.0.0' }]);
const imageAt = (sha256: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${gate.url}/api/v1/screenshots/${sha256}.webp`, { headers, method });
const setStatus = async (app: string, status: string): Promise<void> => {
  const url = `${gate.url}/api/v1/apps/${app}/releases/1.0.0/status`;
  const answer = await sendJson(url, 'PUT', gate.operatorToken, { status, reason: 'because it is so' });
  expect(answer.status).toBe(200);
};

describe('a screenshot that can be had', () => {
  let app: string;
  let shown: Awaited<ReturnType<typeof shownOf>>;

  beforeAll(async () => {
    pages = new Map([
      ['/a.png', httpAnswer(200, png, { 'content-type': 'text/html' })],
      ['/b.png', httpAnswer(302, '', { location: '/a.png' })],
      ['/c.png', httpAnswer(302, '', { location: address('/a.png', OTHER_HOST) })],
    ]);
    app = await publish(['/a.png', '/missing.png', '/b.png', '/c.png'].map((path) => address(path)));
    expect(await copy()).toEqual({ copied: 3, failed: 1 });
    shown = await shownOf(app);
  });

  test('is copied by what it is and not by what it is called, also after redirects; others leave a gap', () => {
    expect(shown.map(({ place, image }) => [place, image.width, image.height])).toEqual([
      [1, 900, 300],
      [3, 900, 300],
      [4, 900, 300],
    ]);
    expect(shown[0]?.thumbnail).toMatchObject({ mediaType: 'image/webp', width: 480, height: 160 });
  });

  test('is had by everybody at the digest of its bytes, to be kept for an hour, since its release may be withdrawn', async () => {
    const { sha256 = '', bytes = 0 } = shown[0]?.image ?? {};
    const answer = await imageAt(sha256);
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(body).toHaveLength(bytes);
    expect((await sharp(body).metadata()).format).toBe('webp');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-length': String(bytes),
      'content-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
      etag: `"${sha256}"`,
    });
    expect((await request(`${gate.url}/api/v1/screenshots/${shown[0]?.thumbnail.sha256}.webp`)).status).toBe(200);
    expect((await imageAt(sha256, { 'if-none-match': `"${sha256}"` })).status).toBe(304);
    const head = await imageAt(sha256, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes)]);
  });

  test('is not handed out while its release does not stand', async () => {
    const { sha256 = '' } = shown[0]?.image ?? {};
    await setStatus(app, 'quarantined');
    expect((await imageAt(sha256)).status).toBe(404);
    expect((await imageAt(shown[0]?.thumbnail.sha256 ?? '')).status).toBe(404);
    await setStatus(app, 'published');
    expect((await imageAt(sha256)).status).toBe(200);
  });

  test('is fetched once', async () => {
    const before = asked('/a.png');
    now = new Date(now.getTime() + 24 * 60 * MINUTE_MS);
    await copy();
    expect(asked('/a.png')).toBe(before);
  });

  test.each([
    ['another digest', '0'.repeat(64)],
    ['capitals', 'A'.repeat(64)],
    ['a way out of the folder', '..%2f..%2fsecret-key'],
    ['a sign that ends texts', '%00'],
    ['a long name', 'x'.repeat(5_000)],
  ])('nothing is at %s', async (_name, name) => {
    expect([400, 404]).toContain((await request(`${gate.url}/api/v1/screenshots/${name}.webp`)).status);
  });
});

test('of a release at most ten are copied, each address once, as it is asked for', async () => {
  const urls = Array.from({ length: 12 }, (_, index) => address(`/${index}.png`));
  const shouted = address('/ä.png').replace('https:', 'HTTPS:').replace(HOST, HOST.toUpperCase());
  const app = await publish([shouted, shouted, ...urls]);
  const rows = await rowsOf(app);
  expect(rows.map(({ place }) => place)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(rows[0].source_url).toBe(address('/%C3%A4.png'));
  expect(rows[9].source_url).toBe(address('/8.png'));
});

test('an address that is too long once it is written out is no reason to refuse the release', async () => {
  const app = await publish([address(`/${'ä'.repeat(1_000)}.png`), address('/short.png')]);
  expect((await rowsOf(app)).map(({ source_url: url }) => url)).toEqual([address('/short.png')]);
});

describe('a screenshot that can not be had', () => {
  test('is tried again at growing intervals, and in the end given up', async () => {
    const app = await publish([address('/never.png')]);
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= MAX_COPY_ATTEMPTS; attempt += 1) {
      expect(await copy()).toEqual({ copied: 0, failed: 1 });
      expect(await copy()).toEqual({ copied: 0, failed: 0 });
      const [row] = await rowsOf(app);
      expect(row).toMatchObject({ attempts: attempt, failure: `${HOST}:${server.port} answered with status 404.` });
      expect(row.state).toBe(attempt === MAX_COPY_ATTEMPTS ? 'failed' : 'waiting');
      if (row.state === 'waiting') pauses.push(row.next_try_at.getTime() - now.getTime());
      now = new Date((row.next_try_at as Date).getTime() + 1);
    }
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    now = new Date(now.getTime() + 365 * 24 * 60 * MINUTE_MS);
    expect(await copy()).toEqual({ copied: 0, failed: 0 });
    expect(asked('/never.png')).toBe(MAX_COPY_ATTEMPTS);
  });

  test('one that came late is copied', async () => {
    const app = await publish([address('/late.png')]);
    await copy();
    pages.set('/late.png', httpAnswer(200, png));
    now = new Date(now.getTime() + 60 * MINUTE_MS);
    expect(await copy()).toEqual({ copied: 1, failed: 0 });
    expect((await rowsOf(app))[0]).toMatchObject({ state: 'copied', failure: null });
  });

  test.each<[string, Buffer | ((socket: TLSSocket) => void), RegExp, string]>([
    [
      'a page that says sorry',
      httpAnswer(200, '<html>sorry', { 'content-type': 'image/png' }),
      /no PNG, JPEG/,
      'waiting',
    ],
    [
      'an SVG',
      httpAnswer(200, '<svg xmlns="http://www.w3.org/2000/svg"/>', { 'content-type': 'image/svg+xml' }),
      /no PNG, JPEG/,
      'waiting',
    ],
    ['half a picture', httpAnswer(200, png.subarray(0, png.length / 2)), /damaged/, 'waiting'],
    ['fewer bytes than were told', httpAnswer(200, png, { 'content-length': '99999' }), /connection/, 'waiting'],
    [
      'more bytes than are taken',
      httpAnswer(200, '', { 'content-length': '10485761' }),
      /more than 10485760 bytes/,
      'waiting',
    ],
    [
      'a redirect to elsewhere',
      httpAnswer(302, '', { location: 'https://127.0.0.1/latest/meta-data' }),
      /redirects to somewhere else/,
      'waiting',
    ],
    [
      'a redirect into our own network',
      (socket) => socket.end(httpAnswer(302, '', { location: address('/a.png', 'inside.example') })),
      /not a name that leads to addresses within reach/,
      'waiting',
    ],
    [
      'a redirect to http',
      httpAnswer(301, '', { location: 'http://shots.example/a.png' }),
      /redirects to somewhere else/,
      'waiting',
    ],
    ['a redirect in a circle', httpAnswer(302, '', { location: '/bad.png' }), /more than 3 times/, 'waiting'],
    ['what is packed', httpAnswer(200, png, { 'content-encoding': 'gzip' }), /compressed/, 'waiting'],
    ['nothing, for long', () => {}, /did not answer in full within 1 s/, 'waiting'],
    [
      'a bit, and then nothing',
      (socket) => void socket.write(httpAnswer(200, png).subarray(0, 300)),
      /within 1 s/,
      'waiting',
    ],
  ])('%s is no screenshot', async (_name, page, failure, state) => {
    pages.set('/bad.png', page);
    const app = await publish([address('/bad.png')]);
    // Short where nothing comes, and long where what comes may take its time.
    expect(await copy(failure.source.includes('within') ? { fetchMs: 500 } : {})).toEqual({ copied: 0, failed: 1 });
    const [row] = await rowsOf(app);
    expect(row).toMatchObject({ state, image: null, thumbnail: null });
    expect(row.failure).toMatch(failure);
  });

  test('what leads into our own network is not fetched, and says no more than a name that leads nowhere', async () => {
    const inside = await publish([
      address('/a.png', 'inside.example'),
      address('/a.png', '127.0.0.2'),
      address('/a.png', '[::1]'),
    ]);
    const nowhere = await publish([address('/a.png', 'nowhere.example')]);
    const connections = server.connections();
    expect(await copy()).toEqual({ copied: 0, failed: 4 });
    expect(server.connections()).toBe(connections);
    const said = [...(await rowsOf(inside)), ...(await rowsOf(nowhere))].map(({ failure }) => failure as string);
    expect(said.join(' ')).not.toMatch(/10\.\d|resolver/);
    expect(said[0]?.replace('inside', 'nowhere')).toBe(said[3]);
  });

  test('a port that is out of bounds is not tried again', async () => {
    const app = await publish([`https://${HOST}:22/a.png`]);
    await copy();
    expect((await rowsOf(app))[0]).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test('a picture that would take too much is refused, and what comes after it copied', async () => {
    pages.set(
      '/bomb.png',
      httpAnswer(
        200,
        await sharp({ create: { width: 8_000, height: 5_001, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      ),
    );
    pages.set('/fine.png', httpAnswer(200, png));
    const app = await publish([address('/bomb.png'), address('/fine.png')]);
    expect(await copy()).toEqual({ copied: 1, failed: 1 });
    expect((await rowsOf(app))[0]).toMatchObject({ state: 'failed', failure: 'It has too many pixels.' });
  });
});

describe('who copies', () => {
  test('two gates on one store fetch each screenshot once', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `/both-${index}.png`);
    for (const name of names) pages.set(name, httpAnswer(200, png));
    await publish(names.slice(0, 5).map((name) => address(name)));
    await publish(names.slice(5).map((name) => address(name)));
    const counts = await Promise.all([copy(), copy({}, replica), copy(), copy({}, replica)]);
    expect(counts.reduce((sum, { copied }) => sum + copied, 0)).toBe(10);
    expect(names.map(asked)).toEqual(names.map(() => 1));
  });

  const claim = (afterApp: string): Promise<DueScreenshot | null> => {
    const untilAt = new Date(now.getTime() + 5 * MINUTE_MS);
    return claimDueScreenshot(gate.gate.database, { at: now, untilAt, afterApp });
  };

  test('an app with many does not keep another waiting', async () => {
    const many = await publish(
      Array.from({ length: 10 }, (_, index) => address(`/many-${index}.png`)),
      { id: 'many' },
    );
    await publish([address('/none.png')], { id: many, version: '1.1.0' });
    now = new Date(now.getTime() + 1_000);
    const one = await publish([address('/one.png')], { id: 'one' });
    expect(await claim('')).toMatchObject({ appId: many, version: '1.0.0', place: 1, attempts: 1 });
    expect(await claim(many)).toMatchObject({ appId: one, place: 1 });
    expect(await claim(one)).toBeNull();
    expect(await claim('')).toMatchObject({ appId: many, place: 2 });
  });

  test('the turns go around: of every app one, before any has a second', async () => {
    const ids = ['turn-a', 'turn-b', 'turn-c'];
    const asking: TLSSocket[] = [];
    const askFirst = new Set<string>();
    // Four are fetched at once: the first four are answered once all of them are there.
    const answerLate = (id: string, socket: TLSSocket): void => {
      asking.push(socket);
      if (asking.length <= 4) askFirst.add(id);
      if (asking.length >= 4) for (const each of asking) each.end(httpAnswer(404, ''));
    };
    for (const id of ids) {
      const paths = [1, 2, 3].map((place) => `/${id}/${place}.png`);
      for (const path of paths) pages.set(path, (socket) => answerLate(id, socket));
      await publish(
        paths.map((path) => address(path)),
        { id },
      );
    }
    expect(await copy()).toEqual({ copied: 0, failed: 9 });
    expect([...askFirst].sort()).toEqual(ids);
  });

  test('what a gate took that died is taken up by another, and after five given up', async () => {
    pages.set('/left.png', httpAnswer(200, png));
    const [app, cursed] = [await publish([address('/left.png')]), await publish([address('/cursed.png')])];
    const lease = (): Date => new Date(now.getTime() + 5 * MINUTE_MS);
    expect([await claim(''), await claim(''), await claim('')].map((due) => due?.appId)).toEqual([
      app,
      cursed,
      undefined,
    ]);
    expect(await copy({}, replica)).toEqual({ copied: 0, failed: 0 });
    await gate.gate.database.query('UPDATE release_screenshots SET attempts = 5 WHERE app_id = $1', [cursed]);
    now = lease();
    expect(await copy({}, replica)).toEqual({ copied: 1, failed: 1 });
    expect((await rowsOf(app))[0].state).toBe('copied');
    expect((await rowsOf(cursed))[0]).toMatchObject({ state: 'failed', failure: 'No attempt at it came to its end.' });
    expect(asked('/cursed.png')).toBe(0);
  });

  test('a storage that fails is no fault of the screenshot: it is said, and tried again', async () => {
    pages.set('/kept.png', httpAnswer(200, png));
    const app = await publish([address('/kept.png')]);
    const images = { ...gate.gate.images, keep: () => Promise.reject(new Error('the disk is full')) };
    await expect(copyScreenshots({ ...gate.gate, images })).rejects.toThrow('the disk is full');
    expect((await rowsOf(app))[0]).toMatchObject({ state: 'waiting', attempts: 0, failure: null });
    now = new Date(now.getTime() + 60 * MINUTE_MS);
    expect(await copy()).toEqual({ copied: 1, failed: 0 });
  });

  test('nothing is fetched for a release that does not stand, until it does', async () => {
    pages.set('/taken-back.png', httpAnswer(200, png));
    const app = await publish([address('/taken-back.png')]);
    await setStatus(app, 'quarantined');
    expect(await copy()).toEqual({ copied: 0, failed: 0 });
    await setStatus(app, 'published');
    expect(await copy()).toEqual({ copied: 1, failed: 0 });
    expect(asked('/taken-back.png')).toBe(1);
  });

  test('a copy is a change of the release, an attempt that failed is none', async () => {
    const place = async (app: string) => {
      const { rows } = await gate.gate.database.query<{ position: number }>(
        `SELECT position FROM catalogue_changes WHERE app_id = $1 AND version = '1.0.0'`,
        [app],
      );
      return rows[0]?.position ?? 0;
    };
    const app = await publish([address('/change.png')]);
    const first = await place(app);
    await copy();
    expect(await place(app)).toBe(first);
    pages.set('/change.png', httpAnswer(200, png));
    now = new Date(now.getTime() + 60 * MINUTE_MS);
    await copy();
    expect(await place(app)).toBeGreaterThan(first);
  });
});

test('an image that is lost is no fault of who asks for it, and made anew', async () => {
  pages.set('/lost.png', httpAnswer(200, await sharp(png).negate().png().toBuffer()));
  const app = await publish([address('/lost.png')]);
  await copy();
  const [before] = await shownOf(app);
  const { sha256 = '' } = before?.image ?? {};
  await rm(join(gate.config.dataDir, 'images', sha256.slice(0, 2)), { recursive: true });
  expect((await request(`${gate.url}/api/v1/screenshots/${sha256}.webp`)).status).toBe(404);
  expect((await rowsOf(app))[0]).toMatchObject({ state: 'waiting', image: null, attempts: 0 });
  expect(await shownOf(app)).toEqual([]);
  expect(await copy()).toEqual({ copied: 1, failed: 0 });
  expect(await shownOf(app)).toEqual([before]);
  expect((await imageAt(sha256)).status).toBe(200);
});

test('a release that could not be published leaves nothing to copy', async () => {
  const app = await publish([address('/x.png')]);
  await expect(
    inTransaction(gate.gate.database, async (tx) => {
      await tx.query(
        `INSERT INTO release_screenshots (app_id, version, place, source_url, next_try_at) VALUES ($1, '9.9.9', 1, 'https://x', now())`,
        [app],
      );
    }),
  ).rejects.toThrow('foreign key');
});
