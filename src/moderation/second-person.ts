import { outranks } from '../accounts/caller.js';
import { findAccount } from '../database/accounts.js';
import type { AppRow } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import type { ReviewProposal, ReviewRow } from '../database/reviews.js';
import { findReviewStart, wasOfficialSince } from '../database/since-review.js';
import type { FindingCode } from '../report/catalogue.js';
import { RequestError } from '../request-error.js';
import { requireNoConflict } from './conflict-of-interest.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a proposal waits for a second moderator, and an override counts. */
const PROPOSAL_MS = 7 * DAY_MS;

/** Until when what was proposed at `proposedAt` can be confirmed. */
export function proposalEnd(proposedAt: Date): Date {
  return new Date(proposedAt.getTime() + PROPOSAL_MS);
}

/**
 * Whether two moderators must agree: where a rule is lifted for an official app. Where all that is lifted is the rule that a
 * second person approves, the moderator is that person.
 */
export function needsSecondModerator(
  { trustLevel }: Pick<AppRow, 'trustLevel'>,
  lifted: readonly FindingCode[],
): boolean {
  return trustLevel === 'official' && lifted.some((code) => code !== 'APPROVAL_REQUIRED');
}

/**
 * The same, also where the app has been official at some time since what is reviewed came: a level that is taken away for a
 * while changes nothing about who must agree.
 */
export async function mustBeSeconded(
  db: Queryable,
  app: AppRow,
  review: ReviewRow,
  lifted: readonly FindingCode[],
): Promise<boolean> {
  if (needsSecondModerator(app, lifted)) return true;
  if (!needsSecondModerator({ trustLevel: 'official' }, lifted)) return false;
  return wasOfficialSince(db, { appId: app.id, position: await findReviewStart(db, review) });
}

/** A proposal, and who made it. */
export interface OpenProposal extends ReviewProposal {
  readonly proposedById: number;
  readonly proposedBy: string;
}

/** The verdict that a review holds for a second moderator; null where it holds none. */
export function proposalOf({ proposal, proposedById, proposedBy }: ReviewRow): OpenProposal | null {
  if (proposal === null || proposedById === null || proposedBy === null) return null;
  return { ...proposal, proposedById, proposedBy };
}

/** Whether a proposal has waited for too long to be confirmed. */
export function isStale({ proposedAt }: ReviewProposal, at: Date): boolean {
  return proposalEnd(new Date(proposedAt)) <= at;
}

/**
 * The proposal that a second moderator may confirm: one that is not stale, by another moderator, who could still make it.
 *
 * @throws RequestError `VERDICT_UNFIT` where there is none; `OWN_CASE` for whoever proposed it
 */
export async function requireConfirmable(
  db: Queryable,
  review: ReviewRow,
  confirmer: { readonly accountId: number },
  at: Date,
): Promise<OpenProposal> {
  const proposal = proposalOf(review);
  if (proposal === null) throw new RequestError('VERDICT_UNFIT', 'No verdict on this review waits to be confirmed.');
  const { proposedById, proposedBy } = proposal;
  if (proposedById === confirmer.accountId) {
    throw new RequestError('OWN_CASE', 'You proposed this verdict: another moderator confirms it.');
  }
  if (isStale(proposal, at)) {
    throw new RequestError('VERDICT_UNFIT', 'The proposal is older than 7 days: decide the review anew.');
  }
  const proposer = await findAccount(db, proposedBy);
  if (proposer?.suspendedAt !== null || outranks('moderator', proposer.role)) {
    throw new RequestError('VERDICT_UNFIT', 'Whoever proposed this is no moderator any more: decide the review anew.');
  }
  await requireNoConflict(db, { accountId: proposedById, accountName: proposedBy }, review);
  return proposal;
}
