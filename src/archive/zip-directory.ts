import type { FindingList } from '../report/finding-list.js';
import type { DirectoryExtent } from './directory-extent.js';
import { commentProblem } from './entry-comment.js';
import { entryName, type EntryName } from './entry-name.js';
import { hasZip64, widen, type ExtraFields } from './extra-fields.js';
import { alteration, claimsEncryption, meaningfulFields, unixKind, type UnixKind } from './extra-meaning.js';
import type { CentralAttributes } from './experimental-attributes.js';
import type { FileWindow } from './file-window.js';
import type { StructureFault } from './structure-codes.js';
import { isDosLike } from './unzip-dos-names.js';
import {
  CENTRAL_HEADER_BYTES,
  CENTRAL_HEADER_SIGNATURE,
  findRecord,
  parseCentralHeader,
  SENTINEL_32,
  type CentralHeader,
} from './zip-records.js';

/** One entry as the central directory describes it. */
export interface ZipEntry extends EntryName, CentralAttributes {
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  /** MS-DOS time and date. */
  readonly lastModified: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** The type and permission bits by a Unix extra field, where there is one that says so. */
  readonly unixKind: UnixKind;
  readonly claimsEncryption: boolean;
  readonly zip64: boolean;
  readonly headerOffset: number;
  /** False where its sizes or its place can't be told; they are 0 then, and there is a finding. */
  readonly isPlaced: boolean;
}

/** General purpose bit 11: name and comment are UTF-8 (APPNOTE.TXT, appendix D). */
export const FLAG_UTF8 = 0x0800;

/** What {@link readDirectory} goes by. */
export interface DirectoryReading {
  /** How much of a name is kept. */
  readonly maxNameBytes: number;
  /** How many bytes the names may have together, as far as they are kept. */
  readonly maxAllNamesBytes: number;
  /** False once the time is up. */
  readonly keepGoing: () => boolean;
  readonly findings: FindingList;
}

/**
 * Reads the central directory from its first byte to its last.
 *
 * @returns the entries in the order of the directory; null after adding a finding where they don't fill it exactly or
 *   a record can't be read, or their names are too long together
 */
export async function readDirectory(
  file: FileWindow,
  extent: DirectoryExtent,
  { maxNameBytes, maxAllNamesBytes, keepGoing, findings }: DirectoryReading,
): Promise<readonly ZipEntry[] | null> {
  const refuse = ({ code, ...details }: StructureFault): null => {
    findings.add(code, details);
    return null;
  };
  const entries: ZipEntry[] = [];
  let offset = extent.offset;
  let namesBytes = 0;
  while (entries.length < extent.entries) {
    if (entries.length % 1_000 === 0 && !keepGoing()) return null;
    if (offset === extent.end) return refuse(wrongCount(extent, entries.length, offset));
    const read = await readCentralEntry(file, offset, extent.end, maxNameBytes);
    if (typeof read === 'string') {
      return refuse({ code: 'ARCHIVE_MALFORMED', detail: `Central directory at byte ${offset}: ${read}.` });
    }
    for (const { code, detail, ...details } of read.faults) {
      const where = `Central directory at byte ${offset}: ${detail}.`;
      findings.add(code, { ...details, path: read.entry.shownName, detail: where });
    }
    namesBytes += Math.min(read.entry.nameBytes, maxNameBytes);
    if (namesBytes > maxAllNamesBytes) {
      findings.add('ARCHIVE_NAMES_TOO_LONG', { expected: maxAllNamesBytes });
      return null;
    }
    entries.push(read.entry);
    offset = read.end;
  }
  return offset === extent.end ? entries : refuse(await faultOfRest(file, extent, offset));
}

function wrongCount(extent: DirectoryExtent, actual: number | string, offset: number): StructureFault {
  const detail = `The end record counts ${extent.entries} entries, the central directory up to byte ${offset} holds ${actual}.`;
  return { code: 'ARCHIVE_DIRECTORY_MISMATCH', detail, expected: extent.entries, actual };
}

/** What lies in the directory behind the last entry that the end record counts. */
async function faultOfRest(file: FileWindow, extent: DirectoryExtent, offset: number): Promise<StructureFault> {
  const record = findRecord(await file.read(offset, Math.min(4, extent.end - offset)));
  if (record === null || record.name === 'central directory header') return wrongCount(extent, 'more', offset);
  const detail = `A ${record.name} at byte ${offset}, at the end of the central directory.`;
  return { code: 'ARCHIVE_HIDDEN_RECORD', detail };
}

interface CentralEntry {
  readonly entry: ZipEntry;
  /** The first byte after it. */
  readonly end: number;
  readonly faults: readonly StructureFault[];
}

/** @returns a sentence where there is no such record at `offset` */
async function readCentralEntry(
  file: FileWindow,
  offset: number,
  limit: number,
  maxNameBytes: number,
): Promise<CentralEntry | string> {
  if (offset + CENTRAL_HEADER_BYTES > limit) return 'it ends within an entry';
  const header = parseCentralHeader(await file.read(offset, CENTRAL_HEADER_BYTES));
  if (header.signature !== CENTRAL_HEADER_SIGNATURE) return 'no entry begins here';
  const nameAt = offset + CENTRAL_HEADER_BYTES;
  const end = nameAt + header.nameLength + header.extraLength + header.commentLength;
  if (end > limit) return 'an entry reaches beyond the directory';
  return { end, ...centralEntry(header, await file.read(nameAt, end - nameAt), maxNameBytes) };
}

function centralEntry(header: CentralHeader, tail: Buffer, maxNameBytes: number): Omit<CentralEntry, 'end'> {
  const nameBytes = tail.subarray(0, header.nameLength);
  const parsed = meaningfulFields(tail.subarray(header.nameLength, header.nameLength + header.extraLength));
  const extra: ExtraFields = typeof parsed === 'string' ? new Map() : parsed;
  const widened = widen(extra, [
    { value: header.uncompressedSize, sentinel: header.uncompressedSize === SENTINEL_32 },
    { value: header.compressedSize, sentinel: header.compressedSize === SENTINEL_32 },
    { value: header.headerOffset, sentinel: header.headerOffset === SENTINEL_32 },
  ]);
  const [uncompressedSize = 0, compressedSize = 0, headerOffset = 0] = typeof widened === 'string' ? [] : widened;
  const name = entryName(nameBytes, maxNameBytes);
  // Field by field: of 50,000 objects made by spreading others every reading takes several times as long.
  const entry: ZipEntry = {
    name: name.name,
    shownName: name.shownName,
    nameBytes: name.nameBytes,
    isAsciiName: name.isAsciiName,
    isFolder: name.isFolder,
    nameDigest: name.nameDigest,
    versionNeeded: header.versionNeeded,
    flags: header.flags,
    method: header.method,
    lastModified: header.lastModified,
    crc32: header.crc32,
    compressedSize,
    uncompressedSize,
    versionMadeBy: header.versionMadeBy,
    externalAttributes: header.externalAttributes,
    unixKind: unixKind(extra),
    claimsEncryption: claimsEncryption(extra),
    zip64: hasZip64(extra),
    headerOffset,
    isPlaced: typeof widened !== 'string',
  };
  const comment = tail.subarray(header.nameLength + header.extraLength);
  const faults = tailFaults(parsed, nameBytes, tail, header);
  // One that holds a record says enough.
  const unreadable = faults.length > 0 ? null : commentProblem(comment, isMarked(header));
  if (unreadable !== null) faults.push({ code: 'ARCHIVE_COMMENT_ENCODING', detail: unreadable });
  // Of fields that can't be told apart nobody can say whether the sizes are there.
  if (typeof widened === 'string' && typeof parsed !== 'string') {
    faults.push({ code: 'ARCHIVE_ZIP64_MISMATCH', detail: widened });
  }
  if (header.disk !== 0) {
    faults.push({ code: 'ARCHIVE_MULTI_DISK', detail: 'it lies on another disk', expected: 0, actual: header.disk });
  }
  return { entry, faults };
}

/**
 * What is wrong with the variable part of a header, local or central: its extra fields, and records hidden in it.
 *
 * @param tail everything behind the fixed part
 */
export function tailFaults(
  parsed: ExtraFields | string,
  name: Buffer,
  tail: Buffer,
  central: CentralAttributes,
): StructureFault[] {
  const faults: StructureFault[] = [];
  if (typeof parsed === 'string') {
    faults.push({ code: 'ARCHIVE_EXTRA_FIELD_MALFORMED', detail: parsed });
  } else {
    const altered = alteration(parsed, name, central);
    if (altered !== null)
      faults.push({ code: 'ARCHIVE_EXTRA_FIELD_CONFLICT', detail: `an extra field gives it ${altered}` });
  }
  const record = findRecord(tail);
  if (record !== null) {
    const detail = `its name, extra fields or comment hold the signature of a ${record.name}`;
    faults.push({ code: 'ARCHIVE_HIDDEN_RECORD', detail });
  }
  return faults;
}

/** Whether readers may take the name for code page 437: it isn't ASCII, and the flag that says UTF-8 is missing. */
export function isUnmarked(entry: ZipEntry): boolean {
  return !isMarked(entry) && entry.name !== null && !entry.isAsciiName;
}

/** Whether Info-ZIP's unzip may convert the name, flag or not, as one from MS-DOS. */
export function isDosName(entry: ZipEntry): boolean {
  return !entry.isAsciiName && entry.name !== null && isDosLike(entry.versionMadeBy);
}

function isMarked({ flags }: { readonly flags: number }): boolean {
  return (flags & FLAG_UTF8) !== 0;
}
