import { ADVISORY_LOCK } from './advisory-locks.js';
import type { Queryable, Transaction } from './connect.js';

/** Mail that is to be sent. */
export interface NewMail {
  /** What it is about. Of one topic one mail is sent, ever. */
  readonly topic: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly at: Date;
}

/** Mail that somebody has taken to send it. */
export interface DueMail {
  readonly id: number;
  readonly topic: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly createdAt: Date;
  /** This one included. */
  readonly attempts: number;
}

/** Puts mail where the senders find it; false where there is one of the same topic, sent or not. */
export async function insertMail(db: Queryable, mail: NewMail): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO outgoing_mail (topic, recipients, subject, body, created_at, next_try_at)
     VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (topic) DO NOTHING`,
    [mail.topic, mail.recipients, mail.subject, mail.body, mail.at],
  );
  return rowCount === 1;
}

/**
 * Takes the mail that has waited longest: until `untilAt` nobody else tries to send it, and if nobody writes down by then
 * what became of it, somebody tries again.
 */
export async function claimDueMail(
  db: Queryable,
  claim: { readonly at: Date; readonly untilAt: Date; readonly maxAttempts: number },
): Promise<DueMail | null> {
  const { rows } = await db.query<DueMail>(
    `UPDATE outgoing_mail SET attempts = attempts + 1, next_try_at = $2
     WHERE id = (SELECT id FROM outgoing_mail WHERE sent_at IS NULL AND next_try_at <= $1 AND attempts < $3
                 ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, topic, recipients, subject, body, created_at AS "createdAt", attempts`,
    [claim.at, claim.untilAt, claim.maxAttempts],
  );
  return rows[0] ?? null;
}

/** Writes down that mail was sent, and forgets its text: it may hold a one-time link, and nobody needs it any more. */
export async function setMailSent(db: Queryable, id: number, at: Date): Promise<void> {
  await db.query(`UPDATE outgoing_mail SET sent_at = $2, failure = NULL, body = '' WHERE id = $1`, [id, at]);
}

/** Writes down that mail could not be sent, and when to try again. */
export async function setMailFailed(
  db: Queryable,
  failed: { readonly id: number; readonly failure: string; readonly nextTryAt: Date },
): Promise<void> {
  await db.query('UPDATE outgoing_mail SET failure = $2, next_try_at = $3 WHERE id = $1 AND sent_at IS NULL', [
    failed.id,
    failed.failure,
    failed.nextTryAt,
  ]);
}

/** How much mail there is, by what became of it. */
export async function countMail(
  db: Queryable,
  maxAttempts: number,
): Promise<Readonly<Record<'waiting' | 'sent' | 'given-up', number>>> {
  const { rows } = await db.query<{ waiting: number; sent: number; givenUp: number }>(
    `SELECT count(*) FILTER (WHERE sent_at IS NOT NULL) AS sent,
       count(*) FILTER (WHERE sent_at IS NULL AND attempts >= $1) AS "givenUp",
       count(*) FILTER (WHERE sent_at IS NULL AND attempts < $1) AS waiting
     FROM outgoing_mail`,
    [maxAttempts],
  );
  const { waiting = 0, sent = 0, givenUp = 0 } = rows[0] ?? {};
  return { waiting, sent, 'given-up': givenUp };
}

/** Whoever decides what to write to the operators holds this lock until the transaction ends: two must not write the same. */
export async function lockDigest(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK.digest]);
}

/** The last topic that begins so. */
export async function findLastTopic(
  db: Queryable,
  beginning: string,
): Promise<{ topic: string; createdAt: Date } | null> {
  const { rows } = await db.query<{ topic: string; createdAt: Date }>(
    `SELECT topic, created_at AS "createdAt" FROM outgoing_mail WHERE starts_with(topic, $1)
     ORDER BY created_at DESC, id DESC LIMIT 1`,
    [beginning],
  );
  return rows[0] ?? null;
}
