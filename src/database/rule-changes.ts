import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** What a rule may be set to at run time; null: what the settings say. */
export type StoredRuleMode = 'off' | 'shadow' | 'hold' | 'refuse' | null;

/** The weight that the store gave a rule at run time, and why. */
export interface RuleChangeRow {
  readonly code: string;
  readonly mode: StoredRuleMode;
  readonly accountName: string;
  readonly reason: string;
  readonly happenedAt: Date;
}

/** The last word on every code that was ever changed at run time. */
export async function listCurrentRuleChanges(db: Queryable): Promise<readonly RuleChangeRow[]> {
  const { rows } = await db.query<RuleChangeRow>(
    `SELECT DISTINCT ON (code) code, mode, accounts.name AS "accountName", reason, happened_at AS "happenedAt"
     FROM rule_changes JOIN accounts ON accounts.id = rule_changes.account_id ORDER BY code, rule_changes.id DESC`,
  );
  return rows;
}

/** Writes down a new weight of a rule. `before` is what it was, for the audit log. */
export async function appendRuleChange(
  tx: Transaction,
  change: {
    readonly code: string;
    readonly mode: StoredRuleMode;
    readonly before: string | null;
    readonly accountId: number;
    readonly reason: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query('INSERT INTO rule_changes (code, mode, account_id, reason, happened_at) VALUES ($1, $2, $3, $4, $5)', [
    change.code,
    change.mode,
    change.accountId,
    change.reason,
    change.at,
  ]);
  await appendAuditEntry(tx, {
    kind: 'rule-changed',
    accountId: change.accountId,
    appId: null,
    subject: { type: 'rule', id: change.code },
    reason: change.reason,
    before: { mode: change.before },
    after: { mode: change.mode },
  });
}
