import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCertificate } from '../../src/database/certificates.js';
import { listCertificates } from '../../src/client/generated/operations.js';
import { askStore } from '../../src/commands/store-client.js';
import { parseCertificates, type Certificate } from '../../src/pki/certificate.js';
import { generateKeyPair, writePrivateKey } from '../../src/pki/keys.js';
import { writePem } from '../../src/pki/pem.js';
import { sendJson, upload } from '../support/api.js';
import { testWith } from '../support/installed.js';
import { opensslText } from '../support/openssl.js';
import { commandLine, type CommandLineResult } from '../support/run-command-line.js';
import { issueSigner, signedBy } from '../support/store-signer.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  gate = await startTestGate({ ownAuthority: true, environment: { SELF_RENEWAL: 'true' } });
  folder = await mkdtemp(join(tmpdir(), 'portcullis-certificates-'));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await gate.stop();
  await rm(folder, { recursive: true });
});

/** Runs a command in the test's folder as the bearer of a token, of nobody where it is null. */
async function run(argv: readonly string[], token: string | null, url = gate.url): Promise<CommandLineResult> {
  const environment = { PORTCULLIS_URL: url, ...(token !== null && { PORTCULLIS_TOKEN: token }) };
  return commandLine(argv, { workingFolder: folder, environment });
}

/** What a JSON answer says. */
function json({ out, exit, err }: CommandLineResult): any {
  if (exit !== 0) throw new Error(`exit ${exit}: ${err}`);
  return JSON.parse(out);
}

async function ask(appId: string, token: string, ...words: readonly string[]): Promise<any> {
  const key = words.includes('--key') || words.includes('--csr') ? [] : ['--new-key', `${appId}.key`];
  return json(await run(['certificate', 'request', '--app-id', appId, ...key, ...words, '--json'], token));
}

async function decide(
  id: string,
  verdict: 'approval' | 'decline' | 'question' = 'approval',
  reason = 'as agreed',
): Promise<any> {
  const path = `${gate.url}/api/v1/signing-requests/${id}/${verdict}`;
  const { status, body } = await sendJson(path, 'POST', gate.operatorToken, { reason });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

async function read(name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8');
}

async function certificatesIn(name: string): Promise<readonly Certificate[]> {
  return parseCertificates(await read(name));
}

/** An app with a certificate that was asked for on the command line; the token speaks for its owner. */
async function certified(appId: string): Promise<{ readonly token: string; readonly serial: string }> {
  const token = await gate.token(appId, { scopes: ['upload', 'manage'] });
  const { id } = await ask(appId, token);
  const { certificate } = await decide(id);
  expect((await run(['certificate', 'get', id], token)).exit).toBe(0);
  return { token, serial: certificate.serial };
}

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A store that answers everything with this. */
async function storeThatSays(body: unknown, status = 200): Promise<string> {
  return listen((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
}

describe('portcullis certificate request', () => {
  test('makes a key that only its owner reads, and asks for a certificate that a moderator then grants', async () => {
    const token = await gate.token('calendar');
    const asked = await run(['certificate', 'request', '--app-id', 'calendar', '--new-key', 'calendar.key'], token);
    expect(asked.exit).toBe(0);
    const id = /certificate get (\S+)/.exec(asked.out)?.[1] ?? '';
    expect((await stat(join(folder, 'calendar.key'))).mode & 0o777).toBe(0o600);

    expect((await run(['certificate', 'get', id], token)).exit).toBe(1);
    await decide(id);
    const fetched = await run(['certificate', 'get', id], token);
    expect(fetched.exit).toBe(0);
    expect(fetched.out).toContain('portcullis sign --path calendar --key calendar.key --cert calendar.crt\n');
    const [leaf, intermediate, ...more] = await certificatesIn('calendar.crt');
    expect(leaf?.commonNames).toEqual(['calendar']);
    expect(intermediate?.basicConstraints?.pathLength).toBe(0);
    expect(more).toEqual([]);
  });

  testWith('openssl')('what it fetches is the certificate of the key, as openssl reads both', async () => {
    await certified('by-openssl');
    const files = { 'a.crt': await read('by-openssl.crt'), 'a.key': await read('by-openssl.key') };
    const ofCertificate = await opensslText(['x509', '-in', 'a.crt', '-noout', '-pubkey'], files);
    expect(await opensslText(['pkey', '-in', 'a.key', '-pubout'], files)).toBe(ofCertificate);
  });

  testWith('openssl')('takes a request that openssl made, and sends nothing else that is in the file', async () => {
    const { privateKey } = await generateKeyPair('rsa-2048');
    const key = writePrivateKey(privateKey);
    const csr = await opensslText(['req', '-new', '-key', 'key', '-subj', '/CN=from-openssl'], { key });
    await writeFile(join(folder, 'both.csr'), `A request\n${key}\nand then\n${csr}`);
    let sent = '';
    const url = await listen((request, response) => {
      request.on('data', (chunk: Buffer) => (sent += chunk.toString()));
      request.on('end', () => response.writeHead(503).end());
    });
    const words = ['certificate', 'request', '--app-id', 'from-openssl', '--csr', 'both.csr'];
    const token = await gate.token('from-openssl');
    expect((await run(words, token, url)).exit).toBe(3);
    expect(sent).toContain('BEGIN CERTIFICATE REQUEST');
    expect(sent).not.toContain('PRIVATE');
    const asked = json(await run([...words, '--json'], token));
    expect(asked).toMatchObject({ state: 'pending', key: { kind: 'RSA 2048' } });
  });

  test('the same key again is the same request', async () => {
    const token = await gate.token('again');
    const first = await ask('again', token);
    expect(await ask('again', token, '--key', 'again.key')).toMatchObject({ id: first.id });
  });

  test('waits for a moderator, and writes the certificate when it is granted', async () => {
    const token = await gate.token('patient');
    const waiting = run(
      ['certificate', 'request', '--app-id', 'patient', '--new-key', 'patient.key', '--wait', '60'],
      token,
    );
    let open: { id: string; appId: string }[] = [];
    while (!open.some(({ appId }) => appId === 'patient')) {
      const answer = await sendJson(`${gate.url}/api/v1/signing-requests`, 'GET', gate.operatorToken, undefined);
      open = answer.body.signingRequests;
    }
    await decide(open.find(({ appId }) => appId === 'patient')?.id ?? '', 'approval');
    const { exit, out } = await waiting;
    expect(exit).toBe(0);
    expect(out).toContain('portcullis sign --path patient --key patient.key --cert patient.crt\n');
    expect((await certificatesIn('patient.crt'))[0]?.commonNames).toEqual(['patient']);
  });

  test('a renewal by the owner is granted at once, where the store lets them', async () => {
    const { token } = await certified('renewed');
    const again = await run(
      ['certificate', 'request', '--app-id', 'renewed', '--key', 'renewed.key', '--out', 'renewed-2.crt'],
      token,
    );
    expect(again.exit).toBe(0);
    expect(again.out).toContain('--cert renewed-2.crt\n');
    const [[first], [second]] = [await certificatesIn('renewed.crt'), await certificatesIn('renewed-2.crt')];
    expect(second?.publicKeyFingerprint).toBe(first?.publicKeyFingerprint);
    expect(second?.serial).not.toBe(first?.serial);
  });

  test('a lost certificate is revoked when the new one is issued; one that is additional leaves it', async () => {
    const { token, serial } = await certified('lost-app');
    const words = ['--new-key', 'ci.key', '--additional', '--note', 'for CI'];
    const beside = json(
      await run(['certificate', 'request', '--app-id', 'lost-app', ...words, '--out', 'ci.crt', '--json'], token),
    );
    expect(beside).toMatchObject({ purpose: 'additional', note: 'for CI' });
    const lost = json(
      await run(
        [
          'certificate',
          'request',
          '--app-id',
          'lost-app',
          '--new-key',
          'new.key',
          '--lost',
          serial.toLowerCase(),
          '--compromised-since',
          '2026-01-01',
          '--out',
          'new.crt',
          '--json',
        ],
        token,
      ),
    );
    expect(lost).toMatchObject({ purpose: 'lost', lost: [serial], compromisedSince: '2026-01-01T00:00:00.000Z' });
    await decide(lost.id, 'approval');
    expect(await findCertificate(gate.gate.database, serial)).toMatchObject({ revocationReason: 'keyCompromise' });
    const status = await run(['certificate', 'status', serial], null);
    expect(status.exit).toBe(1);
    expect(status.out).toContain('keyCompromise');
  });

  test('never overwrites a key, and a certificate only with --force', async () => {
    const token = await gate.token('careful');
    await writeFile(join(folder, 'careful.key'), 'mine');
    const words = ['certificate', 'request', '--app-id', 'careful', '--new-key', 'careful.key'];
    expect((await run([...words, '--force'], token)).exit).toBe(3);
    expect(await read('careful.key')).toBe('mine');
    await writeFile(join(folder, 'careful.crt'), 'mine too');
    // Nothing is to be written yet, so that what lies there is in nobody's way.
    const { id } = await json(
      await run(['certificate', 'request', '--app-id', 'careful', '--new-key', 'c.key', '--json'], token),
    );
    await decide(id);
    expect((await run(['certificate', 'get', id], token)).exit).toBe(3);
    expect(await read('careful.crt')).toBe('mine too');
    expect((await run(['certificate', 'get', id, '--force'], token)).exit).toBe(3);
    expect(await read('careful.crt')).toBe('mine too');
    expect((await run(['certificate', 'get', id, '--out', 'careful.crt', '--force'], token)).exit).toBe(0);
    expect((await certificatesIn('careful.crt'))[0]?.commonNames).toEqual(['careful']);
  });

  test('a certificate never takes the place of a private key, nor of another app’s, whatever --force says', async () => {
    const token = await gate.token(['keeper', 'kept'], { account: 'ada' });
    const own = ['certificate', 'request', '--app-id', 'keeper', '--out', './keeper.key', '--force'];
    const url = 'http://127.0.0.1:1';
    const fresh = await run([...own, '--new-key', 'keeper.key'], token, url);
    expect(fresh.exit).toBe(3);
    await expect(read('keeper.key')).rejects.toMatchObject({ code: 'ENOENT' });
    const { id } = await ask('keeper', token);
    const key = await read('keeper.key');
    await decide(id);
    expect((await run([...own, '--key', 'keeper.key'], token)).exit).toBe(3);
    expect((await run(['certificate', 'get', id, '--out', 'keeper.key', '--force'], token)).exit).toBe(3);
    expect(await read('keeper.key')).toBe(key);

    const { leaf } = await issueSigner(gate.gate, 'kept');
    expect((await run(['certificate', 'get', leaf.serial], null)).exit).toBe(0);
    const before = await read('kept.crt');
    expect((await run(['certificate', 'get', id, '--out', 'kept.crt', '--force'], token)).exit).toBe(3);
    expect(await read('kept.crt')).toBe(before);
  });

  test('a certificate that can not be written is still to be had, which is said with its serial', async () => {
    const { token } = await certified('granted-at-once');
    await writeFile(join(folder, 'in-the-way.crt'), 'mine');
    const words = ['certificate', 'request', '--app-id', 'granted-at-once', '--key', 'granted-at-once.key', '--out'];
    const result = await run([...words, 'in-the-way.crt'], token);
    expect(result.exit).toBe(3);
    expect(await read('in-the-way.crt')).toBe('mine');
    const [, id = ''] = /certificate get (\S+)/.exec(result.err) ?? [];
    const { certificate } = json(await run(['certificate', 'status', id, '--json'], token));
    expect(result.err).toContain(certificate.serial);
  });

  test('a place that can not be written to is found out before anything is asked for', async () => {
    let asked = 0;
    const url = await listen((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const words = [
      'certificate',
      'request',
      '--app-id',
      'no-place',
      '--new-key',
      'no-place.key',
      '--out',
      'nodir/x.crt',
    ];
    expect((await run(words, await gate.token('no-place'), url)).exit).toBe(3);
    expect(asked).toBe(0);
    await expect(read('no-place.key')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('says how to go on with the key that it made, and signs with the key that was given', async () => {
    const token = await gate.token('build-key');
    const words = ['certificate', 'request', '--app-id', 'build-key', '--new-key', 'build.key', '--out', 'build.crt'];
    const away = await run(words, token, 'http://127.0.0.1:1');
    expect(away.exit).toBe(3);
    expect(away.err).toContain('--key build.key');
    const again = ['certificate', 'request', '--app-id', 'build-key', '--key', 'build.key', '--out', 'build.crt'];
    const waiting = await run(again, token);
    const [, next = ''] = /portcullis (certificate get .*)/.exec(waiting.out) ?? [];
    await decide(next.split(' ')[2] ?? '');
    const fetched = await run(next.split(' '), token);
    expect(fetched.out).toContain('--key build.key --cert build.crt\n');

    const { leaf } = await issueSigner(gate.gate, 'key-elsewhere');
    const unknown = await run(['certificate', 'get', leaf.serial, '--out', 'n3.crt'], null);
    expect(unknown.out).toContain('--key KEY-FILE --cert n3.crt\n');
  });

  test('goes on waiting where the store is away for a moment', async () => {
    const token = await gate.token('restarted');
    const { id } = await ask('restarted', token);
    await decide(id);
    const granted = json(await run(['certificate', 'status', id, '--json'], token));
    const pending = { ...granted, state: 'pending', certificate: null };
    const answers = [pending, null, granted];
    const url = await listen((request, response) => {
      request.resume();
      const answer = answers.shift() ?? null;
      response.writeHead(answer === null ? 503 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
    const words = ['certificate', 'request', '--app-id', 'restarted', '--key', 'restarted.key', '--wait', '30'];
    expect((await run(words, token, url)).exit).toBe(0);
    expect((await certificatesIn('restarted.crt'))[0]?.commonNames).toEqual(['restarted']);
  });

  test('a key that is another app’s is refused', async () => {
    const token = await gate.token(['key-one', 'key-two'], { account: 'ada' });
    await ask('key-one', token);
    const result = await run(['certificate', 'request', '--app-id', 'key-two', '--key', 'key-one.key'], token);
    expect(result.exit).toBe(1);
    expect(result.err).toContain('KEY_REFUSED');
  });

  test('a request for another app, or that is none, is refused before it is sent', async () => {
    await writeFile(
      join(folder, 'no.csr'),
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
    );
    expect(
      (await run(['csr', '--key', 'calendar.key', '--app-id', 'other-app', '--out', 'other.csr'], null)).exit,
    ).toBe(0);
    for (const file of ['no.csr', 'other.csr']) {
      const words = ['certificate', 'request', '--app-id', 'refused-csr', '--csr', file];
      expect((await run(words, await gate.token('refused-csr'), 'http://127.0.0.1:1')).exit).toBe(1);
    }
  });

  test('a file that is no key, a token for another app, a store that is away are exit 3', async () => {
    await writeFile(join(folder, 'no.key'), 'hello');
    const words = ['certificate', 'request', '--app-id', 'astray', '--key'];
    const token = await gate.token('astray');
    expect((await run([...words, 'no.key'], token)).exit).toBe(3);
    expect((await run([...words, 'nowhere.key'], token)).exit).toBe(3);
    expect((await run([...words, 'calendar.key'], token, 'http://127.0.0.1:1')).exit).toBe(3);
    const foreign = await run([...words, 'calendar.key'], await gate.token('somewhere-else'));
    expect(foreign).toMatchObject({ exit: 3, out: '' });
    expect(foreign.err).toContain('SCOPE_INSUFFICIENT');
  });

  test.each([
    ['no app', ['--new-key', 'x.key']],
    ['an app id that is none', ['--app-id', '../x', '--new-key', 'x.key']],
    ['no key', ['--app-id', 'calendar']],
    ['two keys', ['--app-id', 'calendar', '--new-key', 'x.key', '--key', 'y.key']],
    ['lost and additional', ['--app-id', 'calendar', '--new-key', 'x.key', '--lost', '--additional']],
    ['a serial without --lost', ['--app-id', 'calendar', '--new-key', 'x.key', 'AABB']],
    ['a serial that is none', ['--app-id', 'calendar', '--new-key', 'x.key', '--lost', 'serial']],
    [
      'a compromise without --lost',
      ['--app-id', 'calendar', '--new-key', 'x.key', '--compromised-since', '2026-01-01'],
    ],
    ['a time to come', ['--app-id', 'calendar', '--new-key', 'x.key', '--lost', '--compromised-since', '2099-01-01']],
    ['a time that is none', ['--app-id', 'calendar', '--new-key', 'x.key', '--lost', '--compromised-since', '1/2/26']],
    ['a contact that is no address', ['--app-id', 'calendar', '--new-key', 'x.key', '--contact', 'me']],
    ['a website that proves nothing', ['--app-id', 'calendar', '--new-key', 'x.key', '--website', 'ftp://a.b']],
    ['a note that is too long', ['--app-id', 'calendar', '--new-key', 'x.key', '--note', 'x'.repeat(2_001)]],
    ['a key on the standard output', ['--app-id', 'calendar', '--new-key', '-', '--out', 'free.crt']],
  ])('%s is exit 2, and makes no key', async (_what, words) => {
    expect((await run(['certificate', 'request', ...words], await gate.token('calendar'))).exit).toBe(2);
    await expect(read('x.key')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('without a token it is exit 2', async () => {
    const words = ['certificate', 'request', '--app-id', 'nobody', '--new-key', 'nobody.key'];
    expect((await run(words, null)).exit).toBe(2);
    await expect(read('nobody.key')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a question', () => {
  test('is shown, and answered', async () => {
    const token = await gate.token('questioned');
    const { id } = await ask('questioned', token);
    expect((await run(['certificate', 'answer', id, 'Too early'], token)).exit).toBe(1);
    await decide(id, 'question', 'Who \u001b[31mare you?');
    const status = await run(['certificate', 'status', id], token);
    expect(status.exit).toBe(0);
    expect(status.out).toContain('questioned');
    expect(status.out).toContain('are you?');
    expect(status.out).not.toContain('\u001b');
    expect((await run(['certificate', 'answer', id, 'Ada'], token)).exit).toBe(0);
    expect(json(await run(['certificate', 'status', id, '--json'], token))).toMatchObject({ state: 'pending' });
  });

  test('an empty answer, or none, is exit 2', async () => {
    const id = '6f1d2c3b-4a59-4876-9123-456789abcdef';
    const token = await gate.token('questioned');
    expect((await run(['certificate', 'answer', id], token)).exit).toBe(2);
    expect((await run(['certificate', 'answer', id, ' '], token)).exit).toBe(2);
    expect((await run(['certificate', 'answer', id, 'two', 'words'], token)).exit).toBe(2);
  });
});

test('a request is withdrawn once; a declined one is exit 1', async () => {
  const token = await gate.token(['taken-back', 'declined'], { account: 'ada' });
  const { id } = await ask('taken-back', token);
  expect((await run(['certificate', 'withdraw', id], token)).exit).toBe(0);
  const again = await run(['certificate', 'withdraw', id], token);
  expect(again.exit).toBe(1);
  expect(again.err).toContain('REQUEST_DECIDED');
  expect((await run(['certificate', 'status', id], token)).exit).toBe(1);
  const declined = await ask('declined', token);
  await decide(declined.id, 'decline', 'not you');
  const status = await run(['certificate', 'status', declined.id], token);
  expect(status.exit).toBe(1);
  expect(status.out).toContain('not you');
});

test('a request of others looks like one that is not there', async () => {
  const { id } = await ask('not-yours', await gate.token('not-yours'));
  for (const command of ['status', 'get', 'withdraw', 'challenge']) {
    const result = await run(['certificate', command, id], await gate.token('prying'));
    expect(result.exit).toBe(1);
    expect(result.err).toContain('NOT_FOUND');
  }
});

test('what the API calls otherwise is said in the words of the command line', async () => {
  const token = await gate.token('no-website');
  const { id } = await ask('no-website', token);
  const result = await run(['certificate', 'challenge', id], token);
  expect(result.exit).toBe(1);
  expect(result.err).toContain('--website');
  expect(result.err).not.toContain('declaredUrl');
});

test.each(['TOO_MANY_OPEN', 'APP_ID_RESERVED', 'NOT_OWNER', 'REQUEST_OPEN'])(
  '%s is a refusal: exit 1',
  async (code) => {
    const url = await storeThatSays({ detail: 'No.', code }, 409);
    const result = await run(['certificate', 'withdraw', '6f1d2c3b-4a59-4876-9123-456789abcdef'], 'token', url);
    expect(result.exit).toBe(1);
  },
);

test('a challenge says what to publish and where, and is not proven before it is there', async () => {
  const token = await gate.token('challenged');
  const { id } = await ask('challenged', token, '--website', 'https://portcullis.invalid/challenged');
  const made = await run(['certificate', 'challenge', id], token);
  expect(made.exit).toBe(0);
  expect(made.out).toMatch(/https:\/\/portcullis\.invalid\/.*\.well-known\/portcullis-challenge\.txt/);
  const { value } = json(await run(['certificate', 'challenge', id, '--json'], token));
  expect(value).toMatch(/^[\w-]{43}$/);
  const checked = await run(['certificate', 'challenge', id, '--check'], token);
  expect(checked.exit).toBe(1);
  expect(checked.out).toContain('not proven');
});

describe('the public ledger', () => {
  test('is listed without a token, whole or of one app', async () => {
    const { leaf } = await issueSigner(gate.gate, 'listed');
    const all = json(await run(['certificate', 'list', '--json'], null));
    expect(all.certificates.map(({ serial }: { serial: string }) => serial)).toContain(leaf.serial);
    const own = await run(['certificate', 'list', '--app-id', 'listed'], null);
    expect(own.exit).toBe(0);
    expect(own.out.split('\n').filter((line) => line !== '')).toHaveLength(2);
    expect(own.out).toContain(leaf.serial);
    expect((await run(['certificate', 'list', '--app-id', 'Listed'], null)).exit).toBe(2);
  });

  test('gives a certificate by the serial as openssl spells it, or by its file', async () => {
    const { leaf } = await issueSigner(gate.gate, 'by-serial');
    const spelt = leaf.serial.toLowerCase().match(/../g)?.join(':') ?? '';
    expect((await run(['certificate', 'get', spelt], null)).exit).toBe(0);
    expect((await certificatesIn('by-serial.crt'))[0]?.fingerprint).toBe(leaf.fingerprint);
    expect((await run(['certificate', 'status', 'by-serial.crt'], null)).exit).toBe(0);
    const out = await run(['certificate', 'get', leaf.serial, '--out', '-'], null);
    expect(out.err).toBe('');
    expect(parseCertificates(out.out)[0]?.fingerprint).toBe(leaf.fingerprint);
  });

  test('a serial that is not in it is exit 1, and what is no serial exit 2', async () => {
    expect((await run(['certificate', 'status', '01'.repeat(16)], null)).exit).toBe(1);
    expect((await run(['certificate', 'get', '01'.repeat(16)], null)).exit).toBe(1);
    expect((await run(['certificate', 'status', 'no-serial'], null)).exit).toBe(2);
    expect((await run(['certificate', 'status'], null)).exit).toBe(2);
  });

  test('a list whose pages never end is left', async () => {
    const url = await storeThatSays({ certificates: [], next: 'AA' });
    expect((await run(['certificate', 'list'], null, url)).exit).toBe(0);
    const { certificates } = json(await run(['certificate', 'list', '--json'], null));
    const endless = await storeThatSays({ certificates: certificates.slice(0, 1), next: 'AA' });
    expect((await run(['certificate', 'list'], null, endless)).exit).toBe(3);
  });
});

describe('a store that means harm', () => {
  const serial = '01'.repeat(16);
  const time = '2026-01-01T00:00:00.000Z';
  const certificate = {
    serial,
    appId: 'harmless',
    status: 'valid',
    fingerprint: '0'.repeat(64),
    publicKeyFingerprint: '0'.repeat(64),
    issuer: '0'.repeat(64),
    notBefore: time,
    notAfter: time,
    issuedAt: time,
    revokedAt: null,
    revocationReason: null,
    invalidityDate: null,
    chain: [],
  };

  test('writes no file that the app id leads to, nor what is no certificate', async () => {
    const { leaf } = await issueSigner(gate.gate, 'harmless');
    const pem = writePem(leaf.der, 'CERTIFICATE');
    const answers = [
      { ...certificate, appId: '../escaped', leaf: pem },
      { ...certificate, leaf: 'hello' },
      { ...certificate, appId: 'other-app', leaf: pem },
      { ...certificate, leaf: pem, chain: [pem] },
    ];
    for (const answer of answers) {
      expect((await run(['certificate', 'get', serial], null, await storeThatSays(answer))).exit).toBe(3);
    }
    for (const name of ['../escaped.crt', 'harmless.crt', 'other-app.crt']) {
      await expect(read(name)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  test('gives no other certificate than the one that was asked for', async () => {
    const [asked, other] = [await issueSigner(gate.gate, 'asked-for'), await issueSigner(gate.gate, 'given-instead')];
    const answer = json(await run(['certificate', 'status', other.leaf.serial, '--json'], null));
    for (const command of ['get', 'status']) {
      const result = await run(['certificate', command, asked.leaf.serial], null, await storeThatSays(answer));
      expect(result).toMatchObject({ exit: 3, out: '' });
    }
    // It claims the serial that was asked for, and sends the certificate of another.
    const url = await storeThatSays({ ...answer, serial: asked.leaf.serial });
    expect((await run(['certificate', 'get', asked.leaf.serial], null, url)).exit).toBe(3);
    const wanted = ['certificate', 'get', other.leaf.serial, '--app-id', 'asked-for'];
    expect((await run(wanted, null, await storeThatSays(answer))).exit).toBe(3);

    const token = await gate.token(['swap-one', 'swap-two'], { account: 'ada' });
    const [one, two] = [await ask('swap-one', token), await ask('swap-two', token)];
    await decide(two.id);
    const granted = json(await run(['certificate', 'status', two.id, '--json'], token));
    expect((await run(['certificate', 'get', one.id], token, await storeThatSays(granted))).exit).toBe(3);
    for (const name of ['asked-for.crt', 'given-instead.crt', 'swap-one.crt', 'swap-two.crt']) {
      await expect(read(name)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  test('steers no terminal by the names of members, nor by PEM where none belongs', async () => {
    const { leaf } = await issueSigner(gate.gate, 'member-names');
    const answer = json(await run(['certificate', 'status', leaf.serial, '--json'], null));
    const named = await storeThatSays({ ...answer, ['\u009b2J\u202e\u001b']: 1 });
    const shown = await run(['certificate', 'status', leaf.serial, '--json'], null, named);
    expect(shown.exit).toBe(0);
    for (const character of ['\u009b', '\u202e', '\u001b']) expect(shown.out).not.toContain(character);
    const pem = '-----BEGIN A-----\nAAAA\n-----END A-----\n'.replaceAll('A-----', 'X-----');
    const refused = await run(
      ['certificate', 'get', leaf.serial],
      null,
      await storeThatSays({ detail: pem, code: 'NOT_FOUND' }, 404),
    );
    expect(refused.exit).toBe(1);
    expect(refused.err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('that drips bytes for ever is left', async () => {
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => {
        clearInterval(drip);
      });
    });
    const store = { url: new URL(url), token: null, patienceMs: 300 };
    await expect(askStore(store, listCertificates, {})).rejects.toThrow('reached');
  });

  test('adds nothing to the file of a certificate, and steers no terminal with what looks like one', async () => {
    const { leaf } = await issueSigner(gate.gate, 'framed');
    const pem = writePem(leaf.der, 'CERTIFICATE');
    const url = await storeThatSays({ ...certificate, appId: 'framed', leaf: `\u001b[2J${pem}` });
    const shown = await run(['certificate', 'status', serial, '--json'], null, url);
    expect(shown.out).not.toContain('\u001b');
    expect((await run(['certificate', 'get', serial], null, url)).exit).toBe(3);
    await expect(read('framed.crt')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('gives no certificate over another key than the one that was asked for', async () => {
    const { token } = await certified('swapped');
    const other = await issueSigner(gate.gate, 'swapped');
    const genuine = json(
      await run(
        ['certificate', 'status', (await ask('swapped-2', await gate.token('swapped-2'))).id, '--json'],
        gate.operatorToken,
      ),
    );
    const answer = {
      ...genuine,
      appId: 'swapped',
      state: 'approved',
      certificate: { ...certificate, appId: 'swapped', leaf: writePem(other.leaf.der, 'CERTIFICATE') },
    };
    const words = ['certificate', 'request', '--app-id', 'swapped', '--key', 'swapped.key', '--out', 'swapped-3.crt'];
    expect((await run(words, token, await storeThatSays(answer))).exit).toBe(3);
    await expect(read('swapped-3.crt')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('portcullis certificate revoke', () => {
  test('by the key: without a token, at once, and an upload is refused from then on', async () => {
    const { token, serial } = await certified('by-key');
    const result = await run(['certificate', 'revoke', '--key', 'by-key.key', '--cert', 'by-key.crt'], null);
    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(await findCertificate(gate.gate.database, serial)).toMatchObject({ revocationReason: 'keyCompromise' });
    expect((await run(['certificate', 'revoke', '--key', 'by-key.key', '--cert', 'by-key.crt'], null)).exit).toBe(0);
    expect((await run(['certificate', 'get', serial, '--out', '-'], token)).err).toContain('revoked');
  });

  test('by the key: one that is not that of the certificate is refused before anything is sent', async () => {
    await certified('mismatched');
    const words = ['certificate', 'revoke', '--key', 'calendar.key', '--cert', 'mismatched.crt'];
    expect((await run(words, null, 'http://127.0.0.1:1')).exit).toBe(1);
  });

  test('by the key: a certificate of another authority is refused', async () => {
    const stranger = gate.authority.issue('calendar');
    await writeFile(join(folder, 'stranger.crt'), writePem(stranger.der, 'CERTIFICATE'));
    await writeFile(join(folder, 'stranger.key'), stranger.privateKeyPem);
    await chmod(join(folder, 'stranger.key'), 0o600);
    const result = await run(['certificate', 'revoke', '--key', 'stranger.key', '--cert', 'stranger.crt'], null);
    expect(result.exit).toBe(1);
    expect(result.err).toContain('CMS_INVALID');
  });

  test('as an owner: shown first, done only with --yes', async () => {
    const token = await gate.token('by-owner', { scopes: ['upload', 'manage'] });
    const signer = await issueSigner(gate.gate, 'by-owner');
    for (const version of ['1.0.0', '1.1.0']) {
      const archive = await signedBy(signer, { id: 'by-owner', version });
      expect((await upload(gate.url, token, 'by-owner', archive)).status).toBe(201);
    }
    const words = ['certificate', 'revoke', signer.leaf.serial, '--reason', 'keycompromise', '--since', '2026-01-01'];
    const preview = await run([...words, '--preview'], token);
    expect(preview.exit).toBe(0);
    expect(preview.out).toContain('1.1.0');
    expect((await run(words, token)).exit).toBe(2);
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({ revokedAt: null });

    const done = json(await run([...words, '--yes', '--json'], token));
    expect(done.quarantined.map(({ version }: { version: string }) => version).sort()).toEqual(['1.0.0', '1.1.0']);
    expect(await findCertificate(gate.gate.database, signer.leaf.serial)).toMatchObject({
      revocationReason: 'keyCompromise',
      invalidityDate: new Date('2026-01-01T00:00:00Z'),
    });
  });

  test('a file that goes on for ever is not read to its end', async () => {
    const words = ['certificate', 'revoke', '--key', '/dev/zero', '--cert', '/dev/zero'];
    const result = await run(words, null, 'http://127.0.0.1:1');
    expect(result.exit).toBe(3);
    expect(result.err).toContain('too large');
  });

  test('as somebody else it is refused, with a token that only uploads it is exit 3, and nothing happens', async () => {
    const { serial } = await certified('guarded');
    const words = ['certificate', 'revoke', serial, '--reason', 'superseded', '--yes'];
    expect((await run(words, await gate.token('elsewhere', { scopes: ['manage'] }))).exit).toBe(1);
    expect((await run(words, await gate.token('guarded'))).exit).toBe(3);
    expect(await findCertificate(gate.gate.database, serial)).toMatchObject({ revokedAt: null });
  });

  test.each([
    ['nothing named', []],
    ['a key without its certificate', ['--key', 'calendar.key']],
    ['a reason with a key', ['--key', 'calendar.key', '--cert', 'calendar.crt', '--reason', 'superseded']],
    ['no reason', ['0101']],
    ['a reason that is none', ['0101', '--reason', 'because']],
    ['a time to come', ['0101', '--reason', 'keyCompromise', '--since', '2099-01-01']],
    ['yes and preview', ['0101', '--reason', 'superseded', '--yes', '--preview']],
    ['no serial', ['xyz', '--reason', 'superseded', '--yes']],
  ])('%s is exit 2', async (_what, words) => {
    expect((await run(['certificate', 'revoke', ...words], gate.operatorToken)).exit).toBe(2);
  });
});
