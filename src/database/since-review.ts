import type { Queryable } from './connect.js';
import type { ReviewRow } from './reviews.js';

/*
 * What happened to an app since something of it came to wait: told by the places in the audit log, which are the order of the
 * commits, and not by clocks.
 */

/** Where the log says that a review's subject came; 0, so that all of the log counts, where it doesn't know. */
export async function findReviewStart(
  db: Queryable,
  { id, kind, appId, version, submissionId, requestId }: ReviewRow,
): Promise<number> {
  // A release may have been under quarantine before: this review is of the last time.
  const release = kind === 'quarantine' && version !== null ? `${appId}@${version}` : null;
  const { rows } = await db.query<{ position: number }>(
    `SELECT coalesce(
       (SELECT max(position) FROM audit_log WHERE subject_type = 'release' AND subject_id = $1 AND kind = 'release-quarantined'),
       least(
         (SELECT min(position) FROM audit_log WHERE subject_type = 'submission' AND subject_id = $2),
         (SELECT min(position) FROM audit_log WHERE subject_type = 'signing-request' AND subject_id = $3),
         (SELECT min(position) FROM audit_log WHERE subject_type = 'review' AND subject_id = $4 AND kind = 'review-opened')),
       0) AS position`,
    [release, submissionId, requestId, id],
  );
  return rows[0]?.position ?? 0;
}

/** Whether an account was taken off the owners of an app, or gave it away, after the entry at `position`. */
export async function hasLeftOwnersSince(
  db: Queryable,
  { appId, accountName, position }: { readonly appId: string; readonly accountName: string; readonly position: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM audit_log WHERE app_id = $1 AND position > $2
       AND ((kind = 'app-owner-removed' AND entry::jsonb -> 'after' ->> 'owner' = $3)
         OR (kind = 'app-transferred' AND $3 = ANY (string_to_array(entry::jsonb -> 'after' ->> 'formerOwners', ', ')))) LIMIT 1`,
    [appId, position, accountName],
  );
  return rows.length > 0;
}

/** Whether an app was official, and is so no more, after the entry at `position`. */
export async function wasOfficialSince(
  db: Queryable,
  { appId, position }: { readonly appId: string; readonly position: number },
): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM audit_log WHERE app_id = $1 AND position > $2 AND kind = 'app-trust-level-changed'
       AND entry::jsonb -> 'before' ->> 'trustLevel' = 'official' LIMIT 1`,
    [appId, position],
  );
  return rows.length > 0;
}
