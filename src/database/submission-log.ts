import type { AuditRow } from './audit-log.js';
import type { Queryable } from './connect.js';

const COLUMNS = 'position, previous, hash, entry';

/** What the audit log says of a submission, its reviews and the release that came of it, after the position `after`. */
export async function readSubmissionLog(
  db: Queryable,
  { submissionId, after, limit }: { readonly submissionId: string; readonly after: number; readonly limit: number },
): Promise<readonly AuditRow[]> {
  // One part for each type, since each finds its rows by the index.
  const { rows } = await db.query<AuditRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE subject_type = 'submission' AND subject_id = $1::uuid::text AND position > $2
     UNION ALL
     SELECT ${COLUMNS} FROM audit_log WHERE subject_type = 'review' AND position > $2
       AND subject_id IN (SELECT id::text FROM reviews WHERE submission_id = $1::uuid)
     UNION ALL
     SELECT ${COLUMNS} FROM audit_log WHERE subject_type = 'release' AND position > $2
       AND subject_id IN (SELECT app_id || '@' || version FROM releases WHERE submission_id = $1::uuid)
     ORDER BY position LIMIT $3`,
    [submissionId, after, limit],
  );
  return rows;
}
