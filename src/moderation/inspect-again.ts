import { requireModerator, type Caller } from '../accounts/caller.js';
import { findReceipt } from '../database/audit-log.js';
import type { Queryable } from '../database/connect.js';
import { findRelease } from '../database/releases.js';
import { appendReviewEvent, type ReviewRow } from '../database/reviews.js';
import { findSubmission, type SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import type { FindingCode } from '../report/catalogue.js';
import type { Report } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { requireNoConflict } from './conflict-of-interest.js';
import { requireLiveModerator, requireOpenReview, requireReview, requireRoom } from './decidable.js';
import {
  codesInTheWay,
  judgeAgain,
  keepReinspection,
  lookAgain,
  reportOnRecord,
  type FreshLook,
} from './look-again.js';
import { requireText } from './texts.js';

/** What the gate says of a submission now, and what of that is otherwise than on record. */
export interface Reinspected {
  readonly report: Report;
  /** Codes that stood in the way and do no more. */
  readonly gone: readonly FindingCode[];
  /** Codes that stand in the way now and did not. */
  readonly come: readonly FindingCode[];
  /** The hash of its entry in the audit log. */
  readonly receipt: string;
}

/**
 * Runs the gate again on what a review is about, by the trust, the rules and the history of now. Decides nothing: where the gate
 * would accept it today, a moderator may, without lifting anything.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`, `NOT_FOUND`, `REVIEW_CLOSED`, `OWN_CASE`, `VERDICT_UNFIT` where there is no archive
 *   to look at, `UNAVAILABLE` or `CRL_UNAVAILABLE` where it can't be told now
 */
export async function inspectAgain(
  gate: Gate,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<Reinspected> {
  requireModerator(caller);
  const text = requireText(reason, 'A reason');
  const review = await requireReview(gate.database, id);
  requireOpenReview(review);
  await requireNoConflict(gate.database, caller, review);
  const submission = await submissionOf(gate.database, review);
  const changed = await lookAgain(gate, caller, { reviewId: id, submission }, async (look) => {
    requireOpenReview(look.review);
    await requireNoConflict(look.tx, caller, look.review);
    await requireRoom(look.tx, look.review, caller);
    await requireLiveModerator(look.tx, gate, caller);
    const { plain: report } = await judgeAgain(gate, look, []);
    const before = codesInTheWay(await reportOnRecord(look.tx, submission));
    const { id: reinspection } = await keepReinspection(look, report, caller.accountId);
    const now = codesInTheWay(report);
    const gone = before.filter((code) => !now.includes(code));
    const come = now.filter((code) => !before.includes(code));
    await noteInspection(look, caller, { report, reinspection, text, gone, come });
    return { report, gone, come };
  });
  const receipt = await findReceipt(gate.database, { type: 'review', id }, ['review-inspected']);
  if (receipt === null) throw new Error('An inspection without its entry in the audit log');
  return { ...changed, receipt };
}

/** Writes down, for moderators, that the gate looked again, and what it said. */
export async function noteInspection(
  { tx, review, at }: FreshLook,
  { accountId }: Caller,
  inspected: {
    readonly report: Report;
    /** The id of the kept report. */
    readonly reinspection: string;
    readonly text: string;
    readonly gone?: readonly FindingCode[];
    readonly come?: readonly FindingCode[];
  },
): Promise<void> {
  const { report, reinspection, text, gone, come } = inspected;
  await appendReviewEvent(tx, {
    reviewId: review.id,
    kind: 'inspected',
    accountId,
    isInternal: true,
    text,
    detail: {
      reinspection,
      outcome: report.outcome,
      codes: codesInTheWay(report),
      ...(gone !== undefined && { gone }),
      ...(come !== undefined && { come }),
    },
    happenedAt: at,
  });
}

/** @throws RequestError `VERDICT_UNFIT` where the review is about no archive */
async function submissionOf(db: Queryable, review: ReviewRow): Promise<SubmissionRow> {
  const { kind, appId, version } = review;
  const release = kind === 'quarantine' && version !== null ? await findRelease(db, appId, version) : null;
  const id = review.submissionId ?? release?.submissionId ?? null;
  const submission = id === null ? null : await findSubmission(db, id);
  if (submission !== null) return submission;
  throw new RequestError('VERDICT_UNFIT', 'This review is about no archive that the gate could look at.');
}
