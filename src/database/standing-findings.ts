import type { Queryable, Transaction } from './connect.js';

/** Something that the standing watch found about a release, for as long as it is so. */
export interface StandingFindingRow {
  readonly appId: string;
  readonly version: string;
  readonly code: string;
  readonly message: string;
  /** Since when it is so. */
  readonly foundAt: Date;
  /** When it was last seen to be so. */
  readonly seenAt: Date;
  /** Since when it is so no more; null while it is. */
  readonly clearedAt: Date | null;
  /** What the watch made of the release for it; null where it only marked it. */
  readonly actedAs: 'quarantined' | 'withdrawn' | null;
}

const COLUMNS = `app_id AS "appId", version, code, message, found_at AS "foundAt", seen_at AS "seenAt", cleared_at AS "clearedAt",
  acted_as AS "actedAs"`;

/** What is wrong with these releases now, by app, version and code; releases about which nothing was found are left out. */
export async function listStandingFindings(
  db: Queryable,
  pairs: readonly { readonly app: string; readonly version: string }[],
): Promise<readonly StandingFindingRow[]> {
  if (pairs.length === 0) return [];
  const { rows } = await db.query<StandingFindingRow>(
    `SELECT ${COLUMNS} FROM standing_findings
     WHERE (app_id, version) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND cleared_at IS NULL
     ORDER BY app_id, version, code`,
    [pairs.map(({ app }) => app), pairs.map(({ version }) => version)],
  );
  return rows;
}

/** What is wrong with these releases of an app now, or was until after `since`. */
export async function listRecentFindings(
  db: Queryable,
  { appId, versions, since }: { readonly appId: string; readonly versions: readonly string[]; readonly since: Date },
): Promise<readonly StandingFindingRow[]> {
  const { rows } = await db.query<StandingFindingRow>(
    `SELECT ${COLUMNS} FROM standing_findings
     WHERE app_id = $1 AND version = ANY ($2::text[]) AND (cleared_at IS NULL OR cleared_at > $3)`,
    [appId, versions, since],
  );
  return rows;
}

/** Writes down what was found, in the words of today, and that it is so. */
export async function keepStandingFinding(
  tx: Transaction,
  finding: Omit<StandingFindingRow, 'clearedAt'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO standing_findings (app_id, version, code, message, found_at, seen_at, acted_as) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (app_id, version, code) DO UPDATE SET message = excluded.message, found_at = excluded.found_at,
       seen_at = excluded.seen_at, cleared_at = NULL, acted_as = excluded.acted_as`,
    [finding.appId, finding.version, finding.code, finding.message, finding.foundAt, finding.seenAt, finding.actedAs],
  );
}

/** Writes down that it is so no more. */
export async function clearStandingFinding(
  tx: Transaction,
  finding: { readonly appId: string; readonly version: string; readonly code: string; readonly at: Date },
): Promise<void> {
  await tx.query(
    `UPDATE standing_findings SET cleared_at = $4 WHERE app_id = $1 AND version = $2 AND code = $3 AND cleared_at IS NULL`,
    [finding.appId, finding.version, finding.code, finding.at],
  );
}

/** How many releases each code is said of now; codes of none are left out. */
export async function countStandingFindings(db: Queryable): Promise<Readonly<Record<string, number>>> {
  const { rows } = await db.query<{ code: string; count: number }>(
    'SELECT code, count(*) AS count FROM standing_findings WHERE cleared_at IS NULL GROUP BY code',
  );
  return Object.fromEntries(rows.map(({ code, count }) => [code, count]));
}
