import { randomUUID } from 'node:crypto';
import type { Caller } from '../accounts/caller.js';
import { lockApp, type AppRow } from '../database/apps.js';
import { holdAuthorityStill } from '../database/authority-state.js';
import { inBoundedTransaction } from '../database/bounded-transactions.js';
import type { Queryable, Transaction } from '../database/connect.js';
import { findLastReinspection, insertReinspection, type ReinspectionRow } from '../database/reinspections.js';
import type { ReleaseRow } from '../database/releases.js';
import { lockReview, type ReviewRow } from '../database/reviews.js';
import type { SubmissionRow } from '../database/submissions.js';
import type { Gate } from '../gate.js';
import type { Inspection } from '../inspection/inspection.js';
import { inspectUpload } from '../releases/inspect-upload.js';
import { judgeUpload, refuseToGuess } from '../releases/judge-upload.js';
import type { FindingCode } from '../report/catalogue.js';
import type { Report } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { withStoredArchive } from './stored-archive.js';

/** A submission that the gate has looked at anew, with its app and its review under their locks. */
export interface FreshLook {
  readonly tx: Transaction;
  readonly app: AppRow;
  readonly review: ReviewRow;
  readonly submission: SubmissionRow;
  readonly inspection: Inspection;
  readonly at: Date;
}

/** How often an archive is inspected, at most, because trust changed while it was. */
const MAX_INSPECTIONS = 3;

/**
 * Inspects the stored archive of a submission anew, and gives it to `decide` in a transaction in which nothing changes any
 * more that a verdict depends on: the authority, the app, the review. No old report is trusted.
 *
 * @throws RequestError `UNAVAILABLE` where the archive is gone or altered, or trust changes again and again; `TOO_MANY_OPEN`
 *   where the caller has too much inspected at a time; whatever `decide` throws
 */
export async function lookAgain<T>(
  gate: Gate,
  caller: Caller,
  { reviewId, submission }: { readonly reviewId: string; readonly submission: SubmissionRow },
  decide: (look: FreshLook) => Promise<T>,
): Promise<T> {
  const { appId, archiveSha256: sha256, archiveBytes: bytes } = submission;
  for (let attempt = 1; attempt <= MAX_INSPECTIONS; attempt++) {
    const inspection = await withStoredArchive(
      gate,
      { purpose: 'decision', accountId: caller.accountId },
      sha256,
      (file) => inspectUpload(gate, { appId, file, sha256, bytes }),
      bytes,
    );
    const decided = await inBoundedTransaction(gate.database, async (tx) => {
      await holdAuthorityStill(tx);
      const app = await lockApp(tx, appId);
      const review = await lockReview(tx, reviewId);
      if (app === null || review === null) throw new Error('A review without its app');
      // What was revoked while we looked must count.
      if ((await gate.trust.current(tx)).id !== inspection.trustId) return null;
      return { outcome: await decide({ tx, app, review, submission, inspection, at: gate.now() }) };
    });
    if (decided !== null) return decided.outcome;
  }
  throw new RequestError('UNAVAILABLE', 'What the upload is judged by changed again and again meanwhile; try again.');
}

/** What the gate says of a submission now. */
export interface FreshJudgement {
  /** With nothing lifted. */
  readonly plain: Report;
  /** With `lifted` lifted; the same as `plain` where that is nothing. */
  readonly report: Report;
  /** What of the wanted codes stood in the way, and is lifted. */
  readonly lifted: readonly FindingCode[];
  /** The release that has the version already. */
  readonly sameVersion: ReleaseRow | null;
}

/**
 * Judges what was looked at anew, with and without the codes that would be lifted.
 *
 * @throws RequestError `CRL_UNAVAILABLE`
 */
export async function judgeAgain(
  gate: Gate,
  { tx, app, submission, inspection }: FreshLook,
  wanted: readonly FindingCode[],
): Promise<FreshJudgement> {
  const upload = { appId: submission.appId, sha256: submission.archiveSha256 };
  const { report: plain, sameVersion } = await judgeUpload(tx, gate, app, upload, inspection);
  refuseToGuess(plain);
  const lifted = codesInTheWay(plain).filter((code) => wanted.includes(code));
  if (lifted.length === 0) return { plain, report: plain, lifted, sameVersion };
  const { report } = await judgeUpload(tx, gate, app, upload, inspection, new Set(lifted));
  return { plain, report, lifted, sameVersion };
}

/** The codes that keep an upload from being accepted, whether they refuse it or hold it. */
export function codesInTheWay({ findings }: Pick<Report, 'findings'>): readonly FindingCode[] {
  const decisive = findings.filter(({ severity }) => severity === 'error' || severity === 'hold');
  return [...new Set(decisive.map(({ code }) => code))];
}

/** The report that moderators have before them: that of the last look, or else of the upload. */
export async function reportOnRecord(db: Queryable, submission: SubmissionRow): Promise<Report> {
  return (await findLastReinspection(db, submission.id))?.report ?? submission.report;
}

/** Keeps what the gate says now, with nothing lifted. */
export async function keepReinspection(
  { tx, submission, at }: FreshLook,
  report: Report,
  accountId: number,
): Promise<ReinspectionRow> {
  const row = {
    id: randomUUID(),
    submissionId: submission.id,
    outcome: report.outcome,
    report,
    accountId,
    inspectedAt: at,
  };
  await insertReinspection(tx, row);
  return row;
}
