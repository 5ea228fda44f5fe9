import { setTimeout as sleep } from 'node:timers/promises';
import { ensureSystemAccount } from '../accounts/system-account.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import {
  claimDueDelivery,
  forgetDeliveries,
  giveUpSilenced,
  settleAttempt,
  wasAnyDelivered,
  type DueDelivery,
} from '../database/webhook-deliveries.js';
import { lockWebhook, setWebhookDisabled } from '../database/webhooks.js';
import type { Gate } from '../gate.js';
import { FetchError } from '../network/fetch-error.js';
import { postBounded } from '../network/post-bounded.js';
import { parseUrl } from '../parse-url.js';
import { secretsAt } from './webhook-secrets.js';
import { webhookHeaders } from './webhook-signature.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait after each attempt that failed, as Standard Webhooks proposes; after the last there is none any more. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** How often a delivery is tried, within about three days. */
export const MAX_DELIVERY_ATTEMPTS = PAUSES_MS.length + 1;

/** How long a webhook is left alone after so many failures; after more as long as after these. */
const QUIET_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS];

/** By this part of it a pause is longer, at most: what failed together must not all come back together. */
const JITTER = 0.2;

const TIMEOUT_MS = 10 * SECOND_MS;
/** How long who took a delivery has it for himself. */
const LEASE_MS = MINUTE_MS;
const MAX_ANSWER_BYTES = 64 * 1024;
const AT_ONCE = 8;
/** Of them, to webhooks that are new or failed last: those that hang leave the others room. */
const UNPROVEN_AT_ONCE = 4;
const LOOK_AGAIN_MS = SECOND_MS;
/** Of one call, so that it ends. */
const MAX_PER_CALL = 500;
const KEPT_DELIVERIES = 1_000;

/** What delivering needs of the gate. */
export type DeliveryParts = Pick<Gate, 'database' | 'now' | 'network' | 'secrets' | 'randomBytes' | 'log'>;

export interface DeliveryCount {
  delivered: number;
  failed: number;
}

/**
 * Makes the deliveries that are due, several at a time: to an account and to a webhook one after the other (to a webhook
 * whatever other replicas do) and in turn, whoever was served longest ago first. What hangs or fails holds up nobody else: its
 * webhook is left alone for a while, and only some are at once at webhooks that haven't proved themselves. For a timer on every
 * replica; each delivery is taken by one, and taken up by another where that one dies. What fails is tried again at growing
 * intervals; a webhook to which nothing got through for days is switched off.
 */
export async function deliverWebhooks(
  parts: DeliveryParts,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<DeliveryCount> {
  const count = { delivered: 0, failed: 0 };
  await giveUpSilenced(parts.database);
  const underWay = new Map<DueDelivery, Promise<void>>();
  const failed: unknown[] = [];
  const begin = (due: DueDelivery): void => {
    const made = deliver(parts, due, timeoutMs)
      .then((isDelivered) => {
        count[isDelivered ? 'delivered' : 'failed'] += 1;
      })
      .catch((error: unknown) => void failed.push(error))
      .finally(() => underWay.delete(due));
    underWay.set(due, made);
  };
  try {
    for (let left = MAX_PER_CALL; left > 0 && failed.length === 0;) {
      // What is done while we look leaves room for what we didn't find.
      const wasIdle = underWay.size === 0;
      const due = underWay.size < AT_ONCE ? await claim(parts, [...underWay.keys()]) : null;
      if (due !== null) {
        begin(due);
        left -= 1;
      } else if (wasIdle) break;
      else if (underWay.size > 0) await oneOf(underWay.values());
    }
  } finally {
    await Promise.all(underWay.values());
  }
  if (failed.length > 0) throw failed[0];
  if (count.delivered + count.failed > 0) await forgetDeliveries(parts.database, KEPT_DELIVERIES);
  return count;
}

/** The next that is due: of one account one at a time, and one more of a webhook that works while another is tried. */
async function claim({ database, now }: DeliveryParts, underWay: readonly DueDelivery[]): Promise<DueDelivery | null> {
  const at = now();
  const accounts = (isProven: boolean): readonly number[] =>
    underWay.filter(({ failures }) => (failures === 0) === isProven).map(({ accountId }) => accountId);
  const busy = { proven: accounts(true), unproven: accounts(false) };
  const untilAt = new Date(at.getTime() + LEASE_MS);
  return claimDueDelivery(database, { at, untilAt, busy, provenOnly: busy.unproven.length >= UNPROVEN_AT_ONCE });
}

/** Waits until one of them is done, but not for long: meanwhile something may have come that can be sent at once. */
async function oneOf(underWay: Iterable<Promise<void>>): Promise<void> {
  const patience = new AbortController();
  const pause = sleep(LOOK_AGAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([...underWay, pause]);
  patience.abort();
}

async function deliver(parts: DeliveryParts, due: DueDelivery, timeoutMs: number): Promise<boolean> {
  const { database, now, log } = parts;
  const { id, webhookId, attempts, topic } = due;
  const { status, failure, cause } = await attempt(parts, due, timeoutMs);
  if (failure === null) {
    await settleAttempt(database, due, { status, failure, nextTryAt: null, deliveredAt: now(), quietUntil: null });
    log.info({ webhook: webhookId, delivery: id, topic, attempts, status }, 'delivered to a webhook');
    return true;
  }
  const nextTryAt = nextTry(parts, attempts);
  const quietUntil = new Date(now().getTime() + quietMs(due));
  await settleAttempt(database, due, { status, failure, nextTryAt, deliveredAt: null, quietUntil });
  const details = { webhook: webhookId, delivery: id, topic, attempts, status, failure, cause, nextTryAt };
  if (nextTryAt !== null) log.warn(details, 'could not deliver to a webhook');
  else {
    log.warn(details, 'gave up on a delivery to a webhook');
    await disableWhereHopeless(parts, due);
  }
  return false;
}

function nextTry({ now, randomBytes }: DeliveryParts, attempts: number): Date | null {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return null;
  const jitter = (randomBytes(2).readUInt16BE() / 0xffff) * JITTER;
  return new Date(now().getTime() + pause * (1 + jitter));
}

function quietMs({ failures }: DueDelivery): number {
  return QUIET_MS[Math.min(failures ?? 0, QUIET_MS.length - 1)] ?? 0;
}

interface AttemptOutcome {
  readonly status: number | null;
  /** In words for the webhook's owner. */
  readonly failure: string | null;
  /** For the operator's log alone: it may name what is inside of our network. */
  readonly cause?: string;
}

async function attempt(parts: DeliveryParts, due: DueDelivery, timeoutMs: number): Promise<AttemptOutcome> {
  const at = parts.now();
  try {
    const url = parseUrl(due.url);
    if (url === null) return { status: null, failure: 'The address is not a URL.' };
    const secrets = secretsAt(parts, due.webhookId, due.secret, at);
    // One message has one id, also where it is sent again.
    const message = { id: due.replayOf ?? due.id, at, body: due.body };
    const { status } = await postBounded(url, {
      body: Buffer.from(due.body),
      headers: webhookHeaders(secrets, message),
      maxAnswerBytes: MAX_ANSWER_BYTES,
      timeoutMs,
      network: parts.network,
    });
    const isFine = status >= 200 && status < 300;
    return { status, failure: isFine ? null : `${url.host.slice(0, 253)} answered with status ${status}.` };
  } catch (error) {
    if (error instanceof FetchError) return { status: null, failure: error.message, cause: error.kind };
    // Whatever went wrong has to be noted on it, since it is claimed by now; and what it was is not the owner's business.
    const cause = error instanceof Error ? error.name : 'unknown';
    return { status: null, failure: 'The store could not send it.', cause };
  }
}

/** Where the whole time in which this was tried brought nothing through, nothing will: its owner has to see to it. */
async function disableWhereHopeless(
  parts: DeliveryParts,
  { webhookId, accountId, accountName, createdAt }: DueDelivery,
): Promise<void> {
  await inTransaction(parts.database, async (tx) => {
    const webhook = await lockWebhook(tx, accountId, webhookId);
    if (webhook?.disabledAt !== null) return;
    if (await wasAnyDelivered(tx, webhookId, createdAt)) return;
    await setWebhookDisabled(tx, webhookId, { at: parts.now(), because: 'nothing could be delivered for days' });
    await auditDisabled(tx, webhook.id, accountName);
  });
}

async function auditDisabled(tx: Transaction, id: string, account: string): Promise<void> {
  const system = await ensureSystemAccount(tx);
  await appendAuditEntry(tx, {
    kind: 'webhook-disabled',
    accountId: system.id,
    appId: null,
    subject: { type: 'webhook', id },
    reason: '',
    after: { account },
  });
}
