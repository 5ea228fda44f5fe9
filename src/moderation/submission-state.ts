import { isSameVersion } from '../app/version.js';
import { findReceipt } from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import { findReleaseOfSubmission, listVersions } from '../database/releases.js';
import {
  hasAppealOfArchive,
  listReviewEvents,
  listReviewsOfMany,
  listReviewsOfSubmission,
  type ReviewKind,
  type ReviewRow,
  type ReviewState,
  type ReviewVerdict,
} from '../database/reviews.js';
import type { SubmissionRow, SubmissionSummary } from '../database/submissions.js';

/**
 * How a submission stands now, whatever the gate first made of it: `questioned`, where a moderator waits for the developer;
 * `appealed`, where the refusal is looked at again.
 */
export const submissionStates = ['accepted', 'held', 'refused', 'questioned', 'appealed'] as const;

export type SubmissionStanding = (typeof submissionStates)[number];

/** The last review of a submission, as its developer sees it: never who in the store it was. */
export interface PublicReview {
  readonly id: string;
  readonly kind: ReviewKind;
  /** That a second moderator is asked is the store's own affair: it waits. */
  readonly state: Exclude<ReviewState, 'proposed'>;
  readonly verdict: ReviewVerdict | null;
  readonly reasonCode: string | null;
  readonly reason: string | null;
  readonly decidedAt: Date | null;
}

/** Something that was said between a developer and the store. */
export interface PublicEvent {
  readonly kind: 'appeal' | 'question' | 'answer' | 'verdict';
  readonly from: 'developer' | 'store';
  readonly text: string;
  readonly happenedAt: Date;
}

/** How a submission stands, and its last review. */
export interface SubmissionBrief {
  readonly state: SubmissionStanding;
  readonly review: PublicReview | null;
}

/** Everything that a developer sees of what became of a submission. */
export interface SubmissionState extends SubmissionBrief {
  readonly thread: readonly PublicEvent[];
  /** Whether an appeal against it could be opened, by somebody who may. */
  readonly canAppeal: boolean;
  /** The hash of the newest verdict's entry in the audit log. */
  readonly receipt: string | null;
}

/** How a submission stands at that time. */
export async function readSubmissionState(
  { database: db, now }: { readonly database: Queryable; readonly now: () => Date },
  submission: SubmissionRow,
): Promise<SubmissionState> {
  const reviews = await listReviewsOfSubmission(db, submission.id);
  return {
    ...briefOf(submission, reviews[0] ?? null),
    thread: await readThread(db, reviews),
    canAppeal: (await whyNotAppealable(db, submission, reviews, now())) === null,
    receipt: await receiptOf(db, submission, reviews),
  };
}

/** How many submissions stand, by their ids. */
export async function readSubmissionBriefs(
  db: Queryable,
  submissions: readonly SubmissionSummary[],
): Promise<ReadonlyMap<string, SubmissionBrief>> {
  const reviews = await listReviewsOfMany(
    db,
    submissions.map(({ id }) => id),
  );
  const newest = new Map(reviews.toReversed().map((review) => [review.submissionId, review]));
  return new Map(submissions.map((row) => [row.id, briefOf(row, newest.get(row.id) ?? null)]));
}

function briefOf({ outcome }: SubmissionSummary, review: ReviewRow | null): SubmissionBrief {
  if (review === null) return { state: outcome, review: null };
  return { state: standingOf(review), review: publicReview(review) };
}

function standingOf({ kind, state, verdict }: ReviewRow): SubmissionStanding {
  if (state === 'questioned') return 'questioned';
  if (state !== 'closed') return kind === 'appeal' ? 'appealed' : 'held';
  return verdict === 'accepted' || verdict === 'granted' ? 'accepted' : 'refused';
}

function publicReview({ id, kind, state, verdict, reasonCode, reason, closedAt }: ReviewRow): PublicReview {
  return {
    id,
    kind,
    state: state === 'proposed' ? 'waiting' : state,
    verdict,
    reasonCode,
    reason,
    decidedAt: closedAt,
  };
}

const threadKinds: Readonly<Partial<Record<string, Pick<PublicEvent, 'kind' | 'from'>>>> = {
  opened: { kind: 'appeal', from: 'developer' },
  question: { kind: 'question', from: 'store' },
  answer: { kind: 'answer', from: 'developer' },
  verdict: { kind: 'verdict', from: 'store' },
};

async function readThread(db: Queryable, reviews: readonly ReviewRow[]): Promise<readonly PublicEvent[]> {
  const thread: PublicEvent[] = [];
  for (const { id } of reviews.toReversed()) {
    for (const { kind, text, happenedAt } of await listReviewEvents(db, id, { internal: false })) {
      const shown = threadKinds[kind];
      if (shown !== undefined) thread.push({ ...shown, text, happenedAt });
    }
  }
  return thread;
}

async function receiptOf(
  db: Queryable,
  { id, outcome }: SubmissionSummary,
  reviews: readonly ReviewRow[],
): Promise<string | null> {
  const decided = reviews.find(({ state }) => state === 'closed');
  const verdict = decided && (await findReceipt(db, { type: 'review', id: decided.id }, ['review-verdict']));
  return verdict ?? findReceipt(db, { type: 'submission', id }, [`submission-${outcome}`]);
}

const DAY_MS = 24 * 60 * 60 * 1000;
const APPEAL_DAYS = 90;

/**
 * Why no appeal can be opened against a submission; null where one can.
 *
 * @param reviews of the submission, the newest first
 */
export async function whyNotAppealable(
  db: Queryable,
  submission: SubmissionRow,
  reviews: readonly ReviewRow[],
  at: Date,
): Promise<string | null> {
  const [review = null] = reviews;
  if (reviews.some(({ kind }) => kind === 'appeal')) return 'This refusal was appealed already.';
  if (briefOf(submission, review).state !== 'refused') return 'Only what was refused can be appealed.';
  if (review?.verdict === 'superseded') return 'This version has been published since.';
  const refusedAt = review?.closedAt ?? submission.submittedAt;
  if (at.getTime() - refusedAt.getTime() > APPEAL_DAYS * DAY_MS) {
    return `It was refused more than ${APPEAL_DAYS} days ago; upload it again.`;
  }
  const { version, appId } = submission;
  const versions = version === null ? [] : await listVersions(db, appId);
  if (version !== null && versions.some((past) => isSameVersion(past.version, version))) {
    return 'This version has been published since.';
  }
  if ((await findReleaseOfSubmission(db, submission.id)) !== null) return 'It is published.';
  return (await hasAppealOfArchive(db, submission)) ? 'An appeal about these very bytes waits, or was denied.' : null;
}
