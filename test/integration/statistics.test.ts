import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../src/report/report.js';
import { readStatistics, type Statistics } from '../../src/moderation/statistics.js';
import { authenticate } from '../../src/accounts/tokens.js';
import { createMetrics } from '../../src/metrics.js';
import { request } from '../support/api.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const NOW = new Date('2026-03-12T15:00:00Z'); // a Thursday

let gate: TestGate;
let moderator: string;
let accountId: number;
let tokenId: string;

beforeEach(async () => {
  gate = await startTestGate({ gate: { now: () => NOW } });
  moderator = await gate.token(null, { account: 'mona', scopes: ['moderate'] });
  const caller = await authenticate(gate.gate.database, moderator, NOW);
  ({ accountId, tokenId } = caller);
});

afterEach(() => gate.stop());

/** Writes a submission as it would have been at that time. */
async function submitted(appId: string, at: string, outcome: Outcome, codes: readonly string[] = []): Promise<string> {
  const id = randomUUID();
  const findings = codes.map((code) => ({ code, severity: outcome === 'refused' ? 'error' : 'hold', message: code }));
  const report = { outcome, findings: [...findings, { code: 'JUNK_FILES', severity: 'warning', message: '' }] };
  await gate.gate.database.query('INSERT INTO apps (id) VALUES ($1) ON CONFLICT DO NOTHING', [appId]);
  await gate.gate.database.query(
    `INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
     VALUES ($1, $2, '1.0.0', $3, repeat('a', 64), 1, $4, $5, $6, $7)`,
    [id, appId, outcome, JSON.stringify(report), accountId, tokenId, at],
  );
  return id;
}

/** Writes a review that was decided. */
async function decided(
  openedAt: string,
  seconds: number,
  verdict: string,
  by: number | null = accountId,
): Promise<void> {
  await gate.gate.database.query('INSERT INTO apps (id) VALUES ($1) ON CONFLICT DO NOTHING', ['calendar']);
  await gate.gate.database.query(
    `INSERT INTO reviews (kind, app_id, category, opened_at, state, verdict, decided_by, closed_at)
     VALUES ('report', 'calendar', 'other', $1, 'closed', $2, $3, $1::timestamptz + $4 * interval '1 second')`,
    [openedAt, verdict, by, seconds],
  );
}

async function statistics(days = 90): Promise<Statistics> {
  const caller = await authenticate(gate.gate.database, gate.operatorToken, NOW);
  return readStatistics(gate.gate, caller, { days });
}

test('of a new store there are figures, too', async () => {
  const result = await statistics(7);
  expect(result).toMatchObject({ refusals: [], decisions: [], open: [], failingApps: [], moderators: [] });
  expect(result.submissions).toHaveLength(8);
  expect(result.submissions.at(-1)).toEqual({ day: '2026-03-12', accepted: 0, held: 0, refused: 0 });
});

test('submissions are counted by the day in UTC, and only those of the window', async () => {
  await submitted('calendar', '2026-03-10T23:59:59.999Z', 'accepted');
  await submitted('calendar', '2026-03-11T00:00:00Z', 'refused', ['BAD_SIGNATURE']);
  await submitted('notes', '2026-03-11T01:30:00+02:00', 'held', ['APPROVAL_REQUIRED']);
  await submitted('notes', '2026-03-05T14:59:59Z', 'accepted');
  await submitted('notes', '2026-03-05T15:00:00Z', 'accepted');
  const byDay = new Map((await statistics(7)).submissions.map(({ day, ...counts }) => [day, counts]));
  expect(byDay.get('2026-03-05')).toEqual({ accepted: 1, held: 0, refused: 0 });
  expect(byDay.get('2026-03-10')).toEqual({ accepted: 1, held: 1, refused: 0 });
  expect(byDay.get('2026-03-11')).toEqual({ accepted: 0, held: 0, refused: 1 });
});

test('refusals are counted by what they were for, in weeks that begin on Monday', async () => {
  await submitted('calendar', '2026-03-08T23:00:00Z', 'refused', ['BAD_SIGNATURE', 'BAD_SIGNATURE', 'VCS_DATA']);
  await submitted('calendar', '2026-03-09T00:00:00Z', 'refused', ['BAD_SIGNATURE']);
  await submitted('calendar', '2026-03-11T00:00:00Z', 'refused', ['BAD_SIGNATURE']);
  await submitted('calendar', '2026-03-11T00:00:00Z', 'held', ['APPROVAL_REQUIRED']);
  expect((await statistics()).refusals).toEqual([
    { week: '2026-03-02', code: 'BAD_SIGNATURE', count: 1 },
    { week: '2026-03-02', code: 'VCS_DATA', count: 1 },
    { week: '2026-03-09', code: 'BAD_SIGNATURE', count: 2 },
  ]);
});

test('how long decisions took is told by median and ninetieth percentile; what nobody decided does not count', async () => {
  for (const seconds of [10, 20, 30, 40, 1000]) await decided('2026-03-01T00:00:00Z', seconds, 'dismissed');
  await decided('2026-03-01T00:00:00Z', 900_000, 'superseded');
  await decided('2025-03-01T00:00:00Z', 5, 'dismissed');
  const { decisions } = await statistics();
  expect(decisions).toEqual([{ kind: 'report', decided: 5, median: 30, ninetieth: 616 }]);
});

test('what is open is told by its age', async () => {
  for (const at of ['2026-03-12T14:00:00Z', '2026-03-11T14:00:00Z', '2026-03-08T14:00:00Z', '2026-01-01T00:00:00Z']) {
    await submitted('calendar', at, 'held', ['APPROVAL_REQUIRED']);
  }
  expect((await statistics(7)).open).toEqual([
    {
      kind: 'held',
      underOneDay: 1,
      underThreeDays: 1,
      underAWeek: 1,
      older: 1,
      oldest: new Date('2026-01-01T00:00:00Z'),
    },
  ]);
});

test('apps that keep failing are those whose last three were refused', async () => {
  const times = [1, 2, 3, 4].map((hour) => `2026-03-11T0${hour}:00:00Z`);
  const [first = '', second = '', third = '', fourth = ''] = times;
  for (const at of [first, second, third]) await submitted('failing', at, 'refused', ['VCS_DATA']);
  for (const at of [first, second, third]) await submitted('mended', at, 'refused', ['VCS_DATA']);
  await submitted('mended', fourth, 'accepted');
  await submitted('fell-back', first, 'accepted');
  for (const at of [second, third, fourth]) await submitted('fell-back', at, 'refused', ['VCS_DATA']);
  for (const at of [first, second]) await submitted('slipped', at, 'refused', ['VCS_DATA']);
  await submitted('failing', '2026-03-11T05:00:00Z', 'refused', ['VCS_DATA']);
  expect((await statistics()).failingApps).toEqual([
    { appId: 'failing', refusals: 4, since: new Date(first), lastAt: new Date('2026-03-11T05:00:00Z') },
    { appId: 'fell-back', refusals: 3, since: new Date(second), lastAt: new Date(fourth) },
  ]);
});

describe('over HTTP', () => {
  const read = (token: string | undefined, query = '') =>
    request(`${gate.url}/api/v1/statistics${query}`, token === undefined ? {} : { token });

  test('how much each moderator decided is for administrators alone', async () => {
    await decided('2026-03-01T00:00:00Z', 10, 'dismissed');
    await decided('2026-03-01T00:00:00Z', 10, 'superseded');
    await decided('2026-03-01T00:00:00Z', 10, 'restored', null);
    expect((await read(gate.operatorToken)).body.moderators).toEqual([{ account: 'mona', kind: 'report', decided: 1 }]);
    const { status, body } = await read(moderator);
    expect({ status, moderators: body.moderators }).toEqual({ status: 200, moderators: null });
    expect(JSON.stringify(body)).not.toContain('mona');
  });

  test('they are for moderators', async () => {
    expect(await read(undefined)).toMatchObject({ status: 401 });
    expect(await read(await gate.token('calendar'))).toMatchObject({ status: 403 });
    expect(await read(moderator, '?days=366')).toMatchObject({ status: 200 });
  });

  test.each(['0', '367', '-1', 'all', '1.5'])('%s days are not understood', async (days) => {
    expect(await read(moderator, `?days=${days}`)).toMatchObject({ status: 400 });
  });
});

test('the metrics tell what is open, since when, and how submissions came out', async () => {
  await submitted('calendar', '2026-03-12T14:59:00Z', 'held', ['APPROVAL_REQUIRED']);
  await submitted('notes', '2026-03-12T14:00:00Z', 'held', ['APPROVAL_REQUIRED']);
  await submitted('notes', '2026-03-12T14:30:00Z', 'refused', ['VCS_DATA']);
  const { text } = await createMetrics(gate.gate).read();
  const lines = text.split('\n');
  expect(lines).toContain('portcullis_reviews_open{kind="held",state="waiting"} 2');
  expect(lines).toContain('portcullis_reviews_open{kind="appeal",state="proposed"} 0');
  expect(lines).toContain('portcullis_reviews_oldest_age_seconds{kind="held"} 3600');
  expect(lines).toContain('portcullis_reviews_oldest_age_seconds{kind="report"} 0');
  expect(lines).toContain('portcullis_submissions{outcome="held"} 2');
  expect(lines).toContain('portcullis_submissions{outcome="refused"} 1');
  expect(lines).toContain('portcullis_submissions{outcome="accepted"} 0');
});
