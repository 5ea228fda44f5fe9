import { join } from 'node:path';
import { replaceFile } from '../write-file.js';
import { AuthorityError, files, readDescription, writeDescription } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { readLedger } from './ledger.js';
import type { LedgerEvent } from './ledger.js';
import { withLock } from './lock.js';

/**
 * Does `work` with the ledger in an authority's folder, which nobody else changes meanwhile.
 *
 * @throws AuthorityError where a store has taken the ledger over: what went into the file then would count nowhere
 */
export async function withFileLedger<T>(
  { folder }: Pick<AuthorityFolder, 'folder'>,
  work: (ledger: string) => Promise<T>,
): Promise<T> {
  return withLock(join(folder, files.lock), async () => {
    // Asked under the lock, for it may have been taken over since the folder was opened.
    if ((await readDescription(folder)).ledger === 'store') throw storeLedgerError(folder);
    return work(join(folder, files.ledger));
  });
}

/** A folder's ledger counts no more; the commands say what does. */
export function storeLedgerError(folder: string): AuthorityError {
  return new AuthorityError(
    `The ledger of the authority in ${folder} is in the database of its store; only that one counts.`,
  );
}

/**
 * Hands the ledger of a folder over to a store, once and for all: nothing more goes into the file from then on.
 *
 * @param take keeps what is in the ledger; it may be given the same again, with more behind it or where a process died before
 *   the end
 * @returns false where it was handed over before, and then `take` is not called
 * @throws AuthorityError where the lock was lost meanwhile: then it is not handed over
 */
export async function handOverLedger(
  { folder }: Pick<AuthorityFolder, 'folder'>,
  take: (events: readonly LedgerEvent[]) => Promise<void>,
): Promise<boolean> {
  return withLock(join(folder, files.lock), async (lock) => {
    const description = await readDescription(folder);
    if (description.ledger === 'store') return false;
    // A program that had lost its lock may have written into it meanwhile.
    for (let taken = -1, events = await read(); events.length > taken; events = await read()) {
      await take(events);
      taken = events.length;
    }
    await lock.requireHeld();
    await replaceFile(join(folder, files.description), writeDescription({ ...description, ledger: 'store' }));
    return true;
  });

  async function read(): Promise<readonly LedgerEvent[]> {
    return readLedger(join(folder, files.ledger));
  }
}
