import { ADVISORY_LOCK } from './advisory-locks.js';
import type { Queryable, Transaction } from './connect.js';

/** How far the authority's history has come. */
export interface AuthorityState {
  /** The number of the last change. */
  readonly change: number;
  /** Random, and so another one where a database was set back and the same number came up again. */
  readonly stamp: string;
}

/**
 * Begins a change of what verdicts depend on: a certificate issued or revoked, a list signed or fetched. Until the transaction
 * ends nobody else changes anything and nobody decides about an upload, so it must be short: no key is used and no network
 * asked while it is open. Comes before any lock on an app.
 *
 * @returns the number of the change, larger than all before
 */
export async function beginAuthorityChange(tx: Transaction): Promise<number> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK.authority]);
  const { rows } = await tx.query<{ change: number }>(
    'INSERT INTO authority_changes (change) SELECT max(change) + 1 FROM authority_changes RETURNING change',
  );
  return firstOf(rows).change;
}

/**
 * Keeps the authority as it is until the transaction ends: a decision made in it is made by what stands when it commits.
 * Decisions don't wait for each other. Comes before any lock on an app.
 */
export async function holdAuthorityStill(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [ADVISORY_LOCK.authority]);
}

/** How far the authority's history has come: whoever remembers something of it asks whether this is still the same. */
export async function readAuthorityState(db: Queryable): Promise<AuthorityState> {
  const { rows } = await db.query<AuthorityState>(
    'SELECT change, stamp FROM authority_changes ORDER BY change DESC LIMIT 1',
  );
  return firstOf(rows);
}

/** Whether a state that was once read belongs to this history. It does not where the database was set back before it. */
export async function isInAuthorityHistory(db: Queryable, { change, stamp }: AuthorityState): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 FROM authority_changes WHERE change = $1 AND stamp = $2', [change, stamp]);
  return rows.length > 0;
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('authority_changes has lost its first row');
  return first;
}
