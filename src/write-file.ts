import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a file so that whoever reads `path` sees what was there before or all of what is new, never half of it, not
 * even after a power cut.
 *
 * @param mode permissions of the file, of a new one and of one that takes an old one's place; no umask counts
 * @throws the file system's error, and then nothing is left behind
 */
export async function replaceFile(path: string, content: Buffer | string, mode = 0o644): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  await createFile(temporary, content, mode);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file where there is none: of two writers at once one succeeds, and a link that lies there is not followed.
 *
 * @throws an error with the code EEXIST where there is something under the name already; after any other one nothing is
 *   left behind
 */
export async function createFile(path: string, content: Buffer | string, mode = 0o644): Promise<void> {
  const handle = await open(path, 'wx', mode & 0o600);
  try {
    // After opening, since the umask has a say in what open makes of the mode.
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
