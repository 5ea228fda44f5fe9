import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { reportTrouble } from '../../src/moderation/reports.js';

const HOUR_MS = 60 * 60 * 1000;

let gate: TestGate;
let moderator: string;
let now: number;
beforeAll(async () => {
  now = Date.parse('2026-05-01T12:00:00Z');
  gate = await startTestGate({ gate: { now: () => new Date(now) }, environment: { RULES: 'JUNK_FILES=hold' } });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
  for (const id of ['bad-app', 'worse-app', 'full-app']) {
    expect((await upload(gate.url, await gate.token(id), id, await appArchive({ id }))).status).toBe(201);
  }
});
afterAll(async () => {
  await gate.stop();
});
beforeEach(() => {
  // Every test has the whole of what one address may report.
  now += 2 * HOUR_MS;
});

const report = { category: 'malware', text: 'It sends my files elsewhere.' };

async function send(appId: string, body: unknown = report): Promise<ApiAnswer> {
  return request(`${gate.url}/api/v1/apps/${appId}/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function detailOf(id: string): Promise<any> {
  return (await request(`${gate.url}/api/v1/reviews/${id}`, { token: moderator })).body;
}

test('anybody reports an app, and moderators read who can be asked and what was said', async () => {
  const { status, body } = await send('bad-app', { ...report, version: '1.0.0', contact: 'eve@example.org' });
  expect(status).toBe(201);
  expect(Object.keys(body as object)).toEqual(['id']);
  expect(await detailOf(body.id as string)).toMatchObject({
    kind: 'report',
    state: 'waiting',
    appId: 'bad-app',
    version: '1.0.0',
    category: 'malware',
    contact: 'eve@example.org',
    openedBy: null,
    events: [{ kind: 'opened', account: null, internal: true, text: report.text }],
    release: { version: '1.0.0' },
  });
  const found = await request(`${gate.url}/api/v1/reviews?q=malware`, { token: moderator });
  expect(found.body.reviews.map(({ id }: any) => id)).toContain(body.id);
});

test('a release that is reported can be looked into', async () => {
  const { body } = await send('bad-app', { ...report, version: '1.0.0' });
  const { status, body: difference } = await request(`${gate.url}/api/v1/reviews/${body.id}/difference`, {
    token: moderator,
  });
  expect([status, difference.after.version]).toEqual([200, '1.0.0']);
});

test('neither the owner nor anybody else reads a report', async () => {
  const { body } = await send('bad-app');
  const owner = await gate.token('bad-app', { scopes: ['upload', 'manage'] });
  expect((await request(`${gate.url}/api/v1/reviews/${body.id}`, { token: owner })).status).toBe(403);
  const events = await request(`${gate.url}/api/v1/apps/bad-app/events`, { token: owner });
  expect(JSON.stringify(events.body)).not.toContain('elsewhere');
  expect(JSON.stringify((await request(`${gate.url}/api/v1/apps/bad-app`)).body)).not.toContain('elsewhere');
});

test('what is written is kept as it is, whatever it looks like', async () => {
  const text = "<script>alert(1)</script> \u202e '; DROP TABLE reviews; -- 😀";
  const { body } = await send('bad-app', { ...report, text: `  ${text}  ` });
  expect((await detailOf(body.id as string)).events[0].text).toBe(text);
});

test.each([
  ['no text', { category: 'malware' }],
  ['a text that says nothing', { ...report, text: 'bad' }],
  ['nothing but spaces', { ...report, text: ' '.repeat(50) }],
  ['a text that is too long', { ...report, text: 'a'.repeat(4_001) }],
  ['a text that is an object', { ...report, text: { length: 20 } }],
  ['NUL', { ...report, text: 'It sends my files\0 elsewhere.' }],
  ['half a character', { ...report, text: 'It sends my files \ud800 elsewhere.' }],
  ['no category', { text: report.text }],
  ['an unknown category', { ...report, category: 'ugly' }],
  ['a contact that is no address', { ...report, contact: 'ring me' }],
  ['a contact that would be a header', { ...report, contact: 'eve@example.org\r\nBcc: all@example.org' }],
  ['two contacts', { ...report, contact: 'a@example.org,b@example.org' }],
  ['a contact that is too long', { ...report, contact: `${'a'.repeat(250)}@example.org` }],
  ['a version that is too long', { ...report, version: '1'.repeat(65) }],
  ['an empty version', { ...report, version: '' }],
  ['something nobody asked for', { ...report, openedBy: 1 }],
  ['a list', [report]],
])('%s is refused', async (_name, body) => {
  const { status, body: problem } = await send('bad-app', body);
  expect([status, problem.code]).toEqual([400, 'INVALID_REQUEST']);
});

test.each([
  ['an app that is not there', 'no-such-app', report, 'NOT_FOUND'],
  ['a release that is not there', 'bad-app', { ...report, version: '9.9.9' }, 'NOT_FOUND'],
  ['a release of another app', 'worse-app', { ...report, version: '1.0.0-other' }, 'NOT_FOUND'],
  ['what is no app id', 'No%20App', report, 'APP_ID_INVALID'],
])('nobody reports %s', async (_name, appId, body, code) => {
  expect((await send(appId, body)).body.code).toBe(code);
});

test('an app that has no release yet is not there for the public', async () => {
  const archive = await appArchive({ id: 'held-only', files: { '.DS_Store': 'x' } });
  expect((await upload(gate.url, await gate.token('held-only'), 'held-only', archive)).status).toBe(202);
  const held = await send('held-only');
  const nowhere = await send('no-such-app');
  expect([held.status, held.body]).toEqual([nowhere.status, nowhere.body]);
});

test('one address reports so often in an hour and no more, whatever it reports and however it goes', async () => {
  const answers: number[] = [];
  for (let round = 0; round < 12; round++)
    answers.push((await send(round % 2 === 0 ? 'bad-app' : 'no-such-app')).status);
  expect(answers).toEqual([201, 404, 201, 404, 201, 404, 201, 404, 201, 404, 429, 429]);
  expect((await send('worse-app')).body.code).toBe('TOO_MANY_ATTEMPTS');
  now += HOUR_MS + 1_000;
  expect((await send('worse-app')).status).toBe(201);
});

test('many at once from one address are no more than one after the other', async () => {
  const answers = await Promise.all(Array.from({ length: 25 }, () => send('worse-app')));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
});

test('neighbours in one network of IPv6 count as one, other addresses do not', async () => {
  const from = (address: string) =>
    reportTrouble(gate.gate, {
      appId: 'worse-app',
      version: null,
      category: 'other',
      text: report.text,
      contact: null,
      address,
    });
  for (let host = 1; host <= 10; host++) await from(`2001:db8::${host}`);
  await expect(from('2001:db8::ffff')).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
  await from('2001:db8:0:1::1');
  await from('192.0.2.1');
});

test('no address is kept, not even as a digest that could be guessed', async () => {
  await send('bad-app');
  const { rows } = await gate.gate.database.query<{ subject: string }>('SELECT subject FROM attempts');
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain('127.0.0.1');
  const { rows: log } = await gate.gate.database.query<{ entry: string }>('SELECT entry FROM audit_log');
  expect(JSON.stringify(log)).not.toMatch(/127\.0\.0\.1|eve@example\.org/);
});

test('about one app fifty reports wait at most, also where many come at once from everywhere', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 60 }, (_, index) =>
      reportTrouble(gate.gate, {
        appId: 'full-app',
        version: null,
        category: 'other',
        text: report.text,
        contact: null,
        address: `198.51.100.${index}`,
      }),
    ),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
  const { status, body } = await send('full-app');
  expect([status, body.code]).toEqual([429, 'TOO_MANY_OPEN']);
  expect((await send('bad-app')).status).toBe(201);
});

test('that a token comes with it changes nothing: nobody is named', async () => {
  const { body } = await sendJson(`${gate.url}/api/v1/apps/bad-app/reports`, 'POST', moderator, report);
  expect((await detailOf(body.id as string)).openedBy).toBeNull();
});
