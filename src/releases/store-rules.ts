import type { Queryable } from '../database/connect.js';
import { listCurrentRuleChanges } from '../database/rule-changes.js';
import { configurableCodes, type RuleMode, type StoreRules } from '../policy/rules.js';

/**
 * The rules as they are at this moment: those of the settings, and what was changed at run time since. Read with every
 * decision, so that a change counts on every replica with its commit.
 */
export async function currentRules(db: Queryable, settings: StoreRules): Promise<StoreRules> {
  const modes: Partial<Record<string, RuleMode>> = { ...settings.modes };
  for (const { code, mode } of await listCurrentRuleChanges(db)) {
    // A code that this version doesn't know may be a newer one's, running beside it.
    if (mode !== null && (configurableCodes as readonly string[]).includes(code)) modes[code] = mode;
  }
  return { ...settings, modes };
}
