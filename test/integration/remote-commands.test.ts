import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '../../src/archive/limits.js';
import { defaultRules } from '../../src/policy/rules.js';
import { appArchive, type AppArchiveOptions } from '../support/app-archive.js';
import {
  commandLine,
  commandLineProgram,
  type CommandLineOptions,
  type CommandLineResult,
} from '../support/run-command-line.js';
import { signedApp } from '../support/signed-app.js';
import { makeCertificate } from '../support/test-authority.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-commands-'));
  gate = await startTestGate({
    config: {
      limits: { ...defaultLimits, archiveBytes: 300_000 },
      rules: { ...defaultRules, modes: { VERSION_NOT_NEWER: 'hold' } },
    },
  });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await gate.stop();
  await rm(folder, { recursive: true });
});

async function write(name: string, content: Buffer | string): Promise<string> {
  await writeFile(join(folder, name), content);
  return name;
}

async function zip(options: AppArchiveOptions): Promise<string> {
  return write(`${options.id ?? 'calendar'}-${options.version ?? '1.0.0'}.zip`, await appArchive(options));
}

/** Runs a command against the test's gate as the bearer of a token for the app. */
async function run(argv: string[], appId: string | null, options: CommandLineOptions = {}): Promise<CommandLineResult> {
  const environment = {
    PORTCULLIS_URL: gate.url,
    ...(appId !== null && { PORTCULLIS_TOKEN: await gate.token(appId) }),
    ...options.environment,
  };
  return commandLine(argv, { workingFolder: folder, ...options, environment });
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('portcullis upload', () => {
  test('an accepted app is exit 0, and the app id is that of its folder', async () => {
    const result = await run(['upload', await zip({ id: 'accepted' }), '--json'], 'accepted');
    expect(result.exit).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({
      appId: 'accepted',
      outcome: 'accepted',
      release: { status: 'published' },
    });
    expect(result.err).toBe('');
  });

  test('the same archive again is exit 0, and says so', async () => {
    const file = await zip({ id: 'repeated' });
    const first = JSON.parse((await run(['upload', file, '--json'], 'repeated')).out) as { id: string };
    const again = await run(['upload', file, '--json'], 'repeated');
    expect(again.exit).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({ id: first.id });
    expect((await run(['upload', file], 'repeated')).out).toContain('already published');
  });

  test('a refused app is exit 1, and the report names what decided', async () => {
    const file = await write(
      'tampered.zip',
      await signedApp(gate.authority, {
        id: 'tampered',
        afterSigning: (files) => files.set('js/script.js', Buffer.from('evil()')),
      }),
    );
    const result = await run(['upload', file], 'tampered');
    expect(result.exit).toBe(1);
    expect(result.out).toContain('INVALID_HASH');
    expect(result.out).toContain('js/script.js');
  });

  test('a version that is taken by other bytes is exit 1', async () => {
    expect((await run(['upload', await zip({ id: 'taken' })], 'taken')).exit).toBe(0);
    const result = await run(['upload', await zip({ id: 'taken', name: 'Another' }), '--json'], 'taken');
    expect(result.exit).toBe(1);
    expect(JSON.parse(result.out)).toMatchObject({ code: 'VERSION_EXISTS', outcome: 'refused' });
  });

  test('a held app is exit 0, says that it is held, and waits no longer than told', async () => {
    expect((await run(['upload', await zip({ id: 'held-app', version: '2.0.0' })], 'held-app')).exit).toBe(0);
    const result = await run(['upload', await zip({ id: 'held-app', version: '1.0.0' }), '--wait', '1'], 'held-app');
    expect(result.exit).toBe(0);
    expect(result.out).toMatch(/^Held: held-app 1\.0\.0 waits for a moderator/m);
  });

  test('a held app that a moderator accepts while we wait is accepted', async () => {
    expect((await run(['upload', await zip({ id: 'reviewed', version: '2.0.0' })], 'reviewed')).exit).toBe(0);
    const file = await zip({ id: 'reviewed', version: '1.0.0' });
    const held = (await run(['upload', file, '--json'], 'reviewed')).out;
    const release = { url: '/api/v1/apps/reviewed/releases/1.0.0', status: 'published' };
    const accepted = JSON.stringify({ ...(JSON.parse(held) as object), outcome: 'accepted', release });
    // The gate has no moderators yet: a store that has one, who decides at once.
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(request.method === 'POST' ? 202 : 200, { 'content-type': 'application/json' });
      response.end(request.method === 'POST' ? held : accepted);
    });
    const result = await run(['upload', file, '--url', url, '--wait', '30'], 'reviewed');
    expect(result.exit).toBe(0);
    expect(result.out).toMatch(/^Accepted: reviewed 1\.0\.0 is published/m);
  });

  test('an idempotency key gives the first answer again', async () => {
    const file = await zip({ id: 'keyed-app' });
    const first = await run(['upload', file, '--idempotency-key', 'k1', '--json'], 'keyed-app');
    const second = await run(['upload', file, '--idempotency-key', 'k1', '--json'], 'keyed-app');
    expect(JSON.parse(second.out)).toEqual(JSON.parse(first.out));
  });

  test('a token for another app is exit 3, with the words of the store', async () => {
    const result = await run(['upload', await zip({ id: 'foreign' })], 'another');
    expect(result.exit).toBe(3);
    expect(result.err).toContain('SCOPE_INSUFFICIENT');
    expect(result.out).toBe('');
  });

  test('an unknown token is exit 3', async () => {
    const environment = { PORTCULLIS_TOKEN: `portcullis_${'x'.repeat(43)}` };
    const result = await run(['upload', await zip({ id: 'stranger' })], null, { environment });
    expect(result.exit).toBe(3);
    expect(result.err).toContain('UNAUTHENTICATED');
  });

  test('the token may come from a file', async () => {
    await write('token', `${await gate.token('from-file')}\n`);
    expect((await run(['upload', await zip({ id: 'from-file' }), '--token-file', 'token'], null)).exit).toBe(0);
  });

  test('an archive that is too large is exit 1, whether or not the store is asked first', async () => {
    const content = randomBytes(400_000);
    const file = await zip({ id: 'too-large', files: { 'img/noise.bin': content } });
    const result = await run(['upload', file], 'too-large');
    expect(result.exit).toBe(1);
    expect(result.err).toContain('ARCHIVE_TOO_LARGE');
  });

  test('what is no zip is exit 1, told here and by the store alike', async () => {
    const file = await write('app.tar.gz', 'no zip at all');
    const told = await run(['upload', file], 'calendar');
    expect(told).toMatchObject({ exit: 1, out: '' });
    expect(told.err).toContain('portcullis pack');
    const sent = await run(['upload', file, '--app-id', 'calendar'], 'calendar');
    expect(sent.exit).toBe(1);
    expect(sent.err).toContain('ARCHIVE_NOT_ZIP');
  });

  test.each([
    ['no archive', []],
    ['two archives', ['a.zip', 'b.zip']],
    ['a token on the command line', ['a.zip', '--token', 'secret']],
    ['an app id that is none', ['calendar-1.0.0.zip', '--app-id', '../tokens']],
    ['a wait that is no number', ['a.zip', '--wait', 'long']],
    ['an address with a password', ['a.zip', '--url', 'https://user:password@store.example.org']],
    ['an address that is none', ['a.zip', '--url', 'ftp://store.example.org']],
  ])('%s is exit 2', async (_what, words) => {
    await zip({ id: 'calendar' });
    const result = await run(['upload', ...words], 'calendar');
    expect(result.exit).toBe(2);
    expect(result.err).not.toContain('password@');
  });

  test('without a token it is exit 2', async () => {
    expect((await run(['upload', await zip({ id: 'tokenless' })], null)).exit).toBe(2);
  });

  test('a folder with several apps in it needs --app-id', async () => {
    const file = await zip({ id: 'folderless', topLevelFolder: '' });
    expect((await run(['upload', file], 'folderless')).exit).toBe(2);
    expect((await run(['upload', file, '--app-id', 'folderless'], 'folderless')).exit).toBe(1);
  });

  test('a folder that is no app id is told what one looks like', async () => {
    const file = await write('capitals.zip', await appArchive({ id: 'calendar', topLevelFolder: 'Calendar' }));
    const { exit, err } = await run(['upload', file], 'calendar');
    expect(exit).toBe(2);
    expect(err).toContain('3 to 64 of a-z');
    expect(err).not.toContain('with --app-id');
  });

  test('a missing file and a folder are exit 3', async () => {
    expect((await run(['upload', 'nowhere.zip'], 'calendar')).exit).toBe(3);
    expect((await run(['upload', '.'], 'calendar')).exit).toBe(3);
  });

  test('a large archive arrives whole, and Node has nothing to warn of', async () => {
    let bytes = 0;
    const url = await listen((request, response) => {
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => response.writeHead(403, { 'content-type': 'application/json' }).end('{"detail":"no"}'));
    });
    const archive = await appArchive({ id: 'very-large', files: { 'noise.bin': randomBytes(20_000_000) } });
    const { result } = commandLineProgram(['upload', await write('very-large.zip', archive), '--url', url], {
      workingFolder: folder,
      environment: { PORTCULLIS_TOKEN: 'some-token' },
    });
    expect(await result).toEqual({ exit: 3, out: '', err: 'The store says: no\n' });
    expect(bytes).toBe(archive.length);
  });

  test('on a terminal there is a progress bar, and elsewhere none', async () => {
    const shown = await run(['upload', await zip({ id: 'shown-app' })], 'shown-app', { isInteractive: true });
    expect(shown.exit).toBe(0);
    expect(shown.err).toContain('\u001B[2K');
    expect((await run(['upload', await zip({ id: 'quiet-app' })], 'quiet-app')).err).toBe('');
  });
});

describe('a token', () => {
  test.each([
    'http://store.example.org',
    'http://10.1.2.3:8080',
    'http://127.0.0.1.example.org',
    'http://localhost.example.org',
  ])('is not sent in the open to %s', async (url) => {
    const result = await run(['upload', await zip({ id: 'open-app' }), '--url', url], 'open-app');
    expect(result.exit).toBe(2);
    expect(result.err).toContain('--insecure');
  });

  test('is sent in the open where that is asked for', async () => {
    // Another name of this machine that does not say so.
    const url = gate.url.replace('127.0.0.1', '0.0.0.0');
    const file = await zip({ id: 'insecure-app' });
    expect((await run(['upload', file, '--url', url], 'insecure-app')).exit).toBe(2);
    expect((await run(['upload', file, '--url', url, '--insecure'], 'insecure-app')).exit).toBe(0);
  });

  test('is not sent to a store whose certificate nobody trusts', async () => {
    const { pem, privateKeyPem } = makeCertificate({ commonName: 'localhost', extendedKeyUsage: null });
    let requests = 0;
    const server = createSecureServer({ cert: pem, key: privateKeyPem }, () => (requests += 1));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await run(['upload', await zip({ id: 'untrusted' }), '--url', url], 'untrusted')).exit).toBe(3);
    expect(requests).toBe(0);
  });

  test('is not sent on to where a store redirects', async () => {
    const seen: (string | undefined)[] = [];
    const elsewhere = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const url = await listen((_request, response) => response.writeHead(307, { location: elsewhere }).end());
    const result = await run(['upload', await zip({ id: 'redirected' }), '--url', url], 'redirected');
    expect(result.exit).toBe(3);
    expect(seen).toEqual([]);
  });

  test('file that holds something else is not sent anywhere', async () => {
    await write('key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
    const result = await run(['upload', await zip({ id: 'key-file' }), '--token-file', 'key.pem'], null);
    expect(result.exit).toBe(2);
    expect(result.err).not.toContain('AAAA');
  });
});

describe('a store that is none', () => {
  test('nobody listens: exit 3', async () => {
    const result = await run(['upload', await zip({ id: 'nobody' }), '--url', 'http://127.0.0.1:9'], 'nobody');
    expect(result.exit).toBe(3);
    expect(result.err).toContain('http://127.0.0.1:9');
  });

  test.each([
    ['an error page', 502, '<html>Bad gateway</html>'],
    ['a success that is none', 200, '{"fine": true}'],
    ['a problem of a broken gate', 500, '{"detail":"broken","code":"INTERNAL"}'],
  ])('%s is exit 3', async (_what, status, body) => {
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    expect((await run(['upload', await zip({ id: 'strange' }), '--url', url], 'strange')).exit).toBe(3);
  });

  test('https where only http is spoken is said in plain words', async () => {
    const url = (await listen((_request, response) => response.end())).replace('http:', 'https:');
    const { exit, err } = await run(['upload', await zip({ id: 'no-tls' }), '--url', url], 'no-tls');
    expect(exit).toBe(3);
    expect(err).toContain('does not speak https');
    expect(err).not.toMatch(/SSL|EPROTO/);
  });

  test('something on the way that knows no 100-continue is sent the archive all the same', async () => {
    let bytes = 0;
    const url = await listen((request, response) => {
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => response.writeHead(403, { 'content-type': 'application/json' }).end('{"detail":"no"}'));
    });
    servers.at(-1)?.on('checkContinue', (_request, response: ServerResponse) => response.writeHead(417).end());
    expect((await run(['upload', await zip({ id: 'unasked' }), '--url', url], 'unasked')).exit).toBe(3);
    expect(bytes).toBeGreaterThan(0);
  });

  test('a connection that breaks off is exit 3', async () => {
    const url = await listen((request) => request.socket.destroy());
    expect((await run(['upload', await zip({ id: 'broken-off' }), '--url', url], 'broken-off')).exit).toBe(3);
  });

  test('what it says can not steer the terminal', async () => {
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ detail: 'no\u001B]0;owned\u0007\u009B2J', code: 'NOPE' }));
    });
    const result = await run(['upload', await zip({ id: 'escapes' }), '--url', url], 'escapes');
    expect(result.exit).toBe(3);
    // eslint-disable-next-line no-control-regex
    expect(result.err).not.toMatch(/[\u0007\u001B\u009B]/);
  });

  test('an answer before the end of a large archive is heard', async () => {
    const url = await listen((request, response) => {
      // Takes a little, answers, and lets the rest go to waste.
      request.once('data', () => {
        response.writeHead(413, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ detail: 'too large', code: 'ARCHIVE_TOO_LARGE' }));
        request.resume();
      });
    });
    const file = await zip({ id: 'large-app', files: { 'noise.bin': randomBytes(30_000_000) } });
    const result = await run(['upload', file, '--url', url], 'large-app');
    expect(result).toMatchObject({ exit: 1, out: '' });
    expect(result.err).toContain('ARCHIVE_TOO_LARGE');
  });
});

describe('portcullis validate', () => {
  test('says what the gate would say, and publishes nothing', async () => {
    const file = await zip({ id: 'validated' });
    const result = await run(['validate', file, '--json'], 'validated');
    expect(result.exit).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({ appId: 'validated', outcome: 'accepted' });
    expect((await run(['status', 'validated'], null)).exit).toBe(1);
  });

  test('knows the history: an unsigned update of a signed app is exit 1', async () => {
    const file = await write('signed-once.zip', await signedApp(gate.authority, { id: 'signed-once' }));
    expect((await run(['upload', file], 'signed-once')).exit).toBe(0);
    const result = await run(['validate', await zip({ id: 'signed-once', version: '1.1.0' })], 'signed-once');
    expect(result.exit).toBe(1);
    expect(result.out).toContain('SIGNATURE_DROPPED');
  });
});

describe('portcullis status', () => {
  test('of a submission: exit 0 where it was accepted, 1 where it was refused', async () => {
    const accepted = JSON.parse(
      (await run(['upload', await zip({ id: 'status-app' }), '--json'], 'status-app')).out,
    ) as { id: string };
    expect(await run(['status', accepted.id, '--json'], 'status-app')).toMatchObject({ exit: 0 });
    const refused = JSON.parse(
      (await run(['upload', await zip({ id: 'status-app', name: 'X' }), '--json'], 'status-app')).out,
    ) as { id: string };
    const shown = await run(['status', refused.id], 'status-app');
    expect(shown.exit).toBe(1);
    expect(shown.out).toContain('VERSION_EXISTS');
  });

  test('of a submission of others: exit 1, as of one that is not there', async () => {
    const { id } = JSON.parse((await run(['upload', await zip({ id: 'secret-app' }), '--json'], 'secret-app')).out) as {
      id: string;
    };
    expect(await run(['status', id], 'curious')).toMatchObject({ exit: 1, out: '' });
  });

  test('of a release and an app: needs no token; exit 1 once it is withdrawn', async () => {
    expect((await run(['upload', await zip({ id: 'standing' })], 'standing')).exit).toBe(0);
    expect(await run(['status', 'standing@1.0.0'], null)).toMatchObject({ exit: 0 });
    const environment = { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir };
    const withdrawn = await run(['app', 'withdraw', 'standing', '1.0.0', '--reason', 'a leak'], null, { environment });
    expect(withdrawn.exit).toBe(0);
    const release = await run(['status', 'standing@1.0.0'], null);
    expect(release.exit).toBe(1);
    expect(release.out).toContain('a leak');
    expect((await run(['status', 'standing'], null)).out).toContain('withdrawn');
  });

  test('of what is not there: exit 1; of what can not be: exit 2', async () => {
    expect((await run(['status', 'standing@9.9.9'], null)).exit).toBe(1);
    expect((await run(['status', 'No App'], null)).exit).toBe(2);
  });
});
