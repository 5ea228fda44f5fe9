import type { Queryable, Transaction } from './connect.js';

/** The list of an outside authority as last fetched from its address, and how the last attempt went. */
export interface FetchedRevocationListRow {
  readonly url: string;
  /** Null where it was never to be had. */
  readonly der: Buffer | null;
  readonly thisUpdate: Date | null;
  readonly nextUpdate: Date | null;
  readonly fetchedAt: Date | null;
  readonly attemptedAt: Date;
  /** Why the last attempt failed; null where it did not. */
  readonly failure: string | null;
}

/** Keeps a list that was fetched. The caller has begun an authority change. */
export async function keepFetchedRevocationList(
  tx: Transaction,
  list: { url: string; der: Buffer; thisUpdate: Date; nextUpdate: Date | null; at: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO fetched_revocation_lists (url, der, this_update, next_update, fetched_at, attempted_at, failure)
     VALUES ($1, $2, $3, $4, $5, $5, NULL)
     ON CONFLICT (url) DO UPDATE SET der = excluded.der, this_update = excluded.this_update,
       next_update = excluded.next_update, fetched_at = excluded.fetched_at, attempted_at = excluded.attempted_at,
       failure = NULL`,
    [list.url, list.der, list.thisUpdate, list.nextUpdate, list.at],
  );
}

/** Notes an attempt that brought nothing new; `failure` says why, or null where the list we have is still the newest. */
export async function noteFetchAttempt(
  db: Queryable,
  attempt: { url: string; at: Date; failure: string | null },
): Promise<void> {
  await db.query(
    `INSERT INTO fetched_revocation_lists (url, attempted_at, failure) VALUES ($1, $2, $3)
     ON CONFLICT (url) DO UPDATE SET attempted_at = excluded.attempted_at, failure = excluded.failure,
       fetched_at = CASE WHEN excluded.failure IS NULL AND fetched_revocation_lists.der IS NOT NULL
         THEN excluded.attempted_at ELSE fetched_revocation_lists.fetched_at END`,
    [attempt.url, attempt.at, attempt.failure],
  );
}

/** What was fetched from these addresses. */
export async function listFetchedRevocationLists(
  db: Queryable,
  urls: readonly string[],
): Promise<readonly FetchedRevocationListRow[]> {
  const { rows } = await db.query<FetchedRevocationListRow>(
    `SELECT url, der, this_update AS "thisUpdate", next_update AS "nextUpdate", fetched_at AS "fetchedAt",
       attempted_at AS "attemptedAt", failure
     FROM fetched_revocation_lists WHERE url = ANY($1::text[]) ORDER BY url`,
    [urls],
  );
  return rows;
}

/**
 * Takes an address to be asked, where it is due: so that of several replicas one asks. What was asked without success, or
 * never brought anything, is due sooner.
 *
 * @returns false where it is not due, or somebody else has just taken it
 */
export async function claimFetch(
  db: Queryable,
  claim: { url: string; at: Date; dueSince: Date; dueSinceAfterFailure: Date },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO fetched_revocation_lists (url, attempted_at) VALUES ($1, $2)
     ON CONFLICT (url) DO UPDATE SET attempted_at = excluded.attempted_at
     WHERE fetched_revocation_lists.attempted_at <= CASE
         WHEN fetched_revocation_lists.failure IS NULL AND fetched_revocation_lists.der IS NOT NULL THEN $3::timestamptz
         ELSE $4::timestamptz END
       -- A clock that was wrong, and is set back, must not keep us from asking for years.
       OR fetched_revocation_lists.attempted_at > excluded.attempted_at + interval '1 hour'`,
    [claim.url, claim.at, claim.dueSince, claim.dueSinceAfterFailure],
  );
  return rowCount === 1;
}
