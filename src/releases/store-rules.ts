import { ensureSystemAccount } from '../accounts/system-account.js';
import { appendAuditEntry, findLastAuditEntry, parseAuditEntry } from '../database/audit-log.js';
import { inTransaction, type Database, type Queryable } from '../database/connect.js';
import { listCurrentRuleChanges, lockRules } from '../database/rule-changes.js';
import { isConfigurable, type RuleMode, type StoreRules } from '../policy/rules.js';

/**
 * The rules as they are at this moment: those of the settings, and what was changed at run time since. Read with every
 * decision, so that a change counts on every replica with its commit.
 */
export async function currentRules(db: Queryable, settings: StoreRules): Promise<StoreRules> {
  const modes: Partial<Record<string, RuleMode>> = { ...settings.modes };
  for (const { code, mode } of await listCurrentRuleChanges(db)) {
    // A code that this version doesn't know may be a newer one's, running beside it.
    if (mode !== null && isConfigurable(code)) modes[code] = mode;
  }
  return { ...settings, modes };
}

/**
 * Writes into the audit log what the settings say of the rules, where that differs from what was written last: settings are
 * changed where no log sees it. Of several gates that start at once the first does.
 */
export async function recordConfiguredRules(database: Database, settings: StoreRules): Promise<void> {
  await inTransaction(database, async (tx) => {
    await lockRules(tx);
    const last = await findLastAuditEntry(tx, 'rules-configured');
    const before = last === null ? null : parseAuditEntry(last).after;
    // In one order, whatever the order of the setting is.
    const modes = Object.fromEntries(Object.entries(settings.modes).sort(([one], [other]) => (one < other ? -1 : 1)));
    const after = { requireSignature: settings.requireSignature, modes };
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    await appendAuditEntry(tx, {
      kind: 'rules-configured',
      accountId: (await ensureSystemAccount(tx)).id,
      appId: null,
      subject: { type: 'store', id: 'rules' },
      reason: 'The settings with which a gate was started.',
      ...(before !== null && { before }),
      after,
    });
  });
}
