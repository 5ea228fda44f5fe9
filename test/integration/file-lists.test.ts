import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createFileListBounds } from '../../src/storefront/file-lists.js';
import type { WaitingRoom } from '../../src/storefront/waiting-room.js';
import { request, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { rawRequest } from '../support/raw-request.js';
import { recordQueries } from '../support/recorded-queries.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* Manifests and upgrades of apps with many files: megabytes, more than any line takes by itself. */

const FILES = 15_000;

let gate: TestGate;
let room: WaitingRoom;
let before: Readonly<Record<string, unknown>>;
let after: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  const bounds = createFileListBounds();
  room = bounds.room;
  gate = await startTestGate({ config: { proxies: 1 }, gate: { fileLists: bounds } });
  for (const [id, version] of [
    ['huge', '1.0.0'],
    ['huge', '1.1.0'],
    ['small', '1.0.0'],
  ] as const) {
    const uploaded = await upload(gate.url, await gate.token(id), id, await appArchive({ id, version }));
    expect(uploaded.status).toBe(201);
  }
  before = await fill('1.0.0');
  after = await fill('1.1.0');
});
afterAll(async () => {
  await gate.stop();
});

/** Makes a release one of many files, all but three of which no other has; without an upload, which takes long. */
async function fill(version: string): Promise<Readonly<Record<string, unknown>>> {
  const random = randomBytes(8).toString('hex');
  const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex');
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, index) => [
      index < 3 ? `same/${index} – \u{1f512}.js` : `lib/${random}/${'n'.repeat(300)}${index}.js`,
      { bytes: index, sha512: sha512(index === 2 ? random : String(index)) },
    ]),
  );
  await gate.gate.database.query(
    `UPDATE archive_files SET files = $1 WHERE archive_sha256 = (SELECT archive_sha256 FROM releases WHERE app_id = 'huge' AND version = $2)`,
    [JSON.stringify(files), version],
  );
  return files;
}

const MANIFEST = '/api/v1/apps/huge/releases/1.0.0/manifest';
const UPGRADE = '/api/v1/apps/huge/upgrade?from=1.0.0&to=1.1.0';

const from = (address: string, path: string, { method = 'GET', headers = {} } = {}) =>
  rawRequest(`${gate.url}${path}`, { method, headers: { ...headers, 'x-forwarded-for': address } });

/** Places that this address still gets, all given back. */
function freePlaces(address: string): number {
  const left: (() => void)[] = [];
  for (let leave = room.enter(address); leave !== null; leave = room.enter(address)) left.push(leave);
  for (const leave of left) leave();
  return left.length;
}

test('a manifest comes whole, in whatever pieces it is read', async () => {
  const { status, bytes } = await from('192.0.2.1', MANIFEST);
  expect(status).toBe(200);
  expect(isDeepStrictEqual(JSON.parse(bytes.toString()), { appId: 'huge', version: '1.0.0', files: before })).toBe(
    true,
  );
  const coded = await from('192.0.2.1', MANIFEST, { headers: { 'accept-encoding': 'gzip' } });
  expect(gunzipSync(coded.bytes).equals(bytes)).toBe(true);
});

test('an upgrade names every path, in byte order', async () => {
  const { status, bytes } = await from('192.0.2.1', UPGRADE);
  const { added, changed, removed } = JSON.parse(bytes.toString());
  const inOrder = (paths: readonly string[]) =>
    [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([status, changed]).toEqual([200, [Object.keys(before)[2]]]);
  expect(isDeepStrictEqual(added, inOrder(Object.keys(after).filter((path) => !(path in before))))).toBe(true);
  expect(isDeepStrictEqual(removed, inOrder(Object.keys(before).filter((path) => !(path in after))))).toBe(true);
  const described = await request(`${gate.url}/api/v1/apps/huge/upgrade?from=1.0.0&to=1.0.0`);
  expect(described.body).toEqual({ from: '1.0.0', to: '1.0.0', added: [], changed: [], removed: [] });
});

test.each([MANIFEST, UPGRADE])('%s is read for nobody who has it, or asks for the headers alone', async (path) => {
  const { headers } = await from('192.0.2.1', path);
  expect(headers['content-length']).toBeUndefined();
  const recorded = recordQueries(gate.gate.database);
  expect((await from('192.0.2.1', path, { headers: { 'if-none-match': String(headers.etag) } })).status).toBe(304);
  const head = await from('192.0.2.1', path, { method: 'HEAD' });
  expect([head.status, head.headers.etag]).toEqual([200, headers.etag]);
  expect(recorded.length).toBeGreaterThan(0);
  expect(recorded.filter(({ text }) => text.includes('archive_files'))).toEqual([]);
});

describe('while long lists are under way', () => {
  const held: Socket[] = [];
  afterEach(() => {
    for (const socket of held.splice(0)) socket.destroy();
  });

  /** Asks, and takes nothing of the answer. */
  async function hold(address: string, path: string): Promise<void> {
    const places = freePlaces(address);
    const socket = connect(Number(new URL(gate.url).port), '127.0.0.1');
    socket.pause();
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address}\r\n\r\n`);
    held.push(socket);
    await until(() => freePlaces(address) < places);
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test('an address gets so many, others get theirs, and small ones are for everybody', async () => {
    for (const path of [MANIFEST, UPGRADE, MANIFEST]) await hold('192.0.2.7', path);
    for (const path of [MANIFEST, UPGRADE]) {
      const refused = await from('192.0.2.7', path);
      expect([refused.status, refused.headers['retry-after'], refused.headers['cache-control']]).toEqual([
        503,
        '10',
        'no-store',
      ]);
      expect((await from('192.0.2.7', path, { method: 'HEAD' })).status).toBe(200);
    }
    expect((await from('192.0.2.8', UPGRADE)).status).toBe(200);
    expect((await from('192.0.2.7', '/api/v1/apps/small/releases/1.0.0/manifest')).status).toBe(200);
  });

  test('whoever goes away gives the place back', async () => {
    for (const path of [MANIFEST, UPGRADE]) {
      await hold('192.0.2.9', path);
      held.pop()?.destroy();
      await until(() => freePlaces('192.0.2.9') === 3);
    }
    await from('192.0.2.9', UPGRADE);
    await until(() => freePlaces('192.0.2.9') === 3);
  });
});
