import { isAscii, isUtf8 } from 'node:buffer';
import { claimsEncryption, hasZip64, parseExtraFields, renames, unixKind, widen } from './extra-fields.js';
import type { FileWindow } from './file-window.js';
import type { FindingList } from '../report/finding-list.js';
import type { DirectoryExtent } from './zip-end-record.js';
import {
  CENTRAL_HEADER_BYTES,
  CENTRAL_HEADER_SIGNATURE,
  holdsRecordSignature,
  parseCentralHeader,
  SENTINEL_32,
  type CentralHeader,
} from './zip-records.js';

/** One entry as the central directory describes it. */
export interface ZipEntry {
  /** The bytes of the name, each as one character: a Buffer for each of 50,000 entries takes three times as much memory. */
  readonly rawName: string;
  /** The name as UTF-8; null where it isn't. */
  readonly name: string | null;
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly versionMadeBy: number;
  readonly externalAttributes: number;
  /** The type and permission bits by a Unix extra field, where there is one that says so. */
  readonly unixKind: ReturnType<typeof unixKind>;
  readonly claimsEncryption: boolean;
  readonly zip64: boolean;
  readonly headerOffset: number;
}

/** General purpose bit 11: name and comment are UTF-8 (APPNOTE.TXT, appendix D). */
export const FLAG_UTF8 = 0x0800;

/**
 * Reads the central directory from its first byte to its last.
 *
 * @param keepGoing false once the time is up
 * @returns the entries in the order of the directory; null after adding a finding where they don't fill it exactly or
 *   a record can't be read
 */
export async function readDirectory(
  file: FileWindow,
  extent: DirectoryExtent,
  keepGoing: () => boolean,
  findings: FindingList,
): Promise<readonly ZipEntry[] | null> {
  const entries: ZipEntry[] = [];
  let offset = extent.offset;
  while (entries.length < extent.entries) {
    if (entries.length % 1_000 === 0 && !keepGoing()) return null;
    const read = await readCentralEntry(file, offset, extent.end);
    if (typeof read === 'string') {
      findings.add('ARCHIVE_MALFORMED', { detail: `Central directory at byte ${offset}: ${read}.` });
      return null;
    }
    if (read.ambiguity !== null) {
      findings.add('ARCHIVE_AMBIGUOUS', {
        path: displayName(read.entry),
        detail: `Central directory at byte ${offset}: ${read.ambiguity}.`,
      });
    }
    entries.push(read.entry);
    offset = read.end;
  }
  if (offset === extent.end) return entries;
  findings.add('ARCHIVE_AMBIGUOUS', {
    detail: `The central directory holds more than the ${extent.entries} entries it declares.`,
    expected: extent.end,
    actual: offset,
  });
  return null;
}

interface CentralEntry {
  readonly entry: ZipEntry;
  /** The first byte after it. */
  readonly end: number;
  readonly ambiguity: string | null;
}

/** @returns a sentence where there is no such record at `offset` */
async function readCentralEntry(file: FileWindow, offset: number, limit: number): Promise<CentralEntry | string> {
  if (offset + CENTRAL_HEADER_BYTES > limit) return 'it ends before its last entry';
  const header = parseCentralHeader(await file.read(offset, CENTRAL_HEADER_BYTES));
  if (header.signature !== CENTRAL_HEADER_SIGNATURE) return 'no entry begins here';
  const nameAt = offset + CENTRAL_HEADER_BYTES;
  const end = nameAt + header.nameLength + header.extraLength + header.commentLength;
  if (end > limit) return 'an entry reaches beyond the directory';
  return { end, ...centralEntry(header, await file.read(nameAt, end - nameAt)) };
}

function centralEntry(header: CentralHeader, tail: Buffer): Omit<CentralEntry, 'end'> {
  const nameBytes = tail.subarray(0, header.nameLength);
  const rawName = nameBytes.toString('latin1');
  const parsed = parseExtraFields(tail.subarray(header.nameLength, header.nameLength + header.extraLength));
  const extra = typeof parsed === 'string' ? new Map<number, Buffer>() : parsed;
  const widened = widen(extra, [
    { value: header.uncompressedSize, sentinel: header.uncompressedSize === SENTINEL_32 },
    { value: header.compressedSize, sentinel: header.compressedSize === SENTINEL_32 },
    { value: header.headerOffset, sentinel: header.headerOffset === SENTINEL_32 },
  ]);
  const [uncompressedSize = 0, compressedSize = 0, headerOffset = 0] = typeof widened === 'string' ? [] : widened;
  const entry: ZipEntry = {
    rawName,
    name: isAscii(nameBytes) ? rawName : isUtf8(nameBytes) ? nameBytes.toString('utf8') : null,
    versionNeeded: header.versionNeeded,
    flags: header.flags,
    method: header.method,
    crc32: header.crc32,
    compressedSize,
    uncompressedSize,
    versionMadeBy: header.versionMadeBy,
    externalAttributes: header.externalAttributes,
    unixKind: unixKind(extra),
    claimsEncryption: claimsEncryption(extra),
    zip64: hasZip64(extra),
    headerOffset,
  };
  return { entry, ambiguity: ambiguityOf() };

  function ambiguityOf(): string | null {
    if (typeof parsed === 'string') return parsed;
    if (typeof widened === 'string') return widened;
    if (header.disk !== 0) return `it lies on disk ${header.disk}`;
    if (renames(extra, nameBytes)) return 'an extra field gives it another name';
    if (holdsRecordSignature(tail)) return 'its name, extra fields or comment hold the signature of another record';
    return null;
  }
}

/** A name for people, also where it isn't UTF-8. */
export function displayName({ name, rawName }: ZipEntry): string {
  return name ?? rawName;
}

/** Whether readers may take the name for code page 437: it isn't ASCII, and the flag that says UTF-8 is missing. */
export function isUnmarked(entry: ZipEntry): boolean {
  return (entry.flags & FLAG_UTF8) === 0 && entry.name !== null && entry.name !== entry.rawName;
}
