import { requireModerator, type Caller } from '../accounts/caller.js';
import { readSigningRequest, type SigningRequestFile } from '../authority/read-signing-requests.js';
import type { Account } from '../database/accounts.js';
import { findApp, listAppEvents, listOwners, type AppEventRow, type AppRow } from '../database/apps.js';
import { listReinspections, type ReinspectionRow } from '../database/reinspections.js';
import {
  findRelease,
  findReleaseOfSubmission,
  listReleases,
  type ReleaseRow,
  type ReleaseSummary,
} from '../database/releases.js';
import { findReview, listReviewEvents, type ReviewEventRow, type ReviewRow } from '../database/reviews.js';
import { listStandingFindings, type StandingFindingRow } from '../database/standing-findings.js';
import {
  findSubmission,
  listRelatedSubmissions,
  type SubmissionRow,
  type SubmissionSummary,
} from '../database/submissions.js';
import { findToken, type TokenRow } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { withLiveClaim } from './claims.js';
import {
  readSubmissionBriefs,
  readSubmissionState,
  type SubmissionBrief,
  type SubmissionState,
} from './submission-state.js';

/** Everything that a moderator wants to know for a verdict, but for the difference. */
export interface ReviewDetail {
  /** Its claim is one that counts at this moment. */
  readonly review: ReviewRow;
  /** What was said and done in it, also among moderators. */
  readonly events: readonly ReviewEventRow[];
  /** The submission it is about, or that the release it is about came of; null where it is about none. */
  readonly submission: SubmissionRow | null;
  /** How that submission stands; null where it is about none. */
  readonly standing: SubmissionState | null;
  /** Second looks of the gate at it, the newest first. */
  readonly reinspections: readonly (ReinspectionRow & { readonly accountName: string })[];
  /** Whoever uploaded it or asks for it, and with which token; null where nobody did. */
  readonly uploader: TokenRow | null;
  readonly app: AppRow;
  readonly owners: readonly Account[];
  /** What happened to the app, the newest first. */
  readonly timeline: readonly AppEventRow[];
  /** The release it is about, or that came of it; null where there is none. */
  readonly release: ReleaseRow | null;
  /** What the standing watch says of that release. */
  readonly marks: readonly StandingFindingRow[];
  /** The app's releases, the one published last first. */
  readonly releases: readonly ReleaseSummary[];
  /** Other submissions of the same version or the same bytes, the newest first. */
  readonly related: readonly (SubmissionSummary & SubmissionBrief)[];
  readonly signingRequest: SigningRequestFile | null;
}

/** How much of what may be long is shown; the rest is read where it belongs. */
const SHOWN = { events: 50, releases: 50, submissions: 50, reinspections: 10 };

/**
 * A review with all that belongs to it.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator, `NOT_FOUND`
 */
export async function readReview(gate: Gate, caller: Caller, id: string): Promise<ReviewDetail> {
  requireModerator(caller);
  const { database } = gate;
  const found = await findReview(database, id);
  if (found === null) throw new RequestError('NOT_FOUND', 'There is no such review.');
  const review = withLiveClaim(found, gate.now());
  const { appId, requestId } = review;
  const app = await findApp(database, appId);
  if (app === null) throw new Error('A review without its app');
  const { submission, release } = await findSubject(gate, review);
  const signingRequest = requestId === null ? null : await readSigningRequest(gate, caller, requestId);
  const tokenId = submission?.tokenId ?? signingRequest?.request.tokenId ?? null;
  return {
    review,
    events: await listReviewEvents(database, id, { internal: true }),
    submission,
    standing: submission && (await readSubmissionState(gate, submission)),
    reinspections: submission === null ? [] : await listReinspections(database, submission.id, SHOWN.reinspections),
    uploader: tokenId === null ? null : await findToken(database, tokenId),
    app,
    owners: await listOwners(database, appId),
    timeline: await listAppEvents(database, { appId, before: null, limit: SHOWN.events }),
    release,
    marks: release === null ? [] : await listStandingFindings(database, [{ app: appId, version: release.version }]),
    releases: await listReleases(database, { appId, after: null, limit: SHOWN.releases }),
    related: submission === null ? [] : await findRelated(gate, submission),
    signingRequest,
  };
}

async function findSubject(
  { database }: Pick<Gate, 'database'>,
  { appId, version, submissionId }: ReviewRow,
): Promise<Pick<ReviewDetail, 'submission' | 'release'>> {
  if (submissionId !== null) {
    const release = await findReleaseOfSubmission(database, submissionId);
    return { submission: await findSubmission(database, submissionId), release };
  }
  const release = version === null ? null : await findRelease(database, appId, version);
  return { submission: release && (await findSubmission(database, release.submissionId)), release };
}

async function findRelated(
  { database }: Pick<Gate, 'database'>,
  submission: SubmissionRow,
): Promise<readonly (SubmissionSummary & SubmissionBrief)[]> {
  const rows = await listRelatedSubmissions(database, submission, SHOWN.submissions);
  const briefs = await readSubmissionBriefs(database, rows);
  return rows.map((row) => ({ ...row, ...(briefs.get(row.id) ?? { state: row.outcome, review: null }) }));
}
