import type { Queryable, Transaction } from './connect.js';

/** How an upload was answered, beyond its outcome. */
export type SubmissionAnswerKind = 'accepted' | 'held' | 'repeated' | 'conflict' | 'refused';

/** What an Idempotency-Key stands for: the submission that the first request with it made. */
export interface IdempotencyRow {
  /** Of what was asked: the same key for another request is a mistake. */
  readonly fingerprint: string;
  readonly answer: SubmissionAnswerKind;
  readonly submissionId: string;
}

export async function findIdempotencyKey(
  db: Queryable,
  accountId: number,
  key: string,
): Promise<IdempotencyRow | null> {
  const { rows } = await db.query<IdempotencyRow>(
    `SELECT fingerprint, answer, submission_id AS "submissionId" FROM idempotency_keys WHERE account_id = $1 AND key = $2`,
    [accountId, key],
  );
  return rows[0] ?? null;
}

/** Keeps the key; false where another request took it first. Waits for a transaction that is about to. */
export async function keepIdempotencyKey(
  tx: Transaction,
  row: IdempotencyRow & { readonly accountId: number; readonly key: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO idempotency_keys (account_id, key, fingerprint, answer, submission_id) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [row.accountId, row.key, row.fingerprint, row.answer, row.submissionId],
  );
  return rowCount === 1;
}

/** Forgets the keys kept before `before`, and says how many there were. */
export async function forgetIdempotencyKeys(db: Queryable, before: Date): Promise<number> {
  const { rowCount } = await db.query('DELETE FROM idempotency_keys WHERE created_at < $1', [before]);
  return rowCount ?? 0;
}
