import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { newDataFolder, startBuiltGate, type BuiltGate } from '../support/built-gate.js';
import { testWith } from '../support/installed.js';

/*
 * An ownCloud server whose `appstoreurl` is a gate, played by a PHP program: it compares versions, reads addresses and opens
 * archives with the same functions as the market app.
 */

const MARKET_APP = fileURLToPath(new URL('../support/market-app.php', import.meta.url));
const KEY = 'key-of-the-test';

let gate: BuiltGate;
let operatorToken: string;
let apps: string;

beforeAll(async () => {
  const port = await freePort();
  const dataDir = await newDataFolder();
  const bundles = `${dataDir}/bundles.json`;
  await writeFile(
    bundles,
    JSON.stringify([{ id: 'dates', title: 'Dates', description: 'All of it', apps: ['calendar'] }]),
  );
  gate = await startBuiltGate({
    dataDir,
    environment: {
      PORT: String(port),
      BASE_URL: `http://127.0.0.1:${port}`,
      MARKET_API_KEYS: KEY,
      MARKET_BUNDLES: bundles,
    },
  });
  operatorToken = await gate.operatorToken();
  for (const [version, range] of [
    ['1.0.0', 'min-version="10.0" max-version="10"'],
    ['1.2.0', 'min-version="10.5" max-version="10"'],
    ['1.10.0', 'min-version="10.5" max-version="10"'],
    ['2.0.0', 'min-version="10.15" max-version="10"'],
    ['3.0.0', 'min-version="11"'],
  ] as const) {
    await publish('calendar', version, range);
  }
});

afterAll(async () => gate.remove());

beforeEach(async () => {
  apps = gate.path('apps');
  await rm(apps, { recursive: true, force: true });
  await mkdir(apps);
});

/** The system gives a port that nobody has; the gate must be told before it starts, as it tells others where it is. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function publish(id: string, version: string, range: string): Promise<void> {
  const infoXml = `<?xml version="1.0"?><info><id>${id}</id><name>Calendar</name><version>${version}</version>
    <category>productivity</category><dependencies><owncloud ${range}/></dependencies></info>`;
  const archive = await appArchive({ id, version, infoXml, files: { [`only-${version}.txt`]: version } });
  expect((await upload(gate.url, operatorToken, id, archive)).status).toBe(201);
}

async function setStatus(version: string, status: string): Promise<void> {
  const path = `/api/v1/apps/calendar/releases/${version}/status`;
  expect((await sendJson(gate.url + path, 'PUT', operatorToken, { status, reason: 'For tests.' })).status).toBe(200);
}

interface Server {
  readonly platform: string;
  /** Null: none. */
  readonly key?: string | null;
  readonly cache?: string;
}

/** What a server with these settings makes of the store. */
async function ask(server: Server, command: string, ...words: readonly string[]): Promise<unknown> {
  const settings = JSON.stringify({ store: `${gate.url}/`, apps, key: KEY, ...server });
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    execFile('php', [MARKET_APP, command, settings, ...words], (_error, out, err) => resolve({ out, err }));
  });
  if (out === '') throw new Error(err);
  return JSON.parse(out) as unknown;
}

const testPhp = testWith('php', 'rm');
const server: Server = { platform: '10.15.0.2' };

testPhp('a server lists what is for its version, by categories and in bundles', async () => {
  expect(await ask(server, 'list')).toEqual(['calendar']);
  expect(await ask({ platform: '9.1.8.2' }, 'list')).toEqual([]);
  expect(await ask(server, 'categories')).toEqual([['productivity', 'Productivity']]);
  expect(await ask(server, 'bundles')).toEqual([['Dates', 'All of it', true, [['calendar', 'Calendar', '3.0.0']]]]);
});

testPhp.each([
  ['10.2.1.4', '1.0.0'],
  ['10.14.0.3', '1.10.0'],
  ['10.15.0.2', '2.0.0'],
  ['11.0.0.1', '3.0.0'],
])('a server of version %s installs %s, complete and as it was uploaded', async (platform, version) => {
  expect(await ask({ platform }, 'install', 'calendar')).toEqual({ installed: version });
  expect(await readdir(`${apps}/calendar`)).toContain(`only-${version}.txt`);
  expect(await readFile(`${apps}/calendar/only-${version}.txt`, 'utf8')).toBe(version);
});

testPhp('a server updates within the major version and beyond, and leaves nothing of the old one behind', async () => {
  await ask({ platform: '10.2.1.4' }, 'install', 'calendar');
  expect(await ask(server, 'updates')).toEqual({ calendar: { minor: '1.10.0', major: '2.0.0' } });
  expect(await ask(server, 'update', 'calendar', '1.10.0')).toEqual({ installed: '1.10.0' });
  expect(await ask(server, 'updates')).toEqual({ calendar: { minor: false, major: '2.0.0' } });
  expect(await ask(server, 'update', 'calendar')).toEqual({ installed: '2.0.0' });
  expect(await ask(server, 'updates')).toEqual({ calendar: { minor: false, major: false } });
  expect((await readdir(`${apps}/calendar`)).filter((name) => name.startsWith('only-'))).toEqual(['only-2.0.0.txt']);
});

testPhp('what is for another version can not be had by naming it', async () => {
  expect(await ask(server, 'install', 'contacts')).toEqual({ error: 'unknown app' });
  await ask(server, 'install', 'calendar');
  expect(await ask(server, 'update', 'calendar', '3.0.0')).toEqual({ error: 'no version for this server' });
});

testPhp('a withdrawn release is offered no more, nor given to a server that still has it on its list', async () => {
  const cache = gate.path('list-of-yesterday.json');
  expect(await ask({ ...server, cache }, 'list')).toEqual(['calendar']);
  await ask({ platform: '10.14.0.3' }, 'install', 'calendar');
  try {
    await setStatus('2.0.0', 'withdrawn');
    expect(await ask(server, 'updates')).toEqual({ calendar: { minor: false, major: false } });
    expect(await ask({ ...server, cache }, 'updates')).toEqual({ calendar: { minor: false, major: '2.0.0' } });
    expect(await ask({ ...server, cache }, 'update', 'calendar', '2.0.0')).toEqual({ error: 'the store answered 410' });
    expect(await readdir(`${apps}/calendar`)).toContain('only-1.10.0.txt');
  } finally {
    await setStatus('2.0.0', 'published');
  }
  expect(await ask(server, 'update', 'calendar', '2.0.0')).toEqual({ installed: '2.0.0' });
});

testPhp('a server with a wrong key, or with none, is told so', async () => {
  expect(await ask({ ...server, key: 'another-key' }, 'list')).toEqual({ error: 'the key is not valid' });
  expect(await ask({ ...server, key: null }, 'list')).toEqual({ error: 'a key is missing' });
});
