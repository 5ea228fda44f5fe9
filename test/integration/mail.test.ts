import type { MailSettings } from '../../src/config.js';
import { insertIntendedCertificate, setCertificateIssued } from '../../src/database/certificates.js';
import { namedAccount } from '../../src/accounts/tokens.js';
import { beginAuthorityChange } from '../../src/database/authority-state.js';
import { ensureApp } from '../../src/database/apps.js';
import { inTransaction } from '../../src/database/connect.js';
import { noteFetchAttempt } from '../../src/database/fetched-revocation-lists.js';
import { claimDueMail, countMail } from '../../src/database/outgoing-mail.js';
import { queueCertificateNotices } from '../../src/notices/expiry-notices.js';
import { queueOperatorDigest } from '../../src/notices/operator-digest.js';
import { queueMail } from '../../src/notices/queue-mail.js';
import type { Notice } from '../../src/notices/queue-mail.js';
import { queueRequestNotice } from '../../src/notices/request-notices.js';
import { MAX_MAIL_ATTEMPTS, sendDueMail } from '../../src/notices/send-mail.js';
import type { MailRoute } from '../../src/notices/send-mail.js';
import { smtpSettings } from '../../src/notices/smtp-settings.js';
import type { Trust } from '../../src/pki/trust.js';
import { webCertificate, webRoot } from '../support/https-server.js';
import { startMailServer, startOddServer } from '../support/mail-server.js';
import type { TestMailServer } from '../support/mail-server.js';
import { createTestAuthority, makeRevocationList } from '../support/test-authority.js';
import { createTestDatabase } from '../support/test-database.js';
import type { TestDatabase } from '../support/test-database.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const PASSWORD = 'correct horse';
const START = Date.parse('2026-06-01T00:00:00Z');

let data: TestDatabase;
let time: number;
const lines: { readonly message: string; readonly text: string }[] = [];

beforeEach(async () => {
  data = await createTestDatabase();
  time = START;
  lines.length = 0;
});

afterEach(() => data.drop());

function settings(port: number, rest: Partial<MailRoute> = {}): MailRoute {
  return { smtpUrl: `smtp://127.0.0.1:${port}`, from: 'store@example.org', to: ['ops@example.org'], ...rest };
}

function parts() {
  const log = (details: object, message: string): void => void lines.push({ message, text: JSON.stringify(details) });
  return { database: data.database, now: () => new Date(time), log: { info: log, warn: log } };
}

async function queue(mail: MailSettings | null, notice: Partial<Notice> = {}): Promise<boolean> {
  return queueMail(data.database, mail, {
    topic: 'test',
    recipients: ['dev@example.org'],
    subject: 'A subject',
    body: 'A body\nof two lines\n',
    at: new Date(time),
    ...notice,
  });
}

const send = (mail: MailRoute | null) => sendDueMail(parts(), mail);

async function withServer(
  use: (server: TestMailServer) => Promise<void>,
  ...options: Parameters<typeof startMailServer>
): Promise<void> {
  const server = await startMailServer(...options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

async function rows(): Promise<any[]> {
  return (await data.database.query('SELECT * FROM outgoing_mail ORDER BY id')).rows;
}

/** The lines of a header, unfolded. */
function headerOf(source: string, name: string): readonly string[] {
  const [head = ''] = source.split(/\r?\n\r?\n/);
  const unfolded = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return unfolded
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 2));
}

describe('sending', () => {
  test('mail goes out once, to whom it is for', async () => {
    await withServer(async (server) => {
      const mail = settings(server.port);
      await queue(mail, { recipients: ['dev@example.org', 'other@example.org'] });
      expect(await send(mail)).toEqual({ sent: 1, failed: 0 });
      expect(await send(mail)).toEqual({ sent: 0, failed: 0 });
      const [received] = server.received;
      expect(received?.recipients).toEqual(['dev@example.org', 'other@example.org']);
      expect(headerOf(received?.source ?? '', 'subject')).toEqual(['A subject']);
      expect(headerOf(received?.source ?? '', 'auto-submitted')).toEqual(['auto-generated']);
      expect(received?.source).toContain('A body\r\nof two lines');
      expect(await rows()).toMatchObject([{ sent_at: new Date(START), failure: null, attempts: 1 }]);
    });
  });

  test('of many senders at once each mail is sent by one', async () => {
    await withServer(async (server) => {
      const mail = settings(server.port);
      for (let index = 0; index < 12; index += 1)
        await queue(mail, { topic: `topic ${index}`, subject: `No ${index}` });
      const counts = await Promise.all([send(mail), send(mail), send(mail), send(mail)]);
      expect(counts.reduce((sum, { sent }) => sum + sent, 0)).toBe(12);
      const subjects = server.received.map(({ source }) => headerOf(source, 'subject')[0]);
      expect(new Set(subjects).size).toBe(12);
      expect(subjects).toHaveLength(12);
    });
  });

  test('what one sender is just taking is not taken by another, who takes the next without waiting', async () => {
    for (const topic of ['one', 'two']) await queue(settings(25), { topic });
    const claim = { at: new Date(time), untilAt: new Date(time + MINUTE_MS), maxAttempts: MAX_MAIL_ATTEMPTS };
    await inTransaction(data.database, async (tx) => {
      expect(await claimDueMail(tx, claim)).toMatchObject({ topic: 'one' });
      expect(await claimDueMail(data.database, claim)).toMatchObject({ topic: 'two' });
      expect(await claimDueMail(data.database, claim)).toBeNull();
    });
  });

  test('mail that a sender took and never finished is sent by another, later, with the same Message-ID', async () => {
    await withServer(async (server) => {
      const mail = settings(server.port);
      await queue(mail);
      await send(mail);
      // As if it had died before it wrote down that the server said yes.
      await data.database.query('UPDATE outgoing_mail SET sent_at = NULL');
      expect(await send(mail)).toEqual({ sent: 0, failed: 0 });
      time += 10 * MINUTE_MS;
      expect(await send(mail)).toEqual({ sent: 1, failed: 0 });
      const [first, second] = server.received.map(({ source }) => headerOf(source, 'message-id'));
      expect(first).toHaveLength(1);
      expect(second).toEqual(first);
    });
  });

  test('a store without SMTP queues nothing and sends nothing', async () => {
    expect(await queue(null)).toBe(false);
    expect(await rows()).toEqual([]);
    await withServer(async (server) => {
      await queue(settings(server.port));
      expect(await send(null)).toEqual({ sent: 0, failed: 0 });
    });
    expect(await rows()).toMatchObject([{ attempts: 0 }]);
  });

  test('with a name and a password it logs in', async () => {
    await withServer(
      async (server) => {
        const mail = settings(server.port, {
          smtpUrl: `smtp://store:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`,
        });
        await queue(mail);
        expect(await send(mail)).toEqual({ sent: 1, failed: 0 });
        expect(server.received).toMatchObject([{ user: 'store' }]);
      },
      {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) =>
          password === PASSWORD ? done(null, { user: username ?? '' }) : done(new Error('no')),
      },
    );
  });

  test('by smtps it believes a server only with a certificate that somebody vouches for', async () => {
    const { privateKeyPem: key, pem: cert } = webCertificate(['127.0.0.1']);
    await withServer(
      async (server) => {
        const mail = settings(server.port, { smtpUrl: `smtps://127.0.0.1:${server.port}` });
        await queue(mail);
        expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
        expect(server.received).toEqual([]);
        time += MINUTE_MS;
        expect(await send({ ...mail, ca: webRoot.pem })).toEqual({ sent: 1, failed: 0 });
        expect(server.received).toHaveLength(1);
      },
      { secure: true, key, cert },
    );
  });
});

describe('what goes wrong', () => {
  test('a server that refuses the recipient is asked again later, and what it says is kept in codes alone', async () => {
    await withServer(
      async (server) => {
        const mail = settings(server.port);
        await queue(mail);
        await queue(mail, { topic: 'another', recipients: ['fine@example.org'] });
        expect(await send(mail)).toEqual({ sent: 1, failed: 1 });
        expect(await rows()).toMatchObject([
          { sent_at: null, attempts: 1, failure: 'EENVELOPE 550 (RCPT TO)', next_try_at: new Date(START + MINUTE_MS) },
          { sent_at: new Date(START) },
        ]);
        expect(await send(mail)).toEqual({ sent: 0, failed: 0 });
      },
      {
        onRcptTo: ({ address }, _session, done) =>
          address === 'dev@example.org'
            ? done(Object.assign(new Error('no such \x1b[31muser'), { responseCode: 550 }))
            : done(),
      },
    );
  });

  test('mail is given up after days of attempts, at growing intervals, and the log says so', async () => {
    const server = await startOddServer((socket) => socket.destroy());
    const mail = settings(server.port);
    await queue(mail);
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= MAX_MAIL_ATTEMPTS; attempt += 1) {
      expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
      const [row] = await rows();
      pauses.push(row.next_try_at.getTime() - time);
      time = row.next_try_at.getTime();
    }
    expect(pauses).toEqual([...pauses.slice(0, -1)].sort((one, other) => one - other).concat(0));
    time += 100 * DAY_MS;
    expect(await send(mail)).toEqual({ sent: 0, failed: 0 });
    expect(lines.filter(({ message }) => message === 'gave up on mail')).toHaveLength(1);
    expect(await countMail(data.database, MAX_MAIL_ATTEMPTS)).toEqual({ waiting: 0, sent: 0, 'given-up': 1 });
    await server.close();
  });

  test('where nobody answers, the rest is left for later instead of being tried in vain', async () => {
    const server = await startOddServer((socket) => socket.destroy());
    const mail = settings(server.port);
    for (const topic of ['one', 'two', 'three']) await queue(mail, { topic });
    expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
    expect(server.connections()).toBe(1);
    expect((await rows()).map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
    await server.close();
  });

  test.each([
    ['says nothing at all', () => undefined],
    ['greets and then says nothing', (socket: { write(text: string): unknown }) => void socket.write('220 hello\r\n')],
    [
      'greets without end',
      (socket: { write(text: string): unknown; destroyed: boolean }) => {
        const again = (): void => {
          if (socket.destroyed) return;
          socket.write('220-and then\r\n');
          setTimeout(again, 20);
        };
        again();
      },
    ],
  ])('a server that %s is waited for so long and no longer', async (_, welcome) => {
    const server = await startOddServer(welcome);
    const mail = settings(server.port, { timeoutMs: 400 });
    await queue(mail);
    expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
    expect(await rows()).toMatchObject([{ sent_at: null, failure: expect.any(String) }]);
    await server.close();
  });

  test('mail by an address that can not be used is tried again later, like any other', async () => {
    const mail = settings(1, { smtpUrl: `smtp://store:${PASSWORD}%@127.0.0.1:1` });
    await queue(mail);
    expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
    expect(await rows()).toMatchObject([{ sent_at: null, failure: expect.any(String) }]);
    expect(`${JSON.stringify(lines)}${JSON.stringify(await rows())}`).not.toContain(PASSWORD);
  });

  test('neither the password nor what a server repeats of it gets into the log or the database', async () => {
    const echo = Buffer.from(`\0store\0${PASSWORD}`).toString('base64');
    await withServer(
      async (server) => {
        const secret = encodeURIComponent(PASSWORD);
        const mail = settings(server.port, { smtpUrl: `smtp://store:${secret}@127.0.0.1:${server.port}` });
        await queue(mail);
        expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
        const said = `${JSON.stringify(lines)}${JSON.stringify(await rows())}`;
        expect(said).toContain('EAUTH 535');
        for (const hidden of [PASSWORD, secret, echo]) expect(said).not.toContain(hidden);
      },
      {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: (_auth, _session, done) => done(new Error(`${PASSWORD} ${echo} is wrong`)),
      },
    );
  });
});

describe('what is queued', () => {
  const mail = settings(25);

  test('has one mail a topic, ever', async () => {
    expect(await queue(mail)).toBe(true);
    expect(await queue(mail, { subject: 'Another' })).toBe(false);
    expect(await rows()).toMatchObject([{ subject: 'A subject' }]);
  });

  test('is not sent where the transaction that queued it was undone', async () => {
    const undone = inTransaction(data.database, async (tx) => {
      await queueMail(tx, mail, { topic: 'x', recipients: ['a@b.org'], subject: 's', body: 'b', at: new Date(time) });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await rows()).toEqual([]);
  });

  test.each([
    'dev@example.org\r\nBcc: victim@example.org',
    'dev@example.org, victim@example.org',
    '<dev@example.org>',
    'Dev <dev@example.org>',
    'dev@example.org>\r\nRCPT TO:<victim@example.org',
    '"quoted name"@example.org',
    'dev@exa mple.org',
    'dev@@example.org',
    'dev',
    '',
    `${'x'.repeat(65)}@example.org`,
    `dev@${'x'.repeat(300)}.org`,
    'dév@example.org',
    'dev@[127.0.0.1]',
  ])('goes to no such address: %j', async (recipient) => {
    expect(await queue(mail, { recipients: [recipient] })).toBe(false);
    expect(await rows()).toEqual([]);
  });

  test('has a subject of one line, and no header that anybody smuggled in', async () => {
    await withServer(async (server) => {
      const route = settings(server.port);
      await queue(route, {
        subject: 'Hello\r\nBcc: victim@example.org\r\n\r\nbody',
        body: '.\r\nMAIL FROM:<x@y>\r\n.\r\n',
      });
      expect(await send(route)).toEqual({ sent: 1, failed: 0 });
      const [received] = server.received;
      expect(received?.recipients).toEqual(['dev@example.org']);
      expect(headerOf(received?.source ?? '', 'bcc')).toEqual([]);
      expect(headerOf(received?.source ?? '', 'subject')).toHaveLength(1);
      expect(server.received).toHaveLength(1);
    });
  });

  test('a decision and a question reach the contact, the question each time it is asked', async () => {
    const tell = (verdict: 'approved' | 'questioned', minute: number, contact: string | null = 'dev@example.org') =>
      inTransaction(data.database, (tx) =>
        queueRequestNotice(
          tx,
          { mail, baseUrl: 'https://apps.example.org' },
          {
            request: { id: '7f6f4a54-0000-4000-8000-000000000001', appId: 'calendar', contact },
            verdict,
            words: 'Whose key is this?\n-- \nBye',
            at: new Date(time + minute * MINUTE_MS),
          },
        ),
      );
    expect(await tell('questioned', 0)).toBe(true);
    expect(await tell('questioned', 1)).toBe(true);
    expect(await tell('approved', 2)).toBe(true);
    expect(await tell('approved', 3)).toBe(false);
    expect(await tell('questioned', 4, null)).toBe(false);
    expect((await rows())[0].body).toContain('  Whose key is this?\n');
  });
});

describe('a password', () => {
  test.each([
    ['smtp://user:pass@mail.example.org', { port: 587, secure: false, requireTLS: true, ignoreTLS: false }],
    ['smtp://user:pass@mail.example.org:25?requireTLS=false&tls.rejectUnauthorized=false', { requireTLS: true }],
    ['smtps://user:pass@mail.example.org', { port: 465, secure: true }],
    ['smtp://mail.example.org', { requireTLS: false, ignoreTLS: false }],
    ['smtp://user:pass@127.0.0.1', { requireTLS: false, ignoreTLS: true }],
    ['smtp://user:pass@127.0.0.1.example.org', { requireTLS: true, ignoreTLS: false }],
  ])('never goes to another machine without TLS: %s', (url, expected) => {
    expect(smtpSettings(url)).toMatchObject({ ...expected, tls: { rejectUnauthorized: true } });
  });

  test('is not sent to a server that is not this machine, as far as its address tells, and offers no TLS', async () => {
    let asked = 0;
    await withServer(
      async (server) => {
        // This machine all the same, by a name that only the system knows as such.
        const url = `smtp://store:${encodeURIComponent(PASSWORD)}@[::ffff:127.0.0.1]:${server.port}`;
        const mail = settings(server.port, { smtpUrl: url });
        await queue(mail);
        expect(await send(mail)).toEqual({ sent: 0, failed: 1 });
        expect((await rows())[0].failure).toContain('(STARTTLS)');
        expect(asked).toBe(0);
      },
      {
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username }, _session, done) => {
          asked += 1;
          done(null, { user: username ?? '' });
        },
      },
    );
  });

  test('may hold any character, as URLs write it', () => {
    expect(smtpSettings('smtp://us%40er:p%3Aa%2Fss@localhost').auth).toEqual({ user: 'us@er', pass: 'p:a/ss' });
  });
});

describe('ends', () => {
  const mail = settings(25);
  const authority = createTestAuthority();

  /** Puts an issued certificate into the ledger. */
  async function certificate(serial: string, days: number, contact: string | null, lifeDays = 730): Promise<void> {
    const notAfter = new Date(START + days * DAY_MS);
    const issuedAt = new Date(notAfter.getTime() - lifeDays * DAY_MS);
    await inTransaction(data.database, async (tx) => {
      const change = await beginAuthorityChange(tx);
      await ensureApp(tx, 'calendar');
      const { id: accountId } = await namedAccount(tx, 'dev');
      await insertIntendedCertificate(tx, change, {
        serial,
        issuerKey: 'a'.repeat(64),
        appId: 'calendar',
        publicKey: 'b'.repeat(64),
        requestId: null,
        contact,
        intendedAt: issuedAt,
        accountId,
      });
      const fingerprint = serial.toLowerCase().repeat(4).slice(0, 64);
      await setCertificateIssued(tx, change, {
        serial,
        fingerprint,
        der: null,
        notBefore: issuedAt,
        notAfter,
        issuedAt,
      });
    });
  }

  const serialOf = (number: number): string => `01${String(number).padStart(32, '0')}`;

  const tellContacts = (route: MailSettings | null = mail) =>
    queueCertificateNotices({ ...parts(), baseUrl: 'https://apps.example.org', mail: route });

  test('of a certificate are told to its contact thirty and seven days before, once each', async () => {
    await certificate(serialOf(1), 40, 'dev@example.org');
    expect(await tellContacts()).toBe(0);
    time = START + 11 * DAY_MS;
    expect(await tellContacts()).toBe(1);
    expect(await tellContacts()).toBe(0);
    time = START + 34 * DAY_MS;
    expect(await Promise.all([tellContacts(), tellContacts()])).toEqual(expect.arrayContaining([0, 1]));
    time = START + 41 * DAY_MS;
    expect(await tellContacts()).toBe(0);
    expect((await rows()).map(({ topic, recipients }) => [topic, recipients])).toEqual([
      [`certificate-ends:${serialOf(1)}:30`, ['dev@example.org']],
      [`certificate-ends:${serialOf(1)}:7`, ['dev@example.org']],
    ]);
  });

  test('are not told without a contact, without mail, nor of what is revoked', async () => {
    await certificate(serialOf(1), 5, null);
    await certificate(serialOf(2), 5, 'not an address');
    expect(await tellContacts()).toBe(0);
    await certificate(serialOf(3), 5, 'dev@example.org');
    expect(await tellContacts(null)).toBe(0);
    await data.database.query(
      `UPDATE certificates SET revoked_at = now(), revocation_reason = 'superseded', revoked_by = account_id WHERE serial = $1`,
      [serialOf(3)],
    );
    expect(await tellContacts()).toBe(0);
  });

  test('of a certificate for days only are told in its last third', async () => {
    await certificate(serialOf(1), 6, 'dev@example.org', 9);
    expect(await tellContacts()).toBe(0);
    time = START + 3 * DAY_MS;
    expect(await tellContacts()).toBe(1);
  });

  function digest(trust: Trust = authority.trust(), route: MailSettings | null = mail) {
    return queueOperatorDigest({
      ...parts(),
      baseUrl: 'https://apps.example.org',
      mail: route,
      trust: { current: async () => trust },
      expiryNoticeDays: 30,
      revocationListUrls: ['https://crl.example.org/x.crl'],
    });
  }

  test('and failures are told to the operators in one mail, once a day at most, and only where there is news', async () => {
    expect(await digest()).toBe(false);
    await certificate(serialOf(1), 20, null);
    await noteFetchAttempt(data.database, {
      url: 'https://crl.example.org/x.crl',
      at: new Date(START),
      failure: 'It does not answer.',
    });
    const stale = authority.trust([
      authority.list({ thisUpdate: '2026-05-01T00:00:00Z', nextUpdate: '2026-05-20T00:00:00Z' }),
    ]);
    expect((await Promise.all([digest(stale), digest(stale)])).sort()).toEqual([false, true]);
    const [first] = await rows();
    expect(first.recipients).toEqual(['ops@example.org']);
    for (const part of [serialOf(1), 'https://crl.example.org/x.crl', 'It does not answer.', 'Test G2 Intermediate']) {
      expect(first.body).toContain(part);
    }
    time += DAY_MS - 1;
    await certificate(serialOf(2), 21, null);
    expect(await digest(stale)).toBe(false);
    time += 1;
    expect(await digest(stale)).toBe(true);
    time += DAY_MS;
    expect(await digest(stale)).toBe(false);
    // A week before the end is news again.
    time = START + 13 * DAY_MS;
    expect(await digest(stale)).toBe(true);
  });

  test('are not told to operators of a store without mail, or without their address', async () => {
    await certificate(serialOf(1), 5, null);
    expect(await digest(authority.trust(), null)).toBe(false);
    expect(await digest(authority.trust(), { ...mail, to: [] })).toBe(false);
    expect(await digest()).toBe(true);
  });

  test('an old list of an outside authority is news, one of our own, also of an offline root, is not', async () => {
    const rootList = makeRevocationList(authority.root, { thisUpdate: '2026-02-01T00:00:00Z' });
    const old = { ...authority.trust([authority.list(), rootList]), maxListAgeMs: 30 * DAY_MS };
    const issuerKey = authority.intermediate.certificate.publicKeyFingerprint;
    expect(await digest({ ...old, ledgers: [{ issuerKey, id: '1', certificates: new Map() }] })).toBe(false);
    expect(await digest(old)).toBe(true);
  });
});
