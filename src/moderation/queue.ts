import { requireModerator, type Caller } from '../accounts/caller.js';
import {
  countReviewQueue,
  listReviewQueue,
  type QueuedReviewRow,
  type ReviewCursor,
} from '../database/review-queue.js';
import { reviewKinds, type ReviewKind, type ReviewState } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import { withLiveClaim } from './claims.js';

/** A review as the queue shows it; its claim is one that counts at this moment. */
export type QueueItem = QueuedReviewRow;

/** The states of a review that is not decided. */
export const openReviewStates = ['waiting', 'questioned', 'proposed'] as const satisfies readonly ReviewState[];

/** Which reviews are wanted. */
export interface QueueQuery {
  /** None: of every kind. */
  readonly kinds: readonly ReviewKind[];
  /** None: those that are not decided. */
  readonly states: readonly ReviewState[];
  readonly appId: string | null;
  /** A part of what a review is known by, in any case: app id, version, uploader, category, the ids of what it is about. */
  readonly q: string | null;
  /** Those that the caller holds, or those that nobody does; null: any. */
  readonly claimed: 'mine' | 'free' | null;
  readonly after: ReviewCursor | null;
  readonly limit: number;
}

/**
 * The reviews of the store, those that wait longest first.
 *
 * @returns `next`: where the next page begins; null where there is none
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator
 */
export async function readQueue(
  gate: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  query: QueueQuery,
): Promise<{ readonly reviews: readonly QueueItem[]; readonly next: ReviewCursor | null }> {
  requireModerator(caller);
  const { kinds, states, appId, q, claimed, after, limit } = query;
  const at = gate.now();
  const found = await listReviewQueue(gate.database, {
    kinds: kinds.length === 0 ? reviewKinds : kinds,
    states: states.length === 0 ? openReviewStates : states,
    appId,
    q: q === '' ? null : q,
    claim: claimed && { of: claimed === 'mine' ? caller.accountId : 'nobody', at },
    after,
    // One more than asked tells whether there is a next page.
    limit: limit + 1,
  });
  const reviews = found.slice(0, limit).map((review) => withLiveClaim(review, at));
  const last = found.length > limit ? reviews.at(-1) : undefined;
  return { reviews, next: last === undefined ? null : { openedAt: last.openedAt, id: last.id } };
}

/** How many reviews are in each open state. */
export type OpenCounts = Readonly<Record<(typeof openReviewStates)[number], number>>;

/**
 * How many reviews wait, and for whom.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator
 */
export async function countQueue(
  { database }: Pick<Gate, 'database'>,
  caller: Caller,
): Promise<Readonly<Record<ReviewKind, OpenCounts>>> {
  requireModerator(caller);
  const counts = await countReviewQueue(database);
  const count = (kind: ReviewKind, state: ReviewState): number =>
    counts.find((each) => each.kind === kind && each.state === state)?.count ?? 0;
  const ofKind = (kind: ReviewKind): OpenCounts => ({
    waiting: count(kind, 'waiting'),
    questioned: count(kind, 'questioned'),
    proposed: count(kind, 'proposed'),
  });
  return {
    held: ofKind('held'),
    appeal: ofKind('appeal'),
    'signing-request': ofKind('signing-request'),
    quarantine: ofKind('quarantine'),
    report: ofKind('report'),
  };
}
