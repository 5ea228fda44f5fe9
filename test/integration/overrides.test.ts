import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockApp } from '../../src/database/apps.js';
import { inTransaction } from '../../src/database/connect.js';
import { defaultRules } from '../../src/policy/rules.js';
import { sendJson, upload } from '../support/api.js';
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
  setRule,
  uploadJunk,
  uploadNested,
} from '../support/verdicts.js';

/* What a moderator can lift, and what nobody can: the rules of the mission, and faults of an archive or a signature. */

let gate: TestGate;
let ann: string;
beforeAll(async () => {
  gate = await startTestGate({ config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold' } } } });
  ann = await moderator(gate, 'ann');
});
afterAll(async () => gate.stop());

async function overridesOf(id: string): Promise<readonly string[][]> {
  const { rows } = await gate.gate.database.query<{ codes: string[] }>(
    'SELECT codes FROM overrides WHERE app_id = $1',
    [id],
  );
  return rows.map(({ codes }) => codes);
}

/** The review of an appeal against a refusal. */
async function appealed(token: string, submission: { id: string }): Promise<string> {
  const url = `${gate.url}/api/v1/submissions/${submission.id}/appeal`;
  const { status, body } = await sendJson(url, 'POST', token, { text: 'Please look at it again.' });
  expect(status).toBe(201);
  return body.review.id;
}

test.each([
  'OFFICIAL_APP_UNSIGNED',
  'SIGNATURE_DROPPED',
  'SIGNING_REQUIRED',
  'INVALID_HASH',
  'EXTRA_FILE',
  'BAD_SIGNATURE',
  'REVOKED',
  'CN_MISMATCH',
  'VERSION_EXISTS',
  'VERSION_WITHDRAWN',
  'ARCHIVE_PATH_UNSAFE',
  'PRIVATE_KEY_IN_ARCHIVE',
  'MISSING_SIGNATURE',
])('%s is lifted by nobody, not even beside what can be', async (code) => {
  const id = `fixed-${code.toLowerCase().replaceAll('_', '-')}`;
  const held = await uploadJunk(gate, await gate.token(id), id);
  for (const codes of [[code], ['JUNK_FILES', code]]) {
    const { status, body } = await decide(gate, ann, held.review.id, 'accepted', { codes });
    // A code that the catalogue doesn't know is as good as none.
    expect([400, 409]).toContain(status);
    expect(['NOT_LIFTABLE', 'INVALID_REQUEST']).toContain(body.code);
  }
  expect([await releasesOf(gate, id), await overridesOf(id)]).toEqual([{}, []]);
});

test('only what is named is lifted, and only what stood in the way is written down', async () => {
  const token = await gate.token('named');
  const held = await uploadJunk(gate, token, 'named');
  const none = await decide(gate, ann, held.review.id, 'accepted', { codes: [] });
  expect([none.status, none.body.code, none.body.codes]).toEqual([409, 'STILL_REFUSED', ['JUNK_FILES']]);
  expect(none.body.report.outcome).toBe('held');
  const other = await decide(gate, ann, held.review.id, 'accepted', { codes: ['SIGNER_CHANGED'] });
  expect(other.body.code).toBe('STILL_REFUSED');
  const codes = ['SIGNER_CHANGED', 'JUNK_FILES', 'VERSION_NOT_NEWER'];
  expect((await decide(gate, ann, held.review.id, 'accepted', { codes })).status).toBe(200);
  expect(await overridesOf('named')).toEqual([['JUNK_FILES']]);
});

test('what has come since it was uploaded is not lifted unseen', async () => {
  const held = await uploadJunk(gate, await gate.token('unseen'), 'unseen');
  await setRule(gate, 'INFO_XML_INCOMPLETE', 'hold');
  const incomplete = await uploadJunk(gate, await gate.token('unseen-too'), 'unseen-too', {
    infoXml: '<info><id>unseen-too</id><name>Unseen</name><version>1.0.0</version></info>',
  });
  await setRule(gate, 'INFO_XML_INCOMPLETE', null);
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  // By the report on record both stand in the way, and what does no more needs no override.
  expect((await decide(gate, ann, incomplete.review.id, 'accepted')).status).toBe(200);
  expect(await overridesOf('unseen-too')).toEqual([['JUNK_FILES']]);

  const later = await uploadJunk(gate, await gate.token('unseen-later'), 'unseen-later', {
    infoXml: '<info><id>unseen-later</id><name>Unseen</name><version>1.0.0</version></info>',
  });
  await setRule(gate, 'INFO_XML_INCOMPLETE', 'refuse');
  const { body } = await decide(gate, ann, later.review.id, 'accepted');
  expect([body.code, body.codes]).toEqual(['STILL_REFUSED', ['INFO_XML_INCOMPLETE']]);
  expect(await releasesOf(gate, 'unseen-later')).toEqual({});
  expect((await decide(gate, ann, later.review.id, 'accepted')).status).toBe(200);
  await setRule(gate, 'INFO_XML_INCOMPLETE', null);
});

test('an unsigned upload that was held is not published once the app is signed', async () => {
  const token = await gate.token('signed-since');
  const held = await uploadJunk(gate, token, 'signed-since');
  const signed = await signedApp(gate.authority, { id: 'signed-since', version: '0.9.0' });
  expect((await upload(gate.url, token, 'signed-since', signed)).status).toBe(201);
  const { body } = await decide(gate, ann, held.review.id, 'accepted');
  expect([body.code, body.codes]).toEqual(['STILL_REFUSED', ['SIGNATURE_DROPPED']]);
  expect(await releasesOf(gate, 'signed-since')).toEqual({ '0.9.0': 'published' });
});

test('an unsigned upload is not published once the app is official, also where both happen at once', async () => {
  for (let round = 0; round < 8; round++) {
    const id = `official-race-${round}`;
    const held = await uploadJunk(gate, await gate.token(id), id);
    const [verdict] = await Promise.all([
      decide(gate, ann, held.review.id, 'accepted'),
      setLevel(gate, id, 'official'),
    ]);
    const published = verdict.status === 200;
    if (!published) expect(verdict.body.codes).toContain('OFFICIAL_APP_UNSIGNED');
    expect(await releasesOf(gate, id)).toEqual(published ? { '1.0.0': 'published' } : {});
    expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(409);
  }
});

test('a signer revoked after the inspection, but before the verdict, signs nothing', async () => {
  const id = 'revoked-meanwhile';
  const leaf = gate.authority.issue(id);
  const archive = await signedApp(gate.authority, { id, leaf, files: JUNK });
  const { status, body: held } = await upload(gate.url, await gate.token(id), id, archive);
  expect(status).toBe(202);
  const { waiting } = await inTransaction(gate.gate.database, async (tx) => {
    await lockApp(tx, id);
    const verdict = decide(gate, ann, held.review.id, 'accepted');
    while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const list = gate.authority.list({ revoked: [leaf] });
    await writeFile(join(gate.config.trustDir, 'crl', 'revoked.crl'), list.pem);
    return { waiting: verdict };
  });
  const { body } = await waiting;
  expect([body.code, body.codes]).toEqual(['STILL_REFUSED', ['REVOKED']]);
  expect(await releasesOf(gate, id)).toEqual({});
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await gate.gate.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

test('an appeal that is granted publishes what the gate refused, and makes a free app the uploader’s', async () => {
  const token = await gate.token('granted', { scopes: ['upload', 'manage'] });
  const review = await appealed(token, await uploadNested(gate, token, 'granted'));
  const { status, body } = await decide(gate, ann, review, 'granted');
  expect([status, body.release.status]).toEqual([200, 'published']);
  expect(await overridesOf('granted')).toEqual([['NESTED_APPINFO']]);
  const { rows } = await gate.gate.database.query(
    `SELECT name FROM app_owners JOIN accounts ON accounts.id = account_id WHERE app_id = 'granted'`,
  );
  expect(rows).toEqual([{ name: 'granted' }]);
});

test('an appeal of an archive that is tampered with is granted by nobody', async () => {
  const token = await gate.token('tampered');
  const archive = await signedApp(gate.authority, {
    id: 'tampered',
    files: NESTED,
    afterSigning: (files) => files.set('js/script.js', Buffer.from('steal()')),
  });
  const { body: refused } = await upload(gate.url, token, 'tampered', archive);
  const review = await appealed(token, refused);
  const { body } = await decide(gate, ann, review, 'granted');
  expect([body.code, body.codes]).toEqual(['STILL_REFUSED', ['INVALID_HASH']]);
  expect((await decide(gate, ann, review, 'granted', { codes: ['INVALID_HASH'] })).body.code).toBe('NOT_LIFTABLE');
  expect(await releasesOf(gate, 'tampered')).toEqual({});
});

test('an appeal of something that was uploaded for a free app is not granted once somebody else owns that', async () => {
  const token = await gate.token(null, { account: 'first' });
  const review = await appealed(token, await uploadNested(gate, token, 'contested'));
  const other = await gate.token(null, { account: 'second' });
  const archive = await appArchive({ id: 'contested', version: '0.1.0' });
  expect((await upload(gate.url, other, 'contested', archive)).status).toBe(201);
  expect((await decide(gate, ann, review, 'granted')).body.code).toBe('NOT_OWNER');
  expect(await releasesOf(gate, 'contested')).toEqual({ '0.1.0': 'published' });
});

test('an override is for its bytes: the next version with the same fault is held again', async () => {
  const token = await gate.token('next');
  const held = await uploadJunk(gate, token, 'next');
  expect((await decide(gate, ann, held.review.id, 'accepted')).status).toBe(200);
  const next = await uploadJunk(gate, token, 'next', { version: '1.1.0' });
  expect(next.state).toBe('held');
});

test('the database keeps an override as it was used', async () => {
  const held = await uploadJunk(gate, await gate.token('kept'), 'kept');
  await decide(gate, ann, held.review.id, 'accepted');
  for (const sql of [
    `UPDATE overrides SET codes = '{REVOKED}' WHERE app_id = 'kept'`,
    `UPDATE overrides SET used_at = NULL, used_for = NULL WHERE app_id = 'kept'`,
    `DELETE FROM overrides WHERE app_id = 'kept'`,
    `UPDATE reinspections SET outcome = 'accepted'`,
  ]) {
    await expect(gate.gate.database.query(sql)).rejects.toThrow();
  }
});

test('the gate run again after a list changed lets an appeal through without anything lifted', async () => {
  const token = await gate.token('other-rule');
  const review = await appealed(token, await uploadNested(gate, token, 'other-rule'));
  await setRule(gate, 'NESTED_APPINFO', 'shadow');
  const { body } = await onReview(gate, ann, review, 'inspection', { reason: 'the rule changed' });
  expect([body.report.outcome, body.gone]).toEqual(['accepted', ['NESTED_APPINFO']]);
  expect((await decide(gate, ann, review, 'granted', { codes: [] })).status).toBe(200);
  await setRule(gate, 'NESTED_APPINFO', null);
  expect(await overridesOf('other-rule')).toEqual([]);
});
