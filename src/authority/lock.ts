import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../error-words.js';

/** What is done under the lock takes milliseconds; whoever holds it this long has died. */
const STALE_MS = 30_000;
const PATIENCE_MS = 45_000;
const PAUSE_MS = 40;

/**
 * Does `work` while nobody else holds the lock file, in this process or another one on the same folder: the operator's
 * command beside the running gate. A lock left behind by a process that was killed is broken after half a minute.
 *
 * @throws Error where the lock is not to be had, and whatever `work` throws
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const mark = randomBytes(16).toString('hex');
  await acquire(file, mark);
  try {
    return await work();
  } finally {
    // Only our own: if it was broken in between it is somebody else's by now.
    if ((await markOf(file)) === mark) await rm(file, { force: true });
  }
}

async function acquire(file: string, mark: string): Promise<void> {
  // A monotonic clock: how long we have waited has nothing to do with what day it is.
  const end = performance.now() + PATIENCE_MS;
  while (!(await tryToCreate(file, mark))) {
    await breakIfStale(file);
    if (performance.now() > end) throw new Error(`${file} is held by another process; if there is none, remove it.`);
    await sleep(PAUSE_MS);
  }
}

async function tryToCreate(file: string, mark: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(mark);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function breakIfStale(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  // The system's clock and no other, for it made the file's time stamp.
  if (found === null || Date.now() - found.mtimeMs < STALE_MS) return;
  const aside = `${file}.${randomBytes(6).toString('hex')}.stale`;
  // Of several that find it stale, one rename succeeds.
  await rename(file, aside).catch(() => undefined);
  await rm(aside, { force: true });
}

async function markOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
