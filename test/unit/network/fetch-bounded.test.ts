import type { TLSSocket } from 'node:tls';
import { fetchBounded } from '../../../src/network/fetch-bounded.js';
import type { FetchOptions, Network } from '../../../src/network/fetch-bounded.js';
import { httpAnswer, startHttpsServer, webCertificate } from '../../support/https-server.js';
import type { TestHttpsServer } from '../../support/https-server.js';
import { failureOf, networkTo } from './network-to.js';

const HOST = 'app.example';

let server: TestHttpsServer;
/** What the server does with the next requests; the path says no more than the test's name. */
let answer: (socket: TLSSocket, head: string) => void;

beforeAll(async () => {
  server = await startHttpsServer(webCertificate([HOST, 'other.example']), (socket, head) => answer(socket, head));
});

afterEach(async () => {
  // Whatever came of a fetch, its connection is closed: otherwise this would not end.
  await server.idle();
});

afterAll(async () => {
  await server.close();
});

function urlOf(path: string, host = HOST): URL {
  return new URL(`https://${host}:${server.port}${path}`);
}

function options(changes: Partial<FetchOptions> = {}): FetchOptions {
  return { maxBytes: 1000, timeoutMs: 20_000, network: networkTo(['127.0.0.1']), ...changes };
}

/** A deadline that has to pass for the test to go on. */
const soon = options({ timeoutMs: 300 });

function answerWith(...bytes: Parameters<typeof httpAnswer>): void {
  answer = (socket) => socket.write(httpAnswer(...bytes));
}

async function kindOf(url: URL, given = options()): Promise<string> {
  return (await failureOf(fetchBounded(url, given))).kind;
}

describe('what is fetched', () => {
  test('a body comes with its status and its URL', async () => {
    answerWith(200, 'the value\n');
    const { status, body, url } = await fetchBounded(urlOf('/a/b?c=d#e'), options());

    expect([status, body.toString(), url.href]).toEqual([200, 'the value\n', urlOf('/a/b?c=d#e').href]);
  });

  test('a body in chunks comes whole', async () => {
    answerWith(200, '3\r\nthe\r\n6\r\n value\r\n0\r\n\r\n', { 'transfer-encoding': 'chunked' });
    expect((await fetchBounded(urlOf('/'), options())).body.toString()).toBe('the value');
  });

  test('a body that ends with its connection comes whole', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nthe value');
    expect((await fetchBounded(urlOf('/'), options())).body.toString()).toBe('the value');
  });

  test('a body of exactly as many bytes as are allowed comes whole', async () => {
    answerWith(200, 'x'.repeat(1000));
    expect((await fetchBounded(urlOf('/'), options())).body).toHaveLength(1000);
  });

  test('the request says who asks, wants no compression, brings no credentials, and keeps nothing open', async () => {
    answerWith(200, '', { 'set-cookie': 'a=b; Path=/' });
    await fetchBounded(urlOf('/path?query'), options());
    await fetchBounded(urlOf('/path?query'), options());
    const [line, ...headers] = server.heads.at(-1)?.split('\r\n') ?? [];

    expect(line).toBe('GET /path?query HTTP/1.1');
    expect(headers.map((header) => header.toLowerCase()).sort()).toEqual([
      'accept-encoding: identity',
      'accept: */*',
      'connection: close',
      `host: ${HOST}:${server.port}`,
      'user-agent: portcullis',
    ]);
  });
});

describe('the URL', () => {
  test.each(['http://app.example/', 'ftp://app.example/', 'file:///etc/passwd', 'data:text/plain,x'])(
    'another scheme is refused: %s',
    async (url) => {
      expect(await kindOf(new URL(url))).toBe('scheme');
    },
  );

  test.each(['https://user@app.example/', 'https://:secret@app.example/'])(
    'credentials are refused: %s',
    async (url) => {
      expect(await kindOf(new URL(url))).toBe('credentials');
    },
  );

  test('a port out of bounds is refused before the name is resolved', async () => {
    const network = networkTo(['127.0.0.1'], { isAllowedPort: (port) => port === 443 });
    expect(await kindOf(urlOf('/'), options({ network }))).toBe('port');
    expect(network.asked).toEqual([]);
  });

  test.each([`${HOST}.`, `${'a.'.repeat(130)}example`])(
    'a name that DNS would not know as such is refused',
    async (host) => {
      const network = networkTo(['127.0.0.1']);
      expect(await kindOf(urlOf('/', host), options({ network }))).toBe('name');
      expect(network.asked).toEqual([]);
    },
  );
});

describe('statuses', () => {
  test.each([201, 204, 206, 304, 401, 404, 500])('status %d is not what was wanted', async (status) => {
    answerWith(status, '');
    expect(await kindOf(urlOf('/'))).toBe('status');
  });

  test('a status that is wanted is accepted', async () => {
    answerWith(404, 'nothing');
    const { status, body } = await fetchBounded(urlOf('/'), options({ acceptStatus: [200, 404] }));
    expect([status, body.toString()]).toEqual([404, 'nothing']);
  });

  test('a redirect to nowhere is a status like others', async () => {
    answerWith(302, '');
    expect(await kindOf(urlOf('/'))).toBe('status');
  });

  test('an answer that came before it is not taken for the answer', async () => {
    answer = (socket) => socket.write(`HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\n${httpAnswer(200, 'late').toString()}`);
    expect((await fetchBounded(urlOf('/'), options())).body.toString()).toBe('late');
  });

  test('a change of protocol is refused', async () => {
    answer = (socket) => socket.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });
});

describe('redirects', () => {
  function redirectTo(location: string, status = 302): void {
    answer = (socket, head) =>
      socket.write(head.startsWith('GET /start') ? httpAnswer(status, 'x', { location }) : httpAnswer(200, 'target'));
  }

  test.each([301, 302, 303, 307, 308])('status %d on the same host is followed', async (status) => {
    redirectTo('/target', status);
    const { body, url } = await fetchBounded(urlOf('/start'), options());
    expect([body.toString(), url.href]).toEqual(['target', urlOf('/target').href]);
  });

  test.each([
    ['another host', () => urlOf('/target', 'other.example').href],
    ['another host, without a scheme', () => `//other.example:${server.port}/target`],
    ['another host, with backslashes', () => `\\\\other.example:${server.port}\\target`],
    ['the same host with a dot', () => urlOf('/target', `${HOST}.`).href],
    ['a host below', () => urlOf('/target', `www.${HOST}`).href],
    ['the address itself', () => urlOf('/target', '127.0.0.1').href],
    ['another port', () => `https://${HOST}:${server.port + 1}/target`],
    ['the usual port', () => `https://${HOST}/target`],
    ['http', () => `http://${HOST}:${server.port}/target`],
    ['a file', () => 'file:///etc/passwd'],
    ['itself, with credentials', () => `https://user:secret@${HOST}:${server.port}/target`],
    ['no URL', () => 'https://['],
  ])('one to %s is refused', async (_where, location) => {
    redirectTo(location());
    const before = server.connections();
    const network = networkTo(['127.0.0.1']);

    expect(await kindOf(urlOf('/start'), options({ network }))).toBe('redirect');
    expect(server.connections() - before).toBe(1);
    expect(network.asked).toEqual([HOST]);
  });

  test('three in a row are followed, and not one more', async () => {
    answer = (socket, head) => {
      const left = Number(/^GET \/(\d)/.exec(head)?.[1]);
      socket.write(left === 0 ? httpAnswer(200, 'target') : httpAnswer(302, '', { location: `/${left - 1}` }));
    };
    expect((await fetchBounded(urlOf('/3'), options())).body.toString()).toBe('target');
    expect(await kindOf(urlOf('/4'))).toBe('redirect');
  });

  describe('where other hosts are followed to', () => {
    const follow = (network = networkTo(['127.0.0.1'])) => options({ network, followsToOtherHosts: true });

    test('each is judged as the first was', async () => {
      redirectTo(urlOf('/target', 'other.example').href);
      const network = networkTo(['127.0.0.1']);
      const { body, url } = await fetchBounded(urlOf('/start'), follow(network));
      expect([body.toString(), url.hostname]).toEqual(['target', 'other.example']);
      expect(network.asked).toEqual([HOST, 'other.example']);
    });

    test.each([
      ['http', () => `http://other.example:${server.port}/target`],
      ['credentials', () => `https://user:secret@other.example:${server.port}/target`],
      ['a port out of bounds', () => 'https://other.example:22/target'],
    ])('one to %s is refused before its name is resolved', async (_where, location) => {
      redirectTo(location());
      const network = networkTo(['127.0.0.1'], { isAllowedPort: (port) => port === server.port });
      expect(await kindOf(urlOf('/start'), follow(network))).toBe('redirect');
      expect(network.asked).toEqual([HOST]);
    });

    test.each([
      ['a name that leads inside', () => urlOf('/target', 'other.example').href],
      ['an address inside', () => urlOf('/target', '10.0.0.1').href],
      ['another address inside', () => urlOf('/target', '[::1]').href],
    ])('one to %s is refused before anybody is asked there', async (_where, location) => {
      redirectTo(location());
      const before = server.connections();
      const network = networkTo([], { resolve: async (name) => [name === HOST ? '127.0.0.1' : '10.0.0.1'] });
      expect(await kindOf(urlOf('/start'), follow(network))).toBe('address');
      expect(server.connections() - before).toBe(1);
    });

    test('the certificate is for the other host', async () => {
      redirectTo(urlOf('/target', 'third.example').href);
      expect(await kindOf(urlOf('/start'), follow())).toBe('tls');
    });

    test('no more than three in a row are followed', async () => {
      const before = server.connections();
      answer = (socket, head) => {
        const host = head.includes('host: other') || head.includes('Host: other') ? HOST : 'other.example';
        socket.write(httpAnswer(302, '', { location: urlOf('/start', host).href }));
      };
      expect(await kindOf(urlOf('/start'), follow())).toBe('redirect');
      expect(server.connections() - before).toBe(4);
    });
  });

  test('a loop ends', async () => {
    const before = server.connections();
    answerWith(302, '', { location: '/start' });
    expect(await kindOf(urlOf('/start'))).toBe('redirect');
    expect(server.connections() - before).toBe(4);
  });
});

describe('bounds', () => {
  test('a length that is told and is too large is refused', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n');
    expect(await kindOf(urlOf('/'))).toBe('too-large');
  });

  test('a body without end is refused', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write('x'.repeat(500), () => setImmediate(more));
      };
      more();
    };
    expect(await kindOf(urlOf('/'))).toBe('too-large');
  });

  test('chunks without end are refused', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = (): void => {
        if (!socket.destroyed) socket.write('5\r\nhello\r\n', () => setImmediate(more));
      };
      more();
    };
    expect(await kindOf(urlOf('/'))).toBe('too-large');
  });

  test('a body that is longer than it says is cut where it says', async () => {
    answerWith(200, 'the value and more', { 'content-length': '9' });
    expect((await fetchBounded(urlOf('/'), options())).body.toString()).toBe('the value');
  });

  test('a body that is shorter than it says is refused', async () => {
    answer = (socket) => socket.end(httpAnswer(200, 'the value', { 'content-length': '90' }));
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('two lengths are refused', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nhello');
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('a length beside chunks is refused', async () => {
    answerWith(200, '1\r\nx\r\n0\r\n\r\n', { 'content-length': '5', 'transfer-encoding': 'chunked' });
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test.each(['gzip', 'br', 'deflate', 'x-unknown', 'identity, gzip', 'GZIP'])('%s is refused', async (encoding) => {
    answerWith(200, 'x', { 'content-encoding': encoding });
    expect(await kindOf(urlOf('/'))).toBe('encoding');
  });

  test('compression between chunks is refused', async () => {
    answerWith(200, '1\r\nx\r\n0\r\n\r\n', { 'transfer-encoding': 'gzip, chunked' });
    expect(await kindOf(urlOf('/'))).toBe('encoding');
  });

  test('identity, said aloud, is no compression', async () => {
    answerWith(200, 'x', { 'content-encoding': 'identity' });
    expect((await fetchBounded(urlOf('/'), options())).body.toString()).toBe('x');
  });

  test.each([
    ['one large header', { 'x-large': 'x'.repeat(20_000) }],
    ['many headers', Object.fromEntries(Array.from({ length: 2000 }, (_each, index) => [`x-${index}`, 'xxxxxxxx']))],
  ])('%s is refused', async (_what, headers) => {
    answerWith(200, 'x', headers);
    expect(await kindOf(urlOf('/'))).toBe('too-large');
  });

  test('trailers without end are refused', async () => {
    answerWith(200, `0\r\n${'x-trailer: xxxxxxxx\r\n'.repeat(2000)}`, { 'transfer-encoding': 'chunked' });
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });
});

describe('the deadline', () => {
  function drip(socket: TLSSocket, beginning: string, drop: string): void {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(drop), 10);
    socket.on('close', () => clearInterval(timer));
  }

  test('holds for a name that nobody resolves', async () => {
    const network = networkTo(['127.0.0.1'], { resolve: () => new Promise<never>(() => {}) });
    expect(await kindOf(urlOf('/'), { ...soon, network })).toBe('timeout');
  });

  test('tells the resolver that nobody waits any more', async () => {
    let told = false;
    const resolve: Network['resolve'] = (_name, signal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => (told = true)));
    await kindOf(urlOf('/'), { ...soon, network: networkTo([], { resolve }) });
    expect(told).toBe(true);
  });

  test('holds for a server that says nothing', async () => {
    answer = () => {};
    expect(await kindOf(urlOf('/'), soon)).toBe('timeout');
  });

  test('holds for headers that drip', async () => {
    answer = (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n');
    expect(await kindOf(urlOf('/'), soon)).toBe('timeout');
  });

  test('holds for answers before the answer that never end', async () => {
    answer = (socket) => drip(socket, '', 'HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\n');
    expect(await kindOf(urlOf('/'), soon)).toBe('timeout');
  });

  test('holds for a body that drips', async () => {
    answer = (socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n', 'x');
    expect(await kindOf(urlOf('/'), soon)).toBe('timeout');
  });

  test('holds for all redirects together', async () => {
    answer = (socket) => setTimeout(() => socket.write(httpAnswer(302, '', { location: '/' })), 200);
    expect(await kindOf(urlOf('/'), soon)).toBe('timeout');
  });
});

describe('connections that break', () => {
  test('one that is closed without an answer', async () => {
    answer = (socket) => socket.end();
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('one that is closed in the middle of the headers', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\nconte');
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('one that is reset in the middle of the body', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nthe', () => socket.destroy());
    };
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('one that speaks something else', async () => {
    answer = (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n');
    expect(await kindOf(urlOf('/'))).toBe('connection');
  });

  test('one that nobody takes', async () => {
    const gone = await startHttpsServer(webCertificate([HOST]), () => {});
    await gone.close();
    expect(await kindOf(new URL(`https://${HOST}:${gone.port}/`))).toBe('connection');
  });
});

test('the servers of these tests are trusted for no other reason than the network’s root', async () => {
  const { ca: _ca, ...withoutRoot } = networkTo(['127.0.0.1']);
  expect(await kindOf(urlOf('/'), options({ network: withoutRoot }))).toBe('tls');
});
