import { requireModerator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { findReview, listReviewEvents, type ReviewRow, type ReviewVerdict } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireClaimable } from './claims.js';
import { requireNoConflict } from './conflict-of-interest.js';

/** The verdicts that a moderator can come to, by what the review is about. */
export const verdictsOfKind = {
  held: ['accepted', 'refused'],
  appeal: ['granted', 'denied'],
  'signing-request': ['approved', 'declined'],
  quarantine: ['restored', 'withdrawn'],
  report: ['dismissed', 'quarantined', 'withdrawn'],
} as const satisfies Readonly<Record<ReviewRow['kind'], readonly ReviewVerdict[]>>;

/** @throws RequestError `NOT_FOUND` */
export async function requireReview(db: Queryable, id: string): Promise<ReviewRow> {
  const review = await findReview(db, id);
  if (review === null) throw new RequestError('NOT_FOUND', 'There is no such review.');
  return review;
}

/** @throws RequestError `REVIEW_CLOSED` */
export function requireOpenReview({ state, verdict }: ReviewRow): void {
  if (state !== 'closed') return;
  throw new RequestError('REVIEW_CLOSED', `This review is closed already; the verdict was: ${verdict ?? 'none'}.`, {
    verdict,
  });
}

/** @throws RequestError `VERDICT_UNFIT` where a review of this kind can't end so */
export function requireFit({ kind }: ReviewRow, verdict: ReviewVerdict): void {
  const fitting: readonly ReviewVerdict[] = verdictsOfKind[kind];
  if (fitting.includes(verdict)) return;
  throw new RequestError('VERDICT_UNFIT', `The verdict on this review is one of: ${fitting.join(', ')}.`, {
    verdicts: fitting,
  });
}

/**
 * Asks again, in the transaction that acts on it, whether the caller may moderate: an inspection takes its time, and a token
 * may be revoked meanwhile, an account suspended or given another role.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED`
 */
export async function requireLiveModerator(tx: Transaction, { now }: Pick<Gate, 'now'>, caller: Caller): Promise<void> {
  requireModerator(caller);
  await requireLiveToken(tx, caller, now());
}

/**
 * Whether the caller may decide a review that is locked, with its app: it is open, none of their own cases, and nobody else
 * is at it. It is theirs for a while then.
 *
 * @throws RequestError `REVIEW_CLOSED`, `OWN_CASE`, `REVIEW_CLAIMED`, or as {@link requireLiveModerator}
 */
export async function requireDecidable(
  tx: Transaction,
  gate: Pick<Gate, 'now'>,
  caller: Caller,
  review: ReviewRow,
): Promise<void> {
  requireOpenReview(review);
  await requireNoConflict(tx, caller, review);
  await requireClaimable(tx, review, caller, gate.now());
  // Tokens and accounts are locked last, after reviews.
  await requireLiveModerator(tx, gate, caller);
}

/** More than any review needs, and few enough to be read. */
const MAX_EVENTS = 500;

/** One moderator alone leaves room for others. */
const MAX_EVENTS_OF_ONE = 200;

/** @throws RequestError `TOO_MANY_ATTEMPTS` where so much was said and done in a review that only a verdict is left */
export async function requireRoom(tx: Transaction, review: ReviewRow, caller: Caller): Promise<void> {
  if (await hasRoom(tx, review, caller)) return;
  throw new RequestError('TOO_MANY_ATTEMPTS', 'Enough was said and done in this review: decide it.');
}

/** Whether there is room for something more to be written down in a review, by that moderator. */
export async function hasRoom(tx: Transaction, { id }: ReviewRow, { accountName }: Caller): Promise<boolean> {
  const events = await listReviewEvents(tx, id, { internal: true });
  const own = events.filter((event) => event.accountName === accountName);
  return events.length < MAX_EVENTS && own.length < MAX_EVENTS_OF_ONE;
}
