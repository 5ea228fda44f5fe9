import type { TLSSocket } from 'node:tls';
import { searchForProof } from '../../../src/authority/control-proof-search.js';
import {
  httpAnswer,
  startHttpsServer,
  webCertificate,
  webRoot,
  type TestHttpsServer,
} from '../../support/https-server.js';

const HOST = 'apps.example';
const VALUE = 'v'.repeat(43);

let server: TestHttpsServer;
let answer: (socket: TLSSocket, head: string) => void;

beforeAll(async () => {
  server = await startHttpsServer(webCertificate([HOST]), (socket, head) => {
    answer(socket, head);
  });
});
afterAll(async () => {
  await server.close();
});

const network = {
  resolve: async () => ['127.0.0.1'],
  isAllowed: () => true,
  isAllowedPort: () => true,
  ca: webRoot.pem,
};

function urls(...paths: readonly string[]): readonly URL[] {
  return paths.map((path) => new URL(`https://${HOST}:${server.port}${path}`));
}

/** Answers by the path that is asked for, with 404 for any other. */
function serve(files: Readonly<Record<string, string>>): void {
  answer = (socket, head) => {
    const body = files[head.split(' ')[1] ?? ''];
    socket.end(body === undefined ? httpAnswer(404, 'no') : httpAnswer(200, body));
  };
}

test('one place that has the value is enough, and is named', async () => {
  serve({ '/b': `${VALUE}\n` });
  const [, second] = urls('/a', '/b', '/c');
  const found = await searchForProof(network, urls('/a', '/b', '/c'), VALUE);
  expect(found).toMatchObject({ provenUrl: second?.href });
});

test('where none has it, every place says why', async () => {
  serve({ '/b': 'another text' });
  const { provenUrl, detail } = await searchForProof(network, urls('/a', '/b'), VALUE);
  expect(provenUrl).toBeNull();
  const lines = detail.split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain('404');
  expect(lines[1]).not.toContain('another text');
});

test('a value that is empty is nowhere', async () => {
  serve({ '/a': '' });
  expect((await searchForProof(network, urls('/a'), '')).provenUrl).toBeNull();
});

test('without a place nothing is proven', async () => {
  expect((await searchForProof(network, [], VALUE)).provenUrl).toBeNull();
});

test('a place that is slow takes nothing from one that is not', async () => {
  // The slow one is let go only when the other is through: one after the other, this would never end.
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = (socket, head) => {
    if (head.startsWith('GET /slow ')) void released.then(() => socket.destroy());
    else socket.end(httpAnswer(200, VALUE), release);
  };
  const { provenUrl } = await searchForProof(network, urls('/slow', '/fast'), VALUE);
  expect(provenUrl).toBe(urls('/fast')[0]?.href);
});
