import { catalogue, type ConfigurableCode, type FindingCode } from '../report/catalogue.js';
import type { CatalogueEntry } from '../report/catalogue-entry.js';
import type { Finding, Severity } from '../report/finding.js';
import { outcomeOf, type Outcome } from '../report/report.js';
import type { AppHistory, UploadFacts } from './facts.js';
import { rules, type RuleMode, type StoreRules } from './rules.js';

/** What the store makes of an upload. */
export interface Decision {
  readonly outcome: Outcome;
  /** Those of the inspection and those of the rules, weighed as the store wants them. */
  readonly findings: readonly Finding[];
}

/** What {@link decide} needs of an inspection. */
export interface Inspected {
  /** False where the archive could not be read to its end; then one of the findings is an error. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Judges an upload by what was found in it and by the app's history. Pure: the same arguments give the same decision.
 *
 * The history must have been read under the lock that publication takes, or two uploads at once could both pass a
 * rule that only one of them may.
 *
 * @param lifted the codes that a moderator lifts for this upload; of those that can't be lifted nothing changes
 * @throws Error where an inspection stopped early without saying why: a check that broke is never one that passed.
 */
export function decide(
  inspected: Inspected,
  upload: UploadFacts,
  history: AppHistory,
  store: StoreRules,
  lifted: ReadonlySet<FindingCode> = new Set(),
): Decision {
  if (!inspected.complete && outcomeOf(inspected.findings) !== 'refused') {
    throw new Error('An inspection that stopped early must carry an error');
  }
  // Of an archive that could not be read to its end nothing is known that a rule could judge.
  const ruled = inspected.complete ? rules.map((rule) => rule(upload, history, store)) : [];
  const findings = [...inspected.findings, ...ruled]
    .filter((found) => found !== null)
    .map((found) => weigh(found, store))
    .filter((found) => found !== null)
    .map((found) => lift(found, lifted));
  return { outcome: outcomeOf(findings), findings };
}

/** `found` with the weight that the store gives its code; null where the store has switched it off. */
function weigh(found: Finding, store: StoreRules): Finding | null {
  const entry: CatalogueEntry = catalogue[found.code];
  if (entry.configurable !== true) return found;
  const mode = store.modes[found.code as ConfigurableCode] ?? (entry.offByDefault === true ? 'off' : undefined);
  if (mode === undefined) return found;
  if (mode === 'off') return null;
  const severity = severityOfMode[mode];
  return mode === 'shadow' ? { ...found, severity, message: `${found.message} ${IN_TRIAL}` } : { ...found, severity };
}

/** Said of what a rule in `shadow` finds, at the end: reports are for programs of others, and so their shape stays. */
const IN_TRIAL = '(In trial: this store does not decide by it.)';

/** Whether a finding is of a rule that the store only tries out. */
export function isInTrial({ severity, message }: Finding): boolean {
  return severity === 'warning' && message.endsWith(IN_TRIAL);
}

/** How much a finding of `code` weighs in a store; null where it is off. */
export function weightOf(code: FindingCode, store: StoreRules): Severity | null {
  return weigh({ code, severity: catalogue[code].severity, message: '' }, store)?.severity ?? null;
}

/** Whether a moderator may lift a finding with this code for one upload. */
export function isLiftable(code: FindingCode): boolean {
  const entry: CatalogueEntry = catalogue[code];
  return entry.liftable === true;
}

function lift(found: Finding, lifted: ReadonlySet<FindingCode>): Finding {
  const decides = found.severity === 'error' || found.severity === 'hold';
  if (!decides || !lifted.has(found.code) || !isLiftable(found.code)) return found;
  return { ...found, severity: 'warning', message: `${found.message} A moderator has lifted this.` };
}

const severityOfMode: Record<Exclude<RuleMode, 'off'>, Severity> = {
  shadow: 'warning',
  hold: 'hold',
  refuse: 'error',
};
