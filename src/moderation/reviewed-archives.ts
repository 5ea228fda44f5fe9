import type { Queryable } from '../database/connect.js';
import { findRelease, listReleases, type ReleaseRow, type ReleaseSummary } from '../database/releases.js';
import { findReview, type ReviewRow } from '../database/reviews.js';
import { findSubmission } from '../database/submissions.js';
import type { ReportedSignature } from '../report/report.js';
import { RequestError } from '../request-error.js';
import type { KnownArchive } from './archive-copies.js';

/** An archive that a review is about, or that it is compared with. */
export interface ReviewedArchive extends KnownArchive {
  readonly appId: string;
  /** Null for what was refused before anybody could tell. */
  readonly version: string | null;
  readonly signature: ReportedSignature;
  /** The release; null for a submission that has become none. */
  readonly release: ReleaseRow | null;
}

/** The archive that a review is about, and that of the release before it. */
export interface ReviewedArchives {
  readonly after: ReviewedArchive;
  /** Null where the app had no published release before. */
  readonly before: ReviewedArchive | null;
}

/**
 * What is to be compared for a review: a submission with the release published last as things stand (for a closed review, as
 * they stood when it was closed), a release with the one published before it. Releases that were withdrawn or are in
 * quarantine are no measure.
 *
 * @throws RequestError `NOT_FOUND` where there is no such review, or it is about no archive
 */
export async function findReviewedArchives(db: Queryable, reviewId: string): Promise<ReviewedArchives> {
  const review = await findReview(db, reviewId);
  if (review === null) throw new RequestError('NOT_FOUND', 'There is no such review.');
  const found =
    review.submissionId === null ? await ofRelease(db, review) : await ofSubmission(db, review.submissionId);
  if (found === null) throw new RequestError('NOT_FOUND', 'This review is about no archive.');
  return { after: found, before: await findBefore(db, review, found, review.submissionId) };
}

async function ofRelease(db: Queryable, { appId, version }: ReviewRow): Promise<ReviewedArchive | null> {
  const release = version === null ? null : await findRelease(db, appId, version);
  return release && asReviewed(release);
}

async function ofSubmission(db: Queryable, id: string): Promise<ReviewedArchive | null> {
  const submission = await findSubmission(db, id);
  if (submission === null) return null;
  const { appId, version, archiveSha256: sha256, archiveBytes: bytes, report } = submission;
  return { appId, version, sha256, bytes, signature: report.signature, release: null };
}

function asReviewed(release: ReleaseRow): ReviewedArchive {
  const { appId, version, archiveSha256: sha256, archiveBytes: bytes, signature } = release;
  return { appId, version, sha256, bytes, signature, release };
}

const PAGE = 100;

async function findBefore(
  db: Queryable,
  { closedAt }: ReviewRow,
  { appId, release }: ReviewedArchive,
  submissionId: string | null,
): Promise<ReviewedArchive | null> {
  const isMeasure = (each: ReleaseSummary): boolean =>
    each.status === 'published' &&
    each.submissionId !== submissionId &&
    (release !== null || closedAt === null || each.publishedAt < closedAt);
  for (let after = release?.version ?? null; ;) {
    const page = await listReleases(db, { appId, after, limit: PAGE });
    const summary = page.find(isMeasure);
    if (summary !== undefined) {
      const before = await findRelease(db, appId, summary.version);
      return before && asReviewed(before);
    }
    if (page.length < PAGE) return null;
    after = page.at(-1)?.version ?? null;
  }
}
