import { defaultRules } from '../../src/policy/rules.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { commandLine } from '../support/run-command-line.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { decide, moderator, NESTED, onReview, submissionOf, uploadJunk, uploadNested } from '../support/verdicts.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const TEXT = 'The folder belongs there: please look again.';
let late = 0;
let gate: TestGate;
let ann: string;
let ben: string;
beforeAll(async () => {
  gate = await startTestGate({
    config: { rules: { ...defaultRules, modes: { JUNK_FILES: 'hold' } } },
    gate: { now: () => new Date(Date.now() + late) },
  });
  [ann, ben] = await Promise.all([moderator(gate, 'ann'), moderator(gate, 'ben')]);
});
afterEach(() => {
  late = 0;
});
afterAll(async () => gate.stop());

async function appeal(token: string, id: string, text = TEXT): Promise<ApiAnswer> {
  return sendJson(`${gate.url}/api/v1/submissions/${id}/appeal`, 'POST', token, { text });
}

async function answer(token: string, id: string, text = 'Because.'): Promise<ApiAnswer> {
  return sendJson(`${gate.url}/api/v1/submissions/${id}/answer`, 'POST', token, { text });
}

describe('an appeal', () => {
  test('goes from the refusal over a question to a verdict, and all of it stays to be read', async () => {
    const token = await gate.token('story');
    const refused = await uploadNested(gate, token, 'story');
    expect(refused).toMatchObject({ state: 'refused', canAppeal: true, review: null, thread: [] });
    const { status, body } = await appeal(token, refused.id);
    expect([status, body.state, body.canAppeal, body.review.kind]).toEqual([201, 'appealed', false, 'appeal']);

    expect((await onReview(gate, ann, body.review.id, 'question', { text: 'What is it for?' })).status).toBe(200);
    expect((await submissionOf(gate, token, refused.id)).state).toBe('questioned');
    const answered = await answer(token, refused.id, 'For tests.');
    expect([answered.status, answered.body.state]).toEqual([200, 'appealed']);
    expect((await answer(token, refused.id)).body.code).toBe('INVALID_REQUEST');

    const verdict = await decide(gate, ann, body.review.id, 'denied', { reason: 'Leave it out.' });
    expect(verdict.status).toBe(200);
    const seen = await submissionOf(gate, token, refused.id);
    expect(seen).toMatchObject({
      state: 'refused',
      canAppeal: false,
      receipt: verdict.body.receipt,
      review: { verdict: 'denied', reason: 'Leave it out.' },
    });
    expect(seen.thread.map(({ kind, from, text }: any) => [kind, from, text])).toEqual([
      ['appeal', 'developer', TEXT],
      ['question', 'store', 'What is it for?'],
      ['answer', 'developer', 'For tests.'],
      ['verdict', 'store', 'Leave it out.'],
    ]);
    expect((await appeal(token, refused.id)).body.code).toBe('NOT_APPEALABLE');
    // Nor by way of the same bytes again.
    const again = await uploadNested(gate, token, 'story');
    expect(again.canAppeal).toBe(false);
    expect((await appeal(token, again.id)).body.code).toBe('NOT_APPEALABLE');
  });

  test('is not decided by whoever refused', async () => {
    const token = await gate.token('impartial');
    const held = await uploadJunk(gate, token, 'impartial');
    expect((await decide(gate, ann, held.review.id, 'refused')).status).toBe(200);
    const { body } = await appeal(token, held.id);
    for (const verdict of ['granted', 'denied']) {
      const { status, body: problem } = await decide(gate, ann, body.review.id, verdict);
      expect([status, problem.code]).toEqual([403, 'OWN_CASE']);
    }
    const second = await moderator(gate, 'ann');
    expect((await decide(gate, second, body.review.id, 'granted')).body.code).toBe('OWN_CASE');
    expect((await decide(gate, ben, body.review.id, 'granted')).status).toBe(200);
    expect(await submissionOf(gate, token, held.id)).toMatchObject({
      state: 'accepted',
      release: { status: 'published' },
    });
  });

  test('is not kept from others by whoever refused', async () => {
    const token = await gate.token('sat-upon');
    const held = await uploadJunk(gate, token, 'sat-upon');
    await decide(gate, ann, held.review.id, 'refused');
    const { body } = await appeal(token, held.id);
    const claim = (who: string) => sendJson(`${gate.url}/api/v1/reviews/${body.review.id}/claim`, 'PUT', who, {});
    const own = await claim(ann);
    expect([own.status, own.body.code]).toEqual([403, 'OWN_CASE']);
    expect((await claim(ben)).status).toBe(200);
    expect((await decide(gate, ben, body.review.id, 'granted')).status).toBe(200);
  });

  test('is not decided by whoever appeals, also where they moderate', async () => {
    const token = await gate.token(null, { account: 'hal', scopes: ['upload', 'moderate'] });
    const refused = await uploadNested(gate, token, 'hals-app');
    const { body } = await appeal(token, refused.id);
    expect((await decide(gate, token, body.review.id, 'granted')).body.code).toBe('OWN_CASE');
  });

  test('is nobody’s but the uploader’s and the owners’', async () => {
    const token = await gate.token('private');
    const refused = await uploadNested(gate, token, 'private');
    const stranger = await gate.token('somewhere-else');
    for (const say of [appeal, answer]) {
      expect((await say(stranger, refused.id)).status).toBe(404);
      expect((await say(ann, refused.id)).body.code).toBe('NOT_OWNER');
      expect((await say(token, '00000000-0000-4000-8000-000000000000')).status).toBe(404);
    }
    // A token of the same account, but for another app.
    const elsewhere = await gate.token('elsewhere', { account: 'private' });
    expect((await appeal(elsewhere, refused.id)).status).toBe(403);
    const { status } = await request(`${gate.url}/api/v1/submissions/${refused.id}/appeal`, { method: 'POST' });
    expect(status).toBe(401);
    const owner = await gate.token('private', { account: 'co-owner' });
    await gate.gate.database.query(
      `INSERT INTO app_owners (app_id, account_id) SELECT 'private', id FROM accounts WHERE name = 'co-owner'`,
    );
    expect((await appeal(owner, refused.id)).status).toBe(201);
  });

  test('is not about what was accepted, is held, was published since or was refused long ago', async () => {
    const token = await gate.token('unappealable');
    const refused = await uploadNested(gate, token, 'unappealable', { version: '3.0.0' });
    const { body: accepted } = await upload(gate.url, token, 'unappealable', await appArchive({ id: 'unappealable' }));
    expect(accepted.state).toBe('accepted');
    const held = await uploadJunk(gate, token, 'unappealable', { version: '2.0.0' });
    const clash = await upload(
      gate.url,
      token,
      'unappealable',
      await appArchive({ id: 'unappealable', files: NESTED }),
    );
    expect(clash.body.state).toBe('refused');
    for (const { id } of [accepted, held, clash.body]) {
      const { status, body } = await appeal(token, id);
      expect([status, body.code]).toEqual([409, 'NOT_APPEALABLE']);
    }
    late = 91 * DAY_MS;
    expect((await appeal(token, refused.id)).body.code).toBe('NOT_APPEALABLE');
    late = 0;
    const newer = await appArchive({ id: 'unappealable', version: '3.0.0' });
    expect((await upload(gate.url, token, 'unappealable', newer)).status).toBe(201);
    expect((await appeal(token, refused.id)).body.code).toBe('NOT_APPEALABLE');
  });

  test('that was denied keeps nobody else from appealing about the same bytes', async () => {
    const thief = await gate.token(null, { account: 'thief' });
    const first = await uploadNested(gate, thief, 'copied');
    const { body } = await appeal(thief, first.id, 'Mine, all mine!');
    expect((await decide(gate, ann, body.review.id, 'denied')).status).toBe(200);
    const author = await gate.token(null, { account: 'author' });
    const second = await uploadNested(gate, author, 'copied');
    expect((await appeal(author, second.id)).status).toBe(201);
  });

  test('that waits while its version is published is superseded', async () => {
    const token = await gate.token('outrun');
    const refused = await uploadNested(gate, token, 'outrun');
    const { body } = await appeal(token, refused.id);
    expect((await upload(gate.url, token, 'outrun', await appArchive({ id: 'outrun' }))).status).toBe(201);
    expect((await decide(gate, ann, body.review.id, 'granted')).body.code).toBe('REVIEW_CLOSED');
  });

  test('has words, and not too many of them', async () => {
    const token = await gate.token('wordy');
    const refused = await uploadNested(gate, token, 'wordy');
    for (const text of ['', 'too short', ' '.repeat(50), 'x'.repeat(4_001), 'ten letters\0', 'ten letters \ud800']) {
      expect([(await appeal(token, refused.id, text)).status, text.length]).toEqual([400, text.length]);
    }
    expect((await appeal(token, refused.id, 'x'.repeat(4_000))).status).toBe(201);
  });

  test('is opened once by two at once, and 20 of an account wait at most', async () => {
    const token = await gate.token(null, { account: 'busy' });
    const submissions = await Promise.all(Array.from({ length: 23 }, (_, n) => uploadNested(gate, token, `busy-${n}`)));
    const [first, ...rest] = submissions;
    const twice = await Promise.all([1, 2].map(() => appeal(token, first.id)));
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 409]);
    const answers = await Promise.all(rest.map(({ id }) => appeal(token, id)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(19);
    expect(answers.filter(({ body }) => body.code === 'TOO_MANY_OPEN')).toHaveLength(3);
  });
});

describe('a question', () => {
  test('about a held submission is answered by its developer, once, and the verdict needn’t wait for that', async () => {
    const token = await gate.token('asked', { scopes: ['manage'] });
    const held = await uploadJunk(gate, await gate.token('asked'), 'asked');
    expect((await answer(token, held.id)).body.code).toBe('INVALID_REQUEST');
    await onReview(gate, ann, held.review.id, 'question', { text: 'Why?' });
    expect((await submissionOf(gate, token, held.id)).state).toBe('questioned');
    const both = await Promise.all([1, 2].map(() => answer(token, held.id)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await submissionOf(gate, token, held.id)).state).toBe('held');
    await onReview(gate, ann, held.review.id, 'question', { text: 'And why that?' });
    expect((await decide(gate, ann, held.review.id, 'refused')).status).toBe(200);
    expect((await answer(token, held.id)).body.code).toBe('INVALID_REQUEST');
  });
});

test('the commands appeal and answer, and status says how it stands', async () => {
  const token = await gate.token('by-hand');
  const refused = await uploadNested(gate, token, 'by-hand');
  const environment = { PORTCULLIS_URL: gate.url, PORTCULLIS_TOKEN: token };
  const run = (...words: string[]) => commandLine(words, { environment });
  expect(await run('status', refused.id)).toMatchObject({
    exit: 1,
    out: expect.stringContaining(`portcullis appeal ${refused.id}`),
  });
  expect(await run('appeal', refused.id)).toMatchObject({ exit: 2 });
  for (const text of ['short', 'x'.repeat(4_001)]) {
    expect(await run('appeal', refused.id, '--text', text)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('--text has 10 to 4000 characters.'),
    });
  }
  expect(await run('appeal', 'nonsense', '--text', TEXT)).toMatchObject({ exit: 2 });
  expect(await run('appeal', refused.id, '--text', TEXT)).toMatchObject({ exit: 0, err: '' });
  expect(await run('appeal', refused.id, '--text', TEXT)).toMatchObject({
    exit: 1,
    err: expect.stringContaining('NOT_APPEALABLE'),
  });
  expect(await run('answer', refused.id, '--text', 'Here.')).toMatchObject({ exit: 1 });
  const { review } = await submissionOf(gate, token, refused.id);
  await onReview(gate, ann, review.id, 'question', { text: 'What for?\u001b[31m' });
  const asked = await run('status', refused.id);
  expect(asked.out).toContain('question: What for?');
  expect(asked.out).toContain(`portcullis answer ${refused.id}`);
  expect(asked.out).not.toContain('\u001b');
  expect(await run('answer', refused.id, '--text', 'Here.')).toMatchObject({ exit: 0, err: '' });
  await decide(gate, ann, review.id, 'denied', { reason: 'Leave it out.' });
  expect(await run('status', refused.id)).toMatchObject({ exit: 1, out: expect.stringContaining('Leave it out.') });
});
