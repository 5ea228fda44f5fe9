import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createClient, type Client } from '../../../src/client/client.js';
import {
  addOwner,
  changeTrustLevel,
  createControlChallenge,
  downloadArchive,
  listApps,
  listReviews,
  readApp,
  readRelease,
  readReviewFile,
  revokeToken,
  uploadRelease,
} from '../../../src/client/generated/operations.js';
import { follow, pagesOf, ProblemError } from '../../../src/client/pages.js';

/** What arrived at the server. */
interface Arrived {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const servers: Server[] = [];
let arrived: Arrived[] = [];
let url: string;
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeAll(async () => {
  url = await listen((request, response) => {
    void text(request).then((body) => {
      arrived.push({ line: `${request.method ?? ''} ${request.url ?? ''}`, headers: request.headers, body });
      answer(response, request);
    });
  });
});

beforeEach(() => {
  arrived = [];
  answer = json(200, {});
});

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(status: number, body: unknown, type = 'application/json; charset=utf-8') {
  return (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
  };
}

const client = (more: Partial<Client> = {}): Client => createClient({ baseUrl: url, token: 'secret', ...more });
const line = async (asking: Promise<unknown>): Promise<string | undefined> => {
  await asking;
  return arrived.at(-1)?.line;
};

describe('a question', () => {
  test('has the parts of its path, its query and its body where they belong', async () => {
    const path = { appId: 'calendar', version: '1.0.0+é/?#' };
    expect(await line(readRelease(client(), { path }))).toBe(
      'GET /api/v1/apps/calendar/releases/1.0.0%2B%C3%A9%2F%3F%23',
    );
    const query = { q: 'a&b=c', limit: 5 };
    expect(await line(listApps(client(), { query }))).toBe('GET /api/v1/apps?q=a%26b%3Dc&limit=5');
    const body = { trustLevel: 'official' as const, reason: 'ö' };
    const input = { path: { appId: 'calendar' }, body };
    expect(await line(changeTrustLevel(client(), input))).toBe('PUT /api/v1/apps/calendar/trust-level');
    expect(arrived.at(-1)).toMatchObject({
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  });

  test('goes below the path of the store, however that ends', async () => {
    for (const baseUrl of [`${url}/store`, `${url}/store/`, `${url}/store//`]) {
      expect(await line(listApps(createClient({ baseUrl })))).toBe('GET /store/api/v1/apps');
    }
  });

  test('about the rest of a path keeps its slashes, and nothing else of it', async () => {
    const path = { id: '1', path: 'js/a b?.js' };
    expect(await line(readReviewFile(client(), { path }))).toBe('GET /api/v1/reviews/1/files/js/a%20b%3F.js');
  });

  test.each(['', '.', '..'])('never leads elsewhere: "%s" as a part of a path is refused', async (part) => {
    await expect(readApp(client(), { path: { appId: part } })).rejects.toThrow(TypeError);
    await expect(readRelease(client(), { path: { appId: 'calendar', version: part } })).rejects.toThrow(TypeError);
    await expect(readReviewFile(client(), { path: { id: '1', path: `a/${part}/b` } })).rejects.toThrow(TypeError);
    // @ts-expect-error: what JavaScript may leave away
    await expect(readApp(client(), {})).rejects.toThrow(TypeError);
    expect(arrived).toEqual([]);
  });

  test('has the token where one is needed, and nowhere else', async () => {
    await addOwner(client(), { path: { appId: 'calendar', account: 'ada' } });
    expect(arrived.at(-1)?.headers.authorization).toBe('Bearer secret');
    await listApps(client());
    expect(arrived.at(-1)?.headers.authorization).toBeUndefined();
  });

  test('without a body sends none', async () => {
    await createControlChallenge(client(), { path: { id: '1' } });
    expect(arrived.at(-1)).toMatchObject({ body: '', headers: { 'content-length': '0' } });
    expect(arrived.at(-1)?.headers['content-type']).toBeUndefined();
  });

  test('sends an archive as it is, as a stream or in a form', async () => {
    const path = { appId: 'calendar' };
    const contentType = 'application/zip';
    const body = new Blob(['PK']);
    await uploadRelease(client(), { path, body, contentType, headers: { 'Idempotency-Key': 'one' } });
    expect(arrived.at(-1)).toMatchObject({
      body: 'PK',
      headers: { 'content-type': contentType, 'idempotency-key': 'one' },
    });
    await uploadRelease(client(), { path, body: body.stream(), contentType });
    expect(arrived.at(-1)).toMatchObject({ body: 'PK', headers: { 'transfer-encoding': 'chunked' } });
    const form = new FormData();
    form.set('archive', body, 'calendar.zip');
    await uploadRelease(client(), { path, body: form });
    expect(arrived.at(-1)?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(arrived.at(-1)?.body).toContain('\r\n\r\nPK\r\n');
  });

  test('is called off by a signal, of its own or of the client', async () => {
    answer = () => {};
    for (const which of ['client', 'call'] as const) {
      const calling = { client: new AbortController(), call: new AbortController() };
      const asking = listApps(client({ signal: calling.client.signal }), { signal: calling.call.signal });
      calling[which].abort(new Error('enough'));
      await expect(asking).rejects.toThrow('enough');
    }
  });

  test('takes only what the operation has, as the compiler sees it', () => {
    const asking = (): readonly unknown[] => [
      // @ts-expect-error: no such parameter
      listApps(client(), { query: { colour: 'red' } }),
      // @ts-expect-error: no such level
      listApps(client(), { query: { trustLevel: 'none' } }),
      // @ts-expect-error: the version is missing
      readRelease(client(), { path: { appId: 'calendar' } }),
      // @ts-expect-error: bytes need their type
      uploadRelease(client(), { path: { appId: 'calendar' }, body: 'PK' }),
    ];
    expect(asking).toBeInstanceOf(Function);
  });
});

describe('an answer', () => {
  const problem = { type: '/docs#NOT_FOUND', title: 'x', status: 404, detail: 'There is none.', code: 'NOT_FOUND' };

  test('that is fine has its data, its status and its headers', async () => {
    answer = json(200, { apps: [], next: null });
    const got = await listApps(client());
    expect(got).toMatchObject({ ok: true, status: 200, data: { apps: [], next: null } });
    expect(got.headers.get('content-type')).toContain('json');
  });

  test('that is a problem has that', async () => {
    answer = json(404, problem, 'application/problem+json');
    expect(await readApp(client(), { path: { appId: 'nosuch' } })).toMatchObject({ ok: false, status: 404, problem });
  });

  test.each<[string, (response: ServerResponse) => void, number]>([
    ['a page of a hotel', (response) => response.setHeader('content-type', 'text/html').end('<h1>Welcome'), 200],
    ['no JSON', (response) => response.setHeader('content-type', 'application/json').end('{'), 200],
    ['nothing', (response) => response.end(), 200],
    ['a text', json(200, 'x'), 200],
    ['a number', json(200, 7), 200],
    ['null', json(200, null), 200],
    ['a problem that is none', json(404, { error: 'x' }), 404],
    ['a page of a proxy', (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502'), 502],
    ['a problem with a status that is fine', json(200, problem, 'application/problem+json'), 200],
  ])('of somebody who is no gate is a failure: %s', async (_what, say, status) => {
    answer = say;
    const got = await readApp(client(), { path: { appId: 'calendar' } });
    expect(got).toMatchObject({ ok: false, status, problem: { status, code: 'UNEXPECTED_ANSWER' } });
  });

  test('without a body, and one that says that nothing changed, have no data', async () => {
    answer = (response) => response.writeHead(204).end();
    expect(await revokeToken(client(), { path: { id: '1' } })).toMatchObject({
      ok: true,
      status: 204,
      data: undefined,
    });
    answer = (response) => response.writeHead(304).end();
    const headers = { 'If-None-Match': '"x"' };
    expect(await listApps(client(), { headers })).toMatchObject({ ok: true, status: 304, data: undefined });
    expect(arrived.at(-1)?.headers['if-none-match']).toBe('"x"');
  });

  test('that is an archive is handed on unread, and anything else in its place is a failure', async () => {
    const path = { appId: 'calendar', version: '1.0.0' };
    answer = (response) => response.setHeader('content-type', 'application/zip').end('PK');
    const got = await downloadArchive(client(), { path });
    if (!got.ok || got.status !== 200) throw new Error(String(got.status));
    expect(await got.data.text()).toBe('PK');
    answer = (response) => response.setHeader('content-type', 'text/html').end('<h1>Welcome');
    expect(await downloadArchive(client(), { path })).toMatchObject({ ok: false, status: 200 });
  });

  test('that sends a token elsewhere is not followed', async () => {
    let elsewhere = 0;
    const other = await listen((_request, response) => {
      elsewhere += 1;
      json(200, {})(response);
    });
    answer = (response) => response.writeHead(302, { location: other }).end();
    await expect(listReviews(client())).rejects.toThrow();
    expect(elsewhere).toBe(0);
    await listApps(client());
    expect(elsewhere).toBe(1);
  });

  test('is read by whoever was asked to', async () => {
    answer = json(200, { apps: [] });
    const got = await listApps(client({ parse: (words) => ({ words }) }));
    expect(got).toMatchObject({ ok: true, data: { words: '{"apps":[]}' } });
  });
});

test.each([
  'ftp://example.org',
  'https://ada:pass@example.org',
  'https://example.org/?a=1',
  'https://example.org/#a',
  'x',
])('%s is no address of a store', (baseUrl) => {
  expect(() => createClient({ baseUrl })).toThrow(expect.objectContaining({ name: 'TypeError' }));
});

describe('a list of several pages', () => {
  test('is asked for page by page, and no further than it is read', async () => {
    answer = (response, request) => {
      const after = new URL(request.url ?? '', url).searchParams.get('after');
      json(200, { apps: [], next: after === null ? 'a' : after === 'a' ? 'b' : null })(response);
    };
    const cursors = [];
    for await (const { next } of pagesOf((start) => listApps(client(), { query: { limit: 1, ...start } })))
      cursors.push(next);
    expect(cursors).toEqual(['a', 'b', null]);
    arrived = [];
    for await (const _page of pagesOf((start) => listApps(client(), { query: start }), { after: 'a' })) break;
    expect(arrived.map((each) => each.line)).toEqual(['GET /api/v1/apps?after=a']);
  });

  test('that leads to itself ends', async () => {
    answer = json(200, { apps: [], next: 'a' });
    let pages = 0;
    for await (const _page of pagesOf((start) => listApps(client(), { query: start }))) pages += 1;
    expect(pages).toBe(2);
  });

  test('that leads back to a page before ends', async () => {
    answer = (response, request) => {
      const after = new URL(request.url ?? '', url).searchParams.get('after');
      json(200, { apps: [], next: after === 'a' ? 'b' : 'a' })(response);
    };
    const cursors = [];
    for await (const { next } of pagesOf((start) => listApps(client(), { query: start }))) {
      cursors.push(next);
      if (cursors.length > 9) break;
    }
    expect(cursors).toEqual(['a', 'b', 'a']);
  });

  test('ends with a problem where the store has one', async () => {
    answer = json(
      429,
      { type: 'x', title: 'x', status: 429, detail: 'Slowly.', code: 'RATE' },
      'application/problem+json',
    );
    const reading = pagesOf((start) => listApps(client(), { query: start })).next();
    const thrown = await reading.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ProblemError);
    expect(thrown).toMatchObject({ status: 429, problem: { code: 'RATE' }, message: 'Slowly. (RATE)' });
  });
});

test('a feed is asked on from where it was, also after nothing was new', async () => {
  answer = (_response, request) => {
    const after = new URL(request.url ?? '', url).searchParams.get('after');
    const isSecondOfA = arrived.filter((each) => each.line.endsWith('after=a')).length > 1;
    json(200, { apps: [], next: after === null ? 'a' : isSecondOfA ? 'b' : 'a' })(_response);
  };
  const cursors = [];
  for await (const { next } of follow((start) => listApps(client(), { query: start }))) {
    cursors.push(next);
    if (cursors.length === 2) break;
  }
  expect(cursors).toEqual(['a', 'b']);
  expect(arrived).toHaveLength(3);
});
