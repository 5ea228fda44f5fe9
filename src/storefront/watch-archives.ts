import { ADVISORY_LOCK, holdingAdvisoryLock, withFreeAdvisoryLock } from '../database/advisory-locks.js';
import {
  countArchivesLeft,
  listArchivesAfter,
  listArchivesReadLast,
  listDueArchives,
  noteArchiveLook,
  type WatchedArchiveRow,
} from '../database/standing-looks.js';
import type { Gate } from '../gate.js';
import type { StandingLooks } from '../policy/standing.js';
import type { StoreRules } from '../policy/rules.js';
import { currentRules } from '../releases/store-rules.js';
import { joinOutcomes, keepStanding, type StandingOutcome, type StandingParts } from './keep-standing.js';
import { archiveCodes, lookAtStoredArchive } from './read-stored-archive.js';
import { COMPARED, isTakenAway, isTooMany, noteHeldBack } from './watch-brake.js';

/** What reading archives again needs of the gate. */
export type ArchiveWatchParts = StandingParts & Pick<Gate, 'archives' | 'watchDays'>;

/** What came of reading archives. */
export interface ArchiveSweep extends StandingOutcome {
  /** How many were looked for, and how many bytes were to be read. */
  readonly read: number;
  readonly bytes: number;
  /** Of how many the storage could not tell. */
  readonly untold: number;
  /** How many published ones were not looked at though it was their turn, since the storage failed again and again. */
  readonly left: number;
  /** What would have gone under quarantine or been withdrawn, had it not been so many; as `app@version`. */
  readonly spared: readonly string[];
}

export interface ArchiveSweepOptions {
  /** All of them, whosever turn it is, after whoever is at it now. */
  readonly everything?: boolean;
  /** Acts also where it is so many that the storage may be out of reach. */
  readonly despiteMany?: boolean;
  /** Ends it, also amid an archive. */
  readonly stop?: AbortSignal;
}

const PAGE = 100;
/** Of one call on a timer, which comes again soon. */
const MAX_ARCHIVES = 1_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_MS = 5 * 60_000;
/** A storage that fails so often in a row is not asked further this time. */
const MAX_FAILURES = 3;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Reads stored archives again and compares them with what was accepted: those whose turn it is, within bounds. Where so many are
 * missing or changed that the storage itself is likely out of reach, nothing is done about them but telling the operators.
 * Of several gates on one database one does it.
 *
 * @returns null where another gate is at it
 */
export async function watchArchives(
  parts: ArchiveWatchParts,
  options: ArchiveSweepOptions = {},
): Promise<ArchiveSweep | null> {
  const hold = options.everything === true ? holdingAdvisoryLock : withFreeAdvisoryLock;
  return hold<ArchiveSweep | null>(parts.database, ADVISORY_LOCK.standingArchives, () => sweep(parts, options));
}

/** An archive that was looked at. */
interface Look {
  readonly archive: WatchedArchiveRow;
  readonly looks: StandingLooks;
}

/** How far a sweep has come. */
interface Progress {
  read: number;
  bytes: number;
  untold: number;
  fine: number;
  failedInARow: number;
  /** Whose turn was last. */
  last: WatchedArchiveRow | null;
}

async function sweep(parts: ArchiveWatchParts, options: ArchiveSweepOptions): Promise<ArchiveSweep> {
  const { database } = parts;
  const { stop, despiteMany = false } = options;
  const rules = await currentRules(database, parts.rules);
  const progress: Progress = { read: 0, bytes: 0, untold: 0, fine: 0, failedInARow: 0, last: null };
  const news: Look[] = [];
  const seen = new Set<string>();
  const lookAt = async (archive: WatchedArchiveRow): Promise<void> => {
    seen.add(nameOf(archive));
    const looks = await lookAtArchive(parts, archive, progress, stop);
    if (looks === null) return;
    const isNews = isFound(looks) || archive.open.some(isArchiveCode);
    if (isNews) news.push({ archive, looks });
    // What is news waits until it is known how much there is of it; its next turn comes soon, whatever happens until then.
    await note(parts, archive, isNews ? 'soon' : 'looked at');
  };

  for await (const archive of turnsOf(parts, options, progress)) {
    const isWatched = archive.status === 'published' || archive.open.some(isArchiveCode);
    if (isWatched) await lookAt(archive);
    else await note(parts, archive, 'passed over');
  }
  const left = await countLeft(parts, options, progress);
  const isLost = (look: Look): boolean => isDoomed(look, rules);
  if (news.some(isLost)) {
    for (const archive of await listArchivesReadLast(database, COMPARED)) {
      if (!hasFailed(progress) && !seen.has(nameOf(archive))) await lookAt(archive);
    }
  }
  const lost = news.filter(isLost);
  const { read, bytes, untold, fine } = progress;
  const spared = !despiteMany && isTooMany({ lost: lost.length, fine }) ? lost : [];
  // What was looked at until then is little to tell by; all of it is looked at again within the hour.
  if (isOver(stop)) return { read, bytes, untold, left, spared: [], ...joinOutcomes([]) };
  if (spared.length > 0) await holdBack(parts, spared, fine);
  const outcome = await keepAll(
    parts,
    news.filter((look) => !spared.includes(look)),
  );
  return { read, bytes, untold, left, spared: spared.map(({ archive }) => nameOf(archive)), ...outcome };
}

async function* turnsOf(
  { database, now, watchDays }: ArchiveWatchParts,
  { everything = false, stop }: ArchiveSweepOptions,
  progress: Progress,
): AsyncIterable<WatchedArchiveRow> {
  // A clock that nobody sets: how long it takes has nothing to do with what day it is.
  const end = performance.now() + MAX_MS;
  const isEnough = (turns: number): boolean =>
    turns >= MAX_ARCHIVES || progress.bytes >= MAX_BYTES || performance.now() > end;
  for (let turns = 0; ;) {
    const at = now();
    const page: readonly WatchedArchiveRow[] = everything
      ? await listArchivesAfter(database, { after: progress.last, limit: PAGE })
      : await listDueArchives(database, { since: lastTurnOfDue(at, watchDays), at, limit: PAGE });
    for (const archive of page) {
      if (isOver(stop) || hasFailed(progress) || (!everything && isEnough(turns))) return;
      yield archive;
      turns += 1;
      progress.last = archive;
    }
    if (page.length < PAGE) return;
  }
}

const lastTurnOfDue = (at: Date, watchDays: number): Date => new Date(at.getTime() - watchDays * DAY_MS);

const hasFailed = ({ failedInARow }: Progress): boolean => failedInARow >= MAX_FAILURES;

const isOver = (stop: AbortSignal | undefined): boolean => stop?.aborted === true;

const isFound = (looks: StandingLooks): boolean => [...looks.values()].some(({ state }) => state === 'found');

const isArchiveCode = (code: string): boolean => (archiveCodes as readonly string[]).includes(code);

const nameOf = ({ appId, version }: WatchedArchiveRow): string => `${appId}@${version}`;

/** Null where the storage could not tell, which is counted, or we were stopped meanwhile. */
async function lookAtArchive(
  parts: ArchiveWatchParts,
  archive: WatchedArchiveRow,
  progress: Progress,
  stop: AbortSignal | undefined,
): Promise<StandingLooks | null> {
  const looks = await lookAtStoredArchive(parts.archives, archive, stop);
  if (isOver(stop)) return null;
  progress.read += 1;
  progress.bytes += archive.archiveBytes;
  const reasons = [...looks.values()].flatMap((look) => (look.state === 'untold' ? [look.why] : []));
  if (reasons.length < looks.size) {
    progress.failedInARow = 0;
    if (!isFound(looks)) progress.fine += 1;
    return looks;
  }
  progress.untold += 1;
  progress.failedInARow += 1;
  const fields = { release: nameOf(archive), archive: archive.archiveSha256, why: reasons[0] };
  parts.log.warn(fields, 'a stored archive could not be looked at');
  await note(parts, archive, 'soon');
  return null;
}

/** How many are left where a storage that fails has ended it; that is logged. */
async function countLeft(
  { database, now, watchDays, log }: ArchiveWatchParts,
  { everything = false }: ArchiveSweepOptions,
  progress: Progress,
): Promise<number> {
  if (!hasFailed(progress)) return 0;
  const { last } = progress;
  const left = await countArchivesLeft(
    database,
    everything && last !== null ? { after: last } : { since: lastTurnOfDue(now(), watchDays) },
  );
  log.warn(
    { failedInARow: progress.failedInARow, left },
    'the storage fails, and is asked for no more archives this time',
  );
  return left;
}

/** Whether it would be served no more for this: what was dealt with already, and restored perhaps, would not. */
function isDoomed({ archive, looks }: Look, rules: StoreRules): boolean {
  if (archive.status !== 'published') return false;
  return archiveCodes.some(
    (code) => isTakenAway(code, rules) && looks.get(code)?.state === 'found' && !archive.acted.includes(code),
  );
}

/** Those of an app that are in the same state all at once, so that its owners are told in one mail. */
async function keepAll(parts: ArchiveWatchParts, news: readonly Look[]): Promise<StandingOutcome> {
  const alike = new Map<string, Look[]>();
  for (const look of news) {
    const key = [look.archive.appId, ...[...look.looks.values()].map(({ state }) => state)].join(' ');
    alike.set(key, [...(alike.get(key) ?? []), look]);
  }
  const outcomes: StandingOutcome[] = [];
  for (const [first, ...others] of alike.values()) {
    if (first === undefined) continue;
    const { looks } = first;
    const archives = [first, ...others].map(({ archive }) => archive);
    const versions = archives.map(({ version }) => version);
    outcomes.push(await keepStanding(parts, { appId: first.archive.appId, versions }, looks));
    for (const archive of archives) await note(parts, archive, isFound(looks) ? 'found' : 'looked at');
  }
  return joinOutcomes(outcomes);
}

/** What the storage could not tell, or has lost, is looked at again within the hour: it may be mended by then. */
async function note(
  { database, now, watchDays }: ArchiveWatchParts,
  { appId, version }: WatchedArchiveRow,
  turn: 'looked at' | 'found' | 'passed over' | 'soon',
): Promise<void> {
  const at = now();
  const isSoon = turn === 'soon' || turn === 'found';
  const triedAt = isSoon ? new Date(lastTurnOfDue(at, watchDays).getTime() + HOUR_MS) : at;
  const readAt = turn === 'looked at' || turn === 'found' ? at : null;
  await noteArchiveLook(database, { appId, version, triedAt, readAt });
}

/** Nothing is marked, for it is not known of any of them; it is in the audit log, and so told to the operators. */
async function holdBack(parts: ArchiveWatchParts, lost: readonly Look[], fine: number): Promise<void> {
  const [releases, looked] = [lost.length, lost.length + fine];
  parts.log.warn(
    { releases, looked, first: lost.slice(0, 5).map(({ archive }) => nameOf(archive)) },
    'so many stored archives are missing or changed that nothing was done about them: see to the storage',
  );
  const reason = 'So many stored archives are missing or changed that the storage itself may be out of reach.';
  await noteHeldBack(parts, { what: 'archives', reason, releases, looked });
}
