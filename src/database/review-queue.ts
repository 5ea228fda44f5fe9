import type { TrustLevel } from '../policy/trust-level.js';
import type { FindingCode } from '../report/catalogue.js';
import type { Queryable } from './connect.js';
import { REVIEW_COLUMNS, type ReviewKind, type ReviewRow, type ReviewState } from './reviews.js';

/** A review as the queue shows it. */
export interface QueuedReviewRow extends ReviewRow {
  /** Whose upload or request it is about; null where it is about none. */
  readonly uploader: string | null;
  readonly trustLevel: TrustLevel;
  readonly isAppSuspended: boolean;
  /** What a held submission is held for, or an appealed one refused for; none for the other kinds. */
  readonly codes: readonly FindingCode[];
  /** What the release is under quarantine for, as a code where there is one; null where it isn't. */
  readonly quarantinedFor: string | null;
}

/** Where the queue goes on: after this review, in its order. */
export interface ReviewCursor {
  readonly openedAt: Date;
  readonly id: string;
}

/** Which reviews are wanted. */
export interface QueueFilter {
  readonly kinds: readonly ReviewKind[];
  readonly states: readonly ReviewState[];
  readonly appId: string | null;
  /** A part of what a review is known by, in any case: ids, version, uploader, category. */
  readonly q: string | null;
  /** Those that this account holds at that time, or those that nobody does; null: any. */
  readonly claim: { readonly of: number | 'nobody'; readonly at: Date } | null;
}

/** What a review is about, whoever uploaded it: of a release that is in quarantine, the submission it came of. */
const ABOUT = `JOIN apps ON apps.id = reviews.app_id
  LEFT JOIN releases ON reviews.submission_id IS NULL AND releases.app_id = reviews.app_id AND releases.version = reviews.version
  LEFT JOIN submissions ON submissions.id = coalesce(reviews.submission_id, releases.submission_id)
  LEFT JOIN signing_requests ON signing_requests.id = reviews.request_id
  LEFT JOIN accounts AS uploader ON uploader.id = coalesce(submissions.account_id, signing_requests.account_id)`;

const CODES = `CASE WHEN reviews.kind IN ('held', 'appeal') THEN (
    SELECT array_agg(DISTINCT finding ->> 'code') FROM jsonb_array_elements(submissions.report -> 'findings') AS finding
    WHERE finding ->> 'severity' = CASE submissions.outcome WHEN 'refused' THEN 'error' ELSE 'hold' END)
  END`;

/** Reviews, those opened first first. */
export async function listReviewQueue(
  db: Queryable,
  { kinds, states, appId, q, claim, after, limit }: QueueFilter & { after: ReviewCursor | null; limit: number },
): Promise<readonly QueuedReviewRow[]> {
  // Only for those on the page is the report looked into. The cursor's own row tells its time to the microsecond.
  const { rows } = await db.query<QueuedReviewRow>(
    `WITH page AS MATERIALIZED (
       SELECT reviews.id FROM reviews ${ABOUT}
       WHERE reviews.kind = ANY ($1::text[]) AND reviews.state = ANY ($2::text[])
         AND ($3::text IS NULL OR reviews.app_id = $3)
         AND ($4::text IS NULL OR concat_ws(E'\\n', reviews.app_id, reviews.version, submissions.version, uploader.name,
           reviews.category, reviews.id, reviews.submission_id, reviews.request_id) ILIKE $4 ESCAPE '\\')
         AND ($5::bigint IS NULL OR (reviews.claimed_by = $5 AND reviews.claimed_until > $7))
         AND (NOT $6::boolean OR reviews.claimed_until IS NULL OR reviews.claimed_until <= $7)
         AND ($9::uuid IS NULL OR (reviews.opened_at, reviews.id) >
           (coalesce((SELECT opened_at FROM reviews AS last WHERE last.id = $9), $8::timestamptz), $9))
       ORDER BY reviews.opened_at, reviews.id LIMIT $10)
     SELECT ${REVIEW_COLUMNS}, uploader.name AS uploader, apps.trust_level AS "trustLevel",
       apps.suspended_at IS NOT NULL AS "isAppSuspended", coalesce(${CODES}, '{}') AS codes,
       CASE WHEN releases.status = 'quarantined' THEN coalesce(releases.status_reason_code, releases.status_reason) END AS "quarantinedFor"
     FROM page JOIN reviews ON reviews.id = page.id ${ABOUT}
     ORDER BY reviews.opened_at, reviews.id`,
    [
      kinds,
      states,
      appId,
      q === null ? null : `%${escapePattern(q)}%`,
      typeof claim?.of === 'number' ? claim.of : null,
      claim?.of === 'nobody',
      claim?.at ?? null,
      after?.openedAt ?? null,
      after?.id ?? null,
      limit,
    ],
  );
  return rows;
}

/** `text` as a pattern of LIKE that only it itself meets. */
function escapePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** How many reviews are open, by kind and state; a pair of which there is none is left out. */
export async function countReviewQueue(
  db: Queryable,
): Promise<readonly { readonly kind: ReviewKind; readonly state: ReviewState; readonly count: number }[]> {
  const { rows } = await db.query<{ kind: ReviewKind; state: ReviewState; count: number }>(
    `SELECT kind, state, count(*) AS count FROM reviews WHERE state <> 'closed' GROUP BY kind, state`,
  );
  return rows;
}

/** How many reports from the public about an app nobody has decided on. Under the app's lock it stays as it is. */
export async function countOpenReports(db: Queryable, appId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM reviews WHERE kind = 'report' AND state <> 'closed' AND app_id = $1`,
    [appId],
  );
  return rows[0]?.count ?? 0;
}

/** How often a review was claimed or let go of. */
export async function countClaimEvents(db: Queryable, reviewId: string): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM review_events WHERE review_id = $1 AND kind IN ('claimed', 'let-go')`,
    [reviewId],
  );
  return rows[0]?.count ?? 0;
}
