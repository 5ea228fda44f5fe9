import { createHash } from 'node:crypto';
import { addAbortSignal } from 'node:stream';
import { wordsOfError } from '../error-words.js';
import type { StandingCode, StandingLook, StandingLooks } from '../policy/standing.js';
import type { ArchiveStore } from '../storage/archive-store.js';
import { withinTime } from './within-time.js';

/** What the watch says about stored archives. */
export const archiveCodes = [
  'STORED_ARCHIVE_MISSING',
  'STORED_ARCHIVE_CHANGED',
] as const satisfies readonly StandingCode[];

/** An archive as it was accepted. */
export interface AcceptedArchive {
  readonly archiveSha256: string;
  readonly archiveBytes: number;
}

/** A storage that hangs must not hold up the watch for ever. */
const TIMEOUT_MS = 10 * 60_000;

const FINE: StandingLook = { state: 'fine' };

/** How an archive is where it is stored: as it was accepted, not there, or with other bytes. */
export type StoredState = 'whole' | 'missing' | 'changed';

/**
 * Reads a stored archive to its end. What is missing or other than it was is looked at a second time.
 *
 * @param stop says that nobody waits any more
 * @throws Error where the storage fails, or takes longer than ten minutes; what `stop` was aborted with
 */
export async function readStoredState(
  archives: ArchiveStore,
  archive: AcceptedArchive,
  stop?: AbortSignal,
): Promise<StoredState> {
  const first = await readWithin(archives, archive, stop);
  return first === 'whole' ? first : readWithin(archives, archive, stop);
}

/** What the watch says of a stored archive: where it can't be read to its end, it is untold how it is. */
export async function lookAtStoredArchive(
  archives: ArchiveStore,
  archive: AcceptedArchive,
  stop?: AbortSignal,
): Promise<StandingLooks> {
  try {
    const state = await readStoredState(archives, archive, stop);
    return new Map<StandingCode, StandingLook>([
      ['STORED_ARCHIVE_MISSING', state === 'missing' ? { state: 'found', detail: undefined } : FINE],
      ['STORED_ARCHIVE_CHANGED', changedLook(state)],
    ]);
  } catch (error) {
    const look: StandingLook = { state: 'untold', why: wordsOfError(error) };
    return new Map(archiveCodes.map((code) => [code, look]));
  }
}

function changedLook(state: StoredState): StandingLook {
  if (state === 'whole') return FINE;
  // What isn't there is neither the same nor another.
  return state === 'missing' ? { state: 'untold', why: 'It is missing.' } : { state: 'found', detail: undefined };
}

async function readWithin(archives: ArchiveStore, archive: AcceptedArchive, stop?: AbortSignal): Promise<StoredState> {
  return withinTime(TIMEOUT_MS, stop, (signal) => readOnce(archives, archive, signal));
}

async function readOnce(
  archives: ArchiveStore,
  { archiveSha256, archiveBytes }: AcceptedArchive,
  signal: AbortSignal,
): Promise<StoredState> {
  const stored = await archives.open(archiveSha256);
  if (stored === null) return 'missing';
  const hash = createHash('sha256');
  let read = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stored) as AsyncIterable<Buffer>) {
      read += chunk.length;
      // However long it is: it is another one.
      if (read > archiveBytes) return 'changed';
      hash.update(chunk);
    }
  } finally {
    stored.destroy();
  }
  return hash.digest('hex') === archiveSha256 ? 'whole' : 'changed';
}
