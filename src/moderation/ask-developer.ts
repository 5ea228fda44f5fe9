import { requireModerator, type Caller } from '../accounts/caller.js';
import { questionSigningRequest } from '../authority/decide-signing-request.js';
import { lockApp } from '../database/apps.js';
import { inTransaction, type Transaction } from '../database/connect.js';
import { appendReviewEvent, lockReview, setReviewClaim, setReviewState, type ReviewRow } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { requireNoProposal } from './accept-submission.js';
import { requireNoConflict } from './conflict-of-interest.js';
import { requireDecidable, requireLiveModerator, requireOpenReview, requireReview, requireRoom } from './decidable.js';
import { proposalOf } from './second-person.js';
import { requireText } from './texts.js';

/**
 * Asks the developer something; the review waits for the answer then, but may be decided without one.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED`, `OWN_CASE`, `REVIEW_CLAIMED`; `VERDICT_UNFIT` where there
 *   is nobody to ask, or a second moderator is asked already
 */
export async function askDeveloper(
  gate: Gate,
  caller: Caller,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<ReviewRow> {
  const question = requireText(text, 'A question');
  const { kind, requestId } = await changeReview(gate, caller, id, async (tx, review) => {
    await requireDecidable(tx, gate, caller, review);
    await requireRoom(tx, review, caller);
    if (review.kind === 'signing-request') return;
    if (review.kind !== 'held' && review.kind !== 'appeal') {
      throw new RequestError('VERDICT_UNFIT', 'Only of a submission or a signing request is there somebody to ask.');
    }
    requireNoProposal(review, gate.now());
    await setReviewState(tx, id, { state: 'questioned' });
    await note(tx, gate, caller, id, { kind: 'question', isInternal: false, text: question });
  });
  if (kind === 'signing-request' && requestId !== null) {
    await questionSigningRequest(gate, caller, { id: requestId, reason: question });
  }
  return requireReview(gate.database, id);
}

/**
 * Writes down something for other moderators; nobody else ever reads it.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED` or `TOO_MANY_ATTEMPTS`
 */
export async function addNote(
  gate: Gate,
  caller: Caller,
  { id, text }: { readonly id: string; readonly text: string },
): Promise<ReviewRow> {
  const words = requireText(text, 'A note');
  await changeReview(gate, caller, id, async (tx, review) => {
    requireOpenReview(review);
    await requireRoom(tx, review, caller);
    await requireLiveModerator(tx, gate, caller);
    await note(tx, gate, caller, id, { kind: 'note', isInternal: true, text: words });
  });
  return requireReview(gate.database, id);
}

/**
 * Says why a proposed verdict is not to be; the review waits as before. Whoever proposed it may take it back so.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED`, `OWN_CASE`; `VERDICT_UNFIT` where nothing is proposed
 */
export async function objectToProposal(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<ReviewRow> {
  const words = requireText(reason, 'A reason');
  await changeReview(gate, caller, id, async (tx, review) => {
    requireOpenReview(review);
    await requireNoConflict(tx, caller, review);
    await requireLiveModerator(tx, gate, caller);
    const proposal = proposalOf(review);
    if (proposal === null) throw new RequestError('VERDICT_UNFIT', 'No verdict on this review waits to be confirmed.');
    await setReviewState(tx, id, { state: 'waiting' });
    await setReviewClaim(tx, id, null);
    const { verdict, codes, proposedBy } = proposal;
    await note(tx, gate, caller, id, {
      kind: 'objected',
      isInternal: true,
      text: words,
      detail: { verdict, codes, proposedBy },
    });
  });
  return requireReview(gate.database, id);
}

/** Does `change` to a review under its lock and its app's. @returns the review as it was */
async function changeReview(
  gate: Gate,
  caller: Caller,
  id: string,
  change: (tx: Transaction, review: ReviewRow) => Promise<void>,
): Promise<ReviewRow> {
  requireModerator(caller);
  const { appId } = await requireReview(gate.database, id);
  return inTransaction(gate.database, async (tx) => {
    await lockApp(tx, appId);
    const review = await lockReview(tx, id);
    if (review === null) throw new Error('A review that is never deleted is gone');
    await change(tx, review);
    return review;
  });
}

async function note(
  tx: Transaction,
  { now }: Pick<Gate, 'now'>,
  { accountId }: Caller,
  reviewId: string,
  event: {
    readonly kind: 'question' | 'note' | 'objected';
    readonly isInternal: boolean;
    readonly text: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await appendReviewEvent(tx, { detail: {}, ...event, reviewId, accountId, happenedAt: now() });
}
