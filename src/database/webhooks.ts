import type { Queryable, Transaction } from './connect.js';

/** Where an account's programs are told what happens. */
export interface WebhookRow {
  readonly id: string;
  readonly accountId: number;
  readonly url: string;
  /** Sealed. */
  readonly secret: Buffer;
  readonly topics: readonly string[];
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  readonly disabledBecause: string | null;
}

const COLUMNS = `webhooks.id, webhooks.account_id AS "accountId", webhooks.url, webhooks.secret, webhooks.topics,
  webhooks.created_at AS "createdAt", webhooks.disabled_at AS "disabledAt", webhooks.disabled_because AS "disabledBecause"`;

export async function insertWebhook(
  tx: Transaction,
  row: Pick<WebhookRow, 'id' | 'accountId' | 'url' | 'secret' | 'topics' | 'createdAt'>,
): Promise<void> {
  await tx.query(
    'INSERT INTO webhooks (id, account_id, url, secret, topics, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [row.id, row.accountId, row.url, row.secret, row.topics, row.createdAt],
  );
}

/** A webhook of that account; null where it is removed, somebody else's, or not there. */
export async function findWebhook(db: Queryable, accountId: number, id: string): Promise<WebhookRow | null> {
  const { rows } = await db.query<WebhookRow>(
    `SELECT ${COLUMNS} FROM webhooks WHERE id = $1 AND account_id = $2 AND removed_at IS NULL`,
    [id, accountId],
  );
  return rows[0] ?? null;
}

/** The same, which nobody else changes until the transaction ends. */
export async function lockWebhook(tx: Transaction, accountId: number, id: string): Promise<WebhookRow | null> {
  const { rows } = await tx.query<WebhookRow>(
    `SELECT ${COLUMNS} FROM webhooks WHERE id = $1 AND account_id = $2 AND removed_at IS NULL FOR NO KEY UPDATE`,
    [id, accountId],
  );
  return rows[0] ?? null;
}

/** The webhooks of an account, the oldest first. */
export async function listWebhooksOf(db: Queryable, accountId: number): Promise<readonly WebhookRow[]> {
  const { rows } = await db.query<WebhookRow>(
    `SELECT ${COLUMNS} FROM webhooks WHERE account_id = $1 AND removed_at IS NULL ORDER BY created_at, id`,
    [accountId],
  );
  return rows;
}

/** The webhooks of these accounts that are to be told of a topic: none of an account that is suspended. */
export async function listWebhooksFor(
  db: Queryable,
  accountIds: readonly number[],
  topic: string,
): Promise<readonly Pick<WebhookRow, 'id' | 'accountId'>[]> {
  const { rows } = await db.query<Pick<WebhookRow, 'id' | 'accountId'>>(
    `SELECT webhooks.id, account_id AS "accountId" FROM webhooks JOIN accounts ON accounts.id = account_id
     WHERE account_id = ANY($1::bigint[]) AND $2 = ANY(topics) AND removed_at IS NULL AND disabled_at IS NULL
       AND accounts.suspended_at IS NULL ORDER BY webhooks.id`,
    [accountIds, topic],
  );
  return rows;
}

/** Switches a webhook off, saying why, or on again, as if nothing had been sent to it yet. */
export async function setWebhookDisabled(
  tx: Transaction,
  id: string,
  disabled: { readonly at: Date; readonly because: string } | null,
): Promise<void> {
  await tx.query('UPDATE webhooks SET disabled_at = $2, disabled_because = $3, failures = NULL WHERE id = $1', [
    id,
    disabled?.at ?? null,
    disabled?.because ?? null,
  ]);
}

export async function setWebhookTarget(
  tx: Transaction,
  id: string,
  to: { readonly url: string; readonly topics: readonly string[] },
): Promise<void> {
  await tx.query('UPDATE webhooks SET url = $2, topics = $3 WHERE id = $1', [id, to.url, to.topics]);
}

export async function setWebhookSecret(tx: Transaction, id: string, secret: Buffer): Promise<void> {
  await tx.query('UPDATE webhooks SET secret = $2 WHERE id = $1', [id, secret]);
}

export async function setWebhookRemoved(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query('UPDATE webhooks SET removed_at = $2 WHERE id = $1', [id, at]);
}
