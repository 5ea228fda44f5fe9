import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isAppId } from '../app/app-id.js';
import { fileChunks, fileWindow } from '../archive/file-window.js';
import { defaultLimits, maxAllNamesBytes } from '../archive/limits.js';
import { SNIFF_BYTES, sniffArchive } from '../archive/sniff-archive.js';
import { topLevelOf } from '../archive/top-level-folder.js';
import { readDirectory } from '../archive/zip-directory.js';
import { readEndRecords } from '../archive/zip-end-record.js';
import { finding } from '../report/finding.js';
import { findingList } from '../report/finding-list.js';
import { printable } from '../report/printable.js';
import { CommandError, UsageError } from './command.js';
import { reasonOf } from './reason-of.js';

/** The file is no archive that an app could be read from. Exit 1: it is the archive that is wrong. */
export class UnreadableArchiveError extends Error {
  override readonly name = 'UnreadableArchiveError';
}

/** An archive on this machine, opened once, so that all of it comes from the same file. */
export interface LocalArchive {
  /** As it was named, for messages. */
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * Opens and measures the archive at `path`, gives it to `use`, and closes it.
 *
 * @throws CommandError where it can't be read
 */
export async function withLocalArchive<T>(
  path: string,
  workingFolder: string,
  use: (archive: LocalArchive) => Promise<T>,
): Promise<T> {
  const handle = await openFile(path, workingFolder);
  try {
    return await use(await measure(path, handle));
  } finally {
    await handle.close();
  }
}

async function openFile(path: string, workingFolder: string): Promise<FileHandle> {
  try {
    return await open(resolve(workingFolder, path), 'r');
  } catch (error) {
    throw new CommandError(`${path} can't be read: ${reasonOf(error)}.`);
  }
}

async function measure(path: string, handle: FileHandle): Promise<LocalArchive> {
  const stats = await handle.stat();
  if (stats.isDirectory())
    throw new CommandError(`${path} is a folder; make a zip of it first: portcullis pack ${path}`);
  if (!stats.isFile()) throw new CommandError(`${path} is not a file.`);
  const hash = createHash('sha256');
  for await (const chunk of fileChunks(handle, 0, stats.size)) hash.update(chunk);
  return { path, handle, bytes: stats.size, sha256: hash.digest('hex') };
}

/**
 * The app id that an archive is for by its one top-level folder, as the gate's own reader sees it.
 *
 * @throws UnreadableArchiveError where the file is no zip; UsageError where it is one that doesn't tell
 */
export async function appIdOf({ path, handle, bytes }: LocalArchive): Promise<string> {
  const window = fileWindow(handle, bytes);
  const { zip, looksLike } = sniffArchive(await window.read(0, Math.min(bytes, SNIFF_BYTES)));
  if (!zip) {
    const what = looksLike === null ? '' : ` It looks like ${looksLike}.`;
    const { fix = '' } = finding('ARCHIVE_NOT_ZIP');
    throw new UnreadableArchiveError(`${path} is not a zip archive.${what} ${fix}`.trimEnd());
  }
  const findings = findingList();
  const extent = await readEndRecords(window, findings);
  const reading = {
    maxNameBytes: defaultLimits.pathBytes,
    maxAllNamesBytes: maxAllNamesBytes(defaultLimits),
    keepGoing: () => true,
    findings,
  };
  const entries = extent === null ? null : await readDirectory(window, extent, reading);
  if (entries === null) {
    throw new UnreadableArchiveError(`${path}: ${findings.all.map(({ message }) => message).join(' ')}`);
  }
  const { folder } = topLevelOf(entries.map(({ name }) => name ?? ''));
  if (folder === null) throw untold(`${path} does not hold exactly one top-level folder`);
  if (!isAppId(folder)) {
    // --app-id would not help: the gate wants the folder to bear the app's id.
    const what = `The top-level folder of ${path}, "${printable(folder, 100)}", is no app id`;
    throw new UsageError(`${what}: 3 to 64 of a-z, 0-9, "_" and "-", beginning with a letter or digit.`);
  }
  return folder;
}

function untold(why: string): UsageError {
  return new UsageError(`${why}. To send it all the same, name the app with --app-id ID.`);
}
