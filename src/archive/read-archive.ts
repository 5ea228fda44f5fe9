import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Contents, FileFacts } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import type { ReportedArchive } from '../report/report.js';
import type { ContentWatch } from './content-watch.js';
import { deadline } from './deadline.js';
import { readEntryData, type EntryData } from './entry-data.js';
import { entryData, exceedsRatio, inflateEntries, type EntryPass } from './entry-pass.js';
import { entryFaults, isStronglyEncrypted } from './entry-rules.js';
import { fileChunks, fileWindow } from './file-window.js';
import { findingList, type FindingList } from '../report/finding-list.js';
import { maxAllNamesBytes, type Limits } from './limits.js';
import { addNameFindings, type JudgedName } from './name-findings.js';
import { findOtherFormat } from './polyglot.js';
import { SNIFF_BYTES, sniffArchive } from './sniff-archive.js';
import { endsReading } from './structure-codes.js';
import { topLevelOf } from './top-level-folder.js';
import { isDosName, isUnmarked, readDirectory, type ZipEntry } from './zip-directory.js';
import { readEndRecords } from './zip-end-record.js';
import { walkLocalEntries } from './zip-structure.js';

/** Everything that is true of one archive. */
export interface ArchiveReading {
  readonly archive: ReportedArchive;
  /** The one folder that everything lies in (`__MACOSX` aside, which has its finding); null where there isn't one. */
  readonly topLevelFolder: string | null;
  /** The regular files, by their path below the top-level folder; by their whole path where there is none. */
  readonly contents: Contents;
  /** `ARCHIVE_…` and `VCS_DATA`, all at once. */
  readonly findings: readonly Finding[];
  /** False where some content was not read to its end. There is a finding that says why, and it refuses the archive. */
  readonly complete: boolean;
}

export interface ReadArchiveOptions {
  readonly limits: Limits;
  /** SHA-256 of the file in lower-case hex where it is known already; else it costs one more pass over the file. */
  readonly sha256?: string;
  /** Milliseconds on a clock that never goes back, for the limit on time. */
  readonly now?: () => number;
  /** Sees the content of every file that is read. */
  readonly watch?: ContentWatch;
}

/**
 * Reads an archive as hostile input: structure first, over the raw bytes, then the data of every entry, hashed as it
 * inflates. Nothing is unpacked to disk, and no more than a chunk of any file is in memory at once.
 *
 * @param file path of the archive
 * @param use gets what was found. The file stays open while it runs, for `contents.read`, and is closed after it
 * @returns what `use` returns
 * @throws what the file system throws, and what `use` throws; never for what the archive holds
 */
export async function readArchive<T>(
  file: string,
  { limits, sha256, now = () => performance.now(), watch }: ReadArchiveOptions,
  use: (reading: ArchiveReading) => Promise<T>,
): Promise<T> {
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(`${file} is not a regular file`);
    const findings = findingList();
    const source: Source = {
      handle,
      bytes: stats.size,
      sha256: sha256 ?? (await sha256Of(handle, stats.size)),
      limits,
      keepGoing: deadline(limits, now, findings),
      findings,
      watch,
    };
    return await use(await readSource(source));
  } finally {
    await handle.close();
  }
}

interface Source {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly sha256: string;
  readonly limits: Limits;
  readonly keepGoing: () => boolean;
  readonly findings: FindingList;
  readonly watch: ContentWatch | undefined;
}

async function readSource(source: Source): Promise<ArchiveReading> {
  const { bytes, limits, findings, keepGoing } = source;
  const window = fileWindow(source.handle, bytes);
  if (!(await beginsAsZip(source))) return unread(source, []);
  if (bytes > limits.archiveBytes) {
    findings.add('ARCHIVE_TOO_LARGE', { expected: limits.archiveBytes, actual: bytes });
    return unread(source, []);
  }
  const otherFormat = await findOtherFormat(window);
  if (otherFormat !== null) {
    const { code, ...details } = otherFormat;
    findings.add(code, details);
    return unread(source, []);
  }
  const extent = await readEndRecords(window, findings);
  if (extent === null) return unread(source, []);
  if (extent.entries > limits.entries) {
    findings.add('ARCHIVE_TOO_MANY_ENTRIES', { expected: limits.entries, actual: extent.entries });
    return unread(source, []);
  }
  const entries = await readDirectory(window, extent, {
    maxNameBytes: limits.pathBytes,
    maxAllNamesBytes: maxAllNamesBytes(limits),
    keepGoing,
    findings,
  });
  if (entries === null) return unread(source, []);

  const { folder, problem } = topLevelOf(namesOf(entries));
  if (entries.every(({ isFolder }) => isFolder)) findings.add('ARCHIVE_EMPTY');
  else if (problem !== null) findings.add('ARCHIVE_NO_TOP_LEVEL_FOLDER', problem);
  const pathOf = (entry: ZipEntry): string => relativePath(entry.shownName, folder);
  await judgeEntries(entries, pathOf, source);

  const walk = { entries, directoryOffset: extent.offset, pathOf, keepGoing, findings };
  const dataOffsets = await walkLocalEntries(window, walk);
  addDeclaredExcess(entries, pathOf, source);
  if (dataOffsets === null || isBeyondReading(entries, findings)) return unread(source, entries, folder);

  const pass = await inflateEntries({ ...source, archiveBytes: bytes, entries, dataOffsets, pathOf });
  return readingOf(source, entries, dataOffsets, pass, folder);
}

async function beginsAsZip({ handle, bytes, findings }: Source): Promise<boolean> {
  const start = await fileWindow(handle, bytes).read(0, Math.min(bytes, SNIFF_BYTES));
  const { zip, looksLike } = sniffArchive(start);
  if (!zip)
    findings.add(
      'ARCHIVE_NOT_ZIP',
      looksLike === null ? {} : { detail: `It looks like ${looksLike}.`, actual: looksLike },
    );
  return zip;
}

function* namesOf(entries: readonly ZipEntry[]): Generator<string> {
  for (const { name } of entries) if (name !== null) yield name;
}

function* judgedNames(entries: readonly ZipEntry[], pathOf: (entry: ZipEntry) => string): Generator<JudgedName> {
  for (const entry of entries) {
    const { name, nameBytes: bytes } = entry;
    yield { name, bytes, path: pathOf(entry), unmarked: isUnmarked(entry), dosLike: isDosName(entry) };
  }
}

/** Everything that the directory alone tells: names, kinds, flags, methods. */
async function judgeEntries(
  entries: readonly ZipEntry[],
  pathOf: (entry: ZipEntry) => string,
  { limits, keepGoing, findings }: Source,
): Promise<void> {
  await addNameFindings(judgedNames(entries, pathOf), { limits, keepGoing, findings });
  for (const entry of entries) {
    for (const { code, details } of entryFaults(entry)) findings.add(code, { ...details, path: pathOf(entry) });
  }
  const unmarked = entries.filter(isUnmarked);
  const [first] = unmarked;
  if (first !== undefined) {
    const detail = unmarked.length === 1 ? undefined : `And so are ${unmarked.length - 1} more.`;
    findings.add('ARCHIVE_NAME_NOT_MARKED_UTF8', { path: pathOf(first), detail });
  }
}

/** What an archive declares to be too much needn't be inflated to be refused. */
function addDeclaredExcess(
  entries: readonly ZipEntry[],
  pathOf: (entry: ZipEntry) => string,
  { limits, findings }: Source,
): void {
  let total = 0;
  for (const entry of entries) {
    const { compressedSize, uncompressedSize } = entry;
    total += uncompressedSize;
    if (uncompressedSize > limits.fileBytes) {
      findings.add('ARCHIVE_FILE_TOO_LARGE', {
        path: pathOf(entry),
        expected: limits.fileBytes,
        actual: uncompressedSize,
      });
    }
    if (exceedsRatio(uncompressedSize, compressedSize, limits)) {
      findings.add('ARCHIVE_RATIO_TOO_HIGH', {
        path: pathOf(entry),
        expected: `at most ${limits.ratio} to 1`,
        actual: `${Math.ceil(uncompressedSize / Math.max(1, compressedSize))} to 1`,
      });
    }
  }
  if (total > limits.inflatedBytes) {
    findings.add('ARCHIVE_INFLATES_TOO_LARGE', { expected: limits.inflatedBytes, actual: total });
  }
}

/** Whether reading on would tell nothing that can be relied on, or cost what the store won't pay. */
function isBeyondReading(entries: readonly ZipEntry[], findings: FindingList): boolean {
  return endsReading.some((code) => findings.has(code)) || entries.some(isStronglyEncrypted);
}

function readingOf(
  source: Source,
  entries: readonly ZipEntry[],
  dataOffsets: readonly number[],
  pass: EntryPass,
  topLevelFolder: string | null,
): ArchiveReading {
  const files = new Map<string, FileFacts>();
  const data = new Map<string, EntryData>();
  for (const [index, entry] of entries.entries()) {
    const facts = pass.facts[index] ?? null;
    const path =
      facts === null || entry.name === null || entry.isFolder ? null : pathInside(entry.name, topLevelFolder);
    // Of two entries with one name, which has its finding, the first counts.
    if (facts === null || path === null || files.has(path)) continue;
    files.set(path, facts);
    data.set(path, entryData(entry, dataOffsets[index] ?? 0));
  }
  return {
    archive: figures(source, entries, pass.inflatedBytes),
    topLevelFolder,
    contents: { files, read: (path, maxBytes) => readAgain(source, files.get(path), data.get(path), maxBytes) },
    findings: source.findings.all,
    complete: pass.complete,
  };
}

/** The reading of an archive whose data was not looked at. */
function unread(source: Source, entries: readonly ZipEntry[], topLevelFolder: string | null = null): ArchiveReading {
  return {
    archive: figures(source, entries, 0),
    topLevelFolder,
    contents: { files: new Map(), read: () => Promise.resolve(null) },
    findings: source.findings.all,
    complete: false,
  };
}

function figures({ sha256, bytes }: Source, entries: readonly ZipEntry[], inflatedBytes: number): ReportedArchive {
  const files = entries.filter(({ isFolder }) => !isFolder).length;
  return { sha256, bytes, entries: entries.length, files, inflatedBytes };
}

/** `name` below `folder`; null where it lies elsewhere, as what is in `__MACOSX` does. */
function pathInside(name: string, folder: string | null): string | null {
  if (folder === null) return name;
  return name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : null;
}

function relativePath(name: string, folder: string | null): string {
  const inside = pathInside(name, folder);
  return inside === null || inside === '' ? name : inside;
}

async function readAgain(
  { handle, bytes }: Source,
  facts: FileFacts | undefined,
  data: EntryData | undefined,
  maxBytes: number,
): Promise<Buffer | null> {
  if (facts === undefined || data === undefined || facts.bytes > maxBytes) return null;
  const content = Buffer.allocUnsafe(facts.bytes);
  let filled = 0;
  await readEntryData(handle, fileWindow(handle, bytes), data, (chunk) => {
    filled += chunk.copy(content, filled);
    return true;
  });
  // What is parsed must be what was hashed, also if somebody writes to the file meanwhile.
  const same = filled === facts.bytes && createHash('sha512').update(content).digest('hex') === facts.sha512;
  if (!same) throw new Error('the archive changed while it was read');
  return content;
}

async function sha256Of(handle: FileHandle, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fileChunks(handle, 0, bytes, 1024 * 1024)) hash.update(chunk);
  return hash.digest('hex');
}
