import { isSameVersion } from '../app/version.js';
import { addOwner, appendAppEvent } from '../database/apps.js';
import { keepArchiveFiles } from '../database/archive-files.js';
import type { Transaction } from '../database/connect.js';
import { asPublished, insertRelease, type ReleaseRow } from '../database/releases.js';
import { appendReviewEvent, closeReview, listOpenReviewsOfSubmissions, type ReviewRow } from '../database/reviews.js';
import { insertScreenshots, isScreenshotUrl, MAX_SCREENSHOTS } from '../database/screenshots.js';
import { keepSignerChain } from '../database/signer-chains.js';
import type { SubmissionRow } from '../database/submissions.js';
import type { Inspection } from '../inspection/inspection.js';
import { parseUrl } from '../parse-url.js';

/** What is published, on whose word, and when. */
export interface Publication {
  readonly submission: SubmissionRow;
  /** What is true of the bytes by the trust of now: the release is what this says, whatever an older report did. */
  readonly inspection: Inspection;
  readonly accountId: number;
  readonly at: Date;
}

/**
 * Publishes a submission that was judged fit under the app's lock. Whatever else waits to be published as this version can't
 * be any more: those reviews are closed.
 */
export async function publishRelease(tx: Transaction, publication: Publication): Promise<ReleaseRow> {
  const { submission, inspection, accountId, at } = publication;
  const { signature } = inspection;
  const signed = signature.status === 'valid';
  const release = {
    appId: submission.appId,
    version: versionOf(submission),
    submissionId: submission.id,
    archiveSha256: submission.archiveSha256,
    archiveBytes: submission.archiveBytes,
    signed,
    signature,
    signerKey: signed && signature.signer !== null ? signature.signer.publicKeyFingerprint : null,
    info: inspection.info ?? inspection.app,
    changelog: inspection.changelog,
    publishedAt: at,
  };
  await keepArchiveFiles(tx, submission.archiveSha256, inspection.files);
  await insertRelease(tx, release, accountId);
  if (signed && signature.signer !== null) {
    const { fingerprint } = signature.signer;
    await keepSignerChain(tx, { fingerprint, certificates: inspection.signerChain });
  }
  await awaitScreenshots(tx, release, inspection.info?.screenshots ?? []);
  await closeSuperseded(tx, publication);
  return asPublished(release);
}

/** Has the screenshots copied that the app declares: each once, the first ten. */
async function awaitScreenshots(
  tx: Transaction,
  { appId, version, publishedAt }: Pick<ReleaseRow, 'appId' | 'version' | 'publishedAt'>,
  declared: readonly string[],
): Promise<void> {
  // As it is asked for: `HTTPS:` and characters that are not ASCII are written otherwise in the document, and may be longer here.
  const urls = declared.map((text) => parseUrl(text)?.href ?? '').filter(isScreenshotUrl);
  const first = [...new Set(urls)].slice(0, MAX_SCREENSHOTS);
  await insertScreenshots(tx, { appId, version, urls: first, at: publishedAt });
}

const SUPERSEDED = 'This version has been published from another upload.';

async function closeSuperseded(tx: Transaction, { submission, at }: Publication): Promise<void> {
  const version = versionOf(submission);
  for (const review of await listOpenReviewsOfSubmissions(tx, submission.appId)) {
    if (review.submissionId === submission.id || review.version === null) continue;
    if (!isSameVersion(review.version, version)) continue;
    await supersede(tx, review, { by: submission.id, reason: SUPERSEDED, at });
  }
}

/** Closes a review, on the gate's own word, because the submission `by` has taken the place of what it is about. */
export async function supersede(
  tx: Transaction,
  { id }: ReviewRow,
  { by, reason, at }: { readonly by: string; readonly reason: string; readonly at: Date },
): Promise<void> {
  await closeReview(tx, id, { verdict: 'superseded', reasonCode: null, reason, accountId: null, at });
  await appendReviewEvent(tx, {
    reviewId: id,
    kind: 'verdict',
    accountId: null,
    isInternal: false,
    text: reason,
    detail: { verdict: 'superseded', by },
    happenedAt: at,
  });
}

/** The first upload that isn't refused makes a free app the uploader's. */
export async function claimApp(
  tx: Transaction,
  claim: {
    readonly appId: string;
    readonly owner: { readonly id: number; readonly name: string };
    /** On whose word. */
    readonly accountId: number;
    readonly reason: string;
  },
): Promise<void> {
  await addOwner(tx, claim.appId, claim.owner.id);
  await appendAppEvent(tx, {
    appId: claim.appId,
    kind: 'claimed',
    accountId: claim.accountId,
    detail: { owner: claim.owner.name },
    reason: claim.reason,
  });
}

/** The version of a submission that was not refused; the inspection of one without a version always refuses. */
export function versionOf(submission: Pick<SubmissionRow, 'version'>): string {
  if (submission.version === null) throw new Error('A submission without a version was not refused');
  return submission.version;
}
