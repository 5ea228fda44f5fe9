import type { Caller } from '../accounts/caller.js';
import type { Queryable } from '../database/connect.js';
import { findRelease } from '../database/releases.js';
import { listReviewEvents, listReviewsOfSubmission, type ReviewRow } from '../database/reviews.js';
import { findReviewStart, hasLeftOwnersSince } from '../database/since-review.js';
import { findSubmission } from '../database/submissions.js';
import { ownCase, requireNoOwner } from '../releases/own-case.js';

/** Somebody who would decide. */
type Decider = Pick<Caller, 'accountId' | 'accountName'>;

/**
 * Whether somebody may decide a review, whatever their role: not where they uploaded it or opened the review, own the app or did
 * since what is reviewed came, and not about the appeal of a verdict of their own. Only under the app's lock is the answer good for a decision.
 *
 * @throws RequestError `OWN_CASE`
 */
export async function requireNoConflict(db: Queryable, decider: Decider, review: ReviewRow): Promise<void> {
  const { accountId } = decider;
  if (review.openedById === accountId) throw ownCase('You opened this review, or uploaded what it is about');
  await requireNoOwner(db, decider, review.appId);
  // Who leaves to decide, and is taken in again afterwards, was never away.
  const position = await findReviewStart(db, review);
  if (await hasLeftOwnersSince(db, { appId: review.appId, accountName: decider.accountName, position })) {
    throw ownCase('You owned this app when this was waiting already');
  }
  if ((await uploaderOf(db, review)) === accountId) throw ownCase('You uploaded what this review is about');
  if (review.kind === 'appeal' && (await hasDecidedBefore(db, decider, review))) {
    throw ownCase('The appeal is against a verdict of yours');
  }
}

async function uploaderOf(db: Queryable, { appId, submissionId, version }: ReviewRow): Promise<number | null> {
  const release = submissionId === null && version !== null ? await findRelease(db, appId, version) : null;
  const id = submissionId ?? release?.submissionId ?? null;
  const submission = id === null ? null : await findSubmission(db, id);
  return submission?.accountId ?? null;
}

/** Whether it was they who came to the verdict that is appealed: by themselves, or as one of two. */
async function hasDecidedBefore(
  db: Queryable,
  { accountId, accountName }: Decider,
  appeal: ReviewRow,
): Promise<boolean> {
  if (appeal.submissionId === null) return false;
  for (const review of await listReviewsOfSubmission(db, appeal.submissionId)) {
    if (review.id === appeal.id) continue;
    if (review.decidedById === accountId) return true;
    const events = await listReviewEvents(db, review.id, { internal: true });
    const isTheirs = ({ kind, accountName: by, detail }: (typeof events)[number]): boolean =>
      by === accountName && (kind === 'verdict' || (kind === 'proposed' && detail['verdict'] === review.verdict));
    if (events.some(isTheirs)) return true;
  }
  return false;
}
