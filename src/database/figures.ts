import type { Queryable } from './connect.js';

/*
 * Counts for whoever watches the store. One query a table; each reads all of it, so whoever asks doesn't ask all the time.
 */

/** How many there are of each kind; a kind of which there is none is left out. */
export type Counts = Readonly<Record<string, number>>;

/** The ledger by what a certificate counts for at a time. */
export async function countCertificates(db: Queryable, at: Date): Promise<Counts> {
  return counts(
    db,
    `SELECT CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN issued_at IS NULL THEN 'intended'
              WHEN not_after <= $1 THEN 'expired' ELSE 'valid' END AS kind, count(*) AS count
     FROM certificates GROUP BY 1`,
    [at],
  );
}

/** The developers' certificates that count, of which some end before `until`; the earliest end of all that count. */
export async function readLeafEnds(
  db: Queryable,
  span: { readonly at: Date; readonly until: Date },
): Promise<{ readonly endingSoon: number; readonly earliestEnd: Date | null }> {
  const { rows } = await db.query<{ endingSoon: number; earliestEnd: Date | null }>(
    `SELECT count(*) FILTER (WHERE not_after <= $2) AS "endingSoon", min(not_after) AS "earliestEnd"
     FROM certificates WHERE revoked_at IS NULL AND not_after > $1`,
    [span.at, span.until],
  );
  return rows[0] ?? { endingSoon: 0, earliestEnd: null };
}

export async function countSigningRequests(db: Queryable): Promise<Counts> {
  return counts(db, 'SELECT state AS kind, count(*) AS count FROM signing_requests GROUP BY 1', []);
}

export async function countReleases(db: Queryable): Promise<Counts> {
  return counts(db, 'SELECT status AS kind, count(*) AS count FROM releases GROUP BY 1', []);
}

export async function countSubmissions(db: Queryable): Promise<Counts> {
  return counts(db, 'SELECT outcome AS kind, count(*) AS count FROM submissions GROUP BY 1', []);
}

async function counts(db: Queryable, sql: string, values: readonly unknown[]): Promise<Counts> {
  const { rows } = await db.query<{ kind: string; count: number }>(sql, values);
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}
