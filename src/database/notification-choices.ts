import type { Queryable, Transaction } from './connect.js';

/** What an account has chosen of a topic. */
export interface NotificationChoice {
  readonly topic: string;
  readonly byMail: boolean;
}

/** What an account has chosen; topics that it never chose about are left out. */
export async function listNotificationChoices(
  db: Queryable,
  accountId: number,
): Promise<readonly NotificationChoice[]> {
  const { rows } = await db.query<NotificationChoice>(
    'SELECT topic, by_mail AS "byMail" FROM notification_choices WHERE account_id = $1 ORDER BY topic',
    [accountId],
  );
  return rows;
}

/** What some accounts have chosen of one topic: account id → by mail or not. */
export async function findChoicesOfTopic(
  db: Queryable,
  topic: string,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, boolean>> {
  const { rows } = await db.query<{ accountId: number; byMail: boolean }>(
    `SELECT account_id AS "accountId", by_mail AS "byMail" FROM notification_choices
     WHERE topic = $1 AND account_id = ANY($2::bigint[])`,
    [topic, accountIds],
  );
  return new Map(rows.map(({ accountId, byMail }) => [accountId, byMail]));
}

/** Keeps a choice in the place of an earlier one. */
export async function setNotificationChoice(
  tx: Transaction,
  accountId: number,
  { topic, byMail }: NotificationChoice,
): Promise<void> {
  await tx.query(
    `INSERT INTO notification_choices (account_id, topic, by_mail) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, topic) DO UPDATE SET by_mail = excluded.by_mail`,
    [accountId, topic, byMail],
  );
}
