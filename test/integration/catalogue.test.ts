import { createHash } from 'node:crypto';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let first: Buffer;
beforeAll(async () => {
  gate = await startTestGate();
  const token = await gate.token('calendar');
  first = await appArchive({ files: { 'old.txt': 'old' } });
  const second = await signedApp(gate.authority, { version: '2.0.0', files: { 'new.txt': 'new' } });
  for (const archive of [first, second]) expect((await upload(gate.url, token, 'calendar', archive)).status).toBe(201);
  for (const id of ['aaa', 'bbb', 'zzz']) {
    await upload(gate.url, await gate.token(id), id, await appArchive({ id }));
  }
  // An app that nobody has released is none to the public.
  await sendJson(`${gate.url}/api/v1/apps/announced/trust-level`, 'PUT', gate.operatorToken, {
    trustLevel: 'official',
    reason: 'soon',
  });
});
afterAll(async () => {
  await gate.stop();
});

const at = (path: string): string => `${gate.url}/api/v1${path}`;

test('apps are listed in pages, each once', async () => {
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const { body }: { body: { apps: { id: string }[]; next: string | null } } = await request(
      at(`/apps?limit=2&after=${next}`),
    );
    seen.push(...body.apps.map(({ id }) => id));
    next = body.next;
  }
  expect(seen).toEqual(['aaa', 'bbb', 'calendar', 'zzz']);
});

test('an app shows its releases, the last first', async () => {
  const { body } = await request(at('/apps/calendar'));
  expect(body).toMatchObject({ id: 'calendar', trustLevel: 'experimental', signedSince: body.releases[0].publishedAt });
  expect(body.releases.map(({ version, signed }: { version: string; signed: boolean }) => [version, signed])).toEqual([
    ['2.0.0', true],
    ['1.0.0', false],
  ]);
  expect((await request(at('/apps/announced'))).status).toBe(404);
});

test('releases are listed in pages, each once', async () => {
  const versions: string[] = [];
  let after = '';
  do {
    const { body }: { body: { releases: { version: string }[]; next: string | null } } = await request(
      at(`/apps/calendar/releases?limit=1${after}`),
    );
    versions.push(...body.releases.map(({ version }) => version));
    after = body.next === null ? '' : `&after=${body.next}`;
  } while (after !== '');
  expect(versions).toEqual(['2.0.0', '1.0.0']);
  expect((await request(at('/apps/calendar/releases?after=9.9.9'))).body.code).toBe('INVALID_REQUEST');
});

test('what info.xml says comes with a release, not with a list', async () => {
  expect((await request(at('/apps/calendar/releases/2.0.0'))).body.info).toMatchObject({
    id: 'calendar',
    name: 'Calendar',
  });
  expect((await request(at('/apps/calendar/releases'))).body.releases[0].info).toBeUndefined();
});

test('the status of many releases comes in the order asked', async () => {
  const pairs = [
    { app: 'calendar', version: '2.0.0' },
    { app: 'calendar', version: '9.9.9' },
    { app: 'aaa', version: '1.0.0' },
    { app: 'calendar', version: '2.0.0' },
  ];
  const { body } = await sendJson(at('/releases/status'), 'POST', '', { releases: pairs });
  expect(body.releases.map(({ status }: { status: string }) => status)).toEqual([
    'published',
    'unknown',
    'published',
    'published',
  ]);
  const tooMany = Array.from({ length: 501 }, () => pairs[0]);
  expect((await sendJson(at('/releases/status'), 'POST', '', { releases: tooMany })).status).toBe(400);
});

test('an upgrade names what it adds, changes and removes', async () => {
  const { body } = await request(at('/apps/calendar/upgrade?from=1.0.0&to=2.0.0'));
  expect(body).toEqual({
    from: '1.0.0',
    to: '2.0.0',
    added: ['appinfo/signature.json', 'new.txt'],
    changed: ['appinfo/info.xml'],
    removed: ['old.txt'],
  });
});

test('the manifest has every file with its digest', async () => {
  const { body } = await request(at('/apps/calendar/releases/1.0.0/manifest'));
  expect(body.files['old.txt']).toEqual({ bytes: 3, sha512: createHash('sha512').update('old').digest('hex') });
});

describe('the archive', () => {
  const url = (): string => at('/apps/calendar/releases/1.0.0/archive');

  async function download(headers: Record<string, string> = {}): Promise<{ response: Response; bytes: Buffer }> {
    const response = await fetch(url(), { headers });
    return { response, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  test('comes back byte for byte, with its digest', async () => {
    const { response, bytes } = await download();
    expect(bytes.equals(first)).toBe(true);
    const digest = createHash('sha256').update(first).digest();
    expect(response.headers.get('content-digest')).toBe(`sha-256=:${digest.toString('base64')}:`);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="calendar-1.0.0.zip"');
    expect((await download({ 'if-none-match': `"${digest.toString('hex')}"` })).response.status).toBe(304);
  });

  test('comes in parts where parts are asked for', async () => {
    const middle = await download({ range: 'bytes=10-19' });
    expect([middle.response.status, middle.response.headers.get('content-range')]).toEqual([
      206,
      `bytes 10-19/${first.length}`,
    ]);
    expect(middle.bytes.equals(first.subarray(10, 20))).toBe(true);
    expect((await download({ range: 'bytes=-5' })).bytes.equals(first.subarray(-5))).toBe(true);
    expect((await download({ range: `bytes=${first.length}-` })).response.status).toBe(416);
    for (const range of ['bytes=0-1,4-5', 'lines=1-2', 'bytes=x']) {
      expect((await download({ range })).bytes.equals(first)).toBe(true);
    }
    expect((await download({ range: 'bytes=0-1', 'if-range': '"other"' })).bytes.equals(first)).toBe(true);
  });

  test('of a withdrawn or quarantined release is gone, with the reason', async () => {
    const token = await gate.token('gone', { scopes: ['upload', 'manage'] });
    await upload(gate.url, token, 'gone', await appArchive({ id: 'gone' }));
    const status = at('/apps/gone/releases/1.0.0/status');
    expect((await sendJson(status, 'PUT', token, { status: 'withdrawn', reason: 'data loss' })).status).toBe(200);
    const gone = await request(at('/apps/gone/releases/1.0.0/archive'));
    expect([gone.status, gone.body.code, gone.body.reason]).toEqual([410, 'RELEASE_WITHDRAWN', 'data loss']);
    // Owners take back; only operators judge.
    expect((await sendJson(status, 'PUT', token, { status: 'published', reason: 'x' })).status).toBe(403);
    expect((await sendJson(status, 'PUT', gate.operatorToken, { status: 'quarantined', reason: 'x' })).status).toBe(
      200,
    );
    expect((await sendJson(status, 'PUT', token, { status: 'withdrawn', reason: 'x' })).status).toBe(403);
    expect((await request(at('/apps/gone/releases/1.0.0/archive'))).body.code).toBe('RELEASE_QUARANTINED');
    expect((await sendJson(status, 'PUT', gate.operatorToken, { status: 'published', reason: 'x' })).status).toBe(200);
    expect((await fetch(at('/apps/gone/releases/1.0.0/archive'))).status).toBe(200);
  });
});

test('submissions are listed in pages, the newest first', async () => {
  const token = await gate.token('pages');
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0']) {
    await upload(gate.url, token, 'pages', await appArchive({ id: 'pages', version }));
  }
  const versions: string[] = [];
  let next: string | null = null;
  do {
    const after: string = next === null ? '' : `&after=${next}`;
    const { body }: { body: { submissions: { version: string }[]; next: string | null } } = await request(
      at(`/apps/pages/submissions?limit=2${after}`),
      { token },
    );
    versions.push(...body.submissions.map(({ version }) => version));
    next = body.next;
  } while (next !== null);
  expect(versions).toEqual(['1.4.0', '1.3.0', '1.2.0', '1.1.0', '1.0.0']);
});
