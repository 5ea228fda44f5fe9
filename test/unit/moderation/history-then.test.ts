import type { PublishedRow } from '../../../src/database/past-submissions.js';
import { historyThen, type AppPast } from '../../../src/moderation/history-then.js';

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

function release(id: number, version: string, minute: number, more: Partial<PublishedRow> = {}): PublishedRow {
  const common = { submissionId: `s${id}`, archiveSha256: `a${id}`, signerKey: null, status: 'published' } as const;
  return { id, version, publishedAt: at(minute), ...common, ...more };
}

const past: AppPast = {
  trustLevel: 'approved',
  releases: [
    release(1, '1.0', 10, { signerKey: 'k1' }),
    release(2, '3.0', 20, { status: 'withdrawn' }),
    release(3, '2.0', 30, { signerKey: 'k2', status: 'quarantined' }),
  ],
  changes: [
    { version: null, before: 'experimental', after: 'official', happenedAt: at(15) },
    { version: '3.0', before: 'published', after: 'withdrawn', happenedAt: at(25) },
    { version: null, before: 'official', after: 'approved', happenedAt: at(35) },
    { version: '2.0', before: 'published', after: 'quarantined', happenedAt: at(40) },
  ],
};

const then = (minute: number, version = '9.9', submissionId = 'other') =>
  historyThen(past, { submissionId, version, submittedAt: at(minute) });

test('before anything was published there is no history but the level', () => {
  expect(then(5)).toEqual({
    trustLevel: 'experimental',
    firstSigned: null,
    lastSigner: null,
    sameVersion: null,
    newest: null,
  });
});

test('only what was published before counts', () => {
  expect(then(12)).toMatchObject({
    firstSigned: { version: '1.0' },
    lastSigner: { signerKey: 'k1' },
    newest: { version: '1.0' },
  });
  expect(then(22)).toMatchObject({ lastSigner: { signerKey: 'k1' }, newest: { version: '3.0' } });
  expect(then(32)).toMatchObject({ firstSigned: { version: '1.0' }, lastSigner: { version: '2.0', signerKey: 'k2' } });
});

test('what was withdrawn or quarantined later stood then', () => {
  expect(then(24).newest).toEqual({ version: '3.0' });
  expect(then(26).newest).toEqual({ version: '1.0' });
  expect(then(36).newest).toEqual({ version: '2.0' });
  expect(then(41).newest).toEqual({ version: '1.0' });
  expect(then(24, '3.0').sameVersion).toMatchObject({ status: 'published', archiveSha256: 'a2' });
  expect(then(26, '3.0').sameVersion).toMatchObject({ status: 'withdrawn' });
});

test('the level is the one of then, and the one of now where it never changed', () => {
  expect([5, 14, 15, 34, 35, 99].map((minute) => then(minute).trustLevel)).toEqual([
    'experimental',
    'experimental',
    'official',
    'official',
    'approved',
    'approved',
  ]);
  const calm = { ...past, changes: [] };
  expect(historyThen(calm, { submissionId: 'x', version: null, submittedAt: at(1) }).trustLevel).toBe('approved');
});

test('a version that is spelled otherwise is the same', () => {
  expect(then(12, '1.0').sameVersion?.version).toBe('1.0');
  const spelled = { ...past, releases: [release(1, '1.0-rc1', 1)], changes: [] };
  expect(
    historyThen(spelled, { submissionId: 'x', version: '1.0.RC.1', submittedAt: at(2) }).sameVersion?.version,
  ).toBe('1.0-rc1');
});

test('a release is not its own past, whatever came in the same millisecond', () => {
  expect(then(10, '1.0', 's1')).toMatchObject({ sameVersion: null, lastSigner: null });
  const crowded = {
    ...past,
    releases: [release(1, '1.0', 1), release(2, '1.1', 1), release(3, '1.2', 1)],
    changes: [],
  };
  const newest = (submissionId: string) =>
    historyThen(crowded, { submissionId, version: '1.1', submittedAt: at(1) }).newest?.version;
  expect([newest('s1'), newest('s2'), newest('s3'), newest('refused')]).toEqual([undefined, '1.0', '1.1', '1.2']);
});

test('a submission that was held and published later is judged by what stood when it came', () => {
  const held = { ...past, releases: [release(1, '1.0', 1), release(2, '2.0', 5), release(3, '1.5', 9)], changes: [] };
  const history = historyThen(held, { submissionId: 's3', version: '1.5', submittedAt: at(3) });
  expect(history).toMatchObject({ newest: { version: '1.0' }, sameVersion: null });
});
