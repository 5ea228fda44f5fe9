import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../error-words.js';
import { otherLength, storedName, type ArchiveStore } from './archive-store.js';

/**
 * An {@link ArchiveStore} in a local folder. Temporary files had better lie on the same file system: from another one they are
 * copied.
 */
export function createFolderStore(folder: string, ending = '.zip'): ArchiveStore {
  const fileOf = (sha256: string): string => join(folder, storedName(sha256, ending));

  return {
    async keep(temporaryFile, sha256) {
      const file = fileOf(sha256);
      const made = await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await syncFile(temporaryFile);
      const second = `${file}.${randomUUID()}`;
      try {
        await linkOrCopy(temporaryFile, second);
        // Replaces a copy already there, which mends one that was damaged.
        await rename(second, file);
      } finally {
        // Between two names of one file rename does nothing, and leaves both.
        await rm(second, { force: true });
      }
      // The name itself must survive a power cut too.
      await syncFile(dirname(file));
      if (made !== undefined) await syncFile(dirname(made));
    },

    async open(sha256, range, bytes) {
      const handle = await openIfThere(fileOf(sha256));
      if (handle === null) return null;
      try {
        if (bytes !== undefined && (await handle.stat()).size !== bytes) throw otherLength();
      } catch (error) {
        await handle.close();
        throw error;
      }
      return handle.createReadStream(range);
    },

    async check() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.R_OK | constants.W_OK);
      if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is not a folder`);
    },
  };
}

async function openIfThere(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** A second name for a file; a copy where the file system knows no links, or has the two names in different places. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
    await syncFile(to);
  }
}

/** Flushes a file, or the names in a folder, to the disk. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
