import type { Queryable } from './connect.js';
import type { Span } from './past-submissions.js';
import type { ReviewKind, ReviewState } from './reviews.js';

/*
 * Figures of how the store decides. Days and weeks are those of UTC; weeks begin on Monday.
 */

/** The submissions of a day. */
export interface DayOfSubmissions {
  /** `YYYY-MM-DD` */
  readonly day: string;
  readonly accepted: number;
  readonly held: number;
  readonly refused: number;
}

/** Submissions by their outcome, a row for each day of the span, those without one too. */
export async function countSubmissionsByDay(
  db: Queryable,
  { since, until }: Span,
): Promise<readonly DayOfSubmissions[]> {
  const { rows } = await db.query<DayOfSubmissions>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
       count(*) FILTER (WHERE outcome = 'held') AS held, count(*) FILTER (WHERE outcome = 'refused') AS refused
     FROM generate_series(date_trunc('day', $1::timestamptz AT TIME ZONE 'UTC'), $2::timestamptz AT TIME ZONE 'UTC', '1 day') AS day
     LEFT JOIN submissions ON date_trunc('day', submitted_at AT TIME ZONE 'UTC') = day
       AND submitted_at >= $1 AND submitted_at < $2
     GROUP BY day ORDER BY day`,
    [since, until],
  );
  return rows;
}

/** For how many refusals of a week a code was a reason. */
export interface WeekOfCode {
  /** Its Monday, `YYYY-MM-DD`. */
  readonly week: string;
  readonly code: string;
  readonly count: number;
}

/** Refusals by what they were for; one that was for several codes counts for each. */
export async function countRefusalsByWeek(db: Queryable, { since, until }: Span): Promise<readonly WeekOfCode[]> {
  const { rows } = await db.query<WeekOfCode>(
    `SELECT to_char(date_trunc('week', submitted_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS week, code, count(*) AS count
     FROM submissions CROSS JOIN LATERAL (
       SELECT DISTINCT found ->> 'code' AS code FROM jsonb_array_elements(report -> 'findings') AS found
       WHERE found ->> 'severity' = 'error') AS codes
     WHERE outcome = 'refused' AND submitted_at >= $1 AND submitted_at < $2 GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`,
    [since, until],
  );
  return rows;
}

/** How long decisions took, in seconds. */
export interface TimeToDecision {
  readonly kind: ReviewKind;
  readonly decided: number;
  readonly median: number;
  readonly ninetieth: number;
}

/** What nobody decided: something newer took its place, or whoever asked took it back. */
const WAS_DECIDED = `state = 'closed' AND verdict <> 'superseded' AND NOT (kind = 'signing-request' AND verdict = 'withdrawn')`;

/** How long reviews that were decided in a span of time had been open, by their kind. */
export async function readTimesToDecision(db: Queryable, { since, until }: Span): Promise<readonly TimeToDecision[]> {
  const { rows } = await db.query<TimeToDecision>(
    `SELECT kind, count(*) AS decided, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)) AS median,
       round(percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)) AS ninetieth
     FROM (
       SELECT kind, greatest(0, extract(epoch FROM closed_at - opened_at))::float8 AS seconds FROM reviews
       WHERE ${WAS_DECIDED} AND closed_at >= $1 AND closed_at < $2) AS closed
     GROUP BY kind ORDER BY kind`,
    [since, until],
  );
  return rows;
}

/** Open reviews of a kind, by how long they are open. */
export interface OpenByAge {
  readonly kind: ReviewKind;
  readonly underOneDay: number;
  readonly underThreeDays: number;
  readonly underAWeek: number;
  readonly older: number;
  readonly oldest: Date;
}

export async function countOpenByAge(db: Queryable, at: Date): Promise<readonly OpenByAge[]> {
  const { rows } = await db.query<OpenByAge>(
    `SELECT kind, count(*) FILTER (WHERE age < '1 day') AS "underOneDay",
       count(*) FILTER (WHERE age >= '1 day' AND age < '3 days') AS "underThreeDays",
       count(*) FILTER (WHERE age >= '3 days' AND age < '7 days') AS "underAWeek",
       count(*) FILTER (WHERE age >= '7 days') AS older, min(opened_at) AS oldest
     FROM (SELECT kind, opened_at, $1::timestamptz - opened_at AS age FROM reviews WHERE state <> 'closed') AS open
     GROUP BY kind ORDER BY kind`,
    [at],
  );
  return rows;
}

/** An app whose last submissions were all refused. */
export interface FailingApp {
  readonly appId: string;
  /** How many in a row. */
  readonly refusals: number;
  readonly since: Date;
  readonly lastAt: Date;
}

/** Apps of which so many submissions or more were refused in a row, up to the last, which came in the span. */
export async function listFailingApps(
  db: Queryable,
  { since, until }: Span,
  { atLeast, limit }: { readonly atLeast: number; readonly limit: number },
): Promise<readonly FailingApp[]> {
  const { rows } = await db.query<FailingApp>(
    `SELECT apps.app_id AS "appId", count(*) AS refusals, min(refused.submitted_at) AS since, max(refused.submitted_at) AS "lastAt"
     FROM (SELECT DISTINCT app_id FROM submissions WHERE submitted_at >= $1 AND submitted_at < $2) AS apps
     LEFT JOIN LATERAL (
       SELECT submitted_at, id FROM submissions
       WHERE submissions.app_id = apps.app_id AND outcome <> 'refused' AND submitted_at < $2
       ORDER BY submitted_at DESC, id DESC LIMIT 1) AS good ON true
     JOIN submissions AS refused ON refused.app_id = apps.app_id AND refused.submitted_at < $2
       AND (good.id IS NULL OR (refused.submitted_at, refused.id) > (good.submitted_at, good.id))
     GROUP BY apps.app_id HAVING count(*) >= $3 ORDER BY refusals DESC, apps.app_id LIMIT $4`,
    [since, until, atLeast, limit],
  );
  return rows;
}

/** How much a moderator decided, by the kind of review. */
export interface DecisionsOfModerator {
  readonly account: string;
  readonly kind: ReviewKind;
  readonly decided: number;
}

/** What was decided by whom in a span of time; signing requests have their own record of it. */
export async function countDecisionsByModerator(
  db: Queryable,
  { since, until }: Span,
): Promise<readonly DecisionsOfModerator[]> {
  const { rows } = await db.query<DecisionsOfModerator>(
    `SELECT accounts.name AS account, kind, count(*) AS decided
     FROM (
       SELECT decided_by AS account_id, kind FROM reviews
       WHERE ${WAS_DECIDED} AND kind <> 'signing-request' AND closed_at >= $1 AND closed_at < $2 AND decided_by IS NOT NULL
       UNION ALL
       SELECT account_id, 'signing-request' FROM signing_request_events
       WHERE kind IN ('approved', 'declined') AND happened_at >= $1 AND happened_at < $2) AS decided
     JOIN accounts ON accounts.id = account_id GROUP BY 1, 2 ORDER BY 1, 2`,
    [since, until],
  );
  return rows;
}

/** How many reviews of a kind are in a state, and since when the oldest is open. */
export interface OpenReviews {
  readonly kind: ReviewKind;
  readonly state: Exclude<ReviewState, 'closed'>;
  readonly count: number;
  readonly oldest: Date;
}

export async function countOpenReviews(db: Queryable): Promise<readonly OpenReviews[]> {
  const { rows } = await db.query<OpenReviews>(
    `SELECT kind, state, count(*) AS count, min(opened_at) AS oldest FROM reviews WHERE state <> 'closed' GROUP BY 1, 2`,
  );
  return rows;
}
