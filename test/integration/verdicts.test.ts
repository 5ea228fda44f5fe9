import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultRules } from '../../src/policy/rules.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { ask, csrFor } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import {
  decide,
  JUNK,
  moderator,
  onReview,
  releasesOf,
  setRule,
  submissionOf,
  uploadJunk,
} from '../support/verdicts.js';

let gate: TestGate;
let ann: string;
let ben: string;
beforeAll(async () => {
  gate = await startTestGate({ config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold' } } } });
  [ann, ben] = await Promise.all([moderator(gate, 'ann'), moderator(gate, 'ben')]);
});
afterAll(async () => gate.stop());

describe('a held submission', () => {
  test('that is accepted is published, with an override for its bytes and a receipt from the log', async () => {
    const token = await gate.token('accepted');
    const held = await uploadJunk(gate, token, 'accepted');
    expect(held).toMatchObject({ outcome: 'held', state: 'held', review: { kind: 'held', state: 'waiting' } });
    const { status, body } = await decide(gate, ann, held.review.id, 'accepted');
    expect([status, body.review.verdict, body.release.status]).toEqual([200, 'accepted', 'published']);
    expect(await releasesOf(gate, 'accepted')).toEqual({ '1.0.0': 'published' });

    const { rows } = await gate.gate.database.query(
      `SELECT archive_sha256, codes, used_for, used_at IS NOT NULL AS used, expires_at > granted_at AS ends FROM overrides WHERE app_id = 'accepted'`,
    );
    expect(rows).toEqual([
      { archive_sha256: held.archive.sha256, codes: ['JUNK_FILES'], used_for: held.id, used: true, ends: true },
    ]);
    const { rows: log } = await gate.gate.database.query('SELECT kind FROM audit_log WHERE hash = $1', [body.receipt]);
    expect(log).toEqual([{ kind: 'review-verdict' }]);
    expect(await submissionOf(gate, token, held.id)).toMatchObject({
      outcome: 'held',
      state: 'accepted',
      review: { verdict: 'accepted', reason: 'accepted by a test' },
      receipt: body.receipt,
      release: { status: 'published' },
      canAppeal: false,
    });
  });

  test('that is accepted with a canned reason and no other has the words of that reason', async () => {
    const held = await uploadJunk(gate, await gate.token('canned'), 'canned');
    const { body } = await onReview(gate, ann, held.review.id, 'verdict', {
      verdict: 'accepted',
      reasonCode: 'reviewed-and-fine',
    });
    expect(body.review.reasonCode).toBe('reviewed-and-fine');
    expect(body.review.reason).toMatch(/moderator/);
  });

  test('is not decided without a reason, with one that fits another verdict, or with one that is too long', async () => {
    const held = await uploadJunk(gate, await gate.token('reasonless'), 'reasonless');
    const { id } = held.review;
    for (const body of [
      { verdict: 'accepted' },
      { verdict: 'accepted', reason: '  ' },
      { verdict: 'accepted', reasonCode: 'malware' },
      { verdict: 'accepted', reasonCode: 'no-such-reason', reason: 'x' },
      { verdict: 'accepted', reason: 'x'.repeat(4_001) },
      { verdict: 'accepted', reason: 'a\0b' },
      { verdict: 'refused', reason: 'x', codes: ['JUNK_FILES'] },
      { verdict: 'accepted', reason: 'x', codes: ['__proto__'] },
      { verdict: 'liked', reason: 'x' },
    ]) {
      const { status, body: problem } = await onReview(gate, ann, id, 'verdict', body);
      expect([status, problem.code]).toEqual([400, 'INVALID_REQUEST']);
    }
    expect(await releasesOf(gate, 'reasonless')).toEqual({});
  });

  test('is decided by moderators only, and its developer learns nothing of them', async () => {
    const token = await gate.token('strangers', { scopes: ['upload', 'manage'] });
    const held = await uploadJunk(gate, token, 'strangers');
    const other = await gate.token('other-app');
    for (const who of [token, other]) {
      expect((await decide(gate, who, held.review.id, 'accepted')).status).toBe(403);
      expect((await onReview(gate, who, held.review.id, 'notes', { text: 'mine' })).status).toBe(403);
      expect((await onReview(gate, who, held.review.id, 'inspection', { reason: 'mine' })).status).toBe(403);
    }
    await decide(gate, ann, held.review.id, 'refused', { reason: 'Not like this.' });
    const seen = JSON.stringify(await submissionOf(gate, token, held.id));
    expect(seen).toContain('Not like this.');
    expect(seen).not.toContain('"ann"');
  });

  test('that is refused is closed for good, and the same bytes again wait anew', async () => {
    const token = await gate.token('refused');
    const held = await uploadJunk(gate, token, 'refused');
    expect((await decide(gate, ann, held.review.id, 'refused')).status).toBe(200);
    const again = await uploadJunk(gate, token, 'refused');
    expect(again.id).not.toBe(held.id);
    expect(again.review.id).not.toBe(held.review.id);
    expect((await decide(gate, ben, held.review.id, 'accepted')).body.code).toBe('REVIEW_CLOSED');
    expect(await releasesOf(gate, 'refused')).toEqual({});
    expect(await submissionOf(gate, token, held.id)).toMatchObject({ state: 'refused', outcome: 'held' });
  });

  test('gets only the verdicts that fit it', async () => {
    const held = await uploadJunk(gate, await gate.token('unfit'), 'unfit');
    for (const verdict of ['granted', 'denied', 'approved', 'restored', 'quarantined', 'dismissed', 'superseded']) {
      const { status, body } = await decide(gate, ann, held.review.id, verdict);
      expect([status, body.code, body.verdicts]).toEqual([409, 'VERDICT_UNFIT', ['accepted', 'refused']]);
    }
  });

  test('that nobody knows is not found', async () => {
    expect((await decide(gate, ann, '00000000-0000-4000-8000-000000000000', 'accepted')).status).toBe(404);
  });

  test('is decided once by two moderators at once', async () => {
    for (let round = 0; round < 8; round++) {
      const id = `verdict-race-${round}`;
      const held = await uploadJunk(gate, await gate.token(id), id);
      const answers = await Promise.all([
        decide(gate, ann, held.review.id, 'accepted'),
        decide(gate, ben, held.review.id, 'refused'),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.map(({ body }) => body.code)).toContainEqual(expect.stringMatching(/^REVIEW_C/));
      const won = answers[0]?.status === 200;
      expect(await releasesOf(gate, id)).toEqual(won ? { '1.0.0': 'published' } : {});
    }
  });

  test('of which another upload was published as the same version is superseded, and not published any more', async () => {
    const token = await gate.token('overtaken');
    const held = await uploadJunk(gate, token, 'overtaken');
    expect((await upload(gate.url, token, 'overtaken', await appArchive({ id: 'overtaken' }))).status).toBe(201);
    expect(await submissionOf(gate, token, held.id)).toMatchObject({
      state: 'refused',
      canAppeal: false,
      review: { verdict: 'superseded' },
    });
    expect((await decide(gate, ann, held.review.id, 'accepted')).body.code).toBe('REVIEW_CLOSED');
  });

  test('and another upload of the same version at the same moment make one release', async () => {
    for (let round = 0; round < 8; round++) {
      const id = `version-race-${round}`;
      const token = await gate.token(id);
      const held = await uploadJunk(gate, token, id);
      const [verdict, other] = await Promise.all([
        decide(gate, ann, held.review.id, 'accepted'),
        upload(gate.url, token, id, await appArchive({ id })),
      ]);
      expect([verdict.status === 200, other.status === 201].filter(Boolean)).toHaveLength(1);
      expect(Object.keys(await releasesOf(gate, id))).toEqual(['1.0.0']);
    }
  });

  test('of a developer who is suspended by then is not published', async () => {
    const held = await uploadJunk(gate, await gate.token('sus-app', { account: 'sus' }), 'sus-app');
    await gate.gate.database.query(
      `UPDATE accounts SET suspended_at = now(), suspended_by = id, suspension_reason = 'spam' WHERE name = 'sus'`,
    );
    expect((await decide(gate, ann, held.review.id, 'accepted')).body.code).toBe('VERDICT_UNFIT');
    expect(await releasesOf(gate, 'sus-app')).toEqual({});
  });

  test('of somebody who owns the app no more, or of a token that was revoked, is not published', async () => {
    const token = await gate.token('handed-over');
    const held = await uploadJunk(gate, token, 'handed-over');
    await gate.token('elsewhere', { account: 'heir' });
    const database = gate.gate.database;
    await database.query(
      `UPDATE app_owners SET account_id = (SELECT id FROM accounts WHERE name = 'heir') WHERE app_id = 'handed-over'`,
    );
    expect((await decide(gate, ann, held.review.id, 'accepted')).body.code).toBe('NOT_OWNER');

    const other = await uploadJunk(gate, await gate.token('stolen'), 'stolen');
    await database.query(
      `UPDATE tokens SET revoked_at = now() WHERE id = (SELECT token_id FROM submissions WHERE id = $1)`,
      [other.id],
    );
    expect((await decide(gate, ann, other.review.id, 'accepted')).body.code).toBe('APPLICANT_TOKEN_REVOKED');
    expect(await releasesOf(gate, 'stolen')).toEqual({});
  });

  test('of an app that is suspended is not published', async () => {
    const held = await uploadJunk(gate, await gate.token('closed-app'), 'closed-app');
    await gate.gate.database.query(
      `UPDATE apps SET suspended_at = now(), suspended_by = (SELECT id FROM accounts WHERE name = 'ann'),
         suspension_reason = 'spam', suspended_releases = '{}' WHERE id = 'closed-app'`,
    );
    expect((await decide(gate, ben, held.review.id, 'accepted')).body.code).toBe('APP_SUSPENDED');
  });

  test('whose moderator loses the role, or the token, while it is inspected is not published', async () => {
    for (const sql of [
      `UPDATE accounts SET role = 'developer' WHERE name = $1`,
      'UPDATE tokens SET revoked_at = now() WHERE account_id = (SELECT id FROM accounts WHERE name = $1)',
    ]) {
      const name = `brief-${sql.length}`;
      const token = await moderator(gate, name);
      const id = `lost-role-${sql.length}`;
      const held = await uploadJunk(gate, await gate.token(id), id);
      const client = await gate.gate.database.connect();
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM apps WHERE id = $1 FOR UPDATE', [id]);
      const verdict = decide(gate, token, held.review.id, 'accepted');
      while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await gate.gate.database.query(sql, [name]);
      await client.query('COMMIT');
      client.release();
      expect([401, 403]).toContain((await verdict).status);
      expect(await releasesOf(gate, id)).toEqual({});
    }
  });

  test('whose archive is gone from the storage, or altered there, is not published', async () => {
    for (const alter of [
      (file: string) => rm(file),
      async (file: string) => writeFile(file, await appArchive({ id: 'altered-1', files: { 'evil.php': 'evil' } })),
    ]) {
      const id = `altered-${alter.length}-${alter.toString().length}`;
      const held = await uploadJunk(gate, await gate.token(id), id);
      const { sha256 } = held.archive;
      await alter(join(gate.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`));
      const { status, body } = await decide(gate, ann, held.review.id, 'accepted');
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect(await releasesOf(gate, id)).toEqual({});
    }
  });

  test('whose token was revoked makes way for the same bytes with another token', async () => {
    const scopes = { account: 'rotating', scopes: ['upload', 'manage'] } as const;
    const first = await uploadJunk(gate, await gate.token(['rotated'], scopes), 'rotated');
    const again = await uploadJunk(gate, await gate.token(['rotated'], scopes), 'rotated');
    expect(again.id).toBe(first.id);
    await gate.gate.database.query(
      'UPDATE tokens SET revoked_at = now() WHERE id = (SELECT token_id FROM submissions WHERE id = $1)',
      [first.id],
    );
    const token = await gate.token(['rotated'], scopes);
    const second = await uploadJunk(gate, token, 'rotated');
    expect(second.id).not.toBe(first.id);
    expect((await uploadJunk(gate, token, 'rotated')).id).toBe(second.id);
    const { body } = await request(`${gate.url}/api/v1/reviews/${first.review.id}`, { token: ann });
    expect([body.state, body.verdict, body.decidedBy]).toEqual(['closed', 'superseded', null]);
    expect((await decide(gate, ann, second.review.id, 'accepted')).status).toBe(200);
    expect(await releasesOf(gate, 'rotated')).toEqual({ '1.0.0': 'published' });
  });

  test('waits with 19 others of its developer and app at most', async () => {
    const token = await gate.token('flooded');
    const held = await uploadJunk(gate, token, 'flooded', { version: '1.0.0' });
    for (let minor = 1; minor < 19; minor++) await uploadJunk(gate, token, 'flooded', { version: `1.${minor}.0` });
    // Of two at once that find room for one, one gets it.
    const two = await Promise.all(
      ['2.0.0', '2.1.0'].map(async (version) =>
        upload(gate.url, token, 'flooded', await appArchive({ id: 'flooded', version, files: JUNK })),
      ),
    );
    expect(two.map(({ status }) => status).toSorted()).toEqual([202, 429]);
    expect(two.find(({ status }) => status === 429)?.body.code).toBe('TOO_MANY_OPEN');
    const more = await upload(
      gate.url,
      token,
      'flooded',
      await appArchive({ id: 'flooded', version: '3.0.0', files: JUNK }),
    );
    expect([more.status, more.body.code]).toEqual([429, 'TOO_MANY_OPEN']);
    const { rows } = await gate.gate.database.query(`SELECT count(*) AS n FROM submissions WHERE app_id = 'flooded'`);
    expect(rows).toEqual([{ n: 20 }]);
    // What waits already is the same submission again, and what was decided makes room.
    expect((await uploadJunk(gate, token, 'flooded', { version: '1.0.0' })).id).toBe(held.id);
    expect((await decide(gate, ann, held.review.id, 'refused')).status).toBe(200);
    await uploadJunk(gate, token, 'flooded', { version: '3.0.0' });
    // Others, and other apps, are not concerned.
    await uploadJunk(gate, await gate.token('flooded-not', { account: 'flooded' }), 'flooded-not');
  });

  test('at which another moderator is is not decided by a third', async () => {
    const held = await uploadJunk(gate, await gate.token('claimed'), 'claimed');
    expect((await onReview(gate, ann, held.review.id, 'question', { text: 'Why?' })).status).toBe(200);
    expect((await decide(gate, ben, held.review.id, 'accepted')).body.code).toBe('REVIEW_CLAIMED');
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  });
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await gate.gate.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

describe('the gate, run again', () => {
  test('says what has changed, keeps its report, and publishes nothing', async () => {
    const held = await uploadJunk(gate, await gate.token('again'), 'again');
    await setRule(gate, 'JUNK_FILES', 'shadow');
    const { status, body } = await onReview(gate, ann, held.review.id, 'inspection', { reason: 'the rule changed' });
    await setRule(gate, 'JUNK_FILES', null);
    expect([status, body.report.outcome, body.gone, body.come]).toEqual([200, 'accepted', ['JUNK_FILES'], []]);
    expect(await releasesOf(gate, 'again')).toEqual({});
    const { rows } = await gate.gate.database.query('SELECT outcome FROM reinspections WHERE submission_id = $1', [
      held.id,
    ]);
    expect(rows).toEqual([{ outcome: 'accepted' }]);
    // By now it is held again, and by the report on record nothing is to be lifted.
    const refused = await decide(gate, ann, held.review.id, 'accepted');
    expect([refused.status, refused.body.code, refused.body.codes]).toEqual([409, 'STILL_REFUSED', ['JUNK_FILES']]);
    // That is on record now.
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  });

  test('looks at a release under quarantine too, but not at a report that names none', async () => {
    const token = await gate.token('quarantined');
    await upload(gate.url, token, 'quarantined', await appArchive({ id: 'quarantined' }));
    await quarantine('quarantined');
    const { body } = await onReview(gate, ann, await openReview('quarantined'), 'inspection', { reason: 'look' });
    expect([body.report.outcome, body.gone, body.come]).toEqual(['accepted', [], []]);
    const { status, body: problem } = await onReview(gate, ann, await report('quarantined', null), 'inspection', {
      reason: 'look',
    });
    expect([status, problem.code]).toEqual([409, 'VERDICT_UNFIT']);
  });
});

async function quarantine(id: string): Promise<void> {
  const change = { status: 'quarantined', reason: 'looked bad' };
  const { status } = await sendJson(`${gate.url}/api/v1/apps/${id}/releases/1.0.0/status`, 'PUT', ben, change);
  expect(status).toBe(200);
}

async function openReview(id: string): Promise<string> {
  const { rows } = await gate.gate.database.query<{ id: string }>(
    `SELECT id FROM reviews WHERE app_id = $1 AND state <> 'closed' AND kind <> 'report'`,
    [id],
  );
  return rows[0]?.id ?? '';
}

async function report(id: string, version: string | null): Promise<string> {
  const { rows } = await gate.gate.database.query<{ id: string }>(
    `INSERT INTO reviews (kind, app_id, version, category, opened_at) VALUES ('report', $1, $2, 'malware', now()) RETURNING id`,
    [id, version],
  );
  return rows[0]?.id ?? '';
}

describe('a release', () => {
  async function published(id: string): Promise<void> {
    expect((await upload(gate.url, await gate.token(id), id, await appArchive({ id }))).status).toBe(201);
  }

  test('under quarantine is restored or withdrawn, and the review says who did', async () => {
    for (const [verdict, status] of [
      ['restored', 'published'],
      ['withdrawn', 'withdrawn'],
    ] as const) {
      const id = `from-quarantine-${verdict}`;
      await published(id);
      await quarantine(id);
      const { body } = await decide(gate, ann, await openReview(id), verdict);
      expect([body.review.verdict, body.review.decidedBy, body.release.status]).toEqual([verdict, 'ann', status]);
      expect(await releasesOf(gate, id)).toEqual({ '1.0.0': status });
    }
  });

  const setStatus = (token: string, id: string, body: object) =>
    sendJson(`${gate.url}/api/v1/apps/${id}/releases/1.0.0/status`, 'PUT', token, { reason: 'so be it', ...body });

  async function verdictsOn(id: string): Promise<unknown[]> {
    const { body } = await request(`${gate.url}/api/v1/audit?kind=review-verdict&app=${id}`, { token: ann });
    return body.entries.map(({ actor, reason, after }: any) => [
      actor.account ?? actor,
      after.review,
      after.verdict,
      after.reasonCode,
      reason,
    ]);
  }

  test('under quarantine is not restored or withdrawn past whoever is at its review', async () => {
    await published('being-looked-at');
    await quarantine('being-looked-at');
    const review = await openReview('being-looked-at');
    const claim = `${gate.url}/api/v1/reviews/${review}/claim`;
    expect((await sendJson(claim, 'PUT', ben, {})).status).toBe(200);
    for (const status of ['published', 'withdrawn']) {
      const { status: answered, body } = await setStatus(ann, 'being-looked-at', { status });
      expect([answered, body.code]).toEqual([409, 'REVIEW_CLAIMED']);
    }
    // Nor by way of a report about it.
    const reported = await report('being-looked-at', '1.0.0');
    expect((await decide(gate, ann, reported, 'withdrawn')).body.code).toBe('REVIEW_CLAIMED');
    expect(await releasesOf(gate, 'being-looked-at')).toEqual({ '1.0.0': 'quarantined' });
    // Whoever runs the store may.
    expect((await setStatus(gate.operatorToken, 'being-looked-at', { status: 'published' })).status).toBe(200);
    expect(await verdictsOn('being-looked-at')).toEqual([['operator', 'quarantine', 'restored', null, 'so be it']]);
  });

  test('under quarantine leaves it by a verdict, through whatever door', async () => {
    for (const [status, verdict, reasonCode] of [
      ['published', 'restored', 'gate-was-wrong'],
      ['withdrawn', 'withdrawn', null],
    ] as const) {
      const id = `directly-${verdict}`;
      await published(id);
      await quarantine(id);
      const review = await openReview(id);
      expect((await setStatus(ann, id, { status, reasonCode })).status).toBe(200);
      const { body } = await request(`${gate.url}/api/v1/reviews/${review}`, { token: ben });
      expect(body).toMatchObject({ state: 'closed', verdict, decidedBy: 'ann', reasonCode, reason: 'so be it' });
      expect(await verdictsOn(id)).toEqual([['ann', 'quarantine', verdict, reasonCode, 'so be it']]);
    }
    const id = 'withdrawn-by-report';
    await published(id);
    await quarantine(id);
    expect((await decide(gate, ann, await report(id, '1.0.0'), 'withdrawn')).status).toBe(200);
    expect((await verdictsOn(id)).map((each) => (each as string[]).slice(0, 3))).toEqual([
      ['ann', 'quarantine', 'withdrawn'],
      ['ann', 'report', 'withdrawn'],
    ]);
  });

  test('whose archive is gone from the storage, altered there or out of reach does not come back, by whatever door', async () => {
    const id = 'not-stored';
    await published(id);
    await quarantine(id);
    const review = await openReview(id);
    const { body: before } = await request(`${gate.url}/api/v1/apps/${id}/releases/1.0.0`);
    const { sha256 } = before.archive;
    const file = join(gate.config.dataDir, 'archives', sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
    const bytes = await readFile(file);
    const other = Buffer.from(bytes);
    other[20] = (other[20] ?? 0) ^ 1;
    const tries = async (): Promise<unknown[]> => {
      const answers = [
        await decide(gate, ann, review, 'restored'),
        await setStatus(ann, id, { status: 'published' }),
        await setStatus(gate.operatorToken, id, { status: 'published' }),
      ];
      expect(answers.map(({ body }) => body.archive)).toEqual([sha256, sha256, sha256]);
      return answers.map(({ status, body }) => `${status} ${body.code}`);
    };
    for (const stored of [null, other, bytes.subarray(0, -1), Buffer.concat([bytes, other])]) {
      await rm(file, { recursive: true });
      if (stored !== null) await writeFile(file, stored);
      expect(await tries()).toEqual(Array(3).fill('409 VERDICT_UNFIT'));
      if (stored === null) await writeFile(file, bytes);
    }
    await rm(file);
    // Reading a folder fails as a disk does.
    await mkdir(file);
    expect(await tries()).toEqual(Array(3).fill('503 UNAVAILABLE'));
    expect(await releasesOf(gate, id)).toEqual({ '1.0.0': 'quarantined' });
    expect(await verdictsOn(id)).toEqual([]);

    await rm(file, { recursive: true });
    await writeFile(file, bytes);
    expect((await decide(gate, ann, review, 'restored')).status).toBe(200);
    // What was withdrawn comes back no easier.
    await rm(file);
    expect((await setStatus(ann, id, { status: 'withdrawn' })).status).toBe(200);
    expect((await setStatus(ann, id, { status: 'published' })).body.code).toBe('VERDICT_UNFIT');
    expect(await releasesOf(gate, id)).toEqual({ '1.0.0': 'withdrawn' });
    // Nobody else has the storage read for it.
    const owner = await gate.token(id, { scopes: ['manage'] });
    expect((await setStatus(owner, id, { status: 'published' })).body.code).toBe('SCOPE_INSUFFICIENT');
  });

  test('gets the canned reasons that fit, and none of the gate’s own', async () => {
    await published('coded');
    for (const [status, reasonCode] of [
      ['quarantined', 'app-reinstated'],
      ['withdrawn', 'app-reinstated'],
      ['quarantined', 'app-suspended'],
      ['quarantined', 'key-compromised'],
      ['quarantined', 'reviewed-and-fine'],
      ['quarantined', 'made-up'],
      ['published', 'malware'],
    ]) {
      const { status: answered, body } = await setStatus(ann, 'coded', { status, reasonCode });
      expect([answered, body.code]).toEqual([400, 'INVALID_REQUEST']);
    }
    expect((await setStatus(ann, 'coded', { status: 'quarantined', reasonCode: 'malware' })).status).toBe(200);
  });

  test('that was reported is put under quarantine, withdrawn, or left alone', async () => {
    for (const [verdict, status] of [
      ['dismissed', 'published'],
      ['quarantined', 'quarantined'],
      ['withdrawn', 'withdrawn'],
    ] as const) {
      const id = `reported-${verdict}`;
      await published(id);
      const { status: answered } = await decide(gate, ann, await report(id, '1.0.0'), verdict);
      expect(answered).toBe(200);
      expect(await releasesOf(gate, id)).toEqual({ '1.0.0': status });
    }
    // What is under quarantine waits for the next decision.
    expect(await openReview('reported-quarantined')).not.toBe('');
  });

  test('that a report does not name is not put under quarantine', async () => {
    await published('reported-vaguely');
    for (const version of [null, '9.9.9']) {
      const { body } = await decide(gate, ann, await report('reported-vaguely', version), 'quarantined');
      expect(body.code).toBe('VERDICT_UNFIT');
    }
    expect(await releasesOf(gate, 'reported-vaguely')).toEqual({ '1.0.0': 'published' });
  });

  test('of an app that is suspended does not come back', async () => {
    await published('suspended-later');
    await quarantine('suspended-later');
    await gate.gate.database.query(
      `UPDATE apps SET suspended_at = now(), suspended_by = (SELECT id FROM accounts WHERE name = 'ann'),
         suspension_reason = 'spam', suspended_releases = '{}' WHERE id = 'suspended-later'`,
    );
    const review = await openReview('suspended-later');
    expect((await decide(gate, ann, review, 'restored')).body.code).toBe('APP_SUSPENDED');
    expect((await decide(gate, ann, review, 'withdrawn')).status).toBe(200);
  });
});

describe('what is said in a review', () => {
  test('as a note is never shown to the developer', async () => {
    const token = await gate.token('noted');
    const held = await uploadJunk(gate, token, 'noted');
    expect((await onReview(gate, ben, held.review.id, 'notes', { text: 'smells of spam' })).status).toBe(201);
    expect(JSON.stringify(await submissionOf(gate, token, held.id))).not.toContain('smells');
    expect((await onReview(gate, ben, held.review.id, 'notes', { text: 'x'.repeat(4_001) })).status).toBe(400);
  });

  test('has an end: beyond that only a verdict is left', async () => {
    const held = await uploadJunk(gate, await gate.token('endless'), 'endless');
    await gate.gate.database.query(
      `INSERT INTO review_events (review_id, kind, is_internal, happened_at) SELECT $1, 'note', true, now() FROM generate_series(1, 500)`,
      [held.review.id],
    );
    expect((await onReview(gate, ben, held.review.id, 'notes', { text: 'one more' })).status).toBe(429);
    expect((await onReview(gate, ben, held.review.id, 'question', { text: 'one more' })).status).toBe(429);
    expect((await decide(gate, ben, held.review.id, 'refused')).status).toBe(200);
  });

  test('by one moderator leaves room for the others, whatever was refused to them', async () => {
    const token = await gate.token('talkative');
    const held = await uploadJunk(gate, token, 'talkative');
    const fail = () => decide(gate, ann, held.review.id, 'accepted', { codes: [] });
    const count = async (): Promise<number> => {
      const { rows } = await gate.gate.database.query<{ n: number }>(
        'SELECT count(*) AS n FROM reinspections WHERE submission_id = $1',
        [held.id],
      );
      return rows[0]?.n ?? 0;
    };
    expect((await fail()).body.code).toBe('STILL_REFUSED');
    expect(await count()).toBe(1);
    await gate.gate.database.query(
      `INSERT INTO review_events (review_id, kind, account_id, is_internal, happened_at)
       SELECT $1, 'inspected', (SELECT id FROM accounts WHERE name = 'ann'), true, now() FROM generate_series(1, 200)`,
      [held.review.id],
    );
    const { status, body } = await fail();
    expect([status, body.code, body.codes]).toEqual([409, 'STILL_REFUSED', ['JUNK_FILES']]);
    expect(await count()).toBe(1);
    expect((await onReview(gate, ann, held.review.id, 'notes', { text: 'one more' })).status).toBe(429);
    await request(`${gate.url}/api/v1/reviews/${held.review.id}/claim`, { method: 'DELETE', token: ann });
    expect((await onReview(gate, ben, held.review.id, 'notes', { text: 'mine' })).status).toBe(201);
    expect((await onReview(gate, ben, held.review.id, 'inspection', { reason: 'mine' })).status).toBe(200);
    expect((await onReview(gate, ben, held.review.id, 'question', { text: 'Why?' })).status).toBe(200);
  });

  test('can’t be a question where there is nobody to ask', async () => {
    await upload(gate.url, await gate.token('voiceless'), 'voiceless', await appArchive({ id: 'voiceless' }));
    const { status, body } = await onReview(gate, ann, await report('voiceless', '1.0.0'), 'question', {
      text: 'Why?',
    });
    expect([status, body.code]).toEqual([409, 'VERDICT_UNFIT']);
  });
});

describe('a signing request', () => {
  let own: TestGate;
  let cleo: string;
  beforeAll(async () => {
    own = await startTestGate({ ownAuthority: true });
    cleo = await moderator(own, 'cleo');
  });
  afterAll(async () => own.stop());

  async function asked(id: string, token?: string): Promise<string> {
    const applicant = token ?? (await own.token(id));
    const { status } = await ask(own, applicant, id, { csr: await csrFor(id) });
    expect(status).toBe(201);
    const { rows } = await own.gate.database.query<{ id: string }>(
      `SELECT id FROM reviews WHERE app_id = $1 AND kind = 'signing-request'`,
      [id],
    );
    return rows[0]?.id ?? '';
  }

  test('is approved or declined by the authority, whose entry is the receipt', async () => {
    for (const verdict of ['approved', 'declined']) {
      const review = await asked(`csr-${verdict}`);
      expect((await onReview(own, cleo, review, 'question', { text: 'Is it yours?' })).body.state).toBe('questioned');
      expect((await decide(own, cleo, review, 'accepted')).body.code).toBe('VERDICT_UNFIT');
      const { status, body } = await decide(own, cleo, review, verdict);
      expect([status, body.review.state, body.review.verdict]).toEqual([200, 'closed', verdict]);
      const { rows } = await own.gate.database.query('SELECT kind FROM audit_log WHERE hash = $1', [body.receipt]);
      expect(rows).toEqual([{ kind: `signing-request-${verdict}` }]);
      expect((await decide(own, cleo, review, verdict)).body.code).toBe('REVIEW_CLOSED');
    }
  });

  test('is approved by nobody who made it, or owns the app', async () => {
    const token = await own.token(null, { account: 'ida', scopes: ['upload', 'moderate'] });
    const review = await asked('idas-app', token);
    expect((await decide(own, token, review, 'approved')).body.code).toBe('OWN_CASE');
    expect((await decide(own, cleo, review, 'approved')).status).toBe(200);
  });
});

test('the canned reasons are public, each for the verdicts that it fits', async () => {
  const { status, body } = await request(`${gate.url}/api/v1/reasons`);
  expect(status).toBe(200);
  const codes = (body.reasons as { code: string; verdicts: string[] }[]).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes).toContain('malware');
});

test('an operator decides from the command line as from anywhere else', async () => {
  const token = await gate.token('by-command');
  const held = await uploadJunk(gate, token, 'by-command');
  const environment = {
    DATABASE_URL: gate.databaseUrl,
    DATA_DIR: gate.config.dataDir,
    TRUST_DIR: gate.config.trustDir,
    RULES: 'JUNK_FILES=hold',
  };
  const run = (...words: string[]) => commandLine(['review', ...words], { environment });
  expect(await run('inspect', held.review.id, '--reason', 'look')).toMatchObject({ exit: 1, err: '' });
  expect(await run('note', held.review.id, '--text', 'fine')).toMatchObject({ exit: 0 });
  expect(await run('accept', held.review.id, '--reason', 'x', '--lift', 'INVALID_HASH')).toMatchObject({
    exit: 1,
    err: expect.stringContaining('NOT_LIFTABLE'),
  });
  expect(await run('accept', held.review.id)).toMatchObject({ exit: 2, err: expect.stringContaining('--canned CODE') });
  expect((await onReview(gate, ann, held.review.id, 'question', { text: 'Why?' })).status).toBe(200);
  expect(await run('accept', held.review.id, '--canned', 'reviewed-and-fine')).toMatchObject({
    exit: 1,
    err: expect.stringMatching(/claim lasts until \d{4}-.* \(UTC\)\. With --take-over .*REVIEW_CLAIMED/),
  });
  expect(await run('accept', held.review.id, '--canned', 'reviewed-and-fine', '--take-over')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^by-command 1\.0\.0 is accepted\. Receipt: [0-9a-f]{64}\n$/),
  });
  expect(await run('refuse', held.review.id, '--reason', 'late')).toMatchObject({ exit: 1 });
  expect(await releasesOf(gate, 'by-command')).toEqual({ '1.0.0': 'published' });
  const digest = createHash('sha256')
    .update(await appArchive({ id: 'by-command', files: JUNK }))
    .digest('hex');
  expect(held.archive.sha256).toBe(digest);
});
