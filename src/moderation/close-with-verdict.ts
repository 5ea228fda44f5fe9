import type { Transaction } from '../database/connect.js';
import { appendReviewEvent, closeReview, type ReviewRow, type ReviewVerdict } from '../database/reviews.js';
import { RequestError } from '../request-error.js';
import { findCannedReason } from './canned-reasons.js';
import { requireText } from './texts.js';

/** A verdict with its reason. */
export interface ReasonedVerdict {
  readonly verdict: ReviewVerdict;
  readonly reasonCode: string | null;
  readonly reason: string;
}

/**
 * A verdict whose reason can be written down: what somebody wrote, or the words of a canned reason where they wrote nothing.
 *
 * @throws RequestError `INVALID_REQUEST` for a canned reason that doesn't fit the verdict, or a text that is none
 */
export function requireReasoned({ verdict, reasonCode, reason }: ReasonedVerdict): ReasonedVerdict {
  const canned = reasonCode === null ? null : findCannedReason(reasonCode, verdict);
  if (reasonCode !== null && canned === null) {
    throw new RequestError('INVALID_REQUEST', `There is no canned reason of this code for the verdict "${verdict}".`);
  }
  const text = reason.trim() === '' && canned !== null ? canned.text : reason;
  return { verdict, reasonCode, reason: requireText(text, 'A reason') };
}

/** Closes a review, which the developer reads the reason of, and writes it down. `detail` is for moderators and the log. */
export async function closeWithVerdict(
  tx: Transaction,
  review: ReviewRow,
  { verdict, reasonCode, reason }: ReasonedVerdict,
  by: { readonly accountId: number; readonly at: Date; readonly detail?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { accountId, at, detail = {} } = by;
  await closeReview(tx, review.id, { verdict, reasonCode, reason, accountId, at });
  await appendReviewEvent(tx, {
    reviewId: review.id,
    kind: 'verdict',
    accountId,
    isInternal: false,
    text: reason,
    detail: { verdict, reasonCode, ...detail },
    happenedAt: at,
  });
}
