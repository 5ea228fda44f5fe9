import type { Queryable, Transaction } from './connect.js';

/** The advisory lock that orders changes to the authority and the decisions that depend on it. Nothing else uses the number. */
const AUTHORITY_LOCK = 7_283_601;

/**
 * Begins a change of what verdicts depend on: a certificate issued or revoked, a list signed or fetched. Until the transaction
 * ends nobody else changes anything and nobody decides about an upload, so it must be short: no key is used and no network
 * asked while it is open. Comes before any lock on an app.
 *
 * @returns the number of the change, larger than all before
 */
export async function beginAuthorityChange(tx: Transaction): Promise<number> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [AUTHORITY_LOCK]);
  const { rows } = await tx.query<{ change: number }>(
    'UPDATE authority_state SET change = change + 1 RETURNING change',
  );
  return changeOf(rows);
}

/**
 * Keeps the authority as it is until the transaction ends: a decision made in it is made by what stands when it commits.
 * Decisions don't wait for each other. Comes before any lock on an app.
 */
export async function holdAuthorityStill(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [AUTHORITY_LOCK]);
}

/** The number of the last change. */
export async function lastAuthorityChange(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ change: number }>('SELECT change FROM authority_state');
  return changeOf(rows);
}

function changeOf(rows: readonly { readonly change: number }[]): number {
  const change = rows[0]?.change;
  if (change === undefined) throw new Error('authority_state has lost its row');
  return change;
}
