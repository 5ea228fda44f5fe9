import { randomUUID } from 'node:crypto';
import { inTransaction } from '../../src/database/connect.js';
import { insertReview, lockReview } from '../../src/database/reviews.js';
import { findSubmission } from '../../src/database/submissions.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { ask, csrFor } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const START = Date.parse('2026-05-01T12:00:00Z');
const MINUTE_MS = 60 * 1000;

let gate: TestGate;
let moderator: string;
let other: string;
let now: number;
beforeAll(async () => {
  now = START;
  gate = await startTestGate({
    ownAuthority: true,
    environment: { RULES: 'JUNK_FILES=hold' },
    gate: { now: () => new Date(now) },
  });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
  other = await gate.token(null, { account: 'other-mod', scopes: ['moderate'] });
});
afterAll(async () => {
  await gate.stop();
});
beforeEach(() => {
  now += 1_000;
});

const JUNK = { '.DS_Store': 'left behind' };

/** Uploads something that is held, and returns the id of its submission. */
async function hold(appId: string, version = '1.0.0', files: Record<string, string> = JUNK): Promise<string> {
  now += 1_000;
  const token = await gate.token(appId);
  const answer = await upload(gate.url, token, appId, await appArchive({ id: appId, version, files }));
  expect([answer.status, answer.body.outcome]).toEqual([202, 'held']);
  return answer.body.id as string;
}

async function queue(query = '', token = moderator): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/reviews${query}`, { token });
}

/** The apps of a page of the queue, in its order. */
async function appsIn(query: string): Promise<readonly string[]> {
  const { status, body } = await queue(query);
  expect(status).toBe(200);
  return (body.reviews as { appId: string }[]).map(({ appId }) => appId);
}

async function reviewOf(appId: string): Promise<any> {
  const { body } = await queue(`?app=${appId}`);
  expect(body.reviews).toHaveLength(1);
  return body.reviews[0];
}

async function claim(token: string, id: string, body: unknown = {}): Promise<ApiAnswer> {
  return sendJson(`${gate.url}/api/v1/reviews/${id}/claim`, 'PUT', token, body);
}

async function letGo(token: string, id: string): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/reviews/${id}/claim`, { method: 'DELETE', token });
}

describe('what waits', () => {
  test('all five kinds stand in one queue, the one that waits longest first', async () => {
    await hold('five-held');

    const quarantined = await gate.token('five-quarantine');
    expect(
      (await upload(gate.url, quarantined, 'five-quarantine', await appArchive({ id: 'five-quarantine' }))).status,
    ).toBe(201);
    now += 1_000;
    const status = `${gate.url}/api/v1/apps/five-quarantine/releases/1.0.0/status`;
    expect((await sendJson(status, 'PUT', moderator, { status: 'quarantined', reason: 'looks odd' })).status).toBe(200);

    now += 1_000;
    const applicant = await gate.token(null, { account: 'five-asker', scopes: ['upload', 'manage'] });
    expect((await ask(gate, applicant, 'five-request', { csr: await csrFor('five-request') })).status).toBe(201);

    now += 1_000;
    const report = { category: 'malware', text: 'It sends my files elsewhere.' };
    expect((await sendJson(`${gate.url}/api/v1/apps/five-quarantine/reports`, 'POST', '', report)).status).toBe(201);

    now += 1_000;
    const refused = await gate.token('five-appeal');
    const refusal = await upload(
      gate.url,
      refused,
      'five-appeal',
      await appArchive({ id: 'five-appeal', files: { 'sub/appinfo/info.xml': '<info/>' } }),
    );
    expect([refusal.status, refusal.body.outcome]).toEqual([422, 'refused']);
    await inTransaction(gate.gate.database, async (tx) => {
      const submission = await findSubmission(tx, refusal.body.id as string);
      if (submission === null) throw new Error('There is no such submission');
      await insertReview(tx, {
        id: randomUUID(),
        kind: 'appeal',
        appId: 'five-appeal',
        submissionId: submission.id,
        version: submission.version,
        category: null,
        contact: null,
        openedById: submission.accountId,
        openedAt: new Date(now),
      });
    });

    const { body } = await queue('?q=five-');
    const found = (body.reviews as any[]).map(({ kind, appId, uploader, codes }) => [kind, appId, uploader, codes]);
    expect(found).toEqual([
      ['held', 'five-held', 'five-held', ['JUNK_FILES']],
      ['quarantine', 'five-quarantine', 'five-quarantine', []],
      ['signing-request', 'five-request', 'five-asker', []],
      ['report', 'five-quarantine', null, []],
      ['appeal', 'five-appeal', 'five-appeal', ['NESTED_APPINFO']],
    ]);

    const counts = await request(`${gate.url}/api/v1/reviews/counts`, { token: moderator });
    expect(counts.body).toEqual({
      held: { waiting: 1, questioned: 0, proposed: 0 },
      appeal: { waiting: 1, questioned: 0, proposed: 0 },
      'signing-request': { waiting: 1, questioned: 0, proposed: 0 },
      quarantine: { waiting: 1, questioned: 0, proposed: 0 },
      report: { waiting: 1, questioned: 0, proposed: 0 },
    });
    for (const { id, kind } of body.reviews as { id: string; kind: string }[]) {
      const detail = await request(`${gate.url}/api/v1/reviews/${id}`, { token: moderator });
      expect([detail.status, detail.body.kind]).toEqual([200, kind]);
    }

    expect(await appsIn('?kind=quarantine,report&q=five-')).toEqual(['five-quarantine', 'five-quarantine']);
    expect(await appsIn('?kind=appeal&state=questioned')).toEqual([]);
    expect(await appsIn('?state=closed')).toEqual([]);

    now += 1_000;
    expect((await sendJson(status, 'PUT', moderator, { status: 'published', reason: 'it was fine' })).status).toBe(200);
    expect(await appsIn('?kind=quarantine')).toEqual([]);
    expect(await appsIn('?kind=quarantine&state=closed')).toEqual(['five-quarantine']);
  });

  test('everything about a review is in one answer', async () => {
    const token = await gate.token('whole-story');
    const publish = async (version: string): Promise<void> => {
      const archive = await appArchive({ id: 'whole-story', version });
      expect((await upload(gate.url, token, 'whole-story', archive)).status).toBe(201);
      now += 1_000;
    };
    await publish('1.0.0');
    await publish('1.1.0');
    const first = await hold('whole-story', '1.2.0');
    const second = await hold('whole-story', '1.2.0', { ...JUNK, 'more.txt': 'more' });
    const { body: listed } = await queue('?app=whole-story');
    const review = (listed.reviews as any[]).find(({ submissionId }) => submissionId === second);
    const { body } = await request(`${gate.url}/api/v1/reviews/${review.id}`, { token: moderator });
    expect(body).toMatchObject({
      kind: 'held',
      state: 'waiting',
      version: '1.2.0',
      submission: { id: second, outcome: 'held', state: 'held' },
      uploader: { account: 'whole-story', role: 'developer', token: { kind: 'bearer', label: 'test' } },
      app: { id: 'whole-story', trustLevel: 'experimental' },
      owners: ['whole-story'],
      release: null,
      reinspections: [],
      signingRequest: null,
    });
    expect(body.releases.map((each: any) => each.version)).toEqual(['1.1.0', '1.0.0']);
    expect(body.related.map((each: any) => each.id)).toEqual([first]);
    expect(body.timeline.map((each: any) => each.kind)).toEqual(['claimed']);
    expect(body.submission.report.findings.map((each: any) => each.code)).toContain('JUNK_FILES');
    expect(JSON.stringify(body)).not.toContain(token);
  });
});

describe('searching', () => {
  beforeAll(async () => {
    await hold('search-plain', '3.1.4');
    await hold('search_under', '3.1.5');
  });

  test.each([
    ['an app id in capitals', 'SEARCH-PLAIN', ['search-plain']],
    ['a version', '3.1.5', ['search_under']],
    ['a part of both', 'search', ['search-plain', 'search_under']],
    ['what stands in none', 'nothing-of-this', []],
    ['a per cent sign, which is no wildcard', '%', []],
    ['an underscore, which is no wildcard', 'search_', ['search_under']],
    ['a backslash', '\\', []],
    ['an escaped wildcard', '\\%', []],
    ['a quote', "'", []],
  ])('%s', async (_name, q, expected) => {
    expect(await appsIn(`?kind=held&q=${encodeURIComponent(q)}`)).toEqual(expected);
  });

  test('the id of a submission, of a review, the uploader', async () => {
    const review = await reviewOf('search-plain');
    expect(await appsIn(`?q=${review.submissionId}`)).toEqual(['search-plain']);
    expect(await appsIn(`?q=${String(review.id).slice(0, 13)}`)).toEqual(['search-plain']);
    expect(await appsIn(`?q=${review.uploader}`)).toEqual(['search-plain']);
  });

  test.each([
    ['an unknown kind', 'kind=secret'],
    ['an unknown state', 'state=waiting,none'],
    ['an empty kind', 'kind='],
    ['a kind twice', 'kind=held&kind=held'],
    ['a text that is too long', `q=${'a'.repeat(201)}`],
    ['NUL', 'q=%00'],
    ['an unknown claim', 'claimed=nobody'],
    ['a limit of 0', 'limit=0'],
    ['a limit beyond the bound', 'limit=101'],
    ['a cursor of somebody’s own', 'after=e30'],
    ['a cursor that is no base64', 'after=%25%25'],
    ['a cursor with another id', `after=${Buffer.from('["2026-05-01T12:00:00Z","x\' OR 1=1"]').toString('base64url')}`],
  ])('%s is refused', async (_name, query) => {
    const { status, body } = await queue(`?${query}`);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('page by page', () => {
  test('every review comes once, also those of one moment, and those opened meanwhile', async () => {
    const token = await gate.token(['page-a', 'page-b', 'page-c'], { account: 'page-maker' });
    for (const appId of ['page-a', 'page-b', 'page-c']) {
      expect((await upload(gate.url, token, appId, await appArchive({ id: appId, files: JUNK }))).status).toBe(202);
    }
    const first = await queue('?q=page-&limit=2');
    expect(first.body.reviews).toHaveLength(2);
    await hold('page-d');
    const second = await queue(`?q=page-&limit=2&after=${first.body.next}`);
    expect(second.body.next).toBeNull();
    const ids = [...first.body.reviews, ...second.body.reviews].map(({ appId }: any) => appId as string);
    expect(ids.slice(0, 3).toSorted()).toEqual(['page-a', 'page-b', 'page-c']);
    expect(ids[3]).toBe('page-d');
    expect(ids).toHaveLength(4);
  });

  test('times to the microsecond, as the database has them, bring no review twice', async () => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    await hold('micro-app');
    for (const [index, id] of ids.entries()) {
      await gate.gate.database.query(
        `INSERT INTO reviews (id, kind, app_id, category, opened_at)
         VALUES ($1, 'report', 'micro-app', 'other', timestamptz '2026-01-01 00:00:00.000100Z' + $2 * interval '100 microseconds')`,
        [id, index],
      );
    }
    const found: string[] = [];
    for (let after = ''; found.length < 10;) {
      const { body } = await queue(`?app=micro-app&kind=report&limit=1${after}`);
      found.push(...(body.reviews as { id: string }[]).map(({ id }) => id));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(found).toEqual(ids);
  });

  test('a cursor that nobody gave out, with an id that is not there, goes on by its time', async () => {
    const cursor = Buffer.from(JSON.stringify(['2126-01-01T00:00:00Z', randomUUID()])).toString('base64url');
    expect(await appsIn(`?after=${cursor}`)).toEqual([]);
  });
});

describe('who is at it', () => {
  test('of two who claim a review at once, one gets it', async () => {
    await hold('race-app');
    const { id } = await reviewOf('race-app');
    const answers = await Promise.all([claim(moderator, id), claim(other, id), claim(moderator, id), claim(other, id)]);
    const holders = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.claim.by as string));
    expect(holders.size).toBe(1);
    const losers = answers.filter(({ status }) => status !== 200);
    expect(losers.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'REVIEW_CLAIMED'],
      [409, 'REVIEW_CLAIMED'],
    ]);
    expect(losers[0]?.body.claimedBy).toBe([...holders][0]);
    const { body } = await request(`${gate.url}/api/v1/reviews/${id}`, { token: moderator });
    expect(body.events.map(({ kind }: any) => kind)).toEqual(['claimed']);
  });

  test('a claim lasts half an hour and is prolonged by claiming again; then anybody may have it', async () => {
    await hold('claim-app');
    const { id } = await reviewOf('claim-app');
    expect((await claim(moderator, id)).body.claim.until).toBe(new Date(now + 30 * MINUTE_MS).toISOString());
    now += 20 * MINUTE_MS;
    expect((await claim(moderator, id)).status).toBe(200);
    now += 20 * MINUTE_MS;
    expect((await claim(other, id)).body.code).toBe('REVIEW_CLAIMED');
    expect((await reviewOf('claim-app')).claim.by).toBe('mod');
    expect(await appsIn('?claimed=free&app=claim-app')).toEqual([]);
    now += 10 * MINUTE_MS;
    expect((await reviewOf('claim-app')).claim).toBeNull();
    expect(await appsIn('?claimed=free&app=claim-app')).toEqual(['claim-app']);
    expect((await queue('?claimed=mine&app=claim-app')).body.reviews).toEqual([]);
    expect((await claim(other, id)).body.claim.by).toBe('other-mod');
    expect((await queue('?claimed=mine&app=claim-app', other)).body.reviews).toHaveLength(1);
  });

  test('whoever holds it lets go of it; nobody else does that for them', async () => {
    await hold('let-go-app');
    const { id } = await reviewOf('let-go-app');
    expect((await letGo(moderator, id)).status).toBe(200);
    await claim(moderator, id);
    expect((await letGo(other, id)).body.code).toBe('REVIEW_CLAIMED');
    expect((await letGo(gate.operatorToken, id)).body.code).toBe('REVIEW_CLAIMED');
    expect((await letGo(moderator, id)).body.claim).toBeNull();
    expect((await claim(other, id)).status).toBe(200);
  });

  test('an administrator takes it over where they say so, and a moderator does not', async () => {
    await hold('take-over-app');
    const { id } = await reviewOf('take-over-app');
    await claim(moderator, id);
    expect((await claim(gate.operatorToken, id)).body.code).toBe('REVIEW_CLAIMED');
    expect((await claim(other, id, { takeOver: true })).body.code).toBe('REVIEW_CLAIMED');
    expect((await claim(gate.operatorToken, id, { takeOver: true })).body.claim.by).toBe('operator');
    const { body } = await request(`${gate.url}/api/v1/reviews/${id}`, { token: moderator });
    expect(body.events.at(-1)).toMatchObject({ kind: 'claimed', account: 'operator', detail: { from: 'mod' } });
    const { rows } = await gate.gate.database.query<{ kind: string }>(
      `SELECT kind FROM audit_log WHERE subject_type = 'review' AND subject_id = $1 ORDER BY position`,
      [id],
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['review-claimed', 'review-claimed']);
  });

  test('claiming and letting go for ever fills no record', async () => {
    await hold('spam-app');
    const { id } = await reviewOf('spam-app');
    await gate.gate.database.query(
      `INSERT INTO review_events (review_id, kind, is_internal, happened_at)
       SELECT $1, 'claimed', true, now() FROM generate_series(1, 200)`,
      [id],
    );
    expect((await claim(moderator, id)).status).toBe(200);
    const { rows } = await gate.gate.database.query('SELECT 1 FROM review_events WHERE review_id = $1', [id]);
    expect(rows).toHaveLength(200);
  });

  test('a closed review is nobody’s', async () => {
    await hold('closed-app');
    const { id } = await reviewOf('closed-app');
    await inTransaction(gate.gate.database, async (tx) => {
      await lockReview(tx, id as string);
      await tx.query(`UPDATE reviews SET state = 'closed', verdict = 'superseded', closed_at = now() WHERE id = $1`, [
        id,
      ]);
    });
    expect((await claim(moderator, id)).body.code).toBe('REVIEW_CLOSED');
    expect((await letGo(moderator, id)).body.code).toBe('REVIEW_CLOSED');
  });

  test('a token that was revoked claims nothing', async () => {
    await hold('revoked-app');
    const { id } = await reviewOf('revoked-app');
    const token = await gate.token(null, { account: 'gone-mod', scopes: ['moderate'] });
    await request(`${gate.url}/api/v1/reviews/${id}`, { token });
    await gate.gate.database.query(
      `UPDATE tokens SET revoked_at = now() WHERE account_id = (SELECT id FROM accounts WHERE name = 'gone-mod')`,
    );
    expect((await claim(token, id)).status).toBe(401);
    expect((await reviewOf('revoked-app')).claim).toBeNull();
  });

  test.each([
    ['no such review', randomUUID(), 404],
    ['no id', 'x', 400],
  ])('%s', async (_name, id, status) => {
    expect((await claim(moderator, id)).status).toBe(status);
    expect((await letGo(moderator, id)).status).toBe(status);
    expect((await request(`${gate.url}/api/v1/reviews/${id}`, { token: moderator })).status).toBe(status);
  });
});

describe('who reads reviews', () => {
  let id: string;
  beforeAll(async () => {
    await hold('private-app');
    id = (await reviewOf('private-app')).id;
  });

  test.each(['', '/counts', '/ID', '/ID/difference', '/ID/files/appinfo/info.xml'])(
    'moderators only: %s',
    async (path) => {
      const url = `${gate.url}/api/v1/reviews${path.replace('ID', id)}`;
      const owner = await gate.token('private-app');
      const everyScope = await gate.token(null, { account: 'private-app', scopes: ['upload', 'manage'] });
      const stranger = await gate.token('other-app');
      expect((await request(url)).status).toBe(401);
      for (const token of [owner, everyScope, stranger]) {
        const { status, body } = await request(url, { token });
        expect([status, body.code]).toEqual([403, 'SCOPE_INSUFFICIENT']);
      }
      expect((await request(url, { token: moderator })).status).toBe(200);
      expect((await request(url, { token: gate.operatorToken })).status).toBe(200);
    },
  );

  test('a developer can’t tell a review that is there from one that isn’t', async () => {
    const owner = await gate.token('private-app');
    const there = await request(`${gate.url}/api/v1/reviews/${id}`, { token: owner });
    const nowhere = await request(`${gate.url}/api/v1/reviews/${randomUUID()}`, { token: owner });
    expect(nowhere.body).toEqual(there.body);
    expect((await claim(owner, id)).status).toBe(403);
    expect((await letGo(owner, id)).status).toBe(403);
  });
});

describe('portcullis review', () => {
  const run = (...argv: string[]) =>
    commandLine(['review', ...argv], {
      environment: { DATABASE_URL: gate.databaseUrl, DATA_DIR: gate.config.dataDir },
      now: () => new Date(now),
    });

  test('lists what waits, and shows one of it', async () => {
    await hold('shell-app', '2.0.0');
    const { id } = await reviewOf('shell-app');
    const listed = await run('list', '--app', 'shell-app', '--kind', 'held', '--free');
    expect([listed.exit, listed.err]).toEqual([0, '']);
    expect(listed.out).toContain(id);
    expect(listed.out).toContain('JUNK_FILES');
    const release = `${gate.url}/api/v1/apps/shell-why/releases/1.0.0`;
    const developer = await gate.token('shell-why');
    expect((await upload(gate.url, developer, 'shell-why', await appArchive({ id: 'shell-why' }))).status).toBe(201);
    const odd = { status: 'quarantined', reason: `It looks odd${' indeed'.repeat(20)}.` };
    expect((await sendJson(`${release}/status`, 'PUT', moderator, odd)).status).toBe(200);
    expect((await run('list', '--app', 'shell-why')).out).toMatch(/ {2}It looks odd indeed.{0,60}…$/m);
    const over = { status: 'withdrawn', reason: 'Enough.' };
    expect((await sendJson(`${release}/status`, 'PUT', moderator, over)).status).toBe(200);
    expect((await run('list', '--app', 'shell-why', '--state', 'closed')).out).not.toContain('odd');
    const all = JSON.parse((await run('list', '--json')).out);
    expect(all.reviews.map((each: any) => each.id)).toContain(id);
    const shown = await run('show', id as string);
    expect([shown.exit, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain('shell-app 2.0.0');
    expect(shown.out).toContain('JUNK_FILES');
    expect(JSON.parse((await run('show', id as string, '--json')).out)).toMatchObject({ id, kind: 'held' });
    const diff = await run('diff', id as string);
    expect([diff.exit, diff.err]).toEqual([0, '']);
    expect(diff.out).toContain('+ .DS_Store');
    expect(JSON.parse((await run('diff', id as string, '--json')).out)).toMatchObject({ before: null });
  });

  test.each([
    [['list', 'words'], 2],
    [['list', '--kind', 'secret'], 2],
    [['list', '--state', 'secret'], 2],
    [['show'], 2],
    [['show', 'x'], 2],
    [['diff', 'x'], 2],
    [['show', '9a4c8f3e-0000-4000-8000-000000000000'], 1],
    [['diff', '9a4c8f3e-0000-4000-8000-000000000000'], 1],
  ])('%j: exit %i', async (argv, exit) => {
    expect((await run(...argv)).exit).toBe(exit);
  });
});
