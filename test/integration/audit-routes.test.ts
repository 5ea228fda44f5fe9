import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let folder: string;
let moderator: string;
let developer: string;

beforeAll(async () => {
  gate = await startTestGate();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-audit-'));
  moderator = await gate.token(null, { account: 'mona', scopes: ['moderate'] });
  developer = await gate.token('calendar');
  await upload(gate.url, developer, 'calendar', await appArchive());
  await upload(gate.url, developer, 'calendar', await appArchive({ version: 'none' }));
  await sendJson(`${gate.url}/api/v1/apps/calendar/releases/1.0.0/status`, 'PUT', moderator, {
    status: 'quarantined',
    reason: 'A secret reason <script>alert(1)</script>',
  });
});

afterAll(async () => {
  await gate.stop();
  await rm(folder, { recursive: true, force: true });
});

const audit = (query = '', token = moderator) => request(`${gate.url}/api/v1/audit${query}`, { token });
const kindsOf = (body: any): string[] => body.entries.map(({ kind }: { kind: string }) => kind);

describe('the log for moderators', () => {
  test('has the newest first, with who, what, why, before and after', async () => {
    const { status, body } = await audit();
    expect(status).toBe(200);
    expect(body.entries[0]).toMatchObject({
      kind: 'release-quarantined',
      actor: 'mona',
      app: 'calendar',
      subject: { type: 'release', id: 'calendar@1.0.0' },
      reason: 'A secret reason <script>alert(1)</script>',
      before: { status: 'published' },
      after: { status: 'quarantined' },
      request: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const positions = body.entries.map(({ position }: { position: number }) => position);
    expect(positions).toEqual([...positions].sort((one: number, other: number) => other - one));
  });

  test.each([
    ['?kind=submission-refused', ['submission-refused']],
    ['?app=calendar&kind=release-published', ['release-published']],
    ['?actor=mona', ['release-quarantined']],
    ['?subject=release:calendar@1.0.0', ['release-quarantined', 'release-published']],
    ['?app=unheard-of', []],
    ['?subject=app:%27%20OR%201=1', []],
    ['?since=2999-01-01T00:00:00Z', []],
    ['?until=2001-01-01T00:00:00%2B02:00', []],
  ])('%s', async (query, kinds) => {
    const { status, body } = await audit(query);
    expect(status).toBe(200);
    expect(kindsOf(body).filter((kind) => !/^(account|token)-/.test(kind))).toEqual(kinds);
  });

  test('since and until say from when and before when, whatever the zone', async () => {
    const [last] = (await audit('?limit=1')).body.entries;
    const inZone = new Date(Date.parse(last.at) + 3_600_000).toISOString().replace('Z', '%2B01:00');
    expect(kindsOf((await audit(`?since=${inZone}`)).body)).toContain(last.kind);
    expect((await audit(`?until=${inZone}&limit=1`)).body.entries[0].position).toBeLessThan(last.position);
  });

  test('goes on page by page without a gap', async () => {
    const all = (await audit('?limit=200')).body.entries as { position: number }[];
    const found: number[] = [];
    for (let after = ''; ;) {
      const { body } = await audit(`?limit=3${after}`);
      found.push(...body.entries.map(({ position }: { position: number }) => position));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(found).toEqual(all.map(({ position }) => position));
    expect(found.at(-1)).toBe(1);
  });

  test.each([
    '?limit=0',
    '?limit=201',
    '?after=-1',
    '?after=1e3',
    '?after=99999999999999999999',
    '?subject=calendar',
    '?subject=nobody:calendar',
    '?subject=app:',
    '?since=yesterday',
    '?since=2025-01-01',
    `?kind=${'x'.repeat(65)}`,
    '?app=%00',
  ])('%s is not understood', async (query) => {
    expect(await audit(query)).toMatchObject({ status: 400 });
  });

  test.each(['', '/export'])('/api/v1/audit%s is for moderators alone', async (path) => {
    expect(await request(`${gate.url}/api/v1/audit${path}`)).toMatchObject({ status: 401 });
    expect(await request(`${gate.url}/api/v1/audit${path}`, { token: developer })).toMatchObject({ status: 403 });
    const everyApp = await gate.token(null, { account: 'calendar', scopes: ['upload', 'manage'] });
    expect(await request(`${gate.url}/api/v1/audit${path}`, { token: everyApp })).toMatchObject({ status: 403 });
    expect(await request(`${gate.url}/api/v1/audit${path}`, { token: gate.operatorToken })).toMatchObject({
      status: 200,
    });
  });
});

describe('for everybody', () => {
  test('the head is where the log ends', async () => {
    const { status, body } = await request(`${gate.url}/api/v1/audit/head`);
    const [last] = (await audit('?limit=1')).body.entries;
    expect(status).toBe(200);
    expect(body).toEqual({ position: last.position, hash: last.hash });
  });

  test('a receipt is told what it is for, and neither who decided nor why', async () => {
    const [entry] = (await audit('?kind=release-quarantined')).body.entries;
    const { status, body } = await request(`${gate.url}/api/v1/audit/${entry.hash}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      position: entry.position,
      hash: entry.hash,
      at: entry.at,
      kind: 'release-quarantined',
      subject: { type: 'release', id: 'calendar@1.0.0' },
    });
  });

  test('the head gives nothing away of what people do', async () => {
    await gate.token('secret-project', { account: 'secret-account' });
    const head = await request(`${gate.url}/api/v1/audit/head`);
    const { body } = await request(`${gate.url}/api/v1/audit/${head.body.hash}`);
    expect(body).toMatchObject({ position: head.body.position, kind: null, subject: null });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test.each([
    ['a'.repeat(64), 404],
    ['0'.repeat(64), 404],
    ['a'.repeat(63), 400],
    ['A'.repeat(64), 400],
    ['%00', 400],
  ])('%s is no receipt', async (hash, status) => {
    expect(await request(`${gate.url}/api/v1/audit/${hash}`)).toMatchObject({ status });
  });
});

describe('an export', () => {
  /** Fetches the export into a file. */
  async function download(name: string): Promise<{ file: string; lines: string[] }> {
    const { status, headers, body } = await request(`${gate.url}/api/v1/audit/export`, { token: moderator });
    expect(status).toBe(200);
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d+\.ndjson"$/);
    const file = join(folder, name);
    await writeFile(file, body as string);
    return { file, lines: (body as string).trimEnd().split('\n') };
  }

  /** Without a store: no database is known here. */
  const verify = (...words: string[]) => commandLine(['audit', 'verify', ...words], { workingFolder: folder });

  test('is verified without the store', async () => {
    const { file, lines } = await download('whole.ndjson');
    const { head } = JSON.parse(lines.at(-1) ?? '');
    const result = await verify(file);
    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(result.out).toContain(`${head.position} entries`);
    expect(lines).toHaveLength(Number(head.position) + 1);
  });

  test('tells where a receipt stands, and says so of one that it does not have', async () => {
    const { file } = await download('receipt.ndjson');
    const [entry] = (await audit('?kind=release-quarantined')).body.entries;
    const found = await verify(file, '--receipt', entry.hash.toUpperCase(), '--json');
    expect(found.exit).toBe(0);
    expect(JSON.parse(found.out)).toMatchObject({
      isWhole: true,
      receipts: [{ hash: entry.hash, position: entry.position, kind: 'release-quarantined' }],
    });
    const lost = await verify(file, '--receipt', 'a'.repeat(64));
    expect(lost.exit).toBe(1);
    expect(lost.err).toContain('receipt-unknown');
  });

  test('is held against heads that were kept', async () => {
    const { file, lines } = await download('heads.ndjson');
    const { position, hash } = JSON.parse(lines[2] ?? '');
    expect(await verify(file, '--head', `${position}:${hash}`)).toMatchObject({ exit: 0 });
    const other = await verify(file, '--head', `${position}:${'a'.repeat(64)}`);
    expect(other.exit).toBe(1);
    expect(other.err).toMatch(/^Position 3: .*\(head-differs\)\n$/);
    const later = await verify(file, '--head', `100000:${hash}`);
    expect(later.exit).toBe(1);
    expect(later.err).toContain('cut-off');
  });

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    [
      'an entry changed',
      (lines) => lines.with(4, (lines[4] ?? '').replace('"at', '"ät').replace('\\"at', '\\"ät')),
      /^Position 5: .*altered/,
    ],
    ['a line taken out', (lines) => lines.toSpliced(4, 1), /^Position 5: .*gap/],
    ['the first line taken out', (lines) => lines.slice(1), /^Position 1: .*gap/],
    ['the last entry taken out', (lines) => lines.toSpliced(-2, 1), /^Position \d+: .*cut-off/],
    [
      'two lines swapped',
      (lines) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? ''),
      /^Position 5: .*out-of-order/,
    ],
    ['the head taken out', (lines) => lines.slice(0, -1), /broke off/],
    ['half a line', (lines) => [...lines.slice(0, 4), (lines[4] ?? '').slice(0, 50)], /Line 5/],
    ['something behind the head', (lines) => [...lines, lines[0] ?? ''], /Line \d+/],
    ['another member in a line', (lines) => lines.with(0, (lines[0] ?? '').replace('{', '{"note":1,')), /Line 1/],
    ['nothing at all', () => [], /broke off/],
    ['another file', () => ['#!/bin/sh'], /Line 1/],
  ])('with %s is not whole: exit 1', async (name, change, words) => {
    const { lines } = await download('tampered.ndjson');
    const changed = change(lines);
    expect(changed).not.toEqual(lines);
    const file = join(folder, 'tampered.ndjson');
    await writeFile(file, changed.map((line) => `${line}\n`).join(''));
    const result = await verify(file);
    expect({ name, exit: result.exit }).toEqual({ name, exit: 1 });
    expect(result.err).toMatch(words);
  });

  test('what is no UTF-8, or one endless line, is no export: exit 1', async () => {
    await writeFile(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0x0a]));
    expect(await verify('bytes')).toMatchObject({ exit: 1 });
    await writeFile(join(folder, 'endless'), 'x'.repeat(9 * 1024 * 1024));
    expect(await verify('endless')).toMatchObject({ exit: 1 });
  });

  test('a file that is not there: exit 3; words that make no sense: exit 2', async () => {
    expect(await verify('nowhere.ndjson')).toMatchObject({ exit: 3 });
    expect(await verify('.')).toMatchObject({ exit: 3 });
    expect(await verify('one', 'two')).toMatchObject({ exit: 2 });
    expect(await verify('--head', '12')).toMatchObject({ exit: 2 });
    expect(await verify('--head', `x:${'a'.repeat(64)}`)).toMatchObject({ exit: 2 });
    expect(await verify('--receipt', 'abc')).toMatchObject({ exit: 2 });
  });
});

describe('portcullis audit beside the gate', () => {
  const run = (...words: string[]) =>
    commandLine(['audit', ...words], {
      environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
      workingFolder: folder,
    });

  test('verify checks the live log, and adds nothing to it', async () => {
    const before = (await request(`${gate.url}/api/v1/audit/head`)).body;
    const result = await run('verify', '--head', `${before.position}:${before.hash}`, '--receipt', before.hash);
    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(result.out).toContain(`Head ${before.position}:${before.hash}`);
    expect((await request(`${gate.url}/api/v1/audit/head`)).body).toEqual(before);
    expect(await run('verify', '--head', `1:${'b'.repeat(64)}`)).toMatchObject({ exit: 1 });
  });

  test('verify says that it could not, where there is no store or no log in it: exit 3', async () => {
    const nowhere = await commandLine(['audit', 'verify'], { environment: { DATA_DIR: join(folder, 'nowhere') } });
    expect(nowhere.exit).toBe(3);
    const gone = await commandLine(['audit', 'verify'], {
      environment: { DATABASE_URL: gate.databaseUrl.replace(/[^/]+$/, 'not_there'), DATA_DIR: folder },
    });
    expect(gone.exit).toBe(3);
  });

  test('export writes what verify takes, and overwrites nothing unasked', async () => {
    expect(await run('export', '--out', 'copy.ndjson')).toMatchObject({ exit: 0 });
    expect(await commandLine(['audit', 'verify', join(folder, 'copy.ndjson')])).toMatchObject({ exit: 0 });
    const before = await readFile(join(folder, 'copy.ndjson'), 'utf8');
    expect(await run('export', '--out', 'copy.ndjson')).toMatchObject({ exit: 3 });
    expect(await readFile(join(folder, 'copy.ndjson'), 'utf8')).toBe(before);
    expect(await run('export', '--out', 'copy.ndjson', '--force')).toMatchObject({ exit: 0 });
    expect((await run('export')).out).toBe(await readFile(join(folder, 'copy.ndjson'), 'utf8'));
  });

  test('list shows what moderators see', async () => {
    const json = await run('list', '--actor', 'mona', '--json');
    expect(JSON.parse(json.out).entries).toEqual((await audit('?actor=mona')).body.entries);
    const table = await run('list', '--subject', 'release:calendar@1.0.0', '--since', '2020-01-01', '--limit', '1');
    expect(table.exit).toBe(0);
    expect(table.out.split('\n')[1]).toMatch(/ release-quarantined +mona +release calendar@1\.0\.0 +A secret/);
    expect(await run('list', '--subject', 'calendar')).toMatchObject({ exit: 2 });
    expect(await run('list', '--limit', '0')).toMatchObject({ exit: 2 });
    expect(await run('list', '--since', 'soon')).toMatchObject({ exit: 2 });
  });
});
