import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** What a review is about: see `migrations/0004-moderation.sql`, which opens those of held, requested and quarantined things. */
export const reviewKinds = ['held', 'appeal', 'signing-request', 'quarantine', 'report'] as const;

export type ReviewKind = (typeof reviewKinds)[number];

/** `waiting` for a moderator, `questioned`: for the developer, `proposed`: for a second moderator. */
export const reviewStates = ['waiting', 'questioned', 'proposed', 'closed'] as const;

export type ReviewState = (typeof reviewStates)[number];

/** What came of a review. */
export const reviewVerdicts = [
  'accepted',
  'refused',
  'granted',
  'denied',
  'approved',
  'declined',
  'withdrawn',
  'restored',
  'quarantined',
  'dismissed',
  'superseded',
] as const;

export type ReviewVerdict = (typeof reviewVerdicts)[number];

export const reportCategories = ['malware', 'security', 'privacy', 'copyright', 'broken', 'other'] as const;

export type ReportCategory = (typeof reportCategories)[number];

/** A verdict that one moderator has come to and a second one must agree with. */
export interface ReviewProposal {
  readonly verdict: ReviewVerdict;
  readonly reasonCode: string | null;
  readonly reason: string;
  /** The codes it would lift. */
  readonly codes: readonly string[];
  /** ISO 8601: a proposal does not wait for ever. */
  readonly proposedAt: string;
}

/** Something that waits for a moderator's decision, or waited. */
export interface ReviewRow {
  readonly id: string;
  readonly kind: ReviewKind;
  readonly appId: string;
  /** Of a held submission, or the refused one that is appealed. */
  readonly submissionId: string | null;
  readonly version: string | null;
  readonly requestId: string | null;
  readonly category: ReportCategory | null;
  readonly contact: string | null;
  /** Null: the public, or the gate itself. */
  readonly openedById: number | null;
  readonly openedBy: string | null;
  readonly openedAt: Date;
  readonly state: ReviewState;
  readonly claimedById: number | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: Date | null;
  readonly proposal: ReviewProposal | null;
  readonly proposedById: number | null;
  readonly proposedBy: string | null;
  readonly verdict: ReviewVerdict | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly decidedById: number | null;
  readonly decidedBy: string | null;
  readonly closedAt: Date | null;
}

const name = (column: string): string => `(SELECT name FROM accounts WHERE accounts.id = reviews.${column})`;

/** The columns of a {@link ReviewRow}, from `reviews`. */
export const REVIEW_COLUMNS = `reviews.id, reviews.kind, reviews.app_id AS "appId", reviews.submission_id AS "submissionId", reviews.version,
  reviews.request_id AS "requestId", reviews.category, reviews.contact, reviews.opened_by AS "openedById",
  ${name('opened_by')} AS "openedBy", reviews.opened_at AS "openedAt", reviews.state,
  reviews.claimed_by AS "claimedById", ${name('claimed_by')} AS "claimedBy", reviews.claimed_until AS "claimedUntil",
  reviews.proposal, reviews.proposed_by AS "proposedById", ${name('proposed_by')} AS "proposedBy", reviews.verdict,
  reviews.reason_code AS "reasonCode", reviews.reason, reviews.decided_by AS "decidedById", ${name('decided_by')} AS "decidedBy",
  reviews.closed_at AS "closedAt"`;

export async function findReview(db: Queryable, id: string): Promise<ReviewRow | null> {
  const { rows } = await db.query<ReviewRow>(`SELECT ${REVIEW_COLUMNS} FROM reviews WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** The review, which nobody else decides until the transaction ends. Taken after the lock on the app's row. */
export async function lockReview(tx: Transaction, id: string): Promise<ReviewRow | null> {
  const { rows } = await tx.query<ReviewRow>(`SELECT ${REVIEW_COLUMNS} FROM reviews WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] ?? null;
}

/** The open review of a release's quarantine, locked as {@link lockReview} does; null where none is. */
export async function lockQuarantineReview(
  tx: Transaction,
  { appId, version }: { readonly appId: string; readonly version: string },
): Promise<ReviewRow | null> {
  const { rows } = await tx.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM reviews
     WHERE app_id = $1 AND version = $2 AND kind = 'quarantine' AND state <> 'closed' FOR UPDATE`,
    [appId, version],
  );
  return rows[0] ?? null;
}

/** The reviews of a submission, the newest first: of its hold, and of an appeal against its refusal. */
export async function listReviewsOfSubmission(db: Queryable, submissionId: string): Promise<readonly ReviewRow[]> {
  const { rows } = await db.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM reviews WHERE submission_id = $1 ORDER BY opened_at DESC, id DESC`,
    [submissionId],
  );
  return rows;
}

/** The reviews of several submissions, of each the newest first. */
export async function listReviewsOfMany(
  db: Queryable,
  submissionIds: readonly string[],
): Promise<readonly ReviewRow[]> {
  const { rows } = await db.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM reviews WHERE submission_id = ANY ($1::uuid[]) ORDER BY opened_at DESC, id DESC`,
    [submissionIds],
  );
  return rows;
}

/** What is open of an app's submissions: those that are held, and the refused ones that are appealed. */
export async function listOpenReviewsOfSubmissions(tx: Transaction, appId: string): Promise<readonly ReviewRow[]> {
  const { rows } = await tx.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM reviews
     WHERE app_id = $1 AND state <> 'closed' AND kind IN ('held', 'appeal') ORDER BY id FOR UPDATE`,
    [appId],
  );
  return rows;
}

/** How many appeals of an account wait. */
export async function countOpenAppeals(db: Queryable, accountId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM reviews WHERE opened_by = $1 AND kind = 'appeal' AND state <> 'closed'`,
    [accountId],
  );
  return rows[0]?.count ?? 0;
}

/** Whether an appeal about these very bytes, as this account uploaded them, waits or was denied. */
export async function hasAppealOfArchive(
  db: Queryable,
  { appId, archiveSha256, accountId }: { appId: string; archiveSha256: string; accountId: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM reviews JOIN submissions ON submissions.id = reviews.submission_id
     WHERE reviews.app_id = $1 AND reviews.kind = 'appeal' AND submissions.archive_sha256 = $2
       AND submissions.account_id = $3 AND (reviews.state <> 'closed' OR reviews.verdict = 'denied') LIMIT 1`,
    [appId, archiveSha256, accountId],
  );
  return rows.length > 0;
}

/** Opens an appeal or a report; the other kinds the database opens by itself. */
export async function insertReview(
  tx: Transaction,
  review: Pick<
    ReviewRow,
    'id' | 'kind' | 'appId' | 'submissionId' | 'version' | 'category' | 'contact' | 'openedById' | 'openedAt'
  >,
): Promise<void> {
  await tx.query(
    `INSERT INTO reviews (id, kind, app_id, submission_id, version, category, contact, opened_by, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      review.id,
      review.kind,
      review.appId,
      review.submissionId,
      review.version,
      review.category,
      review.contact,
      review.openedById,
      review.openedAt,
    ],
  );
}

/** Gives the review to a moderator until then, or to nobody. */
export async function setReviewClaim(
  tx: Transaction,
  id: string,
  claim: { readonly accountId: number; readonly until: Date } | null,
): Promise<void> {
  await tx.query('UPDATE reviews SET claimed_by = $2, claimed_until = $3 WHERE id = $1', [
    id,
    claim?.accountId ?? null,
    claim?.until ?? null,
  ]);
}

/** Says whom an open review waits for; a proposal goes with the state `proposed`, and with no other. */
export async function setReviewState(
  tx: Transaction,
  id: string,
  to:
    | { readonly state: 'waiting' | 'questioned' }
    | { readonly state: 'proposed'; readonly proposal: ReviewProposal; readonly proposedBy: number },
): Promise<void> {
  const [proposal, proposedBy] = to.state === 'proposed' ? [JSON.stringify(to.proposal), to.proposedBy] : [null, null];
  await tx.query('UPDATE reviews SET state = $2, proposal = $3, proposed_by = $4 WHERE id = $1', [
    id,
    to.state,
    proposal,
    proposedBy,
  ]);
}

/** Closes a review for good. */
export async function closeReview(
  tx: Transaction,
  id: string,
  end: {
    readonly verdict: ReviewVerdict;
    readonly reasonCode: string | null;
    readonly reason: string;
    /** Null: the gate itself. */
    readonly accountId: number | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE reviews SET state = 'closed', verdict = $2, reason_code = $3, reason = $4, decided_by = $5, closed_at = $6,
       claimed_by = NULL, claimed_until = NULL, proposal = NULL, proposed_by = NULL WHERE id = $1`,
    [id, end.verdict, end.reasonCode, end.reason, end.accountId, end.at],
  );
}

/**
 * Closes the review of a signing request that is about to be decided, with who did and why. Of one that is decided in another
 * way the database closes it by itself.
 */
export async function closeReviewOfRequest(
  tx: Transaction,
  requestId: string,
  end: {
    readonly verdict: 'approved' | 'declined';
    readonly reason: string;
    readonly accountId: number;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query(
    `UPDATE reviews SET state = 'closed', verdict = $2, reason = left($3, 4000), decided_by = $4, closed_at = $5,
       claimed_by = NULL, claimed_until = NULL, proposal = NULL, proposed_by = NULL
     WHERE request_id = $1 AND state <> 'closed'`,
    [requestId, end.verdict, end.reason, end.accountId, end.at],
  );
}

export const reviewEventKinds = [
  'opened',
  'claimed',
  'let-go',
  'question',
  'answer',
  'note',
  'inspected',
  'proposed',
  'objected',
  'verdict',
] as const;

/** What was said or done in a review. Append-only. */
export interface ReviewEvent {
  readonly reviewId: string;
  readonly kind: (typeof reviewEventKinds)[number];
  /** Null: the public, or the gate itself. */
  readonly accountId: number | null;
  /** True for what moderators say among themselves. */
  readonly isInternal: boolean;
  readonly text: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly happenedAt: Date;
}

/** Writes down what was said or done in a review, there and in the audit log (`review-<kind>`). */
export async function appendReviewEvent(tx: Transaction, event: ReviewEvent): Promise<void> {
  await tx.query(
    `INSERT INTO review_events (review_id, kind, account_id, is_internal, text, detail, happened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      event.reviewId,
      event.kind,
      event.accountId,
      event.isInternal,
      event.text,
      JSON.stringify(event.detail),
      event.happenedAt,
    ],
  );
  const review = await findReview(tx, event.reviewId);
  if (review === null) throw new Error('An event of a review that is not there');
  const { kind, appId, submissionId, version } = review;
  await appendAuditEntry(tx, {
    kind: `review-${event.kind}`,
    accountId: event.accountId,
    appId,
    subject: { type: 'review', id: event.reviewId },
    reason: event.text,
    after: { ...event.detail, review: kind, submission: submissionId, version, internal: event.isInternal },
  });
}

/** An event as it stands in the record. */
export interface ReviewEventRow extends Omit<ReviewEvent, 'reviewId' | 'accountId'> {
  readonly id: number;
  readonly accountName: string | null;
}

/** More than are ever written in one review: what can go on without end is bounded where it is done. */
const MAX_EVENTS = 1_000;

/** What was said and done in a review, in its order; without what is internal where that isn't asked for. */
export async function listReviewEvents(
  db: Queryable,
  reviewId: string,
  { internal }: { readonly internal: boolean },
): Promise<readonly ReviewEventRow[]> {
  const { rows } = await db.query<ReviewEventRow>(
    `SELECT review_events.id, kind, accounts.name AS "accountName", is_internal AS "isInternal", text, detail,
       happened_at AS "happenedAt"
     FROM review_events LEFT JOIN accounts ON accounts.id = review_events.account_id
     WHERE review_id = $1 AND ($2 OR NOT is_internal) ORDER BY review_events.id LIMIT ${MAX_EVENTS}`,
    [reviewId, internal],
  );
  return rows;
}
