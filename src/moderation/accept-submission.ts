import type { Caller } from '../accounts/caller.js';
import { appendReviewEvent, setReviewClaim, setReviewState, type ReviewRow } from '../database/reviews.js';
import type { ReleaseRow } from '../database/releases.js';
import type { SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import { isLiftable } from '../policy/decide.js';
import { claimApp, publishRelease } from '../releases/publish-release.js';
import type { FindingCode } from '../report/catalogue.js';
import type { Report } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { closeWithVerdict, type ReasonedVerdict } from './close-with-verdict.js';
import { hasRoom, requireDecidable } from './decidable.js';
import { noteInspection } from './inspect-again.js';
import {
  codesInTheWay,
  judgeAgain,
  keepReinspection,
  lookAgain,
  reportOnRecord,
  type FreshJudgement,
  type FreshLook,
} from './look-again.js';
import { recordOverride } from './overrides.js';
import { isStale, mustBeSeconded, proposalOf, requireConfirmable } from './second-person.js';
import { requireStillEntitled, type StillEntitled } from './still-entitled.js';

/** A verdict that publishes, and what it would lift; null: what can be lifted of what the report on record says. */
export interface Acceptance extends ReasonedVerdict {
  readonly codes: readonly FindingCode[] | null;
}

/** What came of it: a release, or a proposal that a second moderator must agree with. */
export type Accepted =
  | { readonly kind: 'published'; readonly release: ReleaseRow }
  | { readonly kind: 'proposed' }
  | { readonly kind: 'still-refused'; readonly report: Report };

/**
 * Publishes a held submission, or one whose appeal is granted, where the gate, looking anew, accepts it: with what a moderator
 * lifts of the store's own rules, and nothing else. Where two must agree, it is proposed.
 *
 * @throws RequestError `STILL_REFUSED` with the fresh report, which is kept where there is room for it; `REVIEW_CLOSED`, `REVIEW_CLAIMED`, `OWN_CASE`,
 *   `VERDICT_UNFIT` where a proposal waits or the version has been published with these bytes; or why the uploader may not
 *   publish any more, see {@link requireStillEntitled}
 */
export async function acceptSubmission(
  gate: Gate,
  caller: Caller,
  { review: { id: reviewId }, submission }: { readonly review: ReviewRow; readonly submission: SubmissionRow },
  acceptance: Acceptance,
): Promise<Accepted> {
  const accepted = await lookAgain(gate, caller, { reviewId, submission }, async (look): Promise<Accepted> => {
    await requireDecidable(look.tx, gate, caller, look.review);
    requireNoProposal(look.review, look.at);
    const wanted = acceptance.codes ?? (await codesToLift(look));
    const judged = await judge(gate, look, caller, wanted);
    if (judged.report.outcome !== 'accepted') return stillRefused(look, caller, judged);
    requirePublishable(look, judged);
    if (await mustBeSeconded(look.tx, look.app, look.review, judged.lifted)) {
      return propose(look, caller, acceptance, judged);
    }
    return publish(look, caller, acceptance, judged, null);
  });
  return orRefuse(accepted);
}

/**
 * The same for a verdict that another moderator proposed: everything is judged anew, and what the proposal lifts is lifted.
 *
 * @throws RequestError as {@link acceptSubmission} and {@link requireConfirmable} do
 */
export async function confirmAcceptance(
  gate: Gate,
  caller: Caller,
  { review: { id: reviewId }, submission }: { readonly review: ReviewRow; readonly submission: SubmissionRow },
  confirmation: string,
): Promise<Accepted> {
  const accepted = await lookAgain(gate, caller, { reviewId, submission }, async (look): Promise<Accepted> => {
    await requireDecidable(look.tx, gate, caller, look.review);
    const proposal = await requireConfirmable(look.tx, look.review, caller, look.at);
    const judged = await judge(gate, look, caller, proposal.codes as readonly FindingCode[]);
    if (judged.report.outcome !== 'accepted') return stillRefused(look, caller, judged);
    requirePublishable(look, judged);
    const first = { ...proposal, confirmation };
    return publish(look, caller, proposal, judged, first);
  });
  return orRefuse(accepted);
}

function orRefuse(accepted: Accepted): Accepted {
  if (accepted.kind === 'still-refused') throw refusedAgain(accepted.report);
  return accepted;
}

function refusedAgain(report: Report): RequestError {
  const codes = codesInTheWay(report);
  return new RequestError('STILL_REFUSED', `The gate, looking again, still finds: ${codes.join(', ')}.`, {
    report,
    codes,
  });
}

/** @throws RequestError `VERDICT_UNFIT` where a second moderator is asked already */
export function requireNoProposal(review: ReviewRow, at: Date): void {
  const proposal = proposalOf(review);
  if (proposal === null || isStale(proposal, at)) return;
  throw new RequestError(
    'VERDICT_UNFIT',
    `A verdict of ${proposal.proposedBy} waits for a second moderator: confirm it, or object to it.`,
  );
}

/** Nobody lifts what they haven't seen: what is new since the report on record stays in the way. */
async function codesToLift({ tx, submission }: FreshLook): Promise<readonly FindingCode[]> {
  return codesInTheWay(await reportOnRecord(tx, submission)).filter(isLiftable);
}

/** What the gate says now, the id under which that is kept, and who would be published. */
interface Judged extends FreshJudgement {
  readonly reinspection: string;
  readonly entitled: StillEntitled;
}

async function judge(
  gate: Gate,
  look: FreshLook,
  { accountId }: Caller,
  wanted: readonly FindingCode[],
): Promise<Judged> {
  const entitled = await requireStillEntitled(look.tx, gate, look.app, look.submission);
  const judged = await judgeAgain(gate, look, wanted);
  const { id: reinspection } = await keepReinspection(look, judged.plain, accountId);
  return { ...judged, reinspection, entitled };
}

/** Nothing is published, but that the gate looked again stays on the record, as long as there is room for it. */
async function stillRefused(
  look: FreshLook,
  caller: Caller,
  { plain, report, reinspection }: Judged,
): Promise<Accepted> {
  // Undoes this transaction, with the report that it keeps.
  if (!(await hasRoom(look.tx, look.review, caller))) throw refusedAgain(report);
  await noteInspection(look, caller, { report: plain, reinspection, text: '' });
  return { kind: 'still-refused', report };
}

async function propose(
  { tx, review, at }: FreshLook,
  { accountId }: Caller,
  { verdict, reasonCode, reason }: ReasonedVerdict,
  { lifted, reinspection }: Judged,
): Promise<Accepted> {
  const proposal = { verdict, reasonCode, reason, codes: lifted, proposedAt: at.toISOString() };
  await setReviewState(tx, review.id, { state: 'proposed', proposal, proposedBy: accountId });
  // It is free for the second moderator.
  await setReviewClaim(tx, review.id, null);
  await appendReviewEvent(tx, {
    reviewId: review.id,
    kind: 'proposed',
    accountId,
    isInternal: true,
    text: reason,
    detail: { verdict, reasonCode, codes: lifted, reinspection },
    happenedAt: at,
  });
  return { kind: 'proposed' };
}

/** The moderator who proposed what a second one confirms, and the second one's words. */
interface FirstModerator {
  readonly proposedById: number;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly confirmation: string;
}

async function publish(
  look: FreshLook,
  { accountId }: Caller,
  { verdict, reasonCode, reason }: ReasonedVerdict,
  { lifted, reinspection, entitled: { standing, uploader } }: Judged,
  first: FirstModerator | null,
): Promise<Accepted> {
  const { tx, app, review, submission, inspection, at } = look;
  if (standing === 'claimant') {
    await claimApp(tx, { appId: app.id, owner: uploader, accountId, reason: 'a moderator accepted the first upload' });
  }
  const override = await recordOverride(look, {
    codes: lifted,
    reason,
    grantedBy: first?.proposedById ?? accountId,
    secondedBy: first === null ? null : accountId,
    grantedAt: first === null ? at : new Date(first.proposedAt),
  });
  const release = await publishRelease(tx, { submission, inspection, accountId, at });
  const detail = {
    codes: lifted,
    override,
    reinspection,
    ...(first !== null && { proposedBy: first.proposedBy, confirmation: first.confirmation }),
  };
  await closeWithVerdict(tx, review, { verdict, reasonCode, reason }, { accountId, at, detail });
  return { kind: 'published', release };
}

/**
 * What the rules let pass may still not be a release of its own.
 *
 * @throws RequestError `VERDICT_UNFIT`
 */
function requirePublishable({ submission: { version } }: FreshLook, { sameVersion, report }: Judged): void {
  if (sameVersion !== null) {
    throw new RequestError('VERDICT_UNFIT', 'This version has been published already, with these very bytes.');
  }
  // A newer gate may read more out of an archive than the one that took it; what is published is what was submitted.
  if (version !== null && report.app?.version === version) return;
  throw new RequestError(
    'VERDICT_UNFIT',
    'The gate reads another version out of it today; it is to be uploaded again.',
  );
}
