import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../src/client/client.js';
import {
  changeReleaseStatus,
  compareReleases,
  downloadArchive,
  listApps,
  listChanges,
  listReleases,
  readApp,
  readManifest,
  readReleaseStatuses,
  uploadRelease,
} from '../../src/client/generated/operations.js';
import { follow, pagesOf } from '../../src/client/pages.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;
let archive: Buffer;

beforeAll(async () => {
  gate = await startTestGate();
  archive = await appArchive();
});

afterAll(async () => {
  await gate.stop();
});

const nobody = () => createClient({ baseUrl: gate.url });
const bearer = (token: string) => createClient({ baseUrl: gate.url, token });
const zip = (bytes: Buffer) => ({ body: new Blob([new Uint8Array(bytes)]), contentType: 'application/zip' as const });

test('what is generated is what the routes say now', async () => {
  const script = fileURLToPath(new URL('../../scripts/write-client.ts', import.meta.url));
  const loader = new URL('../support/typescript.mjs', import.meta.url).href;
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--import', loader, script, '--check'], (_error, out, err) => resolve(out + err));
  });
  // Says which file, and how to mend it.
  expect(said).toBe('');
});

test('an app is uploaded, found, compared, fetched and taken back', async () => {
  const path = { appId: 'calendar' };
  const owner = bearer(await gate.token('calendar'));
  const first = await uploadRelease(owner, { path, ...zip(archive) });
  if (!first.ok) throw new Error(first.problem.detail);
  expect(first.data.outcome).toBe('accepted');
  const form = new FormData();
  const next = await appArchive({ version: '1.1.0', files: { 'js/new.js': 'new' } });
  form.set('archive', new Blob([new Uint8Array(next)]), 'calendar.zip');
  expect(await uploadRelease(owner, { path, body: form })).toMatchObject({ ok: true, status: 201 });

  const found = await readApp(nobody(), { path });
  if (!found.ok || found.status !== 200) throw new Error(String(found.status));
  expect(found.data.releases.map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
  const etag = found.headers.get('etag');
  if (etag !== null) {
    expect(await readApp(nobody(), { path, headers: { 'If-None-Match': etag } })).toMatchObject({
      ok: true,
      status: 304,
    });
  }

  const query = { from: '1.0.0', to: '1.1.0' };
  expect(await compareReleases(nobody(), { path, query })).toMatchObject({ ok: true, data: { added: ['js/new.js'] } });
  const release = { ...path, version: '1.0.0' };
  expect(await readManifest(nobody(), { path: release })).toMatchObject({
    ok: true,
    data: { files: { 'appinfo/info.xml': { sha512: expect.stringMatching(/^[0-9a-f]{128}$/) } } },
  });
  const download = await downloadArchive(nobody(), { path: release });
  if (!download.ok || download.status !== 200) throw new Error(String(download.status));
  expect(Buffer.from(await download.data.arrayBuffer()).equals(archive)).toBe(true);
  const part = await downloadArchive(nobody(), { path: release, headers: { Range: 'bytes=0-1' } });
  if (!part.ok || part.status !== 206) throw new Error(String(part.status));
  expect(await part.data.text()).toBe('PK');

  const body = { status: 'withdrawn' as const, reason: 'It deletes calendars.' };
  expect(await changeReleaseStatus(bearer(gate.operatorToken), { path: release, body })).toMatchObject({ ok: true });
  const gone = await downloadArchive(nobody(), { path: release });
  if (gone.ok || gone.status !== 410) throw new Error(String(gone.status));
  expect(gone.problem).toMatchObject({ code: 'RELEASE_WITHDRAWN', reason: 'It deletes calendars.' });
  const releases = [{ app: 'calendar', version: '1.0.0' }];
  expect(await readReleaseStatuses(nobody(), { body: { releases } })).toMatchObject({
    ok: true,
    data: { releases: [{ status: 'withdrawn' }] },
  });
});

test('a refused upload is a problem with the report', async () => {
  const owner = bearer(await gate.token('broken'));
  const bytes = await appArchive({ id: 'broken', infoXml: '<info/>' });
  const refused = await uploadRelease(owner, { path: { appId: 'broken' }, ...zip(bytes) });
  if (refused.ok || refused.status !== 422 || !('report' in refused.problem)) throw new Error(String(refused.status));
  expect(refused.problem).toMatchObject({ outcome: 'refused', report: { archive: { sha256: sha256(bytes) } } });
});

test('lists come page by page, and the feed of changes leads to the same', async () => {
  for (const id of ['page-a', 'page-b', 'page-c']) {
    const owner = bearer(await gate.token(id));
    const uploaded = await uploadRelease(owner, { path: { appId: id }, ...zip(await appArchive({ id })) });
    expect(uploaded.status).toBe(201);
  }
  const listed: string[] = [];
  for await (const { apps } of pagesOf((start) => listApps(nobody(), { query: { limit: 2, ...start } }))) {
    expect(apps.length).toBeLessThanOrEqual(2);
    listed.push(...apps.map(({ id }) => id));
  }
  expect(listed).toEqual(['calendar', 'page-a', 'page-b', 'page-c']);
  for await (const { releases } of pagesOf((start) =>
    listReleases(nobody(), { path: { appId: 'calendar' }, query: { limit: 1, ...start } }),
  )) {
    expect(releases).toHaveLength(1);
  }

  const followed = new Set<string>();
  for await (const { changes, more } of follow((start) => listChanges(nobody(), { query: { limit: 3, ...start } }))) {
    for (const change of changes) if (change.type === 'app') followed.add(change.app.id);
    if (!more) break;
  }
  expect([...followed].sort()).toEqual(listed);
});

describe('portcullis apps', () => {
  const run = (...words: string[]) => commandLine(['apps', ...words], { environment: { PORTCULLIS_URL: gate.url } });

  test('lists what the store has', async () => {
    const { exit, out, err } = await run();
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^ID +VERSION +STATUS +LEVEL +SIGNATURE +SUMMARY\ncalendar +1\.1\.0 +experimental +unsigned +A cal/,
    );
  });

  test('finds what was looked for, and says where there is more', async () => {
    const found = JSON.parse((await run('calendar', '--platform', '10.5', '--level', 'experimental', '--json')).out);
    expect(found.apps.map(({ id }: { id: string }) => id)).toContain('calendar');
    expect(JSON.parse((await run('nosuchword', '--json')).out).apps).toEqual([]);
    expect(JSON.parse((await run('--signed', '--category', 'productivity', '--json')).out).apps).toEqual([]);
    expect((await run('--limit', '1')).err).toBe('There are more than 1: see --limit.\n');
  });

  test.each([
    [['a', 'b'], 2],
    [['--level', 'best'], 2],
    [['--limit', '0'], 2],
    [['--limit', '501'], 2],
    [[''], 2],
    [[' '], 2],
    [['x'.repeat(201)], 2],
    [['--platform', 'abc'], 2],
    [['--platform', '10.5.'], 2],
    [['--category', ''], 2],
    [['--category', 'x'.repeat(65)], 2],
    [['--url', 'http://127.0.0.1:1'], 3],
  ])('%j is exit %i', async (words, exit) => {
    const result = await run(...words);
    expect(result).toMatchObject({ exit, out: '' });
    // Of what is wrong with the words the store is not asked.
    expect(result.err.includes('The store says')).toBe(false);
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
