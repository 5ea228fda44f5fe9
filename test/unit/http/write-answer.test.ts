import express from 'express';
import { createServer, get } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Answer, ReadingPolicy } from '../../../src/http/route.js';
import { writeAnswer } from '../../../src/http/write-answer.js';
import { rawRequest, type RawAnswer } from '../../support/raw-request.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const TEXT = 'app '.repeat(10_000);
const gzip = { 'accept-encoding': 'gzip' };
const plain = { 'content-type': 'text/plain' };

type Asked = Parameters<typeof rawRequest>[1];

/** What a route answers, over a real line. */
async function withServer<T>(
  { reading, contentType = 'text/plain' }: { reading?: ReadingPolicy; contentType?: string },
  answer: () => Answer,
  use: (url: string, thrown: unknown[], closed: Promise<void>) => Promise<T>,
  stalledMs?: number,
): Promise<T> {
  const app = express();
  const thrown: unknown[] = [];
  const route = { ...(reading !== undefined && { reading }), responses: { 200: { description: 'x', contentType } } };
  app.disable('etag');
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => (close = resolve));
  app.get('/', async (request, response) => {
    response.once('close', close);
    await writeAnswer(route, answer(), {
      request,
      response,
      now: NOW,
      ...(stalledMs !== undefined && { stalledMs }),
    }).catch((error: unknown) => {
      thrown.push(error);
      response.destroy();
    });
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, thrown, closed);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const read = (answer: () => Answer, asked?: Asked): Promise<RawAnswer> =>
  withServer({ reading: { maxAgeSeconds: 60 } }, answer, (url) => rawRequest(url, asked));

/** An answer made as it is sent, and whether it was let go. */
function endless(): { readonly stream: Readable; readonly closed: Promise<void> } {
  const stream = new Readable({
    read() {
      this.push(TEXT);
    },
  });
  return { stream, closed: new Promise((resolve) => stream.once('close', resolve)) };
}

describe('what is streamed', () => {
  const streamed =
    (more: Partial<Answer> = {}) =>
    (): Answer => ({
      status: 200,
      headers: { ...plain, 'content-length': String(TEXT.length) },
      stream: Readable.from([TEXT.slice(0, 7), TEXT.slice(7)], { objectMode: false }),
      ...more,
    });

  test('is compressed as it flows, under a tag of that coding', async () => {
    const { headers, bytes } = await read(streamed({ etag: '"state"' }), { headers: gzip });
    expect(gunzipSync(bytes).toString()).toBe(TEXT);
    expect(headers).toMatchObject({ etag: '"state-gzip"', 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(headers['content-length']).toBeUndefined();
  });

  test('goes as it is to whom takes nothing else', async () => {
    const { headers, bytes } = await read(streamed({ weakEtag: '"state"' }));
    expect(bytes.toString()).toBe(TEXT);
    expect(headers).toMatchObject({ etag: 'W/"state"', 'content-length': String(TEXT.length) });
  });

  test('has no tag where the route gives none, and is then never thought to be known', async () => {
    const { status, headers } = await read(streamed(), { headers: { 'if-none-match': '*' } });
    expect([status, headers.etag]).toEqual([200, undefined]);
  });

  test('ends where the client goes away, compressed or not', async () => {
    for (const headers of [gzip, {}]) {
      const { stream, closed } = endless();
      const answer = (): Answer => ({ status: 200, headers: plain, stream });
      const thrown = await withServer({ reading: { maxAgeSeconds: 60 } }, answer, async (url, failures) => {
        await new Promise<void>((resolve) => {
          const asked = get(url, { headers, agent: false }, (response) => {
            response.once('data', () => {
              asked.destroy();
              resolve();
            });
          });
        });
        await closed;
        return failures;
      });
      expect(thrown).toEqual([]);
    }
  });

  test('is let go for HEAD, and for whom has it already', async () => {
    for (const asked of [
      { method: 'HEAD' },
      { method: 'HEAD', headers: gzip },
      { headers: { 'if-none-match': '"state"' } },
    ]) {
      const { stream, closed } = endless();
      const { bytes } = await read(() => ({ status: 200, headers: plain, stream, etag: '"state"' }), asked);
      expect(bytes.length).toBe(0);
      await closed;
    }
  });

  test('that breaks in the middle breaks the connection, and is said to have', async () => {
    const broken = async function* () {
      yield TEXT;
      throw new Error('the storage went away');
    };
    for (const headers of [gzip, {}]) {
      await withServer(
        { reading: { maxAgeSeconds: 60 } },
        () => ({ status: 200, headers: plain, stream: Readable.from(broken()) }),
        async (url, thrown) => {
          await expect(rawRequest(url, { headers })).rejects.toThrow();
          expect(thrown).toEqual([expect.objectContaining({ message: 'the storage went away' })]);
        },
      );
    }
  });
});

describe('what is said to be so long', () => {
  const said = (pieces: readonly string[]) => (): Answer => ({
    status: 200,
    headers: { 'content-type': 'application/zip', 'content-length': '6' },
    stream: Readable.from(pieces, { objectMode: false }),
  });
  const route = { reading: { maxAgeSeconds: 60 }, contentType: 'application/zip' };

  test('comes as it is', async () => {
    const { bytes } = await withServer(route, said(['abc', 'def']), (url) => rawRequest(url));
    expect(bytes.toString()).toBe('abcdef');
  });

  test.each([
    ['shorter', ['abc', 'd'], 'abcd', 'Less came'],
    ['longer', ['abc', 'def', 'ghi'], 'abcdef', 'More came'],
    ['longer at once', ['abc', 'defghi'], 'abc', 'More came'],
  ])(
    'and is %s ends the connection: nobody waits for more, or takes it for another answer',
    async (_which, pieces, sent, why) => {
      await withServer(route, said(pieces), async (url, thrown) => {
        const got = await textUntilClosed(url);
        expect(got.slice(got.indexOf('\r\n\r\n') + 4)).toBe(sent);
        expect(thrown).toEqual([expect.objectContaining({ message: expect.stringContaining(why) })]);
      });
    },
  );
});

/** Everything that comes over a connection that is kept alive, and on which two things are asked. */
async function textUntilClosed(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    });
    socket.on('data', (chunk) => (got += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(got));
  });
}

test.each([
  ['a stream', (): Answer => ({ status: 200, headers: plain, stream: endless().stream })],
  ['a whole', (): Answer => ({ status: 200, headers: plain, bytes: Buffer.alloc(64 * 1024 ** 2) })],
])('whoever takes nothing more of %s loses the connection', async (_which, answer) => {
  await withServer(
    {},
    answer,
    async (url, thrown, closed) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.pause();
      socket.on('error', () => {});
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      await closed;
      expect(thrown).toEqual([]);
      socket.destroy();
    },
    100,
  );
});

describe('a request for another state', () => {
  test('is refused, and the stream let go', async () => {
    for (const headers of [{ 'if-match': '"other"' }, { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }]) {
      const { stream, closed } = endless();
      const lastModified = new Date(NOW.getTime() - 60_000);
      await withServer(
        { reading: { maxAgeSeconds: 60 } },
        () => ({ status: 200, headers: plain, stream, etag: '"state"', lastModified }),
        async (url, thrown) => {
          await expect(rawRequest(url, { headers })).rejects.toThrow();
          expect(thrown).toEqual([expect.objectContaining({ code: 'PRECONDITION_FAILED' })]);
        },
      );
      await closed;
    }
  });
});

describe('a 304', () => {
  test('of a route that looked by itself says what the whole would say of it, and nothing of a body', async () => {
    const answer = (): Answer => ({
      status: 304,
      headers: { ...plain, 'content-disposition': 'attachment', vary: 'Authorization', 'cache-control': 'private' },
      etag: '"state"',
      lastModified: new Date('2026-01-01T00:00:00Z'),
    });
    const { status, headers, bytes } = await read(answer, {
      headers: { ...gzip, 'if-none-match': '"old", "state-gzip"' },
    });
    expect([status, bytes.length]).toEqual([304, 0]);
    expect(headers).toMatchObject({
      etag: '"state-gzip"',
      vary: 'Authorization, Accept-Encoding',
      'cache-control': 'private',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('content-'))).toEqual([]);
  });

  test('comes by date where there is no tag in the question', async () => {
    const answer = (): Answer => ({
      status: 200,
      headers: plain,
      text: TEXT,
      lastModified: new Date(NOW.getTime() - 60_000),
    });
    const since = { 'if-modified-since': new Date(NOW.getTime() - 60_000).toUTCString() };
    expect((await read(answer, { headers: since })).status).toBe(304);
    expect((await read(answer, { headers: { ...since, 'if-none-match': '"other"' } })).status).toBe(200);
    const fresh = (): Answer => ({
      status: 200,
      headers: plain,
      text: TEXT,
      lastModified: new Date(NOW.getTime() - 1_000),
    });
    const { status, headers } = await read(fresh, { headers: { 'if-modified-since': NOW.toUTCString() } });
    expect([status, headers['last-modified']]).toEqual([200, undefined]);
  });

  test.each([206, 302, 400, 404, 410, 500])('never comes in the place of a %i', async (status) => {
    const answer = (): Answer => ({ status, headers: plain, text: TEXT, etag: '"state"' });
    const asked = { headers: { 'if-none-match': '*', 'if-modified-since': NOW.toUTCString() } };
    expect((await read(answer, asked)).status).toBe(status);
  });
});

describe('caches', () => {
  const cacheOf = async (answer: Answer, reading?: ReadingPolicy): Promise<string | undefined> =>
    withServer(
      { ...(reading && { reading }) },
      () => answer,
      async (url) => (await rawRequest(url)).headers['cache-control'],
    );

  test('keep what everybody may read for as long as the policy says, unless the answer says otherwise', async () => {
    const text = { status: 200, text: 'x' };
    expect(await cacheOf(text, { maxAgeSeconds: 60 })).toBe('public, max-age=60');
    expect(await cacheOf(text, { maxAgeSeconds: 0 })).toBe('public, no-cache');
    expect(await cacheOf(text, { immutable: true })).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf({ ...text, headers: { 'cache-control': 'private' } }, { immutable: true })).toBe('private');
  });

  test('keep nothing else, nor what went wrong', async () => {
    expect(await cacheOf({ status: 200, text: 'x' })).toBe('no-store');
    for (const status of [302, 404, 410, 416]) expect(await cacheOf({ status }, { immutable: true })).toBe('no-store');
  });
});

test('what is no public reading is never compressed, tagged or taken for known', async () => {
  const answer = (): Answer => ({ status: 200, headers: plain, text: TEXT });
  const headers = { 'accept-encoding': 'br, gzip', 'if-none-match': '*' };
  const answered = await withServer({}, answer, (url) => rawRequest(url, { headers }));
  expect([answered.status, answered.bytes.toString()]).toEqual([200, TEXT]);
  for (const name of ['etag', 'vary', 'content-encoding']) expect(answered.headers[name]).toBeUndefined();
});

test('an archive is never compressed, and does not vary', async () => {
  const answer = (): Answer => ({
    status: 200,
    headers: { 'content-type': 'application/zip' },
    bytes: Buffer.from(TEXT),
  });
  const { headers, bytes } = await withServer(
    { reading: { maxAgeSeconds: 60 }, contentType: 'application/zip' },
    answer,
    (url) => rawRequest(url, { headers: { 'accept-encoding': 'gzip, identity;q=0' } }),
  );
  expect(bytes.toString()).toBe(TEXT);
  expect([headers['content-encoding'], headers.vary]).toEqual([undefined, undefined]);
});

test('what a route keeps in a coding is not compressed anew', async () => {
  const kept = gzipSync(TEXT);
  const answer = (): Answer => ({ status: 200, headers: plain, text: TEXT, inCoding: async () => kept });
  expect((await read(answer, { headers: gzip })).bytes.equals(kept)).toBe(true);
  expect((await read(answer)).bytes.toString()).toBe(TEXT);
});

test('what is small goes as it is, unless that is refused', async () => {
  const answer = (): Answer => ({ status: 200, headers: plain, text: 'x'.repeat(1_023) });
  expect((await read(answer, { headers: gzip })).headers['content-encoding']).toBeUndefined();
  const coded = await read(answer, { headers: { 'accept-encoding': 'gzip, identity;q=0' } });
  expect(coded.headers['content-encoding']).toBe('gzip');
});

test('what JSON can not hold is thrown before anything is said', async () => {
  const circle: Record<string, unknown> = {};
  circle['itself'] = circle;
  await withServer(
    {},
    () => ({ status: 200, json: circle }),
    async (url, thrown) => {
      await expect(rawRequest(url)).rejects.toThrow();
      expect(thrown).toEqual([expect.any(TypeError)]);
    },
  );
});
