import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../error-words.js';
import { AuthorityError } from './authority-folder.js';

/** Whoever holds the lock says so every other second; one that was silent for so long has died. */
const STALE_MS = 30_000;
const REFRESH_MS = 2_000;
const PATIENCE_MS = 45_000;
const PAUSE_MS = 40;

/** A lock that is held. */
export interface HeldLock {
  /**
   * To be called before what can't be undone.
   *
   * @throws AuthorityError where the lock was lost: this program was asleep for so long that another one took it for dead
   */
  requireHeld(): Promise<void>;
}

/**
 * Does `work` while nobody else holds the lock file, in this process or another one on the same folder: the operator's
 * command beside the running gate. It is held for as long as `work` takes. A lock left behind by a process that was killed
 * is broken after half a minute.
 *
 * @throws AuthorityError where the lock is not to be had, or was lost while `work` was done; and whatever `work` throws
 */
export async function withLock<T>(file: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  const mark = randomBytes(16).toString('hex');
  const handle = await acquire(file, mark);
  // By its handle, and so never the time of a lock that is somebody else's by now.
  const refresh = async (): Promise<void> => handle.utimes(new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(() => void refresh(), REFRESH_MS).unref();
  const lock: HeldLock = {
    async requireHeld() {
      // Refreshed before it is looked at: whoever finds it stale has broken it already, or finds it fresh.
      await refresh();
      if ((await markOf(file)) !== mark) throw lostError(file);
    },
  };
  try {
    const result = await work(lock);
    // What was written without the lock may count nowhere; nobody must be told that it was done.
    await lock.requireHeld();
    return result;
  } finally {
    clearInterval(timer);
    await handle.close();
    // Only our own: if it was broken in between it is somebody else's by now.
    if ((await markOf(file)) === mark) await rm(file, { force: true });
  }
}

function lostError(file: string): AuthorityError {
  return new AuthorityError(`The lock ${file} was lost while it was needed: see what was done, and do it again.`);
}

async function acquire(file: string, mark: string): Promise<FileHandle> {
  // A monotonic clock: how long we have waited has nothing to do with what day it is.
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const handle = await tryToCreate(file, mark);
    if (handle !== null) return handle;
    await breakIfStale(file);
    if (performance.now() > end) {
      throw new AuthorityError(`${file} is held by another process; if there is none, remove it.`);
    }
    await sleep(PAUSE_MS);
  }
}

async function tryToCreate(file: string, mark: string): Promise<FileHandle | null> {
  const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
    if (hasCode(error, 'EEXIST')) return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    await handle.writeFile(mark);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(file, { force: true });
    throw error;
  }
}

async function breakIfStale(file: string): Promise<void> {
  if (!(await isStale(file))) return;
  const aside = `${file}.${randomBytes(6).toString('hex')}.stale`;
  // Of several that find it stale, one rename succeeds.
  await rename(file, aside).catch(() => undefined);
  // Another one may have broken it in between, and this is the lock that it made: back, unless there is a third by now.
  if (!(await isStale(aside))) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isStale(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  // The system's clock and no other, for it made the file's time stamp.
  return found !== null && Date.now() - found.mtimeMs >= STALE_MS;
}

async function markOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
