import type { ReleaseStatus } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { Queryable } from './connect.js';
import type { SubmissionCursor, SubmissionRow } from './submissions.js';

/*
 * The past of an app, for whoever judges a submission once more by what stood when it came.
 */

/** A submission with what rules look at. */
export type PastSubmission = Pick<
  SubmissionRow,
  'id' | 'appId' | 'version' | 'outcome' | 'archiveSha256' | 'archiveBytes' | 'report' | 'submittedAt'
>;

/** A span of time: from its beginning on, before its end. */
export interface Span {
  readonly since: Date;
  readonly until: Date;
}

/** The apps with a submission in a span of time, by id. */
export async function listAppsSubmitted(db: Queryable, { since, until }: Span): Promise<readonly string[]> {
  const { rows } = await db.query<{ appId: string }>(
    `SELECT DISTINCT app_id AS "appId" FROM submissions WHERE submitted_at >= $1 AND submitted_at < $2 ORDER BY 1`,
    [since, until],
  );
  return rows.map(({ appId }) => appId);
}

/** How many submissions there are in a span of time. */
export async function countSubmissionsIn(db: Queryable, { since, until }: Span): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM submissions WHERE submitted_at >= $1 AND submitted_at < $2',
    [since, until],
  );
  return rows[0]?.count ?? 0;
}

/** Submissions of an app in a span of time, the oldest first, after the one named `after`. */
export async function listPastSubmissions(
  db: Queryable,
  query: Span & { readonly appId: string; readonly after: SubmissionCursor | null; readonly limit: number },
): Promise<readonly PastSubmission[]> {
  const { rows } = await db.query<PastSubmission>(
    `SELECT id, app_id AS "appId", version, outcome, archive_sha256 AS "archiveSha256", archive_bytes AS "archiveBytes",
       report, submitted_at AS "submittedAt" FROM submissions
     WHERE app_id = $1 AND submitted_at >= $2 AND submitted_at < $3
       AND ($4::timestamptz IS NULL OR (submitted_at, id) > ($4, $5::uuid))
     ORDER BY submitted_at, id LIMIT $6`,
    [query.appId, query.since, query.until, query.after?.submittedAt ?? null, query.after?.id ?? null, query.limit],
  );
  return rows;
}

/** A release as the past of its app has it. */
export interface PublishedRow {
  /** Grows with every release. */
  readonly id: number;
  readonly version: string;
  readonly submissionId: string;
  readonly archiveSha256: string;
  /** Null for an unsigned one. */
  readonly signerKey: string | null;
  /** As it is now. */
  readonly status: ReleaseStatus;
  readonly publishedAt: Date;
}

/** Every release of an app, in the order in which they were published. */
export async function listPublished(db: Queryable, appId: string): Promise<readonly PublishedRow[]> {
  const { rows } = await db.query<PublishedRow>(
    `SELECT id, version, submission_id AS "submissionId", archive_sha256 AS "archiveSha256", signer_key AS "signerKey", status,
       published_at AS "publishedAt" FROM releases WHERE app_id = $1 ORDER BY published_at, id`,
    [appId],
  );
  return rows;
}

/** A change of what the rules look at. */
export interface PastChange {
  /** Of the release with this version; null: of the app's trust level. */
  readonly version: string | null;
  readonly before: TrustLevel | ReleaseStatus;
  readonly after: TrustLevel | ReleaseStatus;
  readonly happenedAt: Date;
}

/** Every change of an app's trust level and of the status of its releases, in the order in which they happened. */
export async function listPastChanges(db: Queryable, appId: string): Promise<readonly PastChange[]> {
  const { rows } = await db.query<PastChange>(
    `SELECT CASE WHEN kind = 'release-status' THEN detail ->> 'version' END AS version, detail ->> 'before' AS before,
       detail ->> 'after' AS after, happened_at AS "happenedAt"
     FROM app_events WHERE app_id = $1 AND kind IN ('trust-level', 'release-status') ORDER BY id`,
    [appId],
  );
  return rows;
}
