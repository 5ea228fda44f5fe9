import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultRules } from '../../src/policy/rules.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import {
  decide,
  JUNK,
  moderator,
  NESTED,
  onReview,
  releasesOf,
  setLevel,
  submissionOf,
  uploadJunk,
} from '../support/verdicts.js';

/* Where two must agree, and who is nobody's judge: their own. */

const DAY_MS = 24 * 60 * 60 * 1000;
let late = 0;
let gate: TestGate;
let ann: string;
let ben: string;
beforeAll(async () => {
  gate = await startTestGate({
    config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold', APPROVAL_REQUIRED: 'hold' } } },
    gate: { now: () => new Date(Date.now() + late) },
  });
  [ann, ben] = await Promise.all([moderator(gate, 'ann'), moderator(gate, 'ben')]);
});
afterEach(() => {
  late = 0;
});
afterAll(async () => gate.stop());

/** A signed upload of an official app, with junk in it or fine; held. */
async function official(id: string, files: Record<string, string> = JUNK, token?: string): Promise<any> {
  await setLevel(gate, id, 'official');
  const archive = await signedApp(gate.authority, { id, files });
  const { status, body } = await upload(gate.url, token ?? (await gate.token(id)), id, archive);
  expect(status).toBe(202);
  return body;
}

const agree = { reason: 'I agree.' };

test('a rule is lifted for an official app by two moderators, and not by one', async () => {
  const token = await gate.token('two');
  await setLevel(gate, 'two', 'official');
  const archive = await signedApp(gate.authority, { id: 'two', files: JUNK });
  const { body: held } = await upload(gate.url, token, 'two', archive);
  const proposed = await decide(gate, ann, held.review.id, 'accepted');
  expect([proposed.status, proposed.body.review.state, proposed.body.release]).toEqual([202, 'proposed', null]);
  expect(proposed.body.review.proposal.codes.toSorted()).toEqual(['APPROVAL_REQUIRED', 'JUNK_FILES']);
  expect(await releasesOf(gate, 'two')).toEqual({});
  // To the developer it waits as before, and the same bytes again are the same submission.
  const seen = await submissionOf(gate, token, held.id);
  expect([seen.state, seen.review.state]).toEqual(['held', 'waiting']);
  expect(JSON.stringify(seen.thread)).toBe('[]');
  const again = await upload(gate.url, token, 'two', archive);
  expect([again.status, again.body.id]).toEqual([202, held.id]);

  const own = await onReview(gate, ann, held.review.id, 'confirmation', agree);
  expect([own.status, own.body.code]).toEqual([403, 'OWN_CASE']);
  // Another token is no other moderator.
  const second = await moderator(gate, 'ann');
  expect((await onReview(gate, second, held.review.id, 'confirmation', agree)).body.code).toBe('OWN_CASE');
  expect((await decide(gate, ben, held.review.id, 'accepted')).body.code).toBe('VERDICT_UNFIT');
  expect((await decide(gate, ben, held.review.id, 'refused')).body.code).toBe('VERDICT_UNFIT');
  expect(await releasesOf(gate, 'two')).toEqual({});

  const confirmed = await onReview(gate, ben, held.review.id, 'confirmation', agree);
  expect([confirmed.status, confirmed.body.review.verdict]).toEqual([200, 'accepted']);
  expect(await releasesOf(gate, 'two')).toEqual({ '1.0.0': 'published' });
  const { rows } = await gate.gate.database.query(
    `SELECT (SELECT name FROM accounts WHERE id = granted_by) AS first, (SELECT name FROM accounts WHERE id = seconded_by) AS second
     FROM overrides WHERE app_id = 'two'`,
  );
  expect(rows).toEqual([{ first: 'ann', second: 'ben' }]);
  expect((await onReview(gate, ben, held.review.id, 'confirmation', agree)).body.code).toBe('REVIEW_CLOSED');
});

test('where all that is lifted is that a second person approves, one moderator is that person', async () => {
  const held = await official('approved', {});
  expect(held.report.findings.map(({ code }: { code: string }) => code)).toEqual(['APPROVAL_REQUIRED']);
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  expect(await releasesOf(gate, 'approved')).toEqual({ '1.0.0': 'published' });
});

test('an app that becomes official before the verdict needs two, however it was held', async () => {
  const id = 'promoted';
  const token = await gate.token(id);
  const { status, body: held } = await upload(
    gate.url,
    token,
    id,
    await signedApp(gate.authority, { id, files: JUNK }),
  );
  expect(status).toBe(202);
  await setLevel(gate, id, 'official');
  const first = await decide(gate, ann, held.review.id, 'accepted', { codes: ['JUNK_FILES', 'APPROVAL_REQUIRED'] });
  expect(first.status).toBe(202);
});

test('what was proposed is judged anew when it is confirmed', async () => {
  const id = 'judged-anew';
  await setLevel(gate, id, 'official');
  const leaf = gate.authority.issue(id);
  const archive = await signedApp(gate.authority, { id, files: JUNK, leaf });
  const { body: held } = await upload(gate.url, await gate.token(id), id, archive);
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(202);
  const list = gate.authority.list({ revoked: [leaf] });
  await writeFile(join(gate.config.trustDir, 'crl', 'revoked.crl'), list.pem);
  const { status, body } = await onReview(gate, ben, held.review.id, 'confirmation', agree);
  expect([status, body.code, body.codes]).toEqual([409, 'STILL_REFUSED', ['REVOKED']]);
  expect(await releasesOf(gate, id)).toEqual({});
});

test('what was proposed is not confirmed once the token that uploaded it is revoked', async () => {
  const held = await official('taken-back');
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(202);
  await gate.gate.database.query(
    `UPDATE tokens SET revoked_at = now() WHERE id = (SELECT token_id FROM submissions WHERE id = $1)`,
    [held.id],
  );
  expect((await onReview(gate, ben, held.review.id, 'confirmation', agree)).body.code).toBe('APPLICANT_TOKEN_REVOKED');
  expect(await releasesOf(gate, 'taken-back')).toEqual({});
});

test('an appeal for an official app is granted by two, neither of whom refused', async () => {
  const id = 'granted-by-two';
  await setLevel(gate, id, 'official');
  const token = await gate.token(id);
  const archive = await signedApp(gate.authority, { id, files: NESTED });
  const { status, body: refused } = await upload(gate.url, token, id, archive);
  expect(status).toBe(422);
  const url = `${gate.url}/api/v1/submissions/${refused.id}/appeal`;
  const { body } = await sendJson(url, 'POST', token, { text: 'It belongs there, I say.' });
  expect((await decide(gate, ann, body.review.id, 'granted')).status).toBe(202);
  expect(await submissionOf(gate, token, refused.id)).toMatchObject({
    state: 'appealed',
    review: { state: 'waiting' },
  });
  expect((await onReview(gate, ben, body.review.id, 'confirmation', agree)).status).toBe(200);
  expect(await submissionOf(gate, token, refused.id)).toMatchObject({ state: 'accepted', canAppeal: false });
});

test('an appeal is not confirmed by whoever refused', async () => {
  const id = 'refused-first';
  const token = await gate.token(id);
  await setLevel(gate, id, 'official');
  const archive = await signedApp(gate.authority, { id, files: JUNK });
  const { body: held } = await upload(gate.url, token, id, archive);
  expect((await decide(gate, ben, held.review.id, 'refused')).status).toBe(200);
  const url = `${gate.url}/api/v1/submissions/${held.id}/appeal`;
  const { body } = await sendJson(url, 'POST', token, { text: 'It belongs there, I say.' });
  expect((await decide(gate, ann, body.review.id, 'granted')).status).toBe(202);
  expect((await onReview(gate, ben, body.review.id, 'confirmation', agree)).body.code).toBe('OWN_CASE');
  expect(await releasesOf(gate, id)).toEqual({});
});

test('a proposal older than 7 days is confirmed by nobody, and made anew by whoever likes', async () => {
  const held = await official('stale');
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(202);
  late = 7 * DAY_MS + 60_000;
  const { status, body } = await onReview(gate, ben, held.review.id, 'confirmation', agree);
  expect([status, body.code]).toEqual([409, 'VERDICT_UNFIT']);
  expect(await releasesOf(gate, 'stale')).toEqual({});
  expect((await decide(gate, ben, held.review.id, 'accepted')).status).toBe(202);
  expect((await onReview(gate, ann, held.review.id, 'confirmation', agree)).status).toBe(200);
});

test('an objection puts the review back, and it can be refused then', async () => {
  const held = await official('objected');
  await decide(gate, ann, held.review.id, 'accepted');
  expect((await onReview(gate, ben, held.review.id, 'objection', { reason: '' })).status).toBe(400);
  const { body } = await onReview(gate, ben, held.review.id, 'objection', { reason: 'Not so fast.' });
  expect([body.state, body.proposal]).toEqual(['waiting', null]);
  expect((await onReview(gate, ben, held.review.id, 'confirmation', agree)).body.code).toBe('VERDICT_UNFIT');
  expect((await onReview(gate, ben, held.review.id, 'objection', { reason: 'Again.' })).body.code).toBe(
    'VERDICT_UNFIT',
  );
  expect((await decide(gate, ben, held.review.id, 'refused')).status).toBe(200);
});

test('of two who confirm at once one does, and a proposal by somebody who is no moderator any more is confirmed by nobody', async () => {
  const held = await official('twice');
  await decide(gate, ann, held.review.id, 'accepted');
  const cleo = await moderator(gate, 'cleo');
  const answers = await Promise.all(
    [ben, cleo].map((who) => onReview(gate, who, held.review.id, 'confirmation', agree)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);

  const other = await official('demoted');
  const dan = await moderator(gate, 'dan');
  expect((await decide(gate, dan, other.review.id, 'accepted')).status).toBe(202);
  await gate.gate.database.query(`UPDATE accounts SET role = 'developer' WHERE name = 'dan'`);
  expect((await onReview(gate, ben, other.review.id, 'confirmation', agree)).body.code).toBe('VERDICT_UNFIT');
});

describe('the level of an official app', () => {
  const lower = (token: string, id: string) =>
    sendJson(`${gate.url}/api/v1/apps/${id}/trust-level`, 'PUT', token, { trustLevel: 'approved', reason: 'for now' });

  test('is taken away by administrators only, or one moderator could lift what two must', async () => {
    const held = await official('lowered');
    const refused = await lower(ann, 'lowered');
    expect([refused.status, refused.body.code]).toEqual([403, 'SCOPE_INSUFFICIENT']);
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(202);
    await onReview(gate, ann, held.review.id, 'objection', { reason: 'I take it back.' });
    expect((await lower(ann, 'lowered')).status).toBe(403);
    // To give it, or to take away a lesser one, is a moderator's as before.
    await setLevel(gate, 'lowered-less', 'approved');
    const raise = { trustLevel: 'official', reason: 'ours' };
    const url = `${gate.url}/api/v1/apps/lowered-less/trust-level`;
    expect((await sendJson(url, 'PUT', ann, raise)).status).toBe(200);
  });

  test('counts for what came while the app had it, also once it has it no more', async () => {
    const held = await official('was-official');
    expect((await lower(gate.operatorToken, 'was-official')).status).toBe(200);
    const { status, body } = await decide(gate, ann, held.review.id, 'accepted');
    expect([status, body.review.state]).toEqual([202, 'proposed']);
    expect(await releasesOf(gate, 'was-official')).toEqual({});
    expect((await onReview(gate, ben, held.review.id, 'confirmation', agree)).status).toBe(200);

    // What came later is judged by what the app is.
    const archive = await signedApp(gate.authority, { id: 'was-official', version: '2.0.0', files: JUNK });
    const later = await upload(gate.url, await gate.token('was-official'), 'was-official', archive);
    expect(later.status).toBe(202);
    expect((await decide(gate, ann, later.body.review.id, 'accepted')).status).toBe(200);
  });
});

test('a proposal is no business of the public: the log tells nobody of it', async () => {
  const held = await official('hidden');
  const receipts = async (receipt: string) => (await request(`${gate.url}/api/v1/audit/${receipt}`)).body;
  const { body: proposed } = await decide(gate, ann, held.review.id, 'accepted');
  const nothing = { kind: null, subject: null };
  expect(await receipts(proposed.receipt)).toMatchObject(nothing);
  await onReview(gate, ben, held.review.id, 'objection', { reason: 'Not so fast.' });
  const { body: head } = await request(`${gate.url}/api/v1/audit/head`);
  expect(await receipts(head.hash)).toMatchObject(nothing);
  const { body: verdict } = await decide(gate, ben, held.review.id, 'refused');
  expect(await receipts(verdict.receipt)).toMatchObject({ kind: 'review-verdict' });
});

describe('nobody decides their own case', () => {
  test('not by leaving the owners for as long as it takes', async () => {
    const ivy = await gate.token(null, { account: 'ivy', scopes: ['upload', 'manage', 'moderate'] });
    const friend = await gate.token(null, { account: 'ivys-friend', scopes: ['upload', 'manage'] });
    const owners = `${gate.url}/api/v1/apps/ivys-app/owners`;
    await upload(gate.url, ivy, 'ivys-app', await appArchive({ id: 'ivys-app', version: '0.1.0' }));
    expect((await sendJson(`${owners}/ivys-friend`, 'PUT', ivy, {})).status).toBe(200);
    const held = await uploadJunk(gate, friend, 'ivys-app');
    expect((await request(`${owners}/ivy`, { method: 'DELETE', token: ivy })).status).toBe(200);
    for (const verdict of ['accepted', 'refused']) {
      const { status, body } = await decide(gate, ivy, held.review.id, verdict);
      expect([status, body.code]).toEqual([403, 'OWN_CASE']);
    }
    expect(await releasesOf(gate, 'ivys-app')).toEqual({ '0.1.0': 'published' });
    // What comes once she has left is nothing of hers.
    const later = await uploadJunk(gate, friend, 'ivys-app', { version: '2.0.0' });
    expect((await decide(gate, ivy, later.review.id, 'accepted')).status).toBe(200);

    // Nor what waits under quarantine since before.
    const status = (token: string, version: string, to: string) =>
      sendJson(`${gate.url}/api/v1/apps/ivys-app/releases/${version}/status`, 'PUT', token, {
        status: to,
        reason: 'x',
      });
    await sendJson(`${owners}/ivy`, 'PUT', gate.operatorToken, {});
    expect((await status(ann, '2.0.0', 'quarantined')).status).toBe(200);
    expect((await request(`${owners}/ivy`, { method: 'DELETE', token: ivy })).status).toBe(200);
    expect((await status(ivy, '2.0.0', 'published')).body.code).toBe('OWN_CASE');
    expect((await status(ann, '2.0.0', 'published')).status).toBe(200);
  });

  test('not as the uploader, nor as an owner, whatever their role', async () => {
    const eve = await gate.token(null, { account: 'eve', scopes: ['upload', 'moderate'] });
    const held = await uploadJunk(gate, eve, 'eves-app');
    for (const [what, body] of [
      ['verdict', { verdict: 'accepted', reason: 'mine' }],
      ['verdict', { verdict: 'refused', reason: 'mine' }],
      ['inspection', { reason: 'mine' }],
      ['question', { text: 'Am I good?' }],
    ] as const) {
      const { status, body: problem } = await onReview(gate, eve, held.review.id, what, body);
      expect([status, problem.code]).toEqual([403, 'OWN_CASE']);
    }
    // A co-owner who uploaded nothing.
    await gate.gate.database.query(
      `INSERT INTO app_owners (app_id, account_id) SELECT 'eves-app', id FROM accounts WHERE name IN ('ben', 'operator')`,
    );
    for (const who of [ben, gate.operatorToken]) {
      expect((await decide(gate, who, held.review.id, 'accepted')).body.code).toBe('OWN_CASE');
    }
    expect(await releasesOf(gate, 'eves-app')).toEqual({});
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  });

  test('not as the second moderator either', async () => {
    const fay = await gate.token(null, { account: 'fay', scopes: ['upload', 'moderate'] });
    const held = await official('fays-app', JUNK, fay);
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(202);
    expect((await onReview(gate, fay, held.review.id, 'confirmation', agree)).body.code).toBe('OWN_CASE');
    expect((await onReview(gate, fay, held.review.id, 'objection', agree)).body.code).toBe('OWN_CASE');
    // Whoever proposed it owns the app by now.
    await gate.gate.database.query(
      `INSERT INTO app_owners (app_id, account_id) SELECT 'fays-app', id FROM accounts WHERE name = 'ann'`,
    );
    expect((await onReview(gate, ben, held.review.id, 'confirmation', agree)).body.code).toBe('OWN_CASE');
    expect(await releasesOf(gate, 'fays-app')).toEqual({});
  });

  test('not about a report of their own', async () => {
    const gus = await moderator(gate, 'gus');
    const { rows } = await gate.gate.database.query<{ id: string }>(
      `INSERT INTO reviews (kind, app_id, category, opened_at, opened_by)
       VALUES ('report', 'two', 'malware', now(), (SELECT id FROM accounts WHERE name = 'gus')) RETURNING id`,
    );
    expect((await decide(gate, gus, rows[0]?.id ?? '', 'dismissed')).body.code).toBe('OWN_CASE');
    expect((await decide(gate, ben, rows[0]?.id ?? '', 'dismissed')).status).toBe(200);
  });
});
