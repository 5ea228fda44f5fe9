import { isOperator, requireModerator, type Caller } from '../accounts/caller.js';
import {
  countDecisionsByModerator,
  countOpenByAge,
  countRefusalsByWeek,
  countSubmissionsByDay,
  listFailingApps,
  readTimesToDecision,
  type DayOfSubmissions,
  type DecisionsOfModerator,
  type FailingApp,
  type OpenByAge,
  type TimeToDecision,
  type WeekOfCode,
} from '../database/statistics.js';
import type { Gate } from '../gate.js';

/** How the store decides, in figures. */
export interface Statistics {
  readonly since: Date;
  readonly until: Date;
  readonly submissions: readonly DayOfSubmissions[];
  readonly refusals: readonly WeekOfCode[];
  readonly decisions: readonly TimeToDecision[];
  readonly open: readonly OpenByAge[];
  readonly failingApps: readonly FailingApp[];
  /** Null for whoever is no administrator: how much a colleague decides is not a moderator's business. */
  readonly moderators: readonly DecisionsOfModerator[] | null;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** So many refusals in a row are no slip any more. */
const FAILING_AFTER = 3;
const MAX_FAILING = 50;

/**
 * The figures of the last days.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` where the caller is no moderator
 */
export async function readStatistics(
  { database, now }: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  { days }: { readonly days: number },
): Promise<Statistics> {
  requireModerator(caller);
  const until = now();
  const span = { since: new Date(until.getTime() - days * DAY_MS), until };
  // One after the other: figures may wait, and must not take every connection from those who upload.
  const submissions = await countSubmissionsByDay(database, span);
  const refusals = await countRefusalsByWeek(database, span);
  const decisions = await readTimesToDecision(database, span);
  const open = await countOpenByAge(database, until);
  const failingApps = await listFailingApps(database, span, { atLeast: FAILING_AFTER, limit: MAX_FAILING });
  const moderators = isOperator(caller) ? await countDecisionsByModerator(database, span) : null;
  return { ...span, submissions, refusals, decisions, open, failingApps, moderators };
}
