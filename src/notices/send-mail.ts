import { createTransport } from 'nodemailer';
import type { MailSettings } from '../config.js';
import { inTransaction, type Database } from '../database/connect.js';
import { claimDueMail, insertMail, setMailFailed, setMailSent } from '../database/outgoing-mail.js';
import type { DueMail } from '../database/outgoing-mail.js';
import { codeOfError } from '../error-words.js';
import { smtpSettings } from './smtp-settings.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each attempt that failed; after the last there is none any more. */
const PAUSES_MS = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS];

/** How often mail is tried, within about two days. */
export const MAX_MAIL_ATTEMPTS = PAUSES_MS.length + 1;

/** For one mail, connection and all; who took it has it longer for himself. */
const DEFAULT_TIMEOUT_MS = MINUTE_MS;
const CLAIM_MS = 10 * MINUTE_MS;

/** Of one call, so that it ends. */
const MAX_PER_CALL = 100;

/** What sending mail needs. */
export interface MailParts {
  readonly database: Database;
  readonly now: () => Date;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
}

/** How mail goes out; null where the store sends none. */
export type MailRoute = MailSettings & {
  /** The roots to trust for TLS, in PEM, instead of those that Node.js knows. */
  readonly ca?: string;
  /** For one mail; a minute unless told. */
  readonly timeoutMs?: number;
};

/**
 * Sends the mail that is due, one after the other; for a timer to call every minute, on every replica. Each mail is taken by
 * one sender. What could not be sent is tried again later, at growing intervals, and given up after two days, which is
 * logged. Where the mail server itself is the trouble the rest stays for the next call.
 *
 * A sender that dies between the server's yes and its own note of it leaves mail that is sent twice: with the same
 * Message-ID, by which readers tell.
 *
 * @returns how many were sent, and how many could not be
 */
export async function sendDueMail(
  parts: MailParts,
  mail: MailRoute | null,
): Promise<{ readonly sent: number; readonly failed: number }> {
  const count = { sent: 0, failed: 0 };
  if (mail === null) return count;
  const { database, now } = parts;
  while (count.sent + count.failed < MAX_PER_CALL) {
    const at = now();
    const claim = { at, untilAt: new Date(at.getTime() + CLAIM_MS), maxAttempts: MAX_MAIL_ATTEMPTS };
    const due = await claimDueMail(database, claim);
    if (due === null) break;
    const outcome = await send(mail, due);
    if ('refused' in outcome) {
      await settle(parts, due, outcome.refused);
      count.sent += 1;
      continue;
    }
    count.failed += 1;
    await postpone(parts, due, outcome.words);
    if (outcome.isServers) break;
  }
  return count;
}

/**
 * Writes down that mail was sent. Recipients that the server refused while it took the mail for others have it tried again for
 * them alone: those others must not get it twice.
 */
async function settle({ database, now, log }: MailParts, due: DueMail, refused: readonly string[]): Promise<void> {
  const { id, topic, subject, body, recipients } = due;
  const rest = recipients.filter((recipient) => refused.includes(recipient));
  await inTransaction(database, async (tx) => {
    await setMailSent(tx, id, now());
    if (rest.length === 0) return;
    await insertMail(tx, { topic: `${topic} (rest of ${id})`, recipients: rest, subject, body, at: now() });
  });
  const details = { mail: id, topic };
  if (rest.length === 0) log.info(details, 'sent mail');
  else log.warn({ ...details, refused: rest.length }, 'sent mail, which the server refused for some of its recipients');
}

async function postpone(
  { database, now, log }: MailParts,
  { id, topic, attempts }: DueMail,
  words: string,
): Promise<void> {
  const pause = PAUSES_MS[attempts - 1];
  const nextTryAt = new Date(now().getTime() + (pause ?? 0));
  await setMailFailed(database, { id, failure: words, nextTryAt });
  const details = { mail: id, topic, attempts, failure: words };
  if (pause === undefined) log.warn(details, 'gave up on mail');
  else log.warn({ ...details, nextTryAt }, 'could not send mail');
}

/** Why mail was not sent. */
interface SendFailure {
  readonly words: string;
  /** Whether it is the server that can't be used, and not this mail. */
  readonly isServers: boolean;
}

/** That mail was sent; and to whom of its recipients it was not. */
interface SendSuccess {
  readonly refused: readonly string[];
}

async function send(
  mail: MailRoute,
  { id, recipients, subject, body, createdAt }: DueMail,
): Promise<SendFailure | SendSuccess> {
  let transport: ReturnType<typeof openTransport> | null = null;
  try {
    // Inside, too: the mail is claimed by now, and whatever goes wrong has to be noted on it.
    transport = openTransport(mail);
    const domain = mail.from.slice(mail.from.lastIndexOf('@') + 1);
    const { rejected } = await transport.sendMail({
      from: { name: 'Portcullis', address: mail.from },
      to: recipients.map((address) => ({ name: '', address })),
      subject,
      text: body,
      date: createdAt,
      messageId: `<portcullis.${createdAt.getTime()}.${id}@${domain}>`,
      // RFC 3834: nobody's holiday notice is to answer.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: AbortSignal.timeout(mail.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    });
    return { refused: rejected };
  } catch (error) {
    return explain(error);
  } finally {
    transport?.close();
  }
}

function openTransport({ smtpUrl, ca }: MailRoute) {
  return createTransport(smtpSettings(smtpUrl, ca));
}

/** What an SMTP client's errors carry, read with care: any of it may be missing. */
interface SmtpError {
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
}

/**
 * Puts an error into codes alone. What the server said is not repeated: a server can give back what it was sent, and so
 * bring the password into our log.
 */
function explain(error: unknown): SendFailure {
  const { command, response, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as SmtpError;
  const reply = typeof responseCode === 'number' ? responseCode : null;
  const enhanced =
    typeof response === 'string' ? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] : undefined;
  const step = typeof command === 'string' && /^[A-Z][A-Z ]{0,19}$/.test(command) ? command : null;
  const code = codeOfError(error) || 'ERROR';
  const words = [code, reply, enhanced, step === null ? null : `(${step})`].filter((word) => word != null).join(' ');
  // Without a reply nobody answered; and without the right password no mail goes out.
  return { words, isServers: reply === null || code === 'EAUTH' || reply === 421 };
}
