import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { request, upload } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { appArchive } from '../support/app-archive.js';
import { writeAppFolder } from '../support/app-folder.js';
import {
  newDataFolder,
  postgresOf,
  runServer,
  startBuiltGate,
  uploadsUnderWay,
  type BuiltGate,
  type BuiltGateOptions,
} from '../support/built-gate.js';

const run = promisify(execFile);

let dataDir: string;
/** Whatever runs on the data folder; a test that needs one starts one, and the next doesn't see it. */
let gate: BuiltGate | undefined;

beforeAll(async () => {
  dataDir = await newDataFolder();
});

afterEach(async () => {
  await gate?.stop();
  gate = undefined;
});

afterAll(async () => rm(dataDir, { recursive: true, force: true }));

async function start(options: BuiltGateOptions = {}): Promise<BuiltGate> {
  gate = await startBuiltGate({ dataDir, ...options });
  return gate;
}

/** What the operator's command on a gate's data folder says of every token. */
async function tokensOf(started: BuiltGate): Promise<readonly { readonly scopes: readonly string[] }[]> {
  const { tokens } = JSON.parse((await started.succeed(['token', 'list', '--json'])).out) as {
    tokens: { scopes: string[] }[];
  };
  return tokens;
}

describe('the first start', () => {
  let fresh: BuiltGate;

  beforeAll(async () => {
    fresh = await startBuiltGate();
    // The greeting ends with it.
    await fresh.says(/\/docs\n/);
  });

  afterAll(async () => fresh.remove());

  test('says where the operator token is, and never the token itself', async () => {
    const file = join(fresh.dataDir, 'operator-token');
    const token = await fresh.operatorToken();
    expect(fresh.out()).toContain(file);
    expect(token).toMatch(/^portcullis_[A-Za-z0-9_-]{43}$/);
    expect(fresh.out() + fresh.err()).not.toContain(token);
  });

  test.each(['operator-token', 'authority/root.key', 'authority/developers.key'])(
    'makes %s readable only to its owner',
    async (name) => {
      expect((await stat(join(fresh.dataDir, name))).mode & 0o777).toBe(0o600);
    },
  );

  testWith('curl')('says in a shell what works in a shell', async () => {
    await writeFile(fresh.path('calendar.zip'), await appArchive());
    // The shell's lines in the greeting, as they stand there.
    const lines = /^ {4}export TOKEN=.*(?:\n {4,6}\S.*)*$/m.exec(fresh.out())?.[0] ?? '';
    const { stdout } = await run('sh', ['-euc', lines], { cwd: fresh.workspace });
    expect(JSON.parse(stdout)).toMatchObject({ appId: 'calendar', outcome: 'accepted' });
  });

  test('makes an authority and trusts it: what it issues signs an app that is accepted as signed', async () => {
    await writeAppFolder(fresh.path('gallery'), { id: 'gallery' });
    await fresh.succeed(['ca', 'issue', '--app-id', 'gallery', '--new-key', 'gallery.key']);
    await fresh.succeed(['sign', '--path', 'gallery', '--key', 'gallery.key', '--cert', 'gallery.crt']);
    await fresh.succeed(['pack', 'gallery', '--out', 'gallery.zip']);
    const { out } = await fresh.succeed(['upload', 'gallery.zip', '--json'], await fresh.token('gallery'));
    expect(JSON.parse(out)).toMatchObject({ outcome: 'accepted', report: { signature: { status: 'valid' } } });
  });

  test('leaves the operator commands a place beside it', async () => {
    const { out } = await fresh.succeed(['token', 'create', '--app', 'mail-app', '--scope', 'upload', '--json']);
    const made = JSON.parse(out) as { token: string };
    expect(made).toMatchObject({ scopes: ['upload'], appIds: ['mail-app'] });
    expect((await upload(fresh.url, made.token, 'mail-app', await appArchive({ id: 'mail-app' }))).status).toBe(201);
  });

  test('is ready', async () => {
    expect(await request(`${fresh.url}/readyz`)).toMatchObject({ status: 200, body: { ready: true } });
  });
});

test('a second start makes neither another operator token nor another authority', async () => {
  const first = await start();
  const token = await first.operatorToken();
  const root = await readFile(join(dataDir, 'authority', 'root.crt'));
  expect(await first.stop()).toBe(0);

  const second = await start();
  expect(await second.operatorToken()).toBe(token);
  expect(second.out()).not.toContain('operator-token');
  expect((await tokensOf(second)).filter(({ scopes }) => scopes.includes('operate'))).toHaveLength(1);
  expect((await request(`${second.url}/api/v1/tokens`, { token })).status).toBe(200);
  expect(await readFile(join(dataDir, 'authority', 'root.crt'))).toEqual(root);
});

describe('told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s it ends with exit code 0, and its Postgres with it',
    async (signal) => {
      const started = await start();
      const postgres = await postgresOf(dataDir);
      expect(postgres).not.toBeNull();
      started.program.kill(signal);
      expect(await started.ended).toBe(0);
      expect(started.err()).toBe('');
      expect(await postgresOf(dataDir)).toBeNull();
      expect(() => process.kill(postgres ?? 0, 0)).toThrow('ESRCH');
    },
  );

  test('again and again, it still lets the upload under way finish', async () => {
    const started = await start();
    const archive = await appArchive({ id: 'slow-app' });
    const slow = await beginUpload(started, 'slow-app', archive);
    started.program.kill('SIGTERM');
    await started.says(/"msg":"stopping"/);
    started.program.kill('SIGTERM');
    started.program.kill('SIGINT');
    await expect(fetch(`${started.url}/healthz`)).rejects.toThrow();
    slow.sendTheRest();
    expect(await slow.answer).toMatchObject({ status: 201 });
    expect(await started.ended).toBe(0);
    expect(await uploadsUnderWay(dataDir)).toEqual([]);
    expect(await postgresOf(dataDir)).toBeNull();

    const next = await start();
    const download = await fetch(`${next.url}/api/v1/apps/slow-app/releases/1.0.0/archive`);
    expect(Buffer.from(await download.arrayBuffer())).toEqual(archive);
  });

  test('it breaks off an upload that outlasts the grace, and nothing of it stays', async () => {
    const started = await start({ environment: { SHUTDOWN_GRACE_MS: '200' } });
    const before = await readdir(join(dataDir, 'archives'), { recursive: true });
    const stuck = await beginUpload(started, 'stuck-app', await appArchive({ id: 'stuck-app' }));
    started.program.kill('SIGTERM');
    await expect(stuck.answer).rejects.toThrow();
    expect(await started.ended).toBe(0);
    expect(await uploadsUnderWay(dataDir)).toEqual([]);
    expect(await postgresOf(dataDir)).toBeNull();
    expect(await readdir(join(dataDir, 'archives'), { recursive: true })).toEqual(before);

    const next = await start();
    expect((await request(`${next.url}/api/v1/apps/stuck-app`)).status).toBe(404);
  });

  test('it is not held up by whoever goes on asking over a connection that is kept', async () => {
    const started = await start({ environment: { SHUTDOWN_GRACE_MS: '600000' } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const asking = (async () => {
      while ((await statusOf(`${started.url}/healthz`, agent)) !== null) await pause(1);
    })();
    expect(await started.stop()).toBe(0);
    await asking;
    agent.destroy();
  });

  test('while it is starting, it does not leave its Postgres behind either', async () => {
    const server = runServer({ DATA_DIR: dataDir });
    while ((await postgresOf(dataDir)) === null) await pause(1);
    server.program.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(await postgresOf(dataDir)).toBeNull();
  });

  test('beside an operator command, both end well, and then the Postgres', async () => {
    const started = await start();
    const command = started.run(['token', 'create', '--app', 'last-app', '--json']);
    const [made, exit] = await Promise.all([command, started.stop()]);
    expect(exit).toBe(0);
    expect(made).toMatchObject({ exit: 0, err: '' });
    expect(await postgresOf(dataDir)).toBeNull();
  });
});

test('killed without a warning, the next start has everything that was published', async () => {
  const killed = await start();
  const token = await killed.token('kept-app');
  const archive = await appArchive({ id: 'kept-app' });
  expect((await upload(killed.url, token, 'kept-app', archive)).status).toBe(201);
  const slow = await beginUpload(killed, 'lost-app', await appArchive({ id: 'lost-app' }));
  killed.program.kill('SIGKILL');
  await expect(slow.answer).rejects.toThrow();
  expect(await killed.ended).toBeNull();

  const next = await start();
  const download = await fetch(`${next.url}/api/v1/apps/kept-app/releases/1.0.0/archive`);
  expect(Buffer.from(await download.arrayBuffer())).toEqual(archive);
  expect((await upload(next.url, token, 'kept-app', archive)).status).toBe(200);
  expect((await request(`${next.url}/api/v1/apps/lost-app`)).status).toBe(404);
  expect(await next.stop()).toBe(0);
  expect(await postgresOf(dataDir)).toBeNull();
});

describe('what can not start', () => {
  test('for wrong settings names all of them, and is exit 2; nothing is made', async () => {
    const folder = join(dataDir, 'never-made');
    const wrong = {
      DATA_DIR: folder,
      PORT: '70000',
      LOG_LEVEL: 'loud',
      RULES: 'SIGNATURE_DROPPED=off',
      MAX_RATIO: 'x',
    };
    const server = runServer(wrong);
    expect(await server.ended).toBe(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'RULES', 'MAX_RATIO']) expect(server.err()).toContain(`${name}: `);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  test('for a password in a wrong DATABASE_URL does not say it', async () => {
    const server = runServer({ DATA_DIR: dataDir, DATABASE_URL: 'mysql://gate:hunter2@127.0.0.1/gate' });
    expect(await server.ended).toBe(2);
    expect(server.err()).toContain('DATABASE_URL: ');
    expect(server.out() + server.err()).not.toContain('hunter2');
  });

  test('for a taken port says so in a word, is exit 1, and leaves no Postgres; the next start is the first', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const folder = await newDataFolder();
    try {
      const server = runServer({ DATA_DIR: folder, PORT: String(port) });
      expect(await server.ended).toBe(1);
      expect(server.err()).toContain('Another program listens');
      expect(server.err()).toContain(String(port));
      expect(server.err()).not.toMatch(/^\s+at /m);
      expect(await postgresOf(folder)).toBeNull();
      const next = await startBuiltGate({ dataDir: folder });
      await next.says(/operator-token/);
      expect(await next.stop()).toBe(0);
    } finally {
      other.close();
      await rm(folder, { recursive: true });
    }
  });

  test('for a trust folder that is not there says so, is exit 1, and leaves no Postgres', async () => {
    const server = runServer({ DATA_DIR: dataDir, TRUST_DIR: join(dataDir, 'nobody') });
    expect(await server.ended).toBe(1);
    expect(server.err()).toContain(join(dataDir, 'nobody'));
    expect(await postgresOf(dataDir)).toBeNull();
  });
});

/** The status of an answer; null where there is none. */
async function statusOf(url: string, agent: Agent): Promise<number | null> {
  return new Promise((resolve) => {
    const sent = httpRequest(url, { agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? null));
    });
    sent.once('error', () => resolve(null)).end();
  });
}

/** An upload of which the gate has received a part. */
interface SlowUpload {
  sendTheRest(): void;
  readonly answer: Promise<{ readonly status: number; readonly body: string }>;
}

async function beginUpload(to: BuiltGate, appId: string, archive: Buffer): Promise<SlowUpload> {
  const sent = httpRequest(`${to.url}/api/v1/apps/${appId}/releases`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await to.operatorToken()}`,
      'content-type': 'application/zip',
      'content-length': archive.length,
    },
  });
  const half = archive.length >> 1;
  const answer = new Promise<{ status: number; body: string }>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
  });
  // Whoever waits for it hears of it; until then a broken connection is no stray rejection.
  answer.catch(() => {});
  sent.write(archive.subarray(0, half));
  while ((await receivedBytes(to.dataDir)) < half) await pause(20);
  return { sendTheRest: () => sent.end(archive.subarray(half)), answer };
}

async function receivedBytes(folder: string): Promise<number> {
  const names = (await uploadsUnderWay(folder)).filter((name) => name.endsWith('archive'));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, 'tmp', name)).catch(() => ({ size: 0 }))).size),
  );
  return Math.max(0, ...sizes);
}
