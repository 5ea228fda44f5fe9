import type { Outcome, Report } from '../report/report.js';
import type { Queryable, Transaction } from './connect.js';

/** The gate's second look at a submission, by the trust, the rules and the history of then. Never changed once written. */
export interface ReinspectionRow {
  readonly id: string;
  readonly submissionId: string;
  readonly outcome: Outcome;
  readonly report: Report;
  readonly accountId: number;
  readonly inspectedAt: Date;
}

/** Keeps what the gate found this time. That it looked stands in the review's record and the audit log. */
export async function insertReinspection(tx: Transaction, row: ReinspectionRow): Promise<void> {
  await tx.query(
    `INSERT INTO reinspections (id, submission_id, outcome, report, account_id, inspected_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.submissionId, row.outcome, JSON.stringify(row.report), row.accountId, row.inspectedAt],
  );
}

/** The last second look at a submission; null where there was none. */
export async function findLastReinspection(db: Queryable, submissionId: string): Promise<ReinspectionRow | null> {
  const { rows } = await db.query<ReinspectionRow>(
    `SELECT id, submission_id AS "submissionId", outcome, report, account_id AS "accountId", inspected_at AS "inspectedAt"
     FROM reinspections WHERE submission_id = $1 ORDER BY inspected_at DESC, id LIMIT 1`,
    [submissionId],
  );
  return rows[0] ?? null;
}

/** The second looks at a submission, the newest first. */
export async function listReinspections(
  db: Queryable,
  submissionId: string,
  limit: number,
): Promise<readonly (ReinspectionRow & { readonly accountName: string })[]> {
  const { rows } = await db.query<ReinspectionRow & { accountName: string }>(
    `SELECT reinspections.id, submission_id AS "submissionId", outcome, report, account_id AS "accountId",
       accounts.name AS "accountName", inspected_at AS "inspectedAt"
     FROM reinspections JOIN accounts ON accounts.id = reinspections.account_id
     WHERE submission_id = $1 ORDER BY inspected_at DESC, reinspections.id LIMIT $2`,
    [submissionId, limit],
  );
  return rows;
}
