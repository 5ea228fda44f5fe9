import { requireModerator, type Caller } from '../accounts/caller.js';
import { findReceipt } from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import type { ReviewRow } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { claimReview } from './claims.js';
import { requireNoConflict } from './conflict-of-interest.js';
import { readQueue, type QueueItem } from './queue.js';
import { proposalOf, requireConfirmable } from './second-person.js';

/** What one moderator can do about a review, and what comes after it. */
export interface ReviewDesk {
  /** Why this moderator may not decide it, whatever it is about; null where they may. */
  readonly conflict: string | null;
  /** Why this moderator can't confirm the verdict that is proposed; null where they can, or none is. */
  readonly notConfirmable: string | null;
  /** The hash of the audit entry of the verdict, or of the proposal; null where there is neither. */
  readonly receipt: string | null;
  /** What waits longest and is free; null where nothing else is. */
  readonly next: QueueItem | null;
}

/**
 * What a moderator can do about a review. For a page that says so beforehand: whoever acts is asked again.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function readDesk(gate: Gate, caller: Caller, review: ReviewRow): Promise<ReviewDesk> {
  requireModerator(caller);
  const { database } = gate;
  const isOpen = review.state !== 'closed';
  return {
    conflict: isOpen ? await whyNot(() => requireNoConflict(database, caller, review)) : null,
    notConfirmable:
      isOpen && proposalOf(review) !== null
        ? await whyNot(() => requireConfirmable(database, review, caller, gate.now()))
        : null,
    receipt: await receiptOf(database, review),
    next: (await listFree(gate, caller)).find(({ id }) => id !== review.id) ?? null,
  };
}

/**
 * Claims what waits longest of what nobody is at and the caller may decide.
 *
 * @returns null where there is nothing of the kind
 * @throws RequestError `SCOPE_INSUFFICIENT`, or what is wrong with the caller's token
 */
export async function claimNext(gate: Gate, caller: Caller): Promise<ReviewRow | null> {
  requireModerator(caller);
  for (const item of await listFree(gate, caller)) {
    if ((await whyNot(() => requireNoConflict(gate.database, caller, item))) !== null) continue;
    try {
      return await claimReview(gate, caller, item.id);
    } catch (error) {
      // Somebody else was quicker: the one after it, then.
      if (error instanceof RequestError && ['REVIEW_CLAIMED', 'REVIEW_CLOSED'].includes(error.code)) continue;
      throw error;
    }
  }
  return null;
}

/** More than moderators work at once. */
const LOOKED_AT = 50;

async function listFree(gate: Gate, caller: Caller): Promise<readonly QueueItem[]> {
  const { reviews } = await readQueue(gate, caller, {
    kinds: [],
    states: ['waiting', 'proposed'],
    appId: null,
    q: null,
    claimed: 'free',
    after: null,
    limit: LOOKED_AT,
  });
  return reviews.filter(({ proposedById }) => proposedById !== caller.accountId);
}

async function receiptOf(db: Queryable, { id, kind, state, requestId }: ReviewRow): Promise<string | null> {
  if (state !== 'closed') return findReceipt(db, { type: 'review', id }, ['review-proposed']);
  if (kind !== 'signing-request' || requestId === null)
    return findReceipt(db, { type: 'review', id }, ['review-verdict']);
  const kinds = ['signing-request-approved', 'signing-request-declined', 'signing-request-withdrawn'];
  return findReceipt(db, { type: 'signing-request', id: requestId }, kinds);
}

/** The words in which something is refused; null where it isn't. */
async function whyNot(require: () => Promise<unknown>): Promise<string | null> {
  try {
    await require();
    return null;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
  }
}
