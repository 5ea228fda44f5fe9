import type { Queryable, Transaction } from './connect.js';
import { REVIEW_COLUMNS, type ReviewRow } from './reviews.js';

/** An upload of some bytes by some account, which may wait already. */
interface HeldUpload {
  readonly appId: string;
  readonly version: string;
  readonly archiveSha256: string;
  readonly accountId: number;
}

/**
 * The open reviews of an account's uploads of these very bytes that nobody can accept any more: the token that they were made
 * with was revoked since.
 */
export async function listReviewsOfRevokedToken(
  tx: Transaction,
  { appId, version, archiveSha256, accountId }: HeldUpload,
): Promise<readonly ReviewRow[]> {
  const { rows } = await tx.query<ReviewRow>(
    `SELECT ${REVIEW_COLUMNS} FROM reviews
     JOIN submissions ON submissions.id = reviews.submission_id JOIN tokens ON tokens.id = submissions.token_id
     WHERE reviews.kind = 'held' AND reviews.state <> 'closed' AND tokens.revoked_at IS NOT NULL
       AND reviews.app_id = $1 AND reviews.version = $2 AND submissions.archive_sha256 = $3 AND submissions.account_id = $4
     ORDER BY reviews.id FOR UPDATE OF reviews`,
    [appId, version, archiveSha256, accountId],
  );
  return rows;
}

/** How many uploads of an app by an account wait for a moderator, and whether one of them is of these bytes. */
export async function countHeldUploads(
  db: Queryable,
  { appId, archiveSha256, accountId }: Omit<HeldUpload, 'version'>,
): Promise<{ readonly count: number; readonly hasArchive: boolean }> {
  const { rows } = await db.query<{ count: number; hasArchive: boolean }>(
    `SELECT count(*) AS count, coalesce(bool_or(submissions.archive_sha256 = $2), false) AS "hasArchive"
     FROM reviews JOIN submissions ON submissions.id = reviews.submission_id
     WHERE reviews.app_id = $1 AND reviews.kind = 'held' AND reviews.state <> 'closed' AND submissions.account_id = $3`,
    [appId, archiveSha256, accountId],
  );
  return rows[0] ?? { count: 0, hasArchive: false };
}
