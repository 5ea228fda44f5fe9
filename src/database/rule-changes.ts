import { ADVISORY_LOCK } from './advisory-locks.js';
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

/** Keeps every weight as it is until the transaction ends: changes come one after the other. */
export async function lockRules(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK.rules]);
}

/** A new weight of a rule. */
export interface NewRuleChange {
  readonly code: string;
  readonly mode: StoredRuleMode;
  readonly accountId: number;
  readonly reason: string;
  readonly at: Date;
  /** What it was, and what a finding with this code weighs before and after, for the audit log. */
  readonly before: { readonly mode: StoredRuleMode; readonly weight: string };
  readonly weight: string;
}

/** Writes down a new weight of a rule, there and in the audit log. The caller has locked the rules. */
export async function appendRuleChange(tx: Transaction, change: NewRuleChange): Promise<void> {
  const { code, mode, accountId, reason, at, before, weight } = change;
  await tx.query('INSERT INTO rule_changes (code, mode, account_id, reason, happened_at) VALUES ($1, $2, $3, $4, $5)', [
    code,
    mode,
    accountId,
    reason,
    at,
  ]);
  await appendAuditEntry(tx, {
    kind: 'rule-changed',
    accountId,
    appId: null,
    subject: { type: 'rule', id: code },
    reason,
    before,
    after: { mode, weight },
  });
}
