import { randomUUID } from 'node:crypto';
import { appendAuditEntry } from '../../src/database/audit-log.js';
import { findAccount, setAccountRole } from '../../src/database/accounts.js';
import { inTransaction } from '../../src/database/connect.js';
import { appendReviewEvent } from '../../src/database/reviews.js';
import { queueCertificateNotices } from '../../src/notices/expiry-notices.js';
import { sendDueMail } from '../../src/notices/send-mail.js';
import { tellPeople } from '../../src/notices/tell-people.js';
import { topicNamed, topicNames } from '../../src/notices/topics.js';
import { request, sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startMailServer } from '../support/mail-server.js';
import { act, ask, csrFor } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const DAY_MS = 24 * 60 * 60 * 1000;

let gate: TestGate;

beforeAll(async () => {
  // Nobody listens there: this is about what is queued.
  const environment = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org' };
  gate = await startTestGate({ ownAuthority: true, environment });
});

afterAll(async () => gate.stop());

interface Mail {
  readonly recipients: string[];
  readonly subject: string;
  readonly body: string;
}

const query = (sql: string, values: unknown[] = []) => gate.gate.database.query(sql, values);

/** A token of an account with an address, of which nobody else knows. */
async function developer(
  name: string,
  scopes: readonly ('upload' | 'manage' | 'moderate')[] = ['upload', 'manage'],
): Promise<string> {
  const token = await gate.token(null, { account: name, scopes });
  await query('UPDATE accounts SET email = $2 WHERE name = $1', [name, `${name}@example.org`]);
  return token;
}

/** What was queued for somebody since the last time that anybody was told. */
async function mailTo(name: string): Promise<readonly Mail[]> {
  await tellPeople(gate.gate);
  const { rows } = await query(
    'SELECT recipients, subject, body FROM outgoing_mail WHERE $1 = ANY(recipients) ORDER BY id',
    [`${name}@example.org`],
  );
  return rows as Mail[];
}

const subjectsFor = async (name: string): Promise<string[]> => (await mailTo(name)).map(({ subject }) => subject);

const publish = async (token: string, id: string): Promise<string> => {
  const answer = await upload(gate.url, token, id, await appArchive({ id }));
  expect(answer.status).toBe(201);
  return answer.body.id as string;
};

async function addOwner(token: string, appId: string, name: string): Promise<void> {
  const url = `${gate.url}/api/v1/apps/${appId}/owners/${name}`;
  expect((await request(url, { method: 'PUT', token })).status).toBe(200);
}

async function setStatus(appId: string, status: string, reason: string): Promise<void> {
  const url = `${gate.url}/api/v1/apps/${appId}/releases/1.0.0/status`;
  expect((await sendJson(url, 'PUT', gate.operatorToken, { status, reason })).status).toBe(200);
}

test('the owners hear of a release, and whoever made it does not hear of it by mail', async () => {
  const ada = await developer('ada');
  await developer('bob');
  await publish(ada, 'told-first');
  await addOwner(ada, 'told-first', 'bob');
  const archive = await appArchive({ id: 'told-first', version: '1.1.0' });
  const second = await upload(gate.url, ada, 'told-first', archive);
  const subjects = await subjectsFor('bob');
  expect(subjects).toContain('told-first 1.1.0 was published');
  expect((await subjectsFor('ada')).filter((subject) => subject.includes('was published'))).toEqual([]);
  const mail = (await mailTo('bob')).find(({ subject }) => subject.includes('1.1.0'));
  expect(mail?.body).toContain(`/console/submissions/${String(second.body.id)}`);
  expect(mail?.recipients).toEqual(['bob@example.org']);
});

test('a verdict of the store comes with its reason and what to do, and without who it was', async () => {
  const token = await developer('quarantined');
  await publish(token, 'told-verdict');
  await setStatus('told-verdict', 'quarantined', 'It sends mail\r\nBcc: victim@example.org\nto everybody.');
  const mail = (await mailTo('quarantined')).find(({ subject }) => subject.includes('quarantine'));
  expect(mail?.subject).toBe('told-verdict 1.0.0 was put under quarantine');
  expect(mail?.body).toContain('It sends mail');
  expect(`${mail?.subject ?? ''}${mail?.body ?? ''}`).not.toContain('operator');
});

test('no reason and no name becomes a header of a mail', async () => {
  const token = await developer('smuggled');
  await publish(token, 'told-smuggled');
  await setStatus('told-smuggled', 'quarantined', 'x\r\nBcc: victim@example.org\r\n\r\nHello');
  await tellPeople(gate.gate);
  const server = await startMailServer();
  try {
    await query("UPDATE outgoing_mail SET sent_at = now() WHERE NOT ('smuggled@example.org' = ANY(recipients))");
    await sendDueMail(gate.gate, { smtpUrl: `smtp://127.0.0.1:${server.port}`, from: 'store@example.org', to: [] });
    expect(server.received.length).toBeGreaterThan(0);
    for (const { recipients, source } of server.received) {
      expect(recipients).toEqual(['smuggled@example.org']);
      expect(source.split('\r\n\r\n')[0]).not.toMatch(/^bcc:/im);
    }
  } finally {
    await server.close();
  }
});

test('an account chooses what it is told by mail, but not to miss what is about its safety', async () => {
  const token = await developer('chooser');
  await publish(token, 'told-choices');
  const url = `${gate.url}/api/v1/account/notifications`;
  const before = await request(url, { token });
  expect(before.body.email).toBe('chooser@example.org');
  expect(before.body.topics.map(({ topic }: { topic: string }) => topic)).toEqual(
    topicNames.filter((name) => topicNamed(name).concerned !== 'moderators'),
  );
  const changed = await sendJson(url, 'PUT', token, { topics: { 'release.quarantined': false } });
  expect(changed.body.topics).toContainEqual(expect.objectContaining({ topic: 'release.quarantined', byMail: false }));
  await setStatus('told-choices', 'quarantined', 'Quietly.');
  await setStatus('told-choices', 'published', 'Aloud.');
  const subjects = await subjectsFor('chooser');
  expect(subjects).toContain('told-choices 1.0.0 is published again');
  expect(subjects).not.toContain('told-choices 1.0.0 was put under quarantine');
  for (const topic of ['key.exposed', 'account.suspended', 'account.password-changed']) {
    const refused = await sendJson(url, 'PUT', token, { topics: { [topic]: false } });
    expect([refused.status, refused.body.code]).toEqual([400, 'INVALID_REQUEST']);
  }
  for (const topic of ['nothing', 'constructor', 'review.waiting', 'x'.repeat(65)]) {
    expect((await sendJson(url, 'PUT', token, { topics: { [topic]: true } })).status).toBe(400);
  }
});

test('a suspended account hears that it is, and nothing else', async () => {
  const token = await developer('silent');
  await publish(token, 'told-silent');
  await tellPeople(gate.gate);
  const heard = (await mailTo('silent')).length;
  await query(
    `UPDATE accounts SET suspended_at = now(), suspended_by = id, suspension_reason = 'x' WHERE name = 'silent'`,
  );
  const operator = await findAccount(gate.gate.database, 'operator');
  const subject = { type: 'account', id: 'silent' } as const;
  const entry = { kind: 'account-suspended', accountId: operator?.id ?? 0, appId: null, subject, reason: 'Spam.' };
  await inTransaction(gate.gate.database, (tx) => appendAuditEntry(tx, entry));
  await setStatus('told-silent', 'quarantined', 'With it.');
  const after = (await mailTo('silent')).slice(heard);
  expect(after.map(({ subject: line }) => line)).toEqual(['Your account was suspended']);
  expect(after[0]?.body).toContain('Spam.');
});

test('what is about the safety of an account is told also to whoever did it', async () => {
  const token = await developer('careful');
  const url = `${gate.url}/api/v1/tokens`;
  const heard = (await mailTo('careful')).length;
  expect((await sendJson(url, 'POST', token, { scopes: ['upload'], appIds: ['one-app'] })).status).toBe(201);
  const mail = (await mailTo('careful')).slice(heard);
  expect(mail.map(({ subject }) => subject)).toEqual(['A token that speaks for you was made']);
  expect(mail[0]?.body).not.toContain('portcullis_');
});

test('what waits is told to the moderators who want it, and to whoever was one at that time', async () => {
  const moderator = await developer('judge', ['manage', 'moderate']);
  await developer('later');
  const url = `${gate.url}/api/v1/account/notifications`;
  expect((await sendJson(url, 'PUT', moderator, { topics: { 'review.waiting': true } })).status).toBe(200);
  const token = await developer('waiting');
  await publish(token, 'told-waiting');
  await setStatus('told-waiting', 'quarantined', 'Look at it.');
  const later = await findAccount(gate.gate.database, 'later');
  if (later === null) throw new Error('No account');
  await query(`INSERT INTO notification_choices VALUES ($1, 'review.waiting', true)`, [later.id]);
  await inTransaction(gate.gate.database, (tx) =>
    setAccountRole(tx, later, { role: 'moderator', by: later.id, reason: '' }),
  );
  const mail = (await mailTo('judge')).filter(({ subject }) => subject.includes('waits for a moderator'));
  expect(mail).toHaveLength(1);
  expect(mail[0]?.body).toMatch(/\/console\/reviews\/[0-9a-f-]{36}\n/);
  expect((await subjectsFor('later')).filter((subject) => subject.includes('waits'))).toEqual([]);
});

test('what moderators say among themselves, and what the public reports, the developers are not told', async () => {
  const token = await developer('outsider');
  const submission = await publish(token, 'told-inside');
  const operator = await findAccount(gate.gate.database, 'operator');
  const heard = (await mailTo('outsider')).length;
  const [appeal, report] = [randomUUID(), randomUUID()];
  await query(
    `INSERT INTO reviews (id, kind, app_id, submission_id, version, opened_at) VALUES ($1, 'appeal', 'told-inside', $2, '1.0.0', now())`,
    [appeal, submission],
  );
  await query(
    `INSERT INTO reviews (id, kind, app_id, category, opened_at) VALUES ($1, 'report', 'told-inside', 'malware', now())`,
    [report],
  );
  const say = (reviewId: string, kind: 'question' | 'verdict' | 'proposed' | 'note' | 'opened', isInternal: boolean) =>
    inTransaction(gate.gate.database, (tx) =>
      appendReviewEvent(tx, {
        reviewId,
        kind,
        accountId: operator?.id ?? null,
        isInternal,
        text: `text of ${kind}`,
        detail: kind === 'verdict' ? { verdict: 'denied' } : {},
        happenedAt: new Date(),
      }),
    );
  await say(appeal, 'note', true);
  await say(appeal, 'proposed', true);
  await say(report, 'opened', false);
  await say(report, 'verdict', false);
  expect((await mailTo('outsider')).slice(heard)).toEqual([]);
  await say(appeal, 'question', false);
  await say(appeal, 'verdict', false);
  const mail = (await mailTo('outsider')).slice(heard);
  expect(mail.map(({ subject }) => subject)).toEqual([
    'A moderator asks about told-inside 1.0.0',
    'The appeal about told-inside 1.0.0: the verdict is "denied"',
  ]);
  expect(mail[0]?.body).toContain('text of question');
});

test('the contact of a request is not told twice where they own the app, and another owner is told once', async () => {
  const token = await developer('applicant');
  await developer('co-owner');
  await publish(token, 'told-request');
  await addOwner(token, 'told-request', 'co-owner');
  const asked = await ask(gate, token, 'told-request', {
    csr: await csrFor('told-request'),
    contact: 'Applicant@example.org',
  });
  expect(asked.status).toBe(201);
  await act(gate, gate.operatorToken, asked.body.id, 'question', { reason: 'Is it you?' });
  await tellPeople(gate.gate);
  const { rows } = await query(
    `SELECT recipients FROM outgoing_mail WHERE body LIKE '%Is it you?%' ORDER BY recipients`,
  );
  expect(rows.map((row: any) => row.recipients[0])).toEqual(['Applicant@example.org', 'co-owner@example.org']);
});

test('of a certificate that ends soon the owners hear once for each warning, on however many replicas', async () => {
  const token = await developer('ending');
  const asked = await ask(gate, token, 'told-ending', { csr: await csrFor('told-ending') });
  await act(gate, gate.operatorToken, asked.body.id, 'approval', { reason: 'Fine.' });
  const { rows } = await query(`SELECT not_after FROM certificates WHERE app_id = 'told-ending'`);
  const end = (rows[0] as { not_after: Date }).not_after.getTime();
  const early = { ...gate.gate, now: () => new Date(end - 20 * DAY_MS) };
  const late = { ...gate.gate, now: () => new Date(end - 3 * DAY_MS) };
  await Promise.all([queueCertificateNotices(early), queueCertificateNotices(early)]);
  await queueCertificateNotices(early);
  const ends = async (): Promise<number> =>
    (await subjectsFor('ending')).filter((subject) => subject.includes('told-ending ends on')).length;
  expect(await ends()).toBe(1);
  await queueCertificateNotices(late);
  expect(await ends()).toBe(2);
});

test('an entry that can not be read holds nobody up', async () => {
  const token = await developer('unhindered');
  await query('ALTER TABLE audit_log DISABLE TRIGGER guard_audit_log');
  await publish(token, 'told-broken');
  await query(
    `UPDATE audit_log SET entry = '{"kind":"submission-held","at":"x","actor":{"account":"x"},"subject":{"type":"submission","id":"no uuid"},"reason":7}'
     WHERE kind = 'release-published' AND app_id = 'told-broken'`,
  );
  await query('ALTER TABLE audit_log ENABLE TRIGGER guard_audit_log');
  await setStatus('told-broken', 'quarantined', 'After it.');
  expect(await subjectsFor('unhindered')).toContain('told-broken 1.0.0 was put under quarantine');
});

test('a store without mail tells nobody by mail, and what it was silent about stays so', async () => {
  const silent = { ...gate.gate, mail: null };
  const token = await developer('unmailed');
  await publish(token, 'told-unmailed');
  await setStatus('told-unmailed', 'quarantined', 'Nobody hears.');
  await tellPeople(silent);
  expect(await subjectsFor('unmailed')).toEqual([]);
});
