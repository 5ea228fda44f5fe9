import type { FindingCode } from '../report/catalogue.js';
import { appendAuditEntry } from './audit-log.js';
import type { Transaction } from './connect.js';

/** What a moderator lifts of the store's own rules, for the bytes with this digest and no others, once. */
export interface OverrideRow {
  readonly id: string;
  readonly appId: string;
  readonly archiveSha256: string;
  /** At least one. */
  readonly codes: readonly FindingCode[];
  readonly reviewId: string;
  readonly reason: string;
  readonly grantedBy: number;
  /** The second moderator, where one was needed. */
  readonly secondedBy: number | null;
  readonly grantedAt: Date;
  readonly expiresAt: Date;
  /** An override is used in the transaction that grants it, for this submission. */
  readonly usedAt: Date;
  readonly usedFor: string;
}

/** Grants an override and uses it up. The database refuses one that is seconded by whoever granted it. */
export async function insertUsedOverride(tx: Transaction, row: OverrideRow): Promise<void> {
  await tx.query(
    `INSERT INTO overrides (id, app_id, archive_sha256, codes, review_id, reason, granted_by, seconded_by, granted_at, expires_at,
       used_at, used_for)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      row.id,
      row.appId,
      row.archiveSha256,
      row.codes,
      row.reviewId,
      row.reason,
      row.grantedBy,
      row.secondedBy,
      row.grantedAt,
      row.expiresAt,
      row.usedAt,
      row.usedFor,
    ],
  );
  const { rows } = await tx.query<{ granter: string }>('SELECT name AS granter FROM accounts WHERE id = $1', [
    row.grantedBy,
  ]);
  await appendAuditEntry(tx, {
    kind: 'override-used',
    accountId: row.secondedBy ?? row.grantedBy,
    appId: row.appId,
    subject: { type: 'override', id: row.id },
    reason: row.reason,
    after: {
      codes: row.codes,
      archive: row.archiveSha256,
      submission: row.usedFor,
      review: row.reviewId,
      grantedBy: rows[0]?.granter ?? null,
      seconded: row.secondedBy !== null,
      expiresAt: row.expiresAt.toISOString(),
    },
  });
}
