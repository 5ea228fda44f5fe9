import { isOperator, requireModerator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { countClaimEvents } from '../database/review-queue.js';
import { appendReviewEvent, lockReview, setReviewClaim, type ReviewRow } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireNoConflict } from './conflict-of-interest.js';

/** How long a claim counts after its holder did something; nobody waits for one who went home. */
const CLAIM_MS = 30 * 60 * 1000;

/** So often it is written down, in one review, who claims it and lets it go: claims decide nothing. */
const MAX_CLAIM_EVENTS = 200;

/** `review` with its claim as far as it counts at that time. */
export function withLiveClaim<Review extends ReviewRow>(review: Review, at: Date): Review {
  if (review.claimedUntil !== null && review.claimedUntil > at) return review;
  return { ...review, claimedById: null, claimedBy: null, claimedUntil: null };
}

/**
 * Gives a review to the caller for half an hour, or for half an hour more: other moderators see that somebody is at it. Of
 * two who claim it at once, one gets it.
 *
 * @param takeOver whether it is taken from whoever holds it, which administrators may
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED`, `OWN_CASE` for whoever may not decide it, or
 *   `REVIEW_CLAIMED` where another moderator holds it
 */
export async function claimReview(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  id: string,
  { takeOver = false }: { readonly takeOver?: boolean } = {},
): Promise<ReviewRow> {
  requireModerator(caller);
  return inTransaction(gate.database, async (tx) => {
    const review = await lockKnownReview(tx, id);
    const at = gate.now();
    await requireLiveToken(tx, caller, at);
    requireOpen(review);
    // Whoever may not decide it would only keep others from it.
    await requireNoConflict(tx, caller, review);
    return claim(tx, review, caller, at, takeOver && isOperator(caller));
  });
}

/**
 * Lets go of a review that the caller holds; of one that nobody holds nothing changes.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED`, or `REVIEW_CLAIMED` where another moderator holds it
 */
export async function letGoOfReview(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  id: string,
): Promise<ReviewRow> {
  requireModerator(caller);
  return inTransaction(gate.database, async (tx) => {
    const review = await lockKnownReview(tx, id);
    const at = gate.now();
    await requireLiveToken(tx, caller, at);
    requireOpen(review);
    const { claimedById } = withLiveClaim(review, at);
    if (claimedById !== null && claimedById !== caller.accountId) throw claimedByAnother(review);
    await setReviewClaim(tx, id, null);
    if (claimedById !== null) await noteClaim(tx, review, caller, 'let-go', at);
    return { ...review, claimedById: null, claimedBy: null, claimedUntil: null };
  });
}

/**
 * Whether the caller may act on a review, which is locked: nobody else holds it. Whoever acts holds it from then on, for half
 * an hour.
 *
 * @throws RequestError `REVIEW_CLOSED`, or `REVIEW_CLAIMED` where another moderator holds it
 */
export async function requireClaimable(tx: Transaction, review: ReviewRow, caller: Caller, at: Date): Promise<void> {
  await claim(tx, review, caller, at, false);
}

/**
 * Whether nobody else holds a review, which is locked.
 *
 * @throws RequestError `REVIEW_CLAIMED`
 */
export function requireUnclaimed(review: ReviewRow, { accountId }: Caller, at: Date): void {
  const holder = withLiveClaim(review, at).claimedById;
  if (holder !== null && holder !== accountId) throw claimedByAnother(review);
}

async function claim(
  tx: Transaction,
  review: ReviewRow,
  caller: Caller,
  at: Date,
  mayTakeOver: boolean,
): Promise<ReviewRow> {
  requireOpen(review);
  if (!mayTakeOver) requireUnclaimed(review, caller, at);
  const holder = withLiveClaim(review, at).claimedById;
  const isMine = holder === caller.accountId;
  const until = new Date(at.getTime() + CLAIM_MS);
  await setReviewClaim(tx, review.id, { accountId: caller.accountId, until });
  if (!isMine) await noteClaim(tx, review, caller, 'claimed', at, holder === null ? {} : { from: review.claimedBy });
  return { ...review, claimedById: caller.accountId, claimedBy: caller.accountName, claimedUntil: until };
}

async function noteClaim(
  tx: Transaction,
  { id }: ReviewRow,
  { accountId }: Caller,
  kind: 'claimed' | 'let-go',
  happenedAt: Date,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  if ((await countClaimEvents(tx, id)) >= MAX_CLAIM_EVENTS) return;
  await appendReviewEvent(tx, { reviewId: id, kind, accountId, isInternal: true, text: '', detail, happenedAt });
}

async function lockKnownReview(tx: Transaction, id: string): Promise<ReviewRow> {
  const review = await lockReview(tx, id);
  if (review === null) throw new RequestError('NOT_FOUND', 'There is no such review.');
  return review;
}

function requireOpen({ state }: ReviewRow): void {
  if (state === 'closed') throw new RequestError('REVIEW_CLOSED', 'This review is closed.');
}

function claimedByAnother({ claimedBy, claimedUntil }: ReviewRow): RequestError {
  return new RequestError('REVIEW_CLAIMED', `${claimedBy ?? 'Somebody else'} is at this review.`, {
    claimedBy,
    claimedUntil: claimedUntil?.toISOString(),
  });
}
