import { isOperator, type Caller } from '../accounts/caller.js';
import { lockApp } from '../database/apps.js';
import { inTransaction } from '../database/connect.js';
import { findRelease, type ReleaseRow } from '../database/releases.js';
import { lockQuarantineReview, lockReview, type ReviewRow } from '../database/reviews.js';
import type { Gate } from '../gate.js';
import type { ReleaseStatus } from '../policy/facts.js';
import { changeStatusUnderLock } from '../releases/change-app.js';
import { requireStoredWhole } from '../releases/restorable.js';
import { RequestError } from '../request-error.js';
import { requireUnclaimed } from './claims.js';
import { closeWithVerdict, type ReasonedVerdict } from './close-with-verdict.js';
import { requireDecidable } from './decidable.js';

/** What becomes of the release. */
const statusOfVerdict: Readonly<Partial<Record<ReasonedVerdict['verdict'], ReleaseStatus>>> = {
  restored: 'published',
  withdrawn: 'withdrawn',
  quarantined: 'quarantined',
};

/**
 * Decides about a release that is under quarantine, or that somebody reported.
 *
 * @returns the release as it is then; null where a report is dismissed
 * @throws RequestError `REVIEW_CLOSED`, `REVIEW_CLAIMED`, `OWN_CASE`; `VERDICT_UNFIT` where the report names no release, or one
 *   that this can't become of, or whose archive is stored no more as it was; `UNAVAILABLE`; `SIGNATURE_REQUIRED`, `SIGNER_COMPROMISED` or `APP_SUSPENDED` for one that may not come back
 */
export async function decideRelease(
  gate: Gate,
  caller: Caller,
  { id, appId, version }: ReviewRow,
  verdict: ReasonedVerdict,
): Promise<ReleaseRow | null> {
  if (verdict.verdict === 'restored' && version !== null) {
    await requireStoredWhole(gate, caller.accountId, { appId, version });
  }
  return inTransaction(gate.database, async (tx) => {
    const app = await lockApp(tx, appId);
    const review = await lockReview(tx, id);
    if (app === null || review === null) throw new Error('A review without its app');
    const at = gate.now();
    if (review.kind === 'report' && review.version !== null && verdict.verdict === 'withdrawn') {
      // It ends the quarantine of the release, too, where there is one.
      const quarantine = await lockQuarantineReview(tx, { appId, version: review.version });
      if (quarantine !== null && !isOperator(caller)) requireUnclaimed(quarantine, caller, at);
    }
    await requireDecidable(tx, gate, caller, review);
    const { accountId } = caller;
    const status = statusOfVerdict[verdict.verdict];
    const release = review.version === null ? null : await findRelease(tx, appId, review.version);
    // Closed before the release changes, or the database would close it without saying who did.
    await closeWithVerdict(tx, review, verdict, { accountId, at });
    if (status === undefined) return null;
    if (release === null) throw new RequestError('VERDICT_UNFIT', 'No release is named in this report.');
    if (!canBecome(release.status, status)) {
      throw new RequestError('VERDICT_UNFIT', `This release is ${release.status} now.`, { status: release.status });
    }
    if (status === 'published' && app.suspendedAt !== null) {
      throw new RequestError('APP_SUSPENDED', `The app "${appId}" is suspended: nothing of it comes back.`);
    }
    const { reason, reasonCode } = verdict;
    return changeStatusUnderLock(tx, app, release, { status, reason, reasonCode, accountId, at });
  });
}

function canBecome(from: ReleaseStatus, to: ReleaseStatus): boolean {
  if (to === 'published') return from === 'quarantined';
  return to === 'quarantined' ? from === 'published' : from !== 'withdrawn';
}
