import { randomUUID } from 'node:crypto';
import { requireModerator, requireAccountManager, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { lockAccount } from '../database/accounts.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import {
  countByHand,
  findDelivery,
  insertDelivery,
  listDeliveriesOf,
  type DeliveryRow,
} from '../database/webhook-deliveries.js';
import * as table from '../database/webhooks.js';
import type { WebhookRow } from '../database/webhooks.js';
import type { Gate } from '../gate.js';
import { FetchError } from '../network/fetch-error.js';
import { checkHost, checkUrl } from '../network/judged-request.js';
import { parseUrl } from '../parse-url.js';
import { RequestError } from '../request-error.js';
import { topicNamed, type TopicName } from './topics.js';
import { pingBody } from './webhook-body.js';
import { firstSecret, nextSecret } from './webhook-secrets.js';

const MAX_WEBHOOKS = 20;
const MAX_URL = 2_000;
/** Pings and replays of an account within an hour: each sends a request to wherever its owner said. */
const MAX_BY_HAND = 60;
const HOUR_MS = 60 * 60 * 1000;

/** What a webhook is to be. */
export interface WebhookWish {
  readonly url: string;
  readonly topics: readonly TopicName[];
}

type Parts = Pick<Gate, 'database' | 'now' | 'network' | 'secrets' | 'randomBytes'>;

/** A webhook with its secret, which is shown this once. */
export interface NewWebhook {
  readonly webhook: WebhookRow;
  readonly secret: string;
}

/**
 * Has the caller's account told at an address what concerns it.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `WEBHOOK_REFUSED` for an address that nothing is sent to, `TOO_MANY_OPEN`
 */
export async function addWebhook(gate: Parts, caller: Caller, wish: WebhookWish): Promise<NewWebhook> {
  requireAllowed(caller, wish.topics);
  const url = judgedUrl(gate, wish.url);
  return change(gate, caller, async (tx) => {
    if ((await table.listWebhooksOf(tx, caller.accountId)).length >= MAX_WEBHOOKS) {
      throw new RequestError('TOO_MANY_OPEN', `An account has ${MAX_WEBHOOKS} webhooks at most; remove one first.`);
    }
    const id = randomUUID();
    const { secret, sealed } = firstSecret(gate, id);
    const topics = [...new Set(wish.topics)];
    const row = { id, accountId: caller.accountId, url: url.href, secret: sealed, topics, createdAt: gate.now() };
    await table.insertWebhook(tx, row);
    await audit(tx, caller, id, 'webhook-added', { host: url.host, topics });
    return { webhook: { ...row, disabledAt: null, disabledBecause: null }, secret };
  });
}

/** The caller's webhooks, the oldest first. @throws RequestError `SCOPE_INSUFFICIENT` */
export async function listWebhooks(gate: Pick<Gate, 'database'>, caller: Caller): Promise<readonly WebhookRow[]> {
  requireAllowed(caller, []);
  return table.listWebhooksOf(gate.database, caller.accountId);
}

/** One of the caller's. @throws RequestError `NOT_FOUND`, also where it is somebody else's; `SCOPE_INSUFFICIENT` */
export async function readWebhook(gate: Pick<Gate, 'database'>, caller: Caller, id: string): Promise<WebhookRow> {
  requireAllowed(caller, []);
  return existing(await table.findWebhook(gate.database, caller.accountId, id));
}

/**
 * Changes where a webhook leads and what it is told.
 *
 * @throws RequestError as {@link addWebhook} does, and `NOT_FOUND`
 */
export async function changeWebhook(gate: Parts, caller: Caller, id: string, wish: WebhookWish): Promise<WebhookRow> {
  requireAllowed(caller, wish.topics);
  const url = judgedUrl(gate, wish.url);
  return changeOne(gate, caller, id, async (tx, webhook) => {
    const topics = [...new Set(wish.topics)];
    await table.setWebhookTarget(tx, id, { url: url.href, topics });
    await audit(tx, caller, id, 'webhook-changed', { host: url.host, topics });
    return { ...webhook, url: url.href, topics };
  });
}

/** Removes a webhook; what waits for it is given up. @throws RequestError `NOT_FOUND`, `SCOPE_INSUFFICIENT` */
export async function removeWebhook(gate: Parts, caller: Caller, id: string): Promise<void> {
  await changeOne(gate, caller, id, async (tx) => {
    await table.setWebhookRemoved(tx, id, gate.now());
    await audit(tx, caller, id, 'webhook-removed', {});
  });
}

/** Switches a webhook on again, or off. Doing it twice changes nothing. @throws RequestError `NOT_FOUND`, `SCOPE_INSUFFICIENT` */
export async function enableWebhook(gate: Parts, caller: Caller, id: string, enabled: boolean): Promise<WebhookRow> {
  return changeOne(gate, caller, id, async (tx, webhook) => {
    if ((webhook.disabledAt === null) === enabled) return webhook;
    const disabled = enabled ? null : { at: gate.now(), because: 'switched off by its owner' };
    await table.setWebhookDisabled(tx, id, disabled);
    await audit(tx, caller, id, enabled ? 'webhook-enabled' : 'webhook-switched-off', {});
    return { ...webhook, disabledAt: disabled?.at ?? null, disabledBecause: disabled?.because ?? null };
  });
}

/** Gives a webhook a new secret; for a day what is sent is signed with both. @throws RequestError `NOT_FOUND`, `SCOPE_INSUFFICIENT` */
export async function rotateWebhookSecret(gate: Parts, caller: Caller, id: string): Promise<NewWebhook> {
  return changeOne(gate, caller, id, async (tx, webhook) => {
    const { secret, sealed } = nextSecret(gate, id, webhook.secret);
    await table.setWebhookSecret(tx, id, sealed);
    await audit(tx, caller, id, 'webhook-secret-changed', {});
    return { webhook: { ...webhook, secret: sealed }, secret };
  });
}

/**
 * Sends a webhook a test, soon.
 *
 * @throws RequestError `NOT_FOUND`, `SCOPE_INSUFFICIENT`, `WEBHOOK_REFUSED` where it is switched off, `TOO_MANY_ATTEMPTS`
 */
export async function pingWebhook(gate: Parts, caller: Caller, id: string): Promise<DeliveryRow> {
  return changeOne(gate, caller, id, async (tx, webhook) => {
    const at = gate.now();
    return sendByHand(tx, caller, webhook, at, {
      topic: 'ping',
      body: pingBody(id, at),
      position: null,
      replayOf: null,
    });
  });
}

/**
 * Sends something again that a webhook was told, or should have been: the same message, under its own id.
 *
 * @throws RequestError as {@link pingWebhook} does
 */
export async function replayDelivery(
  gate: Parts,
  caller: Caller,
  id: string,
  deliveryId: string,
): Promise<DeliveryRow> {
  return changeOne(gate, caller, id, async (tx, webhook) => {
    const delivery = await findDelivery(tx, id, deliveryId);
    if (delivery === null) throw new RequestError('NOT_FOUND', 'There is no such delivery.');
    const { topic, body, position } = delivery;
    const replayOf = delivery.replayOf ?? delivery.id;
    return sendByHand(tx, caller, webhook, gate.now(), { topic, body, position, replayOf });
  });
}

/** What a webhook of the caller's was told, the newest first. @throws RequestError `NOT_FOUND`, `SCOPE_INSUFFICIENT` */
export async function listDeliveries(
  gate: Pick<Gate, 'database'>,
  caller: Caller,
  id: string,
  page: Parameters<typeof listDeliveriesOf>[2],
): Promise<readonly DeliveryRow[]> {
  const webhook = await readWebhook(gate, caller, id);
  return listDeliveriesOf(gate.database, webhook.id, page);
}

async function sendByHand(
  tx: Transaction,
  { accountId }: Caller,
  { id: webhookId, disabledAt }: WebhookRow,
  at: Date,
  message: Pick<DeliveryRow, 'topic' | 'body' | 'position' | 'replayOf'>,
): Promise<DeliveryRow> {
  if (disabledAt !== null)
    throw new RequestError('WEBHOOK_REFUSED', 'The webhook is switched off; switch it on first.');
  if ((await countByHand(tx, accountId, new Date(at.getTime() - HOUR_MS))) >= MAX_BY_HAND) {
    throw new RequestError('TOO_MANY_ATTEMPTS', `At most ${MAX_BY_HAND} pings and replays an hour.`);
  }
  const id = randomUUID();
  await insertDelivery(tx, { id, webhookId, createdAt: at, ...message });
  const kept = await findDelivery(tx, webhookId, id);
  if (kept === null) throw new Error('A delivery that was just kept is not there');
  return kept;
}

/**
 * A webhook tells everything about its account: a token that is made for some apps, or may do less than its account, must not
 * come to more by it.
 */
function requireAllowed(caller: Caller, topics: readonly TopicName[]): void {
  requireAccountManager(caller);
  if (topics.some((topic) => topicNamed(topic).concerned === 'moderators')) requireModerator(caller);
}

/** Asks no name server: what a name leads to is judged whenever something is sent there. */
function judgedUrl({ network }: Pick<Gate, 'network'>, text: string): URL {
  const url = text.length > MAX_URL ? null : parseUrl(text);
  if (url === null) throw new RequestError('WEBHOOK_REFUSED', 'The address is not a URL.');
  try {
    checkUrl(url, network);
    checkHost(url, network);
  } catch (error) {
    if (error instanceof FetchError)
      throw new RequestError('WEBHOOK_REFUSED', `Nothing is sent there: ${error.message}`);
    throw error;
  }
  url.hash = '';
  if (url.href.length > MAX_URL) throw new RequestError('WEBHOOK_REFUSED', 'The address is too long.');
  return url;
}

/** Does one change after the other on an account's webhooks. */
async function change<T>(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return inTransaction(gate.database, async (tx) => {
    await lockAccount(tx, caller.accountName);
    await requireLiveToken(tx, caller, gate.now());
    return work(tx);
  });
}

async function changeOne<T>(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  id: string,
  work: (tx: Transaction, webhook: WebhookRow) => Promise<T>,
): Promise<T> {
  requireAllowed(caller, []);
  return change(gate, caller, async (tx) => work(tx, existing(await table.lockWebhook(tx, caller.accountId, id))));
}

function existing(webhook: WebhookRow | null): WebhookRow {
  if (webhook === null) throw new RequestError('NOT_FOUND', 'There is no such webhook.');
  return webhook;
}

/** Of the address only the host: the rest of it may be a secret. */
async function audit(
  tx: Transaction,
  { accountId, accountName }: Caller,
  id: string,
  kind: string,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAuditEntry(tx, {
    kind,
    accountId,
    appId: null,
    subject: { type: 'webhook', id },
    reason: '',
    after: { account: accountName, ...facts },
  });
}
