import { defaultRules } from '../../src/policy/rules.js';
import { request, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, moderator, onReview, uploadJunk } from '../support/verdicts.js';

let gate: TestGate;
let ann: string;
beforeAll(async () => {
  gate = await startTestGate({ config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold' } } } });
  ann = await moderator(gate, 'ann');
});
afterAll(async () => gate.stop());

test('every upload is answered with its state and the receipt of the verdict', async () => {
  const token = await gate.token('receipts');
  const archive = await appArchive({ id: 'receipts' });
  const accepted = await upload(gate.url, token, 'receipts', archive);
  expect(accepted.body).toMatchObject({ state: 'accepted', review: null, thread: [], canAppeal: false });
  const again = await upload(gate.url, token, 'receipts', archive);
  expect([again.status, again.body.receipt]).toEqual([200, accepted.body.receipt]);
  const { rows } = await gate.gate.database.query<{ entry: string }>('SELECT entry FROM audit_log WHERE hash = $1', [
    accepted.body.receipt,
  ]);
  expect(JSON.parse(rows[0]?.entry ?? '{}')).toMatchObject({
    kind: 'submission-accepted',
    subject: { id: accepted.body.id },
  });
});

test('who waits for a verdict is answered when it falls', async () => {
  const token = await gate.token('patient');
  const held = await uploadJunk(gate, token, 'patient');
  const url = `${gate.url}/api/v1/submissions/${held.id}`;
  expect((await request(`${url}?wait=0`, { token })).body.state).toBe('held');
  const waiting = request(`${url}?wait=60`, { token });
  await decide(gate, ann, held.review.id, 'accepted');
  expect((await waiting).body).toMatchObject({ state: 'accepted', release: { status: 'published' } });
});

test('who waits is answered when something is asked, and at once where nothing is waited for', async () => {
  const token = await gate.token('asked');
  const held = await uploadJunk(gate, token, 'asked');
  const url = `${gate.url}/api/v1/submissions/${held.id}`;
  const waiting = request(`${url}?wait=60`, { token });
  await onReview(gate, ann, held.review.id, 'question', { text: 'Why?' });
  expect((await waiting).body.state).toBe('questioned');
  expect((await request(`${url}?wait=60`, { token })).body.state).toBe('questioned');
});

test('who waits longer than there is anything to say is answered with what stands', async () => {
  const token = await gate.token('in-vain');
  const held = await uploadJunk(gate, token, 'in-vain');
  const { body } = await request(`${gate.url}/api/v1/submissions/${held.id}?wait=1`, { token });
  expect(body.state).toBe('held');
  for (const wait of ['-1', '61', 'long']) {
    expect((await request(`${gate.url}/api/v1/submissions/${held.id}?wait=${wait}`, { token })).status).toBe(400);
  }
});

test('who waits with a token that is revoked meanwhile is told nothing', async () => {
  const [token, lost] = [await gate.token('left'), await gate.token('left')];
  const held = await uploadJunk(gate, token, 'left');
  const url = `${gate.url}/api/v1/submissions/${held.id}`;
  const waiting = [token, lost].map((who) => request(`${url}?wait=60`, { token: who }));
  const ofLost = 'secret_sha256 = sha256($1)';
  const wasUsed = async (): Promise<boolean> =>
    (
      await gate.gate.database.query(`SELECT 1 FROM tokens WHERE last_used_at IS NOT NULL AND ${ofLost}`, [
        Buffer.from(lost),
      ])
    ).rows.length > 0;
  while (!(await wasUsed())) await new Promise((resolve) => setTimeout(resolve, 5));
  await request(url, { token });
  await gate.gate.database.query(`UPDATE tokens SET revoked_at = now() WHERE ${ofLost}`, [Buffer.from(lost)]);
  await decide(gate, ann, held.review.id, 'refused', { reason: 'between you and me' });
  const [kept, ended] = await Promise.all(waiting);
  expect([kept?.status, kept?.body.state]).toEqual([200, 'refused']);
  expect([ended?.status, ended?.body.code]).toEqual([401, 'UNAUTHENTICATED']);
});

test('waiting is not for strangers', async () => {
  const held = await uploadJunk(gate, await gate.token('nosy'), 'nosy');
  const stranger = await gate.token('stranger');
  expect((await request(`${gate.url}/api/v1/submissions/${held.id}?wait=60`, { token: stranger })).status).toBe(404);
});

test('one account that waits everywhere keeps no other from waiting', async () => {
  const hog = await gate.token('hog');
  const held = await uploadJunk(gate, hog, 'hog');
  const token = await gate.token('hogged');
  const other = await uploadJunk(gate, token, 'hogged');
  const ended = new AbortController();
  const headers = { authorization: `Bearer ${hog}` };
  const answered: number[] = [];
  const url = `${gate.url}/api/v1/submissions/${held.id}?wait=60`;
  const waits = Array.from({ length: 110 }, async () => {
    const { status } = await fetch(url, { headers, signal: ended.signal });
    answered.push(status);
  });
  // Ten of them wait; the others have what stands.
  while (answered.length < 100) await new Promise((resolve) => setTimeout(resolve, 20));
  const waiting = request(`${gate.url}/api/v1/submissions/${other.id}?wait=60`, { token });
  // Whoever is not let in is answered before this is.
  await request(`${gate.url}/api/v1/submissions/${other.id}`, { token });
  await decide(gate, ann, other.review.id, 'accepted');
  expect((await waiting).body.state).toBe('accepted');
  expect(answered).toHaveLength(100);
  ended.abort();
  await Promise.allSettled(waits);
});

test('the list of an app’s submissions has the state of each', async () => {
  const token = await gate.token('listed');
  await upload(gate.url, token, 'listed', await appArchive({ id: 'listed' }));
  const second = await uploadJunk(gate, token, 'listed', { version: '2.0.0' });
  const third = await uploadJunk(gate, token, 'listed', { version: '3.0.0' });
  await decide(gate, ann, second.review.id, 'refused');
  await onReview(gate, ann, third.review.id, 'question', { text: 'Why?' });
  const { body } = await request(`${gate.url}/api/v1/apps/listed/submissions`, { token });
  expect(body.submissions.map(({ version, outcome, state }: any) => [version, outcome, state])).toEqual([
    ['3.0.0', 'held', 'questioned'],
    ['2.0.0', 'held', 'refused'],
    ['1.0.0', 'accepted', 'accepted'],
  ]);
  expect(JSON.stringify(body)).not.toContain('"ann"');
});
