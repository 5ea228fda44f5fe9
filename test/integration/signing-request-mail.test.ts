import { act, ask, csrFor } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let gate: TestGate;

beforeAll(async () => {
  // Nobody listens there: this is about what is queued. What becomes of it then is in mail.test.ts.
  const environment = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org' };
  gate = await startTestGate({ ownAuthority: true, environment });
});

afterAll(async () => gate.stop());

async function mailAbout(id: string): Promise<readonly { recipients: string[]; subject: string; body: string }[]> {
  const { rows } = await gate.gate.database.query<{ recipients: string[]; subject: string; body: string }>(
    `SELECT recipients, subject, body FROM outgoing_mail WHERE topic LIKE $1 ORDER BY id`,
    [`request:${id}:%`],
  );
  return rows;
}

async function request(appId: string, wish: object = { contact: 'ada@example.org' }): Promise<string> {
  const token = await gate.token(appId);
  const asked = await ask(gate, token, appId, { csr: await csrFor(appId), ...wish });
  expect(asked.status).toBe(201);
  return (asked.body as { id: string }).id;
}

test('a question and the approval are mailed to the contact, with the words of the moderator', async () => {
  const id = await request('mailed');
  await act(gate, gate.operatorToken, id, 'question', { reason: 'Is it you?' });
  await act(gate, gate.operatorToken, id, 'approval', { reason: 'It is.' });
  const mail = await mailAbout(id);
  expect(mail.map(({ recipients }) => recipients)).toEqual([['ada@example.org'], ['ada@example.org']]);
  expect(mail[0]?.body).toContain('Is it you?');
  expect(mail[1]?.body).toContain('It is.');
});

test('a decline is mailed; what is refused, and a request without a contact, is not', async () => {
  const id = await request('declined');
  expect((await act(gate, gate.operatorToken, id, 'decline', { reason: 'No.' })).status).toBe(200);
  expect((await act(gate, gate.operatorToken, id, 'decline', { reason: 'No again.' })).status).toBe(409);
  expect(await mailAbout(id)).toHaveLength(1);
  const silent = await request('no-contact', {});
  await act(gate, gate.operatorToken, silent, 'decline', { reason: 'No.' });
  expect(await mailAbout(silent)).toEqual([]);
});
