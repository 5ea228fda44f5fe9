import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { AppRow } from './apps.js';
import type { Queryable } from './connect.js';

/** An app as moderators see it in a list of them. */
export interface ListedAppRow extends Pick<AppRow, 'id' | 'trustLevel' | 'suspendedAt' | 'createdAt'> {
  /** By name. */
  readonly owners: readonly string[];
  readonly releases: number;
  /** When something of it was published last; null where nothing ever was. */
  readonly publishedAt: Date | null;
  /** How many reviews about it are open. */
  readonly waiting: number;
}

/** Which apps are wanted; null: any. */
export interface AppFilter {
  /** A part of the id, or of the name of an owner. */
  readonly q: string | null;
  readonly trustLevel: TrustLevel | null;
  readonly suspended: boolean | null;
}

/** Every app that the store knows, also one without a release, by id, after the one named `after`. */
export async function listAllApps(
  db: Queryable,
  { q, trustLevel, suspended, after, limit }: AppFilter & { readonly after: string; readonly limit: number },
): Promise<readonly ListedAppRow[]> {
  // Only for those on the page is anything counted. Not LIKE: what somebody searches for is no pattern.
  const { rows } = await db.query<ListedAppRow>(
    `WITH page AS MATERIALIZED (
       SELECT id, trust_level, suspended_at, created_at FROM apps
       WHERE id > $1 COLLATE "C" AND ($2::text IS NULL OR strpos(id, lower($2)) > 0 OR EXISTS (
           SELECT 1 FROM app_owners JOIN accounts ON accounts.id = app_owners.account_id
           WHERE app_owners.app_id = apps.id AND strpos(accounts.name, lower($2)) > 0))
         AND ($3::text IS NULL OR trust_level = $3) AND ($4::boolean IS NULL OR (suspended_at IS NOT NULL) = $4)
       ORDER BY id COLLATE "C" LIMIT $5)
     SELECT id, trust_level AS "trustLevel", suspended_at AS "suspendedAt", created_at AS "createdAt",
       ARRAY (SELECT accounts.name FROM app_owners JOIN accounts ON accounts.id = app_owners.account_id
         WHERE app_owners.app_id = page.id ORDER BY app_owners.added_at, accounts.id LIMIT 20) AS owners,
       (SELECT count(*) FROM releases WHERE releases.app_id = page.id) AS releases,
       (SELECT max(published_at) FROM releases WHERE releases.app_id = page.id) AS "publishedAt",
       (SELECT count(*) FROM reviews WHERE reviews.app_id = page.id AND state <> 'closed') AS waiting
     FROM page ORDER BY id COLLATE "C"`,
    [after, q, trustLevel, suspended, limit],
  );
  return rows;
}

/** An app as its owners see it in a list of theirs. */
export interface OwnedAppRow extends Pick<AppRow, 'id' | 'trustLevel' | 'suspendedAt'> {
  /** The release published last, and what became of it; null where there is none. */
  readonly newest: {
    readonly version: string;
    readonly status: ReleaseStatus;
    /** ISO 8601 */
    readonly publishedAt: string;
  } | null;
  /** How many of its uploads wait for a moderator, and how many for the developer. */
  readonly waiting: number;
  readonly questioned: number;
  /** The submission that was refused last and never published since; null where none was. */
  readonly refused: {
    readonly id: string;
    readonly version: string | null;
    /** ISO 8601 */
    readonly submittedAt: string;
  } | null;
}

/** The apps that an account owns, by id. What the public reports is not counted: owners do not hear of it. */
export async function listAppsOfOwner(
  db: Queryable,
  accountId: number,
  limit: number,
): Promise<readonly OwnedAppRow[]> {
  const { rows } = await db.query<OwnedAppRow>(
    `SELECT apps.id, trust_level AS "trustLevel", suspended_at AS "suspendedAt",
       (SELECT json_build_object('version', version, 'status', status, 'publishedAt', published_at) FROM releases
        WHERE releases.app_id = apps.id ORDER BY published_at DESC, releases.id DESC LIMIT 1) AS newest,
       (SELECT count(*) FROM reviews WHERE reviews.app_id = apps.id AND kind IN ('held', 'appeal')
          AND state IN ('waiting', 'proposed')) AS waiting,
       (SELECT count(*) FROM reviews WHERE reviews.app_id = apps.id AND kind IN ('held', 'appeal')
          AND state = 'questioned') AS questioned,
       (SELECT json_build_object('id', submissions.id, 'version', version, 'submittedAt', submitted_at) FROM submissions
        WHERE submissions.app_id = apps.id
          AND (outcome = 'refused' OR EXISTS (SELECT 1 FROM reviews WHERE submission_id = submissions.id AND verdict = 'refused'))
          AND NOT EXISTS (SELECT 1 FROM releases WHERE submission_id = submissions.id)
        ORDER BY submitted_at DESC, submissions.id DESC LIMIT 1) AS refused
     FROM app_owners JOIN apps ON apps.id = app_owners.app_id
     WHERE app_owners.account_id = $1 ORDER BY apps.id COLLATE "C" LIMIT $2`,
    [accountId, limit],
  );
  return rows;
}
