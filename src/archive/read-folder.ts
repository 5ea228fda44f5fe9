import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Contents, FileFacts } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import type { ContentWatch, FileWatch } from './content-watch.js';
import { deadline } from './deadline.js';
import { fileChunks } from './file-window.js';
import { findingList, type FindingList } from '../report/finding-list.js';
import type { Limits } from './limits.js';
import { addNameFindings, type JudgedName } from './name-findings.js';

/** Everything that is true of one app that lies unpacked in a folder. */
export interface FolderReading {
  readonly contents: Contents;
  /** `ARCHIVE_…` and `VCS_DATA`: what would be wrong with an archive of this folder. */
  readonly findings: readonly Finding[];
  readonly figures: { readonly entries: number; readonly files: number; readonly inflatedBytes: number };
  /** False where some file was not read to its end, or the walk was cut short; there is a finding that says why. */
  readonly complete: boolean;
}

/**
 * Reads an app from a folder: the same facts as from an archive of it. Symbolic links are reported and never followed,
 * devices, sockets and pipes reported and never opened; nothing outside the folder is read. `dir` itself may be a link.
 *
 * @param now milliseconds on a clock that never goes back, for the limit on time
 * @param leaveOut whether to act as if there were nothing under a path, a folder's ending with `/`: for who reads a tree
 *   of their own to make a release of it, never for a tree that is to be judged
 * @param watch sees the content of every file
 * @throws what the file system throws: a folder that may not be read, a file that vanishes meanwhile
 */
export async function readFolder(
  dir: string,
  limits: Limits,
  now = () => performance.now(),
  leaveOut: (path: string) => boolean = () => false,
  watch?: ContentWatch,
): Promise<FolderReading> {
  const root = await realpath(dir);
  const findings = findingList();
  const names: JudgedName[] = [];
  const files = new Map<string, FileFacts>();
  const tally = { bytes: 0, complete: true };
  const keepGoing = deadline(limits, now, findings);

  for await (const { path, kind } of walk(root, limits, leaveOut, findings, names)) {
    if (!keepGoing()) break;
    if (kind !== 'file') continue;
    const facts = await hashFile(locate(root, path), limits, tally.bytes, (bytes) => watch?.file(path, bytes));
    if ('code' in facts) {
      findings.add(facts.code, { path, expected: facts.expected });
      tally.complete = false;
      if (facts.code === 'ARCHIVE_INFLATES_TOO_LARGE') break;
    } else {
      files.set(path, facts);
      tally.bytes += facts.bytes;
    }
  }
  await addNameFindings(names, { limits, keepGoing, findings });
  if (files.size === 0) findings.add('ARCHIVE_EMPTY');
  return {
    contents: { files, read: (path, maxBytes) => readAgain(root, path, files.get(path), maxBytes) },
    findings: findings.all,
    figures: { entries: names.length, files: files.size, inflatedBytes: tally.bytes },
    complete: tally.complete && !UNREAD.some((code) => findings.has(code)),
  };
}

const UNREAD = [
  'ARCHIVE_NAME_ENCODING',
  'ARCHIVE_TOO_MANY_ENTRIES',
  'ARCHIVE_PATH_TOO_DEEP',
  'ARCHIVE_TIMEOUT',
] as const;

interface Item {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** All folders and regular files below `root`, each folder's in byte order. Adds what it meets to `names`. */
async function* walk(
  root: string,
  limits: Limits,
  leaveOut: (path: string) => boolean,
  findings: FindingList,
  names: JudgedName[],
): AsyncGenerator<Item> {
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const place = locate(root, folder);
    // A folder that was swapped for a link since it was listed would lead out.
    if ((await realpath(place)) !== place) throw new Error(`${place} changed while it was read`);
    const listed = await readdir(place, { encoding: 'buffer', withFileTypes: true });
    for (const item of listed.sort((a, b) => Buffer.compare(a.name, b.name))) {
      const path = `${folder === '' ? '' : `${folder}/`}${item.name.toString(isUtf8(item.name) ? 'utf8' : 'latin1')}`;
      if (names.length >= limits.entries) {
        findings.add('ARCHIVE_TOO_MANY_ENTRIES', { expected: limits.entries });
        return;
      }
      const name = item.isDirectory() ? `${path}/` : path;
      if (leaveOut(name)) continue;
      names.push({ name: isUtf8(item.name) ? name : null, path });
      if (item.isSymbolicLink()) findings.add('ARCHIVE_SYMLINK', { path });
      else if (!item.isDirectory() && !item.isFile()) findings.add('ARCHIVE_SPECIAL_FILE', { path });
      else if (isUtf8(item.name)) {
        // Beyond the depth nothing is looked at; the name itself gets the finding.
        if (item.isDirectory() && path.split('/').length <= limits.pathDepth) pending.push(path);
        yield { path, kind: item.isDirectory() ? 'folder' : 'file' };
      }
    }
  }
}

function locate(root: string, path: string): string {
  if (path === '') return root;
  return `${root === sep ? '' : root}${sep}${path.split('/').join(sep)}`;
}

/** Opens a regular file and nothing else: no link at its end, no pipe that would wait for a writer. */
async function openRegular<T>(file: string, use: (handle: FileHandle, bytes: number) => Promise<T>): Promise<T> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${file} changed while it was read`);
    return await use(handle, stats.size);
  } finally {
    await handle.close();
  }
}

interface TooLarge {
  readonly code: 'ARCHIVE_FILE_TOO_LARGE' | 'ARCHIVE_INFLATES_TOO_LARGE';
  readonly expected: number;
}

function hashFile(
  file: string,
  limits: Limits,
  bytesBefore: number,
  watchFile: (bytes: number) => FileWatch | undefined,
): Promise<FileFacts | TooLarge> {
  return openRegular(file, async (handle, bytes): Promise<FileFacts | TooLarge> => {
    if (bytes > limits.fileBytes) return { code: 'ARCHIVE_FILE_TOO_LARGE', expected: limits.fileBytes };
    if (bytesBefore + bytes > limits.inflatedBytes) {
      return { code: 'ARCHIVE_INFLATES_TOO_LARGE', expected: limits.inflatedBytes };
    }
    const hash = createHash('sha512');
    const watcher = watchFile(bytes);
    for await (const chunk of fileChunks(handle, 0, bytes)) {
      hash.update(chunk);
      watcher?.take(chunk);
    }
    watcher?.end();
    return { bytes, sha512: hash.digest('hex') };
  });
}

async function readAgain(
  root: string,
  path: string,
  facts: FileFacts | undefined,
  maxBytes: number,
): Promise<Buffer | null> {
  if (facts === undefined || facts.bytes > maxBytes) return null;
  const content = await openRegular(locate(root, path), async (handle) => {
    const chunks: Buffer[] = [];
    for await (const chunk of fileChunks(handle, 0, facts.bytes)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
  // What is parsed or signed must be what was hashed.
  if (createHash('sha512').update(content).digest('hex') !== facts.sha512) {
    throw new Error(`${path} changed while it was read`);
  }
  return content;
}
