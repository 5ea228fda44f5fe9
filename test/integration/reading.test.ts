import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { routes } from '../../src/http/app.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { rawRequest, type RawAnswer } from '../support/raw-request.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* What everybody may read, as caches, browsers and pages of other sites read it. */

let gate: TestGate;
let owner: string;
beforeAll(async () => {
  gate = await startTestGate();
  owner = await gate.token('calendar', { scopes: ['upload', 'manage'] });
  await publish('1.0.0');
});
afterAll(async () => {
  await gate.stop();
});

async function publish(version: string): Promise<void> {
  expect((await upload(gate.url, owner, 'calendar', await appArchive({ version }))).status).toBe(201);
}

type Asked = Parameters<typeof rawRequest>[1];

const ask = (path: string, asked?: Asked): Promise<RawAnswer> => rawRequest(`${gate.url}${path}`, asked);
const having = (etag: string | undefined): Record<string, string> => ({ 'if-none-match': etag ?? '' });

/** One that lists enough to be worth compressing, and the archive. */
const LONG = '/api/v1/openapi.json';
const ARCHIVE = '/api/v1/apps/calendar/releases/1.0.0/archive';
const MANIFEST = '/api/v1/apps/calendar/releases/1.0.0/manifest';
const FEED = '/feeds/releases.json';
const READ = [LONG, ARCHIVE, MANIFEST, FEED, '/feeds/releases.atom', '/api/v1/limits', '/docs'];

describe('a tag', () => {
  test.each(READ)('of %s spares who has it the rest', async (path) => {
    const { status, headers } = await ask(path);
    expect([status, headers.etag]).toEqual([200, expect.stringMatching(/^"[\w-]+"$/)]);
    const again = await ask(path, { headers: having(headers.etag) });
    expect([again.status, again.bytes.length, again.headers['content-type']]).toEqual([304, 0, undefined]);
    for (const name of ['etag', 'cache-control', 'vary', 'last-modified', 'access-control-allow-origin']) {
      expect([name, again.headers[name]]).toEqual([name, headers[name]]);
    }
    expect((await ask(path, { headers: having(`"other", W/${headers.etag}`) })).status).toBe(304);
    expect((await ask(path, { headers: having('*') })).status).toBe(304);
    expect((await ask(path, { headers: having('"other"') })).status).toBe(200);
    // As every fetch of a browser that reloads asks: of the caches on the way, and not of us.
    expect((await ask(path, { headers: { ...having(headers.etag), 'cache-control': 'no-cache' } })).status).toBe(304);
  });

  test('is another one as soon as something changes', async () => {
    const before = (await ask(FEED)).headers.etag;
    await publish('1.1.0');
    const { status, headers } = await ask(FEED, { headers: having(before) });
    expect([status, headers.etag === before]).toEqual([200, false]);
  });

  test('hides no error: what is not there is not there, whoever had it', async () => {
    await publish('1.2.0');
    const path = '/api/v1/apps/calendar/releases/1.2.0/archive';
    const { etag } = (await ask(path)).headers;
    const status = `${gate.url}/api/v1/apps/calendar/releases/1.2.0/status`;
    expect((await sendJson(status, 'PUT', owner, { status: 'withdrawn', reason: 'data loss' })).status).toBe(200);
    for (const tag of [etag, '*']) {
      const gone = await ask(path, { headers: having(tag) });
      expect([gone.status, gone.headers['cache-control'], gone.headers.etag]).toEqual([410, 'no-store', undefined]);
    }
    for (const nowhere of ['/api/v1/apps/nosuch', '/api/v1/apps/calendar/releases/9.9.9/manifest', '/nosuch']) {
      const missing = await ask(nowhere, { headers: having('*') });
      expect([missing.status, missing.headers['cache-control']]).toEqual([404, 'no-store']);
    }
    const wrong = await ask('/feeds/releases.json?app=NO', { headers: having('*') });
    expect([wrong.status, wrong.headers['cache-control']]).toEqual([400, 'no-store']);
  });
});

test('a date spares the rest where there is no tag', async () => {
  const settled = new Date(Date.now() - 3_600_000);
  await gate.gate.database.query('ALTER TABLE releases DISABLE TRIGGER USER');
  await gate.gate.database.query(`UPDATE releases SET published_at = $1 WHERE version = '1.0.0'`, [settled]);
  await gate.gate.database.query('ALTER TABLE releases ENABLE TRIGGER USER');
  const { headers } = await ask(ARCHIVE);
  expect(headers['last-modified']).toBe(settled.toUTCString());
  const since = { 'if-modified-since': settled.toUTCString() };
  expect((await ask(ARCHIVE, { headers: since })).status).toBe(304);
  expect((await ask(ARCHIVE, { headers: { ...since, ...having('"other"') } })).status).toBe(200);
  const before = { 'if-modified-since': new Date(settled.getTime() - 60_000).toUTCString() };
  expect((await ask(ARCHIVE, { headers: before })).status).toBe(200);
});

test('what is asked for in one state only is refused in another, and described so', async () => {
  for (const path of READ) {
    const { headers } = await ask(path);
    expect((await ask(path, { headers: { 'if-match': `"other", ${headers.etag}` } })).status).toBe(200);
    for (const method of ['GET', 'HEAD']) {
      const refused = await ask(path, { method, headers: { 'if-match': '"other"', 'if-none-match': '*' } });
      expect([refused.status, refused.headers['cache-control'], refused.headers.etag]).toEqual([
        412,
        'no-store',
        undefined,
      ]);
    }
  }
  // As whoever goes on with a download asks: never the middle of another.
  const part = { range: 'bytes=5-9', 'if-match': '"other"' };
  expect((await ask(ARCHIVE, { headers: part })).status).toBe(412);
  const { status, body } = await request(`${gate.url}${MANIFEST}`, { headers: { 'if-match': '"other"' } });
  expect([status, body.code]).toEqual([412, 'PRECONDITION_FAILED']);
});

describe('compression', () => {
  test('is for whom takes it, under a tag of its own', async () => {
    const plain = await ask(LONG);
    const tags = new Set([plain.headers.etag]);
    expect([plain.headers['content-encoding'], plain.headers.vary]).toEqual([undefined, 'Accept-Encoding']);
    for (const [coding, decode] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const { headers, bytes } = await ask(LONG, { headers: { 'accept-encoding': coding } });
      expect([headers['content-encoding'], headers.vary]).toEqual([coding, 'Accept-Encoding']);
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(bytes.length).toBeLessThan(plain.bytes.length / 4);
      expect(decode(bytes).equals(plain.bytes)).toBe(true);
      tags.add(headers.etag);
      const again = await ask(LONG, { headers: { 'accept-encoding': coding, ...having(headers.etag) } });
      expect([again.status, again.headers.etag]).toEqual([304, headers.etag]);
      // A cache must not give it to somebody who can't read it.
      expect((await ask(LONG, { headers: having(headers.etag) })).status).toBe(200);
    }
    expect(tags.size).toBe(3);
  });

  test('is of no archive, and of nothing small', async () => {
    for (const path of [ARCHIVE, '/api/v1/limits']) {
      expect(
        (await ask(path, { headers: { 'accept-encoding': 'gzip, br' } })).headers['content-encoding'],
      ).toBeUndefined();
    }
  });
});

describe('HEAD', () => {
  // How the body comes is told where there is one.
  const unlike = new Set(['x-request-id', 'date', 'connection', 'keep-alive', 'transfer-encoding']);
  const comparable = ({ status, headers }: RawAnswer) => [
    status,
    Object.fromEntries(Object.entries(headers).filter(([name]) => !unlike.has(name))),
  ];

  test.each([...READ, '/api/v1/apps/nosuch', '/api/v1/apps/calendar', '/healthz'])(
    'says of %s what GET says, without the body',
    async (path) => {
      for (const headers of [{}, { 'accept-encoding': 'gzip' }, having('*')]) {
        const [head, whole] = [await ask(path, { method: 'HEAD', headers }), await ask(path, { headers })];
        expect(head.bytes.length).toBe(0);
        expect(comparable(head)).toEqual(comparable(whole));
      }
    },
  );

  test('ends where GET goes on for ever', async () => {
    const held = await request(`${gate.url}/api/v1/apps/calendar/submissions`, { token: owner });
    const events = `/api/v1/submissions/${held.body.submissions[0].id}/events`;
    const { status, bytes } = await ask(events, { method: 'HEAD', headers: { authorization: `Bearer ${owner}` } });
    expect([status, bytes.length]).toEqual([200, 0]);
  });
});

describe('what is for a caller alone', () => {
  test('has no reading policy, on any route', () => {
    const open = routes.filter(({ reading, crossOrigin }) => reading !== undefined || crossOrigin === true);
    expect(open.filter(({ access }) => access === 'bearer').map(({ operationId }) => operationId)).toEqual([]);
    expect(open.filter(({ reading, method }) => reading !== undefined && method !== 'get')).toEqual([]);
    expect(open.length).toBeGreaterThan(5);
  });

  test('is kept by no cache, compressed for nobody and read by no other site', async () => {
    for (const path of ['/api/v1/apps/calendar/submissions', '/api/v1/account', '/api/v1/tokens']) {
      const headers = {
        authorization: `Bearer ${owner}`,
        'accept-encoding': 'gzip',
        ...having('*'),
        origin: 'https://a.example',
      };
      const answer = await ask(path, { headers });
      expect([path, answer.status, answer.headers['cache-control']]).toEqual([path, 200, 'no-store']);
      for (const name of ['etag', 'content-encoding', 'access-control-allow-origin']) {
        expect([name, answer.headers[name]]).toEqual([name, undefined]);
      }
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
    }
  });

  test('is no part of what everybody reads, whatever they send along', async () => {
    const headers = { authorization: `Bearer ${owner}`, cookie: 'portcullis-session=x' };
    for (const path of READ) {
      const [mine, everybodys] = [await ask(path, { headers }), await ask(path)];
      expect(mine.bytes.equals(everybodys.bytes)).toBe(true);
      expect(mine.headers.etag).toBe(everybodys.headers.etag);
    }
  });
});

describe('pages of other sites', () => {
  test('read what everybody may read, and what is wrong with their question', async () => {
    for (const path of [...READ, '/api/v1/apps/calendar/releases/9.9.9/archive', '/feeds/releases.json?app=NO']) {
      const { headers } = await ask(path, { headers: { origin: 'https://shop.example' } });
      expect(headers).toMatchObject({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
      });
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      const exposed = headers['access-control-expose-headers'];
      for (const name of ['ETag', 'Content-Digest', 'Retry-After', 'X-Request-Id']) expect(exposed).toContain(name);
    }
  });

  test('may ask before, and are allowed to read', async () => {
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
    const { status, headers, bytes } = await ask(ARCHIVE, { method: 'OPTIONS', headers: preflight });
    expect([status, bytes.length]).toEqual([204, 0]);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': expect.stringContaining('If-None-Match'),
      'access-control-max-age': '86400',
      allow: 'GET, HEAD, OPTIONS',
    });
    expect(headers['access-control-allow-headers']).not.toMatch(/authorization|\*/i);
  });

  test('may ask for the status of many releases, which takes a body', async () => {
    const origin = 'https://shop.example';
    const path = '/api/v1/releases/status';
    const preflight = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const allowed = await ask(path, { method: 'OPTIONS', headers: preflight });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': expect.stringMatching(/content-type/i),
    });
    const response = await fetch(`${gate.url}${path}`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ releases: [] }),
    });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });

  test('are told the same by OPTIONS and by what refuses a method', async () => {
    for (const path of [ARCHIVE, LONG, '/docs', '/api/v1/apps/calendar/releases/1.0.0/status']) {
      const isRead = path !== '/api/v1/apps/calendar/releases/1.0.0/status';
      const refused = await ask(path, { method: 'DELETE' });
      expect([refused.status, refused.headers.allow]).toEqual([405, isRead ? 'GET, HEAD, OPTIONS' : 'PUT']);
      const asked = await ask(path, { method: 'OPTIONS' });
      expect([asked.status, asked.headers.allow]).toEqual(isRead ? [204, 'GET, HEAD, OPTIONS'] : [405, 'PUT']);
    }
  });

  test('are allowed nothing else', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' };
    for (const path of [
      '/api/v1/tokens',
      '/api/v1/account',
      '/api/v1/apps/calendar/trust-level',
      '/nosuch',
      '/console',
    ]) {
      const { status, headers } = await ask(path, { method: 'OPTIONS', headers: preflight });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('the OpenAPI document', () => {
  interface Described {
    readonly parameters: readonly { readonly name: string; readonly in: string }[];
    readonly responses: Readonly<Record<string, { readonly headers?: object; readonly content?: object }>>;
  }

  test('says of every route with a reading policy what that does, once', async () => {
    const { body } = await request(`${gate.url}${LONG}`);
    for (const { path, reading } of routes) {
      if (reading === undefined) continue;
      const { parameters, responses } = body.paths[path].get as Described;
      const named = parameters.filter((each) => each.in === 'header').map(({ name }) => name.toLowerCase());
      expect(named.filter((name) => name === 'if-none-match')).toEqual(['if-none-match']);
      expect(responses['304']?.content).toBeUndefined();
      for (const status of ['200', '304']) {
        expect(Object.keys(responses[status]?.headers ?? {})).toEqual(
          expect.arrayContaining(['ETag', 'Cache-Control', 'Last-Modified', 'Access-Control-Allow-Origin']),
        );
      }
    }
  });
});
