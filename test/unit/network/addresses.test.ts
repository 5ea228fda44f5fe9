import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fetchBounded } from '../../../src/network/fetch-bounded.js';
import type { FetchOptions, Network } from '../../../src/network/fetch-bounded.js';
import { configuredNetwork, publicNetwork, resolveByDns } from '../../../src/network/network.js';
import { httpAnswer, startHttpsServer, webCertificate, webRoot } from '../../support/https-server.js';
import type { TestHttpsServer } from '../../support/https-server.js';
import { makeCertificate, testKeys } from '../../support/test-authority.js';
import type { TestCertificate } from '../../support/test-authority.js';
import { failureOf, networkTo } from './network-to.js';

const HOST = 'app.example';
const certificate = webCertificate([HOST, 'localhost', '127.0.0.1']);

function options(network: Network, timeoutMs = 20_000): FetchOptions {
  return { maxBytes: 1000, timeoutMs, network };
}

async function withServer(
  use: (server: TestHttpsServer) => Promise<void>,
  shown: TestCertificate = certificate,
): Promise<void> {
  const server = await startHttpsServer(shown, (socket) => socket.end(httpAnswer(200, 'here')));
  try {
    await use(server);
  } finally {
    await server.idle();
    await server.close();
  }
}

function urlOf({ port }: { readonly port: number }, host = HOST): URL {
  return new URL(`https://${host}:${port}/`);
}

describe('addresses', () => {
  test.each([
    ['a private one', ['10.0.0.1']],
    ['a private one beside a good one', ['127.0.0.1', '10.0.0.1']],
    ['a good one beside a private one of IPv6', ['127.0.0.1', 'fd00::1']],
    ['a private one after many good ones', [...Array<string>(100).fill('127.0.0.1'), '10.0.0.1']],
    ['something that is no address', ['127.0.0.1', 'localhost']],
  ])('a name with %s is refused and nobody is connected to', async (_what, addresses) => {
    await withServer(async (server) => {
      const failure = await failureOf(fetchBounded(urlOf(server), options(networkTo(addresses))));
      expect([failure.kind, server.connections()]).toEqual(['address', 0]);
    });
  });

  test('what is no address is refused even where everything is in bounds', async () => {
    const network = networkTo(['localhost'], { isAllowed: () => true });
    await withServer(async (server) => {
      expect((await failureOf(fetchBounded(urlOf(server), options(network)))).kind).toBe('address');
    });
  });

  test('a name without addresses is refused', async () => {
    expect((await failureOf(fetchBounded(urlOf({ port: 1 }), options(networkTo([]))))).kind).toBe('name');
  });

  test('a name that can’t be resolved is refused in the words for one that leads inside, and quotes nobody', async () => {
    const resolve = (): Promise<never> => Promise.reject(new Error('queryA ESERVFAIL 10.1.2.3'));
    const unknown = await failureOf(fetchBounded(urlOf({ port: 1 }), options(networkTo([], { resolve }))));
    const inside = await failureOf(fetchBounded(urlOf({ port: 1 }), options(networkTo(['10.1.2.3']))));

    expect([unknown.kind, inside.kind]).toEqual(['name', 'address']);
    expect(unknown.message).toBe(inside.message);
    expect(inside.message).not.toContain('10.1.2.3');
  });

  test('the first answer is the only one: a name that changes its mind is still where it was', async () => {
    await withServer(async (inside) => {
      const redirects = await startHttpsServer(
        certificate,
        (socket, head) =>
          socket.end(
            head.startsWith('GET /next') ? httpAnswer(200, 'outside') : httpAnswer(302, '', { location: '/next' }),
          ),
        { host: '127.0.0.2', port: inside.port },
      );
      let asked = 0;
      const resolve = async (): Promise<string[]> => [(asked += 1) === 1 ? '127.0.0.2' : '127.0.0.1'];
      try {
        const { body } = await fetchBounded(urlOf(inside), options(networkTo([], { resolve })));
        expect([body.toString(), asked, redirects.heads.length, inside.connections()]).toEqual(['outside', 1, 2, 0]);
      } finally {
        await redirects.close();
      }
    });
  });

  test('where nobody answers at one address the next one is tried', async () => {
    await withServer(async (server) => {
      const { body } = await fetchBounded(urlOf(server), options(networkTo(['127.0.0.3', '127.0.0.1'])));
      expect(body.toString()).toBe('here');
    });
  });

  test('a name can’t make us knock at any number of addresses', async () => {
    await withServer(async (server) => {
      const many = ['127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.1'];
      const failure = await failureOf(fetchBounded(urlOf(server), options(networkTo(many))));
      expect([failure.kind, server.connections()]).toEqual(['connection', 0]);
    });
  });
});

describe('certificates', () => {
  const stranger = makeCertificate({
    commonName: 'Stranger',
    ca: true,
    keyUsage: ['keyCertSign'],
    extendedKeyUsage: null,
    keys: testKeys('ec-p256', 'stranger'),
  });

  test.each([
    ['for another name', webCertificate(['other.example'])],
    ['for a name below', webCertificate([`www.${HOST}`])],
    ['for the address instead of the name', webCertificate(['127.0.0.1'])],
    ['signed by itself', webCertificate([HOST], { issuer: null })],
    ['of a stranger', webCertificate([HOST], { issuer: stranger })],
    ['of a stranger in the name of the root', webCertificate([HOST], { signingKeys: testKeys('ec-p256', 'forger') })],
    [
      'that has expired',
      webCertificate([HOST], { notBefore: '2020-01-01T00:00:00Z', notAfter: '2021-01-01T00:00:00Z' }),
    ],
    ['that is not valid yet', webCertificate([HOST], { notBefore: '2040-01-01T00:00:00Z' })],
    ['for signing code', webCertificate([HOST], { extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'] })],
  ])('one %s is refused before anything is asked', async (_what, shown) => {
    await withServer(async (server) => {
      const failure = await failureOf(fetchBounded(urlOf(server), options(networkTo(['127.0.0.1']))));
      expect([failure.kind, server.heads]).toEqual(['tls', []]);
      // Names in the other's certificate are the other's words.
      expect(failure.message).not.toMatch(/other\.example|127\.0\.0\.1|Stranger/);
    }, shown);
  });

  test('a server that speaks no TLS is refused', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const url = urlOf(plain.address() as AddressInfo);

    expect((await failureOf(fetchBounded(url, options(networkTo(['127.0.0.1']))))).kind).toBe('tls');
    plain.close();
  });

  test('a server that never answers the handshake runs into the deadline', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = urlOf(silent.address() as AddressInfo);

    expect((await failureOf(fetchBounded(url, options(networkTo(['127.0.0.1']), 300)))).kind).toBe('timeout');
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('publicNetwork', () => {
  test('a stranger’s name that leads to this machine gets no connection', async () => {
    await withServer(async (server) => {
      const network = { ...publicNetwork, resolve: async () => ['127.0.0.1'], isAllowedPort: () => true };
      const failure = await failureOf(fetchBounded(urlOf(server), options(network)));
      expect([failure.kind, server.connections()]).toEqual(['address', 0]);
    });
  });

  test.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
  ])('an address inside is refused however it is written: %s', async (url) => {
    expect((await failureOf(fetchBounded(new URL(url), options(publicNetwork)))).kind).toBe('address');
  });

  test.each([80, 8443, 22, 5432])('port %d is refused', async (port) => {
    expect((await failureOf(fetchBounded(urlOf({ port }), options(publicNetwork)))).kind).toBe('port');
  });
});

describe('configuredNetwork', () => {
  test('the operator’s names and addresses lead where the machine says', async () => {
    await withServer(async (server) => {
      const network = { ...configuredNetwork, ca: webRoot.pem };
      for (const host of ['localhost', '127.0.0.1']) {
        expect((await fetchBounded(urlOf(server, host), options(network))).body.toString()).toBe('here');
      }
    });
  });

  test('the certificate counts there too', async () => {
    await withServer(async (server) => {
      expect((await failureOf(fetchBounded(urlOf(server, 'localhost'), options(configuredNetwork)))).kind).toBe('tls');
    });
  });
});

describe('resolveByDns', () => {
  let dns: Socket;
  let questions = 0;

  beforeAll(async () => {
    dns = createSocket('udp4');
    dns.on('message', (question, { port, address }) => {
      questions += 1;
      const reply = answerDns(question);
      if (reply !== null) dns.send(reply, port, address);
    });
    dns.bind(0, '127.0.0.1');
    await once(dns, 'listening');
  });

  afterAll(() => dns.close());

  function resolver(): Resolver {
    const made = new Resolver({ timeout: 5000, tries: 1 });
    made.setServers([`127.0.0.1:${dns.address().port}`]);
    return made;
  }

  test.each([
    ['both.example', ['192.0.2.1', '192.0.2.2', '2001:db8::1']],
    ['old.example', ['192.0.2.1', '192.0.2.2']],
    ['new.example', ['2001:db8::1']],
  ])('every address of both families is told: %s', async (name, addresses) => {
    expect(await resolveByDns(name, new AbortController().signal, resolver())).toEqual(addresses);
  });

  test('a name without any address is an error', async () => {
    await expect(resolveByDns('none.example', new AbortController().signal, resolver())).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('stops asking when nobody waits any more', async () => {
    const end = new AbortController();
    const before = questions;
    const resolving = resolveByDns('silent.example', end.signal, resolver());
    while (questions === before) await new Promise(setImmediate);
    end.abort();
    await expect(resolving).rejects.toMatchObject({ code: 'ECANCELLED' });
  });
});

/** A name server for the names of these tests (RFC 1035, 4.1); null where it keeps silent. */
function answerDns(question: Buffer): Buffer | null {
  const nameEnd = question.indexOf(0, 12);
  const type = question.readUInt16BE(nameEnd + 1);
  const name = question.toString('latin1', 13, 13 + (question[12] ?? 0));
  if (name === 'silent') return null;
  const ipv4 = ['c0000201', 'c0000202'];
  const ipv6 = ['20010db8000000000000000000000001'];
  const records = type === 1 ? (name === 'new' ? [] : ipv4) : name === 'old' ? [] : ipv6;
  const found = name === 'none' ? [] : records;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(question.readUInt16BE(0), 0);
  header.writeUInt16BE(name === 'none' ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  const answers = found.map((hex) => {
    const data = Buffer.from(hex, 'hex');
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header, question.subarray(12, nameEnd + 5), ...answers]);
}
