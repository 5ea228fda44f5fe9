import { ensureSystemAccount } from '../accounts/system-account.js';
import { ADVISORY_LOCK, holdingAdvisoryLock, withFreeAdvisoryLock } from '../database/advisory-locks.js';
import { appendAuditEntry, findLastAuditEntry, parseAuditEntry } from '../database/audit-log.js';
import { inTransaction } from '../database/connect.js';
import {
  listArchivesAfter,
  listArchivesReadLast,
  listDueArchives,
  noteArchiveLook,
  type WatchedArchiveRow,
} from '../database/standing-looks.js';
import type { Gate } from '../gate.js';
import { standingEffect, type StandingLooks } from '../policy/standing.js';
import type { StoreRules } from '../policy/rules.js';
import { currentRules } from '../releases/store-rules.js';
import { joinOutcomes, keepStanding, type StandingOutcome, type StandingParts } from './keep-standing.js';
import { archiveCodes, lookAtStoredArchive } from './read-stored-archive.js';

/** What reading archives again needs of the gate. */
export type ArchiveWatchParts = StandingParts & Pick<Gate, 'archives' | 'watchDays'>;

/** What came of reading archives. */
export interface ArchiveSweep extends StandingOutcome {
  /** How many were looked for, and how many bytes were to be read. */
  readonly read: number;
  readonly bytes: number;
  /** Of how many the storage could not tell. */
  readonly untold: number;
  /** What would have gone under quarantine or been withdrawn, had it not been so many; as `app@version`. */
  readonly spared: readonly string[];
}

export interface ArchiveSweepOptions {
  /** All of them, whosever turn it is, after whoever is at it now. */
  readonly everything?: boolean;
  /** Acts also where it is so many that the storage may be out of reach. */
  readonly despiteMany?: boolean;
}

/** The kind of the entry that says that the watch has held itself back. */
export const WATCH_HELD_BACK = 'standing-watch-held-back';

const PAGE = 100;
/** Of one call on a timer, which comes again soon. */
const MAX_ARCHIVES = 1_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_MS = 5 * 60_000;
/** A storage that fails so often in a row is not asked further this time. */
const MAX_FAILURES = 3;
/** Where something is wrong, so many others that were fine lately are looked at, too: is it this one, or all of them? */
const COMPARED = 20;
/** More than these, and more than this share of what was looked at: then it is thought to be the storage. */
const FEW = 2;
const SHARE = 0.2;
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

async function sweep(parts: ArchiveWatchParts, options: ArchiveSweepOptions): Promise<ArchiveSweep> {
  const { database, log } = parts;
  const rules = await currentRules(database, parts.rules);
  const outcomes: StandingOutcome[] = [];
  const doomed: Look[] = [];
  const seen = new Set<string>();
  const count = { read: 0, bytes: 0, untold: 0, told: 0, failedInARow: 0 };
  const lookAt = async (archive: WatchedArchiveRow): Promise<void> => {
    seen.add(nameOf(archive));
    const looks = await lookAtStoredArchive(parts.archives, archive);
    count.read += 1;
    count.bytes += archive.archiveBytes;
    if ([...looks.values()].every(({ state }) => state === 'untold')) {
      count.untold += 1;
      count.failedInARow += 1;
      const [why] = [...looks.values()].flatMap((look) => (look.state === 'untold' ? [look.why] : []));
      log.warn(
        { release: nameOf(archive), archive: archive.archiveSha256, why },
        'a stored archive could not be looked at',
      );
      await note(parts, archive, 'soon');
      return;
    }
    count.told += 1;
    count.failedInARow = 0;
    // What would be put under quarantine waits until it is known how many these are.
    if (isDoomed({ archive, looks }, rules)) doomed.push({ archive, looks });
    else outcomes.push(await keep(parts, { archive, looks }));
  };

  for await (const archive of turnsOf(parts, options, count)) {
    const isWatched = archive.status === 'published' || archive.open.some(isArchiveCode);
    if (isWatched) await lookAt(archive);
    else await note(parts, archive, 'passed over');
  }
  if (doomed.length > 0) {
    for (const archive of await listArchivesReadLast(database, COMPARED)) {
      if (!seen.has(nameOf(archive))) await lookAt(archive);
    }
  }
  const isTooMany = doomed.length > FEW && doomed.length > count.told * SHARE && options.despiteMany !== true;
  if (isTooMany) await holdBack(parts, doomed, count.told);
  else for (const look of doomed) outcomes.push(await keep(parts, look));
  const { read, bytes, untold } = count;
  const spared = isTooMany ? doomed.map(({ archive }) => nameOf(archive)) : [];
  return { read, bytes, untold, spared, ...joinOutcomes(outcomes) };
}

async function* turnsOf(
  { database, now, watchDays }: ArchiveWatchParts,
  { everything = false }: ArchiveSweepOptions,
  count: { readonly bytes: number; readonly failedInARow: number },
): AsyncIterable<WatchedArchiveRow> {
  // A clock that nobody sets: how long it takes has nothing to do with what day it is.
  const end = performance.now() + MAX_MS;
  const isEnough = (turns: number): boolean =>
    turns >= MAX_ARCHIVES || count.bytes >= MAX_BYTES || performance.now() > end;
  for (let after: WatchedArchiveRow | null = null, turns = 0; ;) {
    const at = now();
    const since = new Date(at.getTime() - watchDays * DAY_MS);
    const page: readonly WatchedArchiveRow[] = everything
      ? await listArchivesAfter(database, { after, limit: PAGE })
      : await listDueArchives(database, { since, at, limit: PAGE });
    for (const archive of page) {
      if (count.failedInARow >= MAX_FAILURES || (!everything && isEnough(turns))) return;
      yield archive;
      turns += 1;
      after = archive;
    }
    if (page.length < PAGE) return;
  }
}

const isArchiveCode = (code: string): boolean => (archiveCodes as readonly string[]).includes(code);

const nameOf = ({ appId, version }: WatchedArchiveRow): string => `${appId}@${version}`;

/** Whether it would be served no more for this: what was dealt with already, and restored perhaps, would not. */
function isDoomed({ archive, looks }: Look, rules: StoreRules): boolean {
  if (archive.status !== 'published') return false;
  return archiveCodes.some((code) => {
    const effect = standingEffect(code, rules);
    const acts = effect === 'quarantined' || effect === 'withdrawn';
    return acts && looks.get(code)?.state === 'found' && !archive.acted.includes(code);
  });
}

async function keep(parts: ArchiveWatchParts, { archive, looks }: Look): Promise<StandingOutcome> {
  const { appId, version, open } = archive;
  const isNews = open.some(isArchiveCode) || [...looks.values()].some(({ state }) => state === 'found');
  const outcome = isNews ? await keepStanding(parts, { appId, versions: [version] }, looks) : joinOutcomes([]);
  await note(parts, archive, 'looked at');
  return outcome;
}

/** What the storage could not tell is asked again within the hour. */
async function note(
  { database, now, watchDays }: ArchiveWatchParts,
  { appId, version }: WatchedArchiveRow,
  turn: 'looked at' | 'passed over' | 'soon',
): Promise<void> {
  const at = now();
  const triedAt = turn === 'soon' ? new Date(at.getTime() - watchDays * DAY_MS + HOUR_MS) : at;
  await noteArchiveLook(database, { appId, version, triedAt, readAt: turn === 'looked at' ? at : null });
}

/** Nothing is marked, for it is not known of any of them; once a day it is in the audit log, and so told to the operators. */
async function holdBack(parts: ArchiveWatchParts, doomed: readonly Look[], looked: number): Promise<void> {
  const { database, log, now } = parts;
  for (const { archive } of doomed) await note(parts, archive, 'soon');
  log.warn(
    { releases: doomed.length, looked, first: doomed.slice(0, 5).map(({ archive }) => nameOf(archive)) },
    'so many stored archives are missing or changed that nothing was done about them: see to the storage',
  );
  const { id: accountId } = await ensureSystemAccount(database);
  await inTransaction(database, async (tx) => {
    const last = await findLastAuditEntry(tx, WATCH_HELD_BACK);
    const since = last === null ? null : parseAuditEntry(last).after?.['noticedAt'];
    if (typeof since === 'string' && Math.abs(now().getTime() - Date.parse(since)) < DAY_MS) return;
    await appendAuditEntry(tx, {
      kind: WATCH_HELD_BACK,
      accountId,
      appId: null,
      subject: { type: 'store', id: 'archives' },
      reason: 'So many stored archives are missing or changed that the storage itself may be out of reach.',
      after: { releases: doomed.length, looked, noticedAt: now().toISOString() },
    });
  });
}
