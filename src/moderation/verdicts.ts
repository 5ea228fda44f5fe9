import { requireModerator, type Caller } from '../accounts/caller.js';
import { approveSigningRequest, declineSigningRequest } from '../authority/decide-signing-request.js';
import { lockApp } from '../database/apps.js';
import { findReceipt } from '../database/audit-log.js';
import { inTransaction, type Queryable } from '../database/connect.js';
import type { ReleaseRow } from '../database/releases.js';
import { lockReview, type ReviewRow } from '../database/reviews.js';
import { findSubmission, type SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { acceptSubmission, confirmAcceptance, requireNoProposal } from './accept-submission.js';
import { closeWithVerdict, requireReasoned, type ReasonedVerdict } from './close-with-verdict.js';
import { requireNoConflict } from './conflict-of-interest.js';
import { requireDecidable, requireFit, requireOpenReview, requireReview } from './decidable.js';
import { decideRelease } from './decide-release.js';
import { requireLiftable } from './overrides.js';
import { requireConfirmable } from './second-person.js';
import { requireText } from './texts.js';

/** A moderator's verdict on a review. */
export interface Decision extends ReasonedVerdict {
  readonly id: string;
  /** What it lifts, where it accepts or grants; left out: what the report on record says, as far as it can be lifted. */
  readonly codes?: readonly string[] | null;
}

/** A review with the verdict on it, or the proposal of one. */
export interface DecidedReview {
  readonly review: ReviewRow;
  /** The hash of the verdict's entry in the audit log. */
  readonly receipt: string;
  /** The release that was published by it, or whose status it changed. */
  readonly release: ReleaseRow | null;
}

/**
 * Decides a review: see {@link verdictsOfKind} for what can become of which kind.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `INVALID_REQUEST`, `REVIEW_CLOSED`, `VERDICT_UNFIT`, `OWN_CASE`,
 *   `REVIEW_CLAIMED`, `NOT_LIFTABLE`, or why what would be published can't be, see {@link acceptSubmission}
 */
export async function decideReview(gate: Gate, caller: Caller, decision: Decision): Promise<DecidedReview> {
  requireModerator(caller);
  const { id } = decision;
  const review = await requireReview(gate.database, id);
  requireFit(review, decision.verdict);
  const verdict = requireReasoned(decision);
  const codes = decision.codes === undefined || decision.codes === null ? null : requireLiftable(decision.codes);
  const isAcceptance = verdict.verdict === 'accepted' || verdict.verdict === 'granted';
  if (codes !== null && codes.length > 0 && !isAcceptance) {
    throw new RequestError('INVALID_REQUEST', `The verdict "${verdict.verdict}" lifts no rule.`);
  }
  // Asked again under the locks; here it spares everybody an inspection that comes to nothing.
  requireOpenReview(review);
  await requireNoConflict(gate.database, caller, review);
  if (isAcceptance) {
    const about = { review, submission: await submissionOf(gate.database, review) };
    const accepted = await acceptSubmission(gate, caller, about, { ...verdict, codes });
    return asDecided(gate.database, id, accepted.kind === 'published' ? accepted.release : null);
  }
  switch (review.kind) {
    case 'signing-request':
      return decideSigningRequest(gate, caller, review, verdict);
    case 'quarantine':
    case 'report':
      return asDecided(gate.database, id, await decideRelease(gate, caller, review, verdict));
    default:
      await refuseSubmission(gate, caller, review, verdict);
      return asDecided(gate.database, id, null);
  }
}

/**
 * A second moderator agrees with a verdict that another has proposed; everything is judged anew, and it takes effect.
 *
 * @throws RequestError as {@link decideReview}; `OWN_CASE` for whoever proposed it, `VERDICT_UNFIT` where nothing is proposed or it
 *   is too old
 */
export async function confirmProposal(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<DecidedReview> {
  requireModerator(caller);
  const confirmation = requireText(reason, 'A reason');
  const review = await requireReview(gate.database, id);
  requireOpenReview(review);
  await requireNoConflict(gate.database, caller, review);
  await requireConfirmable(gate.database, review, caller, gate.now());
  const about = { review, submission: await submissionOf(gate.database, review) };
  const accepted = await confirmAcceptance(gate, caller, about, confirmation);
  return asDecided(gate.database, id, accepted.kind === 'published' ? accepted.release : null);
}

/** Refuses what is held, or denies an appeal. Its reason is what the developer reads. */
async function refuseSubmission(gate: Gate, caller: Caller, { id, appId }: ReviewRow, verdict: ReasonedVerdict) {
  await inTransaction(gate.database, async (tx) => {
    await lockApp(tx, appId);
    const review = await lockReview(tx, id);
    if (review === null) throw new Error('A review that is never deleted is gone');
    await requireDecidable(tx, gate, caller, review);
    requireNoProposal(review, gate.now());
    await closeWithVerdict(tx, review, verdict, { accountId: caller.accountId, at: gate.now() });
  });
}

/** The authority decides, and the review follows by itself. */
async function decideSigningRequest(
  gate: Gate,
  caller: Caller,
  { id, appId, requestId }: ReviewRow,
  { verdict, reason }: ReasonedVerdict,
): Promise<DecidedReview> {
  if (requestId === null) throw new Error('A review of a signing request without one');
  await inTransaction(gate.database, async (tx) => {
    await lockApp(tx, appId);
    const review = await lockReview(tx, id);
    if (review === null) throw new Error('A review that is never deleted is gone');
    await requireDecidable(tx, gate, caller, review);
  });
  const decide = verdict === 'approved' ? approveSigningRequest : declineSigningRequest;
  await decide(gate, caller, { id: requestId, reason });
  const receipt = await findReceipt(gate.database, { type: 'signing-request', id: requestId }, [
    `signing-request-${verdict}`,
  ]);
  return { review: await requireReview(gate.database, id), receipt: requireReceipt(receipt), release: null };
}

async function submissionOf(db: Queryable, { submissionId }: ReviewRow): Promise<SubmissionRow> {
  const submission = submissionId === null ? null : await findSubmission(db, submissionId);
  if (submission === null) throw new Error('A review of a submission without one');
  return submission;
}

async function asDecided(db: Queryable, id: string, release: ReleaseRow | null): Promise<DecidedReview> {
  const review = await requireReview(db, id);
  const kind = review.state === 'closed' ? 'review-verdict' : 'review-proposed';
  return { review, receipt: requireReceipt(await findReceipt(db, { type: 'review', id }, [kind])), release };
}

function requireReceipt(receipt: string | null): string {
  if (receipt === null) throw new Error('A verdict without its entry in the audit log');
  return receipt;
}
