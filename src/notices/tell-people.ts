import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { lockAuditReader, setAuditReader } from '../database/audit-readers.js';
import { parseAuditEntry, readAuditLog, type AuditEntry, type AuditRow } from '../database/audit-log.js';
import { findBearings, type Person } from '../database/concerned-accounts.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { findChoicesOfTopic } from '../database/notification-choices.js';
import { insertDelivery } from '../database/webhook-deliveries.js';
import { listWebhooksFor } from '../database/webhooks.js';
import { wordsOfError } from '../error-words.js';
import type { Gate } from '../gate.js';
import { queueMail } from './queue-mail.js';
import { peopleConcerned } from './recipients.js';
import { bodyOf, subjectOf, type Told } from './topic-texts.js';
import { isToldOfItsApp, topicNamed, topicsOfEntry } from './topics.js';
import { webhookBody } from './webhook-body.js';

/** The name under which telling reads the log. */
export const TELLING = 'telling';

/** Entries of one transaction. */
const BATCH = 50;

/** What telling people needs of the gate. */
export type TellingParts = Pick<Gate, 'database' | 'now' | 'mail' | 'baseUrl' | 'log'>;

/** What was put where the senders find it. */
export interface ToldCount {
  readonly mails: number;
  readonly deliveries: number;
}

/**
 * Reads the audit log from where it was left, and puts what concerns somebody into the outboxes of mail and webhooks, in the
 * transaction that moves the cursor: nothing is missed and nothing told twice, by however many replicas, wherever one dies.
 * For a timer, and whenever the log has grown.
 */
export async function tellPeople(parts: TellingParts): Promise<ToldCount> {
  const count = { mails: 0, deliveries: 0 };
  for (;;) {
    const batch = await inTransaction(parts.database, async (tx) => {
      const after = await lockAuditReader(tx, TELLING);
      const rows = await readAuditLog(tx, { after, limit: BATCH });
      const told = { mails: 0, deliveries: 0 };
      for (const row of rows) {
        const { mails, deliveries } = await tellOfEntry(tx, parts, row);
        told.mails += mails;
        told.deliveries += deliveries;
      }
      const last = rows.at(-1);
      if (last !== undefined) await setAuditReader(tx, TELLING, last.position);
      return { ...told, isLast: rows.length < BATCH };
    });
    count.mails += batch.mails;
    count.deliveries += batch.deliveries;
    if (batch.isLast) return count;
  }
}

async function tellOfEntry(tx: Transaction, parts: TellingParts, row: AuditRow): Promise<ToldCount> {
  const { position } = row;
  const count = { mails: 0, deliveries: 0 };
  const entry = readable(parts, row);
  const topics = entry === null ? [] : topicsOfEntry(entry);
  if (entry === null || topics.length === 0) return count;
  const bearings = await findBearings(tx, entry);
  /** Of one entry nobody gets two mails, though it be told as two topics. */
  const mailed = new Set<number>();
  for (const topic of topics) {
    const told: Told = { topic, entry, bearings, baseUrl: parts.baseUrl };
    const people = await peopleConcerned(tx, topic, { entry, position, bearings });
    for (const person of await whoGetsMail(tx, told, people)) {
      if (mailed.has(person.id)) continue;
      mailed.add(person.id);
      if (await mailTo(tx, parts, told, person, position)) count.mails += 1;
    }
    const ids = people.map(({ id }) => id);
    for (const webhook of await listWebhooksFor(tx, ids, topic)) {
      const body = webhookBody(told, position);
      const delivery = { id: randomUUID(), webhookId: webhook.id, position, topic, body, replayOf: null };
      if (await insertDelivery(tx, { ...delivery, createdAt: parts.now() })) count.deliveries += 1;
    }
  }
  return count;
}

const factsSchema = z.record(z.string(), z.unknown()).nullable();

const entrySchema = z.object({
  at: z.string(),
  kind: z.string(),
  actor: z.object({ account: z.string() }),
  app: z.string().nullable(),
  subject: z.object({ type: z.string(), id: z.string() }),
  reason: z.string(),
  before: factsSchema,
  after: factsSchema,
});

/** What is damaged holds nobody up: whoever verifies the log finds it. */
function readable({ log }: TellingParts, row: AuditRow): AuditEntry | null {
  try {
    const entry = parseAuditEntry(row);
    entrySchema.parse(entry);
    return entry;
  } catch (error) {
    log.warn({ position: row.position, reason: wordsOfError(error) }, 'an audit entry is not readable');
    return null;
  }
}

async function whoGetsMail(tx: Transaction, told: Told, people: readonly Person[]): Promise<readonly Person[]> {
  const { topic, entry, bearings } = told;
  const { byMail, isFixed, isSecurity, concerned } = topicNamed(topic);
  const ids = people.map(({ id }) => id);
  const choices = isFixed === true ? new Map<number, boolean>() : await findChoicesOfTopic(tx, topic, ids);
  return people.filter(({ id, name, email, isSuspended }) => {
    if (isPartOfSuspension(entry) || (concerned === 'developers' && isToldOfItsApp(entry))) return false;
    if (email === null || !(choices.get(id) ?? byMail)) return false;
    // A suspended account hears of itself, and of nothing else.
    if (isSuspended && concerned !== 'account') return false;
    // Whoever did it knows; the contact of a request was written to when it was decided.
    if (name === entry.actor.account && isSecurity !== true) return false;
    return !(isToldToContact(entry.kind) && email.toLowerCase() === bearings.contact?.toLowerCase());
  });
}

/** A release that goes with its app, or comes back with it: one mail says it of all of them. */
function isPartOfSuspension({ kind, after }: AuditEntry): boolean {
  const code = after?.['reasonCode'];
  return kind.startsWith('release-') && (code === 'app-suspended' || code === 'app-reinstated');
}

/** What the contact of a signing request or a certificate is written by other means; see `request-notices.ts`. */
function isToldToContact(kind: string): boolean {
  return [
    'signing-request-questioned',
    'signing-request-declined',
    'certificate-issued',
    'certificate-ending',
  ].includes(kind);
}

async function mailTo(
  tx: Transaction,
  { mail, now }: TellingParts,
  told: Told,
  { name, email }: Person,
  position: number,
): Promise<boolean> {
  return queueMail(tx, mail, {
    topic: `told:${position}:${name}`,
    recipients: email === null ? [] : [email],
    subject: subjectOf(told),
    body: bodyOf(told, name),
    at: now(),
  });
}
