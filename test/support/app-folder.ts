import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appFiles } from './app-archive.js';
import type { AppArchiveOptions } from './app-archive.js';

/** Writes the files of an app that is fine, but for what `options` change, into a folder, and returns the folder. */
export async function writeAppFolder(folder: string, options: AppArchiveOptions = {}): Promise<string> {
  for (const [path, content] of appFiles(options)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}
