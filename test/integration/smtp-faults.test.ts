import type { Socket } from 'node:net';
import { tellPeople } from '../../src/notices/tell-people.js';
import { sendDueMail, type MailRoute } from '../../src/notices/send-mail.js';
import { sendJson, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { startMailServer, startOddServer, type TestMailServer } from '../support/mail-server.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

const HOUR_MS = 60 * 60 * 1000;

let gate: TestGate;
let ahead = 0;
let count = 0;
const lines: string[] = [];
const log = (details: object, message: string): void => void lines.push(`${message} ${JSON.stringify(details)}`);

beforeAll(async () => {
  const environment = { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'store@example.org' };
  const now = (): Date => new Date(Date.now() + ahead);
  gate = await startTestGate({ environment, gate: { now, log: { info: log, warn: log } } });
});

afterAll(async () => gate.stop());

beforeEach(async () => {
  await gate.gate.database.query('UPDATE outgoing_mail SET sent_at = now()');
  lines.length = 0;
});

const routeTo = (port: number): MailRoute => ({
  smtpUrl: `smtp://127.0.0.1:${port}`,
  from: 'store@example.org',
  to: [],
  timeoutMs: 700,
});

/** Something happens that two owners hear of; nobody is told yet. */
async function somethingHappens(): Promise<string> {
  count += 1;
  const id = `faults-${count}`;
  const [one, two] = [`${id}-one`, `${id}-two`];
  const token = await gate.token(null, { account: one, scopes: ['upload', 'manage'] });
  await gate.token(null, { account: two });
  expect((await upload(gate.url, token, id, await appArchive({ id }))).status).toBe(201);
  const owners = `${gate.url}/api/v1/apps/${id}/owners/${two}`;
  expect((await sendJson(owners, 'PUT', token, {})).status).toBe(200);
  await tellPeople(gate.gate);
  await gate.gate.database.query(`UPDATE accounts SET email = name || '@example.org' WHERE name = ANY($1::text[])`, [
    [one, two],
  ]);
  const status = { status: 'quarantined', reason: 'Look at it.' };
  const url = `${gate.url}/api/v1/apps/${id}/releases/1.0.0/status`;
  expect((await sendJson(url, 'PUT', gate.operatorToken, status)).status).toBe(200);
  await tellPeople(gate.gate);
  return id;
}

/** In the end a server takes what is left; who got how much then. */
async function takenInTheEnd(...servers: readonly TestMailServer[]): Promise<Record<string, number>> {
  const fine = await startMailServer();
  try {
    for (let left = 10; left > 0; left -= 1) {
      ahead += HOUR_MS;
      await sendDueMail(gate.gate, routeTo(fine.port));
    }
    const counts: Record<string, number> = {};
    for (const { recipients } of [...servers, fine].flatMap(({ received }) => received)) {
      for (const recipient of recipients) counts[recipient] = (counts[recipient] ?? 0) + 1;
    }
    return counts;
  } finally {
    await fine.close();
  }
}

const bothOf = (id: string): Record<string, number> => ({ [`${id}-one@example.org`]: 1, [`${id}-two@example.org`]: 1 });

/** Speaks SMTP up to a command, and then does something else. */
function upTo(command: RegExp, then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.write('220 ready\r\n');
    socket.on('data', (chunk: Buffer) => {
      const said = chunk.toString('latin1');
      if (command.test(said)) then(socket);
      else socket.write(/^DATA/i.test(said) ? '354 go on\r\n' : '250 fine\r\n');
    });
  };
}

test.each<[string, (socket: Socket) => void]>([
  ['drops the connection at once', (socket) => socket.destroy()],
  ['says nothing', () => undefined],
  ['says what is no SMTP', (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n\u0000\u0001')],
  [
    'sends garbage without end',
    (socket) => {
      const more = (): void => {
        if (socket.destroyed) return;
        if (socket.write(Buffer.alloc(64 * 1024, 'x'))) setImmediate(more);
        else socket.once('drain', more);
      };
      more();
    },
  ],
  ['is full', (socket) => void socket.end('421 too busy\r\n')],
  ['drops in the middle of the dialogue', upTo(/^RCPT/i, (socket) => socket.destroy())],
  ['drops in the middle of the mail', upTo(/\r\n\.\r\n$/, (socket) => socket.destroy())],
  ['takes the mail and never says so', upTo(/\r\n\.\r\n$/, () => undefined)],
])('where the server %s, the failure is logged, and everybody is told in the end', async (_, welcome) => {
  const id = await somethingHappens();
  const server = await startOddServer(welcome);
  try {
    const { sent, failed } = await sendDueMail(gate.gate, routeTo(server.port));
    expect([sent, failed > 0]).toEqual([0, true]);
  } finally {
    await server.close();
  }
  expect(lines.filter((line) => line.startsWith('could not send mail')).length).toBeGreaterThan(0);
  expect(await takenInTheEnd()).toEqual(bothOf(id));
});

test('where nobody listens, everybody is told in the end', async () => {
  const id = await somethingHappens();
  const server = await startOddServer(() => undefined);
  await server.close();
  expect(await sendDueMail(gate.gate, routeTo(server.port))).toEqual({ sent: 0, failed: 1 });
  expect(await takenInTheEnd()).toEqual(bothOf(id));
});

test.each([450, 550])(
  'a recipient that is refused with %i holds up nobody else, and is tried again',
  async (responseCode) => {
    const id = await somethingHappens();
    const server = await startMailServer({
      onRcptTo: ({ address }, _session, done) =>
        address.includes('-one@') ? done(Object.assign(new Error('no\r\nsuch user'), { responseCode })) : done(),
    });
    try {
      expect(await sendDueMail(gate.gate, routeTo(server.port))).toEqual({ sent: 1, failed: 1 });
      expect(lines.join()).not.toContain('such user');
      expect(await takenInTheEnd(server)).toEqual(bothOf(id));
    } finally {
      await server.close();
    }
  },
);

test('of one mail to several, who was refused gets it later, and who got it does not get it again', async () => {
  await gate.gate.database.query(
    `INSERT INTO outgoing_mail (topic, recipients, subject, body, created_at, next_try_at)
     VALUES ('several', $1, 'Several', 'Text', now(), now())`,
    [['one@example.org', 'two@example.org', 'three@example.org']],
  );
  const server = await startMailServer({
    onRcptTo: ({ address }, _session, done) =>
      address === 'two@example.org' ? done(Object.assign(new Error('no'), { responseCode: 450 })) : done(),
  });
  try {
    ahead += 1000;
    expect(await sendDueMail(gate.gate, routeTo(server.port))).toEqual({ sent: 1, failed: 1 });
    expect(await takenInTheEnd(server)).toEqual({
      'one@example.org': 1,
      'two@example.org': 1,
      'three@example.org': 1,
    });
  } finally {
    await server.close();
  }
});
