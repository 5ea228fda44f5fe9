import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { openGate } from '../../src/compose.js';
import { createStores } from '../../src/storage/stores.js';
import { sweepStanding } from '../../src/storefront/standing-watch.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { refuse, S3_SECRET, startS3Server, type S3Server } from '../support/s3-server.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, moderator, releasesOf, uploadJunk } from '../support/verdicts.js';

/*
 * A gate that keeps everything in a bucket: what it does over a folder it does over this, and what goes wrong with a bucket is
 * nobody's release.
 */

let s3: S3Server;
let streaming: TestGate;
/** A second gate on the same database and bucket, which redirects. */
let redirecting: TestGate;
beforeAll(async () => {
  s3 = await startS3Server();
  const config = { environment: { ...s3.environment, S3_PREFIX: 'some/store', RULES: 'JUNK_FILES=hold' } };
  streaming = await startTestGate({ ...config, ownAuthority: true });
  const environment = { ...config.environment, S3_REDIRECTS: 'on', RULES: 'JUNK_FILES=hold' };
  redirecting = await startTestGate({ environment, replicaOf: streaming });
});
afterAll(async () => {
  await redirecting.stop();
  await streaming.stop();
  await s3.close();
});
beforeEach(() => {
  s3.intercept = () => false;
});

const keyOf = (archive: Buffer): string => {
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return `some/store/archives/${sha256.slice(0, 2)}/${sha256.slice(2)}.zip`;
};

async function publish(id: string, version = '1.0.0') {
  const archive = await appArchive({ id, version });
  const token = await streaming.token(id);
  expect((await upload(streaming.url, token, id, archive)).status).toBe(201);
  return { archive, token, path: `/api/v1/apps/${id}/releases/${version}/archive` };
}

function outOfOrder(status: number, code: string): void {
  s3.intercept = (_request, response) => {
    refuse(response, status, code);
    return true;
  };
}

test('what is uploaded lies in the bucket, and nowhere else', async () => {
  const { archive } = await publish('lying');
  expect((await s3.get(keyOf(archive)))?.equals(archive)).toBe(true);
  expect(existsSync(join(streaming.config.dataDir, 'archives'))).toBe(false);
});

test('a download is streamed, whole and in part, by whichever gate', async () => {
  const { archive, path } = await publish('streamed');
  const whole = await fetch(`${streaming.url}${path}`);
  expect(whole.status).toBe(200);
  expect(Buffer.from(await whole.arrayBuffer()).equals(archive)).toBe(true);
  const part = await fetch(`${streaming.url}${path}`, { headers: { range: 'bytes=10-19' } });
  expect(part.status).toBe(206);
  expect(Buffer.from(await part.arrayBuffer()).equals(archive.subarray(10, 20))).toBe(true);
});

test('or redirected to the bucket, for a short time, never to be cached', async () => {
  const { archive, path } = await publish('redirected');
  for (const address of [path, `${path}/redirected-1.0.0.zip`]) {
    const answer = await fetch(`${redirecting.url}${address}`, { redirect: 'manual' });
    const location = answer.headers.get('location') ?? '';
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
    expect(location.startsWith(`${s3.address}/store/some/store/archives/`)).toBe(true);
    expect(location).not.toContain(S3_SECRET);
    const found = await fetch(location);
    expect(Buffer.from(await found.arrayBuffer()).equals(archive)).toBe(true);
    expect(found.headers.get('content-disposition')).toBe('attachment; filename="redirected-1.0.0.zip"');
  }
  const part = await fetch(`${redirecting.url}${path}`, { headers: { range: 'bytes=10-19' } });
  expect([part.status, Buffer.from(await part.arrayBuffer()).equals(archive.subarray(10, 20))]).toEqual([206, true]);
});

test('every redirect of the whole is a download that counts, by address and hour', async () => {
  const { path } = await publish('counted');
  await fetch(`${redirecting.url}${path}`, { redirect: 'manual' });
  await fetch(`${redirecting.url}${path}`, { redirect: 'manual', headers: { range: 'bytes=10-19' } });
  await redirecting.gate.downloads.flush();
  const { rows } = await redirecting.gate.database.query("SELECT downloads FROM listings WHERE app_id = 'counted'");
  expect(rows.map((row) => Number(row['downloads']))).toEqual([1]);
});

test('of a withdrawn release there is neither a byte nor an address', async () => {
  const { path } = await publish('withdrawn');
  const change = { status: 'withdrawn', reason: 'test' };
  const address = `${streaming.url}/api/v1/apps/withdrawn/releases/1.0.0/status`;
  expect((await sendJson(address, 'PUT', streaming.operatorToken, change)).status).toBe(200);
  for (const { url } of [streaming, redirecting]) {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([410, null]);
  }
});

test('a moderator’s verdict reads the archive from the bucket, and refuses to guess where it is another one', async () => {
  const token = await streaming.token('judged');
  const judge = await moderator(streaming, 'mia');
  const { sha256 } = (await uploadJunk(streaming, token, 'judged')).report.archive;
  const { rows } = await streaming.gate.database.query("SELECT id FROM reviews WHERE app_id = 'judged'");
  const reviewId = String(rows[0]?.['id']);
  const key = `some/store/archives/${sha256.slice(0, 2)}/${sha256.slice(2)}.zip`;
  const archive = await s3.get(key);
  await s3.put(key, Buffer.from('something else'));
  expect((await decide(streaming, judge, reviewId, 'accepted')).status).toBe(503);
  expect(await releasesOf(streaming, 'judged')).toEqual({});
  await s3.put(key, archive);
  expect((await decide(streaming, judge, reviewId, 'accepted')).status).toBe(200);
  expect(await releasesOf(streaming, 'judged')).toEqual({ '1.0.0': 'published' });
});

test.each([
  [403, 'AccessDenied'],
  [404, 'NoSuchBucket'],
  [500, 'InternalError'],
])('where the bucket answers %d %s an upload is answered 503, and publishes nothing', async (status, code) => {
  const id = `unkept-${status}`;
  const archive = await appArchive({ id });
  const token = await streaming.token(id);
  outOfOrder(status, code);
  const answer = await upload(streaming.url, token, id, archive);
  expect([answer.status, answer.body.code]).toEqual([503, 'UNAVAILABLE']);
  expect(JSON.stringify(answer.body)).not.toContain(code);
  expect(await releasesOf(streaming, id)).toEqual({});
  s3.intercept = () => false;
  expect((await upload(streaming.url, token, id, archive)).status).toBe(201);
});

test('a download is answered 503 while the bucket is out of order, and breaks off where it breaks off', async () => {
  const { archive, path } = await publish('broken');
  outOfOrder(500, 'InternalError');
  expect((await fetch(`${streaming.url}${path}`)).status).toBe(503);
  s3.intercept = (_request, response) => {
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 100), () => response.destroy());
    return true;
  };
  await expect(fetch(`${streaming.url}${path}`).then((answer) => answer.arrayBuffer())).rejects.toThrow();
});

test('a gate whose bucket is out of order is not ready, and one does not even start', async () => {
  let time = Date.now();
  const { archives } = createStores({ s3: s3.settings, dataDir: '' }, () => new Date(time));
  const late = await startTestGate({ environment: s3.environment, gate: { archives }, replicaOf: streaming });
  try {
    expect((await request(`${late.url}/readyz`)).status).toBe(200);
    outOfOrder(403, 'AccessDenied');
    time += 60_000;
    const { status, body } = await request(`${late.url}/readyz`);
    expect([status, body.checks.storage]).toEqual([503, 'failing']);
    const start = openGate(late.config, pino({ level: 'silent' }));
    await expect(start).rejects.toThrow(/S3_BUCKET can't be used: .*AccessDenied/);
  } finally {
    await late.stop();
  }
});

describe('the standing watch', () => {
  test('quarantines what the bucket has no more, or has otherwise; not what it will not tell', async () => {
    const [lost, changed, whole] = [await publish('lost'), await publish('changed'), await publish('whole')];
    expect(whole.archive.length).toBeGreaterThan(0);
    outOfOrder(500, 'InternalError');
    await sweepStanding(streaming.gate);
    for (const id of ['lost', 'changed', 'whole']) {
      expect(await releasesOf(streaming, id)).toEqual({ '1.0.0': 'published' });
    }
    s3.intercept = () => false;
    await s3.put(keyOf(lost.archive), null);
    await s3.put(keyOf(changed.archive), Buffer.concat([changed.archive.subarray(0, -1), Buffer.from('?')]));
    await sweepStanding(streaming.gate);
    expect(await releasesOf(streaming, 'lost')).toEqual({ '1.0.0': 'quarantined' });
    expect(await releasesOf(streaming, 'changed')).toEqual({ '1.0.0': 'quarantined' });
    expect(await releasesOf(streaming, 'whole')).toEqual({ '1.0.0': 'published' });
  });
});
