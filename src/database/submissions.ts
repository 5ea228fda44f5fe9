import type { FindingCode } from '../report/catalogue.js';
import type { Outcome, Report } from '../report/report.js';
import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** One upload and its verdict. Never changed once written. */
export interface SubmissionRow {
  readonly id: string;
  readonly appId: string;
  readonly version: string | null;
  readonly outcome: Outcome;
  readonly archiveSha256: string;
  readonly archiveBytes: number;
  readonly report: Report;
  readonly accountId: number;
  readonly tokenId: string;
  readonly submittedAt: Date;
}

const COLUMNS = `id, app_id AS "appId", version, outcome, archive_sha256 AS "archiveSha256", archive_bytes AS "archiveBytes",
  report, account_id AS "accountId", token_id AS "tokenId", submitted_at AS "submittedAt"`;

/** Writes down an upload and its verdict. Where it is held, the database opens the review of it. */
export async function insertSubmission(tx: Transaction, row: SubmissionRow): Promise<void> {
  await tx.query(
    `INSERT INTO submissions
       (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      row.id,
      row.appId,
      row.version,
      row.outcome,
      row.archiveSha256,
      row.archiveBytes,
      JSON.stringify(row.report),
      row.accountId,
      row.tokenId,
      row.submittedAt,
    ],
  );
  await appendAuditEntry(tx, {
    kind: `submission-${row.outcome}`,
    accountId: row.accountId,
    appId: row.appId,
    subject: { type: 'submission', id: row.id },
    reason: '',
    after: {
      version: row.version,
      outcome: row.outcome,
      archive: row.archiveSha256,
      token: row.tokenId,
      codes: decidingCodes(row.report),
    },
  });
}

/** The codes that made a report come out as it did. */
export function decidingCodes({ findings, outcome }: Pick<Report, 'findings' | 'outcome'>): readonly FindingCode[] {
  const severity = outcome === 'refused' ? 'error' : 'hold';
  return [...new Set(findings.filter((found) => found.severity === severity).map(({ code }) => code))];
}

export async function findSubmission(db: Queryable, id: string): Promise<SubmissionRow | null> {
  const { rows } = await db.query<SubmissionRow>(`SELECT ${COLUMNS} FROM submissions WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/**
 * The submission of these very bytes that waits for a moderator, if there is one. What a moderator has refused waits no more, and
 * what was uploaded with a token that is revoked by now waits in vain.
 */
export async function findHeldSubmission(
  db: Queryable,
  upload: { appId: string; version: string; archiveSha256: string; accountId: number },
): Promise<SubmissionRow | null> {
  const { rows } = await db.query<SubmissionRow>(
    `SELECT ${COLUMNS} FROM submissions
     WHERE outcome = 'held' AND app_id = $1 AND version = $2 AND archive_sha256 = $3 AND account_id = $4
       AND EXISTS (SELECT 1 FROM reviews WHERE submission_id = submissions.id AND kind = 'held' AND state <> 'closed')
       AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.id = submissions.token_id AND revoked_at IS NOT NULL)
     ORDER BY submitted_at DESC, id DESC LIMIT 1`,
    [upload.appId, upload.version, upload.archiveSha256, upload.accountId],
  );
  return rows[0] ?? null;
}

/** A submission as lists show it: everything but the report. */
export type SubmissionSummary = Omit<SubmissionRow, 'report'>;

/** Where a list goes on: after this row, in its order. */
export interface SubmissionCursor {
  readonly submittedAt: Date;
  readonly id: string;
}

/** Submissions of an app, the newest first; of one account only where `accountId` is given. */
export async function listSubmissions(
  db: Queryable,
  query: { appId: string; accountId: number | null; before: SubmissionCursor | null; limit: number },
): Promise<readonly SubmissionSummary[]> {
  const { rows } = await db.query<SubmissionSummary>(
    `SELECT ${COLUMNS.replace('report, ', '')} FROM submissions
     WHERE app_id = $1 AND ($2::bigint IS NULL OR account_id = $2)
       AND ($3::timestamptz IS NULL OR (submitted_at, id) < ($3, $4::uuid))
     ORDER BY submitted_at DESC, id DESC LIMIT $5`,
    [query.appId, query.accountId, query.before?.submittedAt ?? null, query.before?.id ?? null, query.limit],
  );
  return rows;
}

/** The newest submissions of an account, of whatever app. */
export async function listSubmissionsOfAccount(
  db: Queryable,
  accountId: number,
  limit: number,
): Promise<readonly SubmissionSummary[]> {
  const { rows } = await db.query<SubmissionSummary>(
    `SELECT ${COLUMNS.replace('report, ', '')} FROM submissions
     WHERE account_id = $1 ORDER BY submitted_at DESC, id DESC LIMIT $2`,
    [accountId, limit],
  );
  return rows;
}

/** Other submissions of an app with the same version or the same bytes, the newest first. */
export async function listRelatedSubmissions(
  db: Queryable,
  { id, appId, version, archiveSha256 }: Pick<SubmissionRow, 'id' | 'appId' | 'version' | 'archiveSha256'>,
  limit: number,
): Promise<readonly SubmissionSummary[]> {
  const { rows } = await db.query<SubmissionSummary>(
    `SELECT ${COLUMNS.replace('report, ', '')} FROM submissions
     WHERE app_id = $1 AND (version = $2 OR archive_sha256 = $3) AND id <> $4
     ORDER BY submitted_at DESC, id DESC LIMIT $5`,
    [appId, version, archiveSha256, id, limit],
  );
  return rows;
}
