import { requireOperator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { inTransaction, type Queryable } from '../database/connect.js';
import {
  appendRuleChange,
  listCurrentRuleChanges,
  lockRules,
  type RuleChangeRow,
  type StoredRuleMode,
} from '../database/rule-changes.js';
import type { Gate } from '../gate.js';
import { isLiftable, weightOf } from '../policy/decide.js';
import { defaultRules, isConfigurable, type RuleMode, type StoreRules } from '../policy/rules.js';
import { catalogue, type FindingCode } from '../report/catalogue.js';
import type { CatalogueEntry } from '../report/catalogue-entry.js';
import type { Severity } from '../report/finding.js';
import { RequestError } from '../request-error.js';
import { currentRules } from '../releases/store-rules.js';

/** A finding code, and what the store makes of it at this moment. */
export interface RuleState {
  readonly code: FindingCode;
  /** The first sentence of its findings. */
  readonly message: string;
  /** What its findings weigh; null where they are not reported. */
  readonly weight: Severity | null;
  /** The mode that the store gave it; null where it has the weight of the catalogue. */
  readonly mode: RuleMode | null;
  /** Who says so: the catalogue, the settings of the gate, or an administrator at run time. */
  readonly source: 'catalogue' | 'settings' | 'store';
  /** What its findings weigh where the store says nothing. */
  readonly defaultWeight: Severity | null;
  /** Whether the store may set its weight. */
  readonly isConfigurable: boolean;
  /** Whether a moderator may lift it for one upload. */
  readonly isLiftable: boolean;
  /** The last change at run time, also one that gave the word back to the settings. */
  readonly change: RuleChangeRow | null;
}

const isFindingCode = (code: string): code is FindingCode => Object.hasOwn(catalogue, code);

/** Every code that is still reported, in the order of the catalogue, with what the store makes of it at this moment. */
export async function readRules(gate: Pick<Gate, 'database' | 'rules'>): Promise<readonly RuleState[]> {
  const changes = new Map((await listCurrentRuleChanges(gate.database)).map((change) => [change.code, change]));
  const rules = await currentRules(gate.database, gate.rules);
  return (Object.keys(catalogue) as FindingCode[])
    .filter((code) => (catalogue[code] as CatalogueEntry).retired === undefined)
    .map((code) => stateOf(code, rules, gate.rules, changes.get(code) ?? null));
}

function stateOf(code: FindingCode, rules: StoreRules, settings: StoreRules, change: RuleChangeRow | null): RuleState {
  const mode = isConfigurable(code) ? (rules.modes[code] ?? null) : null;
  const isSet = isConfigurable(code) && settings.modes[code] !== undefined;
  return {
    code,
    message: catalogue[code].message,
    weight: weightIn(code, rules),
    mode,
    source: (change?.mode ?? null) !== null ? 'store' : isSet ? 'settings' : 'catalogue',
    defaultWeight: weightIn(code, defaultRules),
    isConfigurable: isConfigurable(code),
    isLiftable: isLiftable(code),
    change,
  };
}

/** The one rule that a setting switches on, and no weight. */
function weightIn(code: FindingCode, rules: StoreRules): Severity | null {
  return code === 'SIGNING_REQUIRED' && !rules.requireSignature ? null : weightOf(code, rules);
}

/**
 * Gives a rule another weight from now on, on every replica; null gives the word back to the settings. The same again changes
 * nothing.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is an administrator, `NOT_FOUND` where there is no such code,
 *   `RULE_FIXED` for one that no store weighs; `UNAUTHENTICATED` or `ACCOUNT_SUSPENDED`
 */
export async function changeRule(
  gate: Pick<Gate, 'database' | 'now' | 'rules'>,
  caller: Caller,
  { code, mode, reason }: { readonly code: string; readonly mode: StoredRuleMode; readonly reason: string },
): Promise<RuleState> {
  requireOperator(caller);
  if (!isFindingCode(code)) throw new RequestError('NOT_FOUND', 'There is no such finding code.');
  if (!isConfigurable(code)) {
    throw new RequestError('RULE_FIXED', `What ${code} weighs is the same in every store; no setting changes it.`);
  }
  return inTransaction(gate.database, async (tx) => {
    await lockRules(tx);
    await requireLiveToken(tx, caller, gate.now());
    const before = await changeOf(tx, code);
    if ((before?.mode ?? null) !== mode) {
      const weightBefore = weightOf(code, await currentRules(tx, gate.rules));
      const settings = gate.rules.modes[code];
      const next = { ...gate.rules, modes: { ...gate.rules.modes, [code]: mode ?? settings } };
      await appendRuleChange(tx, {
        code,
        mode,
        accountId: caller.accountId,
        reason,
        at: gate.now(),
        before: { mode: before?.mode ?? null, weight: weightBefore ?? 'off' },
        weight: weightOf(code, next) ?? 'off',
      });
    }
    return stateOf(code, await currentRules(tx, gate.rules), gate.rules, await changeOf(tx, code));
  });
}

async function changeOf(db: Queryable, code: FindingCode): Promise<RuleChangeRow | null> {
  return (await listCurrentRuleChanges(db)).find((change) => change.code === code) ?? null;
}
