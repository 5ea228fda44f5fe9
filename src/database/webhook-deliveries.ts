import type { Queryable, Transaction } from './connect.js';

/** Something that a webhook is told, and how far that is. */
export interface DeliveryRow {
  readonly id: string;
  readonly webhookId: string;
  /** Of the audit entry it tells of; null for a ping. */
  readonly position: number | null;
  readonly topic: string;
  /** As it is sent. */
  readonly body: string;
  readonly createdAt: Date;
  readonly attempts: number;
  /** Null where it was delivered or given up. */
  readonly nextTryAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastFailure: string | null;
  readonly replayOf: string | null;
}

const COLUMNS = `webhook_deliveries.id, webhook_id AS "webhookId", position, topic, body, webhook_deliveries.created_at AS "createdAt",
  attempts, next_try_at AS "nextTryAt", delivered_at AS "deliveredAt", last_attempt_at AS "lastAttemptAt",
  last_status AS "lastStatus", last_failure AS "lastFailure", replay_of AS "replayOf"`;

export type NewDelivery = Pick<
  DeliveryRow,
  'id' | 'webhookId' | 'position' | 'topic' | 'body' | 'createdAt' | 'replayOf'
>;

/** Has a webhook told of something; false where it is told of that already. */
export async function insertDelivery(db: Queryable, row: NewDelivery): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO webhook_deliveries (id, webhook_id, position, topic, body, created_at, next_try_at, replay_of)
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT DO NOTHING`,
    [row.id, row.webhookId, row.position, row.topic, row.body, row.createdAt, row.replayOf],
  );
  return rowCount === 1;
}

/** A delivery that somebody has taken to make it, and what that needs. */
export interface DueDelivery extends Pick<
  DeliveryRow,
  'id' | 'webhookId' | 'topic' | 'body' | 'createdAt' | 'attempts' | 'replayOf'
> {
  readonly accountId: number;
  readonly accountName: string;
  readonly url: string;
  /** Sealed. */
  readonly secret: Buffer;
  /** How many attempts at this webhook have failed since one got through; null: there was none yet. */
  readonly failures: number | null;
}

/**
 * Takes a delivery that is due: of the account that was served longest ago, of its webhooks that which was served longest ago,
 * of what waits for that the oldest. Until `untilAt` nobody else delivers to this webhook, and if nobody writes down by then
 * what came of it, somebody tries again.
 *
 * @param claim.busy accounts that are not to be served: at webhooks that took the last thing they were sent, and at others
 * @param claim.provenOnly only to a webhook that took the last thing it was sent
 */
export async function claimDueDelivery(
  db: Queryable,
  claim: {
    readonly at: Date;
    readonly untilAt: Date;
    readonly busy: Readonly<Record<'proven' | 'unproven', readonly number[]>>;
    readonly provenOnly: boolean;
  },
): Promise<DueDelivery | null> {
  // Who comes second finds the webhook locked, or quiet: that is looked at again once its lock is had.
  const { rows } = await db.query<DueDelivery>(
    `WITH webhook AS (
       SELECT webhooks.id, account_id, accounts.name, url, secret, failures
       FROM webhooks JOIN accounts ON accounts.id = account_id
       WHERE disabled_at IS NULL AND removed_at IS NULL AND accounts.suspended_at IS NULL
         AND (quiet_until IS NULL OR quiet_until <= $1) AND (failures = 0 OR NOT $5::boolean)
         AND account_id <> ALL(CASE WHEN failures = 0 THEN $3 ELSE $4 END::bigint[])
         AND EXISTS (SELECT 1 FROM webhook_deliveries WHERE webhook_id = webhooks.id AND next_try_at <= $1)
       ORDER BY (SELECT max(served_at) FROM webhooks AS own WHERE own.account_id = accounts.id) NULLS FIRST,
         served_at NULLS FIRST, webhooks.created_at, webhooks.id
       LIMIT 1 FOR NO KEY UPDATE OF webhooks SKIP LOCKED),
     taken AS (
       UPDATE webhook_deliveries SET attempts = attempts + 1, next_try_at = $2, last_attempt_at = $1
       WHERE next_try_at <= $1 AND id = (
         SELECT due.id FROM webhook_deliveries AS due
         WHERE due.webhook_id = (SELECT id FROM webhook) AND due.next_try_at <= $1
         ORDER BY due.created_at, due.position, due.id LIMIT 1)
       RETURNING id, webhook_id, topic, body, created_at, attempts, replay_of),
     served AS (
       UPDATE webhooks SET served_at = $1, quiet_until = $2 FROM taken WHERE webhooks.id = taken.webhook_id)
     SELECT taken.id, taken.webhook_id AS "webhookId", topic, body, created_at AS "createdAt", attempts,
       replay_of AS "replayOf", account_id AS "accountId", name AS "accountName", url, secret, failures
     FROM taken, webhook`,
    [claim.at, claim.untilAt, claim.busy.proven, claim.busy.unproven, claim.provenOnly],
  );
  return rows[0] ?? null;
}

/** What came of an attempt. */
export interface Attempt {
  /** Null where no answer came. */
  readonly status: number | null;
  /** Null where it was delivered. */
  readonly failure: string | null;
  /** Null where there is no further attempt. */
  readonly nextTryAt: Date | null;
  readonly deliveredAt: Date | null;
  /** Until when the webhook is left alone; null where it isn't. */
  readonly quietUntil: Date | null;
}

/**
 * Writes down what came of an attempt, with the delivery and with its webhook, which others may be served by then; changes
 * nothing where somebody else has taken the delivery since, or it is settled.
 */
export async function settleAttempt(
  db: Queryable,
  { id, webhookId, attempts }: Pick<DueDelivery, 'id' | 'webhookId' | 'attempts'>,
  made: Attempt,
): Promise<void> {
  // The webhook is locked first, as whoever takes the next delivery does it.
  await db.query(
    `WITH webhook AS (SELECT id FROM webhooks WHERE id = $1 FOR NO KEY UPDATE),
     settled AS (
       UPDATE webhook_deliveries
       SET last_status = $4, last_failure = left($5, 1000), next_try_at = $6, delivered_at = $7
       FROM webhook
       WHERE webhook_id = webhook.id AND webhook_deliveries.id = $2 AND attempts = $3 AND next_try_at IS NOT NULL
       RETURNING webhook_id)
     UPDATE webhooks SET quiet_until = $8, failures = CASE WHEN $5::text IS NULL THEN 0 ELSE coalesce(failures, 0) + 1 END
     FROM settled WHERE webhooks.id = settled.webhook_id`,
    [webhookId, id, attempts, made.status, made.failure, made.nextTryAt, made.deliveredAt, made.quietUntil],
  );
}

/** Gives up what waits for webhooks that are told nothing any more: removed, switched off, or of a suspended account. */
export async function giveUpSilenced(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE webhook_deliveries SET next_try_at = NULL,
       last_failure = coalesce(last_failure || ' ', '') || 'Given up: the webhook is switched off.'
     FROM webhooks JOIN accounts ON accounts.id = webhooks.account_id
     WHERE webhooks.id = webhook_id AND next_try_at IS NOT NULL
       AND (webhooks.disabled_at IS NOT NULL OR webhooks.removed_at IS NOT NULL OR accounts.suspended_at IS NOT NULL)`,
  );
}

/** Whether anything reached the webhook since then. */
export async function wasAnyDelivered(db: Queryable, webhookId: string, since: Date): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT 1 FROM webhook_deliveries WHERE webhook_id = $1 AND delivered_at >= $2 LIMIT 1',
    [webhookId, since],
  );
  return rows.length > 0;
}

export async function findDelivery(db: Queryable, webhookId: string, id: string): Promise<DeliveryRow | null> {
  const { rows } = await db.query<DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2`,
    [webhookId, id],
  );
  return rows[0] ?? null;
}

/** What a webhook was told, the newest first. */
export async function listDeliveriesOf(
  db: Queryable,
  webhookId: string,
  page: { readonly before: { readonly at: Date; readonly id: string } | null; readonly limit: number },
): Promise<readonly DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>(
    `SELECT ${COLUMNS} FROM webhook_deliveries
     WHERE webhook_id = $1 AND ($2::timestamptz IS NULL OR (date_trunc('milliseconds', created_at), id) < ($2, $3::uuid))
     ORDER BY date_trunc('milliseconds', created_at) DESC, id DESC LIMIT $4`,
    [webhookId, page.before?.at ?? null, page.before?.id ?? null, page.limit],
  );
  return rows;
}

/** How often somebody had something sent by hand, a ping or a replay, since then. */
export async function countByHand(tx: Transaction, accountId: number, since: Date): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM webhook_deliveries JOIN webhooks ON webhooks.id = webhook_id
     WHERE account_id = $1 AND webhook_deliveries.created_at > $2 AND (position IS NULL OR replay_of IS NOT NULL)`,
    [accountId, since],
  );
  return rows[0]?.count ?? 0;
}

/** Forgets what is settled, but for the newest `keep` of each webhook. */
export async function forgetDeliveries(db: Queryable, keep: number): Promise<void> {
  await db.query(
    `DELETE FROM webhook_deliveries WHERE next_try_at IS NULL AND id IN (
       SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY webhook_id ORDER BY created_at DESC, id DESC) AS place
                       FROM webhook_deliveries) AS placed WHERE place > $1)`,
    [keep],
  );
}

/** How many deliveries there are, by what became of them. */
export async function countDeliveries(
  db: Queryable,
): Promise<Readonly<Record<'waiting' | 'delivered' | 'given-up', number>>> {
  const { rows } = await db.query<{ waiting: number; delivered: number; givenUp: number }>(
    `SELECT count(*) FILTER (WHERE delivered_at IS NOT NULL) AS delivered,
       count(*) FILTER (WHERE delivered_at IS NULL AND next_try_at IS NULL) AS "givenUp",
       count(*) FILTER (WHERE next_try_at IS NOT NULL) AS waiting
     FROM webhook_deliveries`,
  );
  const { waiting = 0, delivered = 0, givenUp = 0 } = rows[0] ?? {};
  return { waiting, delivered, 'given-up': givenUp };
}
