import type { FileWindow } from './file-window.js';
import { faultOfGap } from './gap.js';
import type { StructureFault } from './structure-codes.js';
import { CENTRAL_HEADER_BYTES, CENTRAL_HEADER_SIGNATURE, parseCentralHeader, type EndFields } from './zip-records.js';

/** Where the central directory lies and how many entries it has. */
export interface DirectoryExtent {
  readonly entries: number;
  readonly offset: number;
  /** The first byte after it, which is that of the first end record. */
  readonly end: number;
}

/**
 * The extent of the central directory, which must reach up to the end records.
 *
 * @param record what the end records say
 * @param end where the first of them begins
 * @returns why not, where it doesn't: bytes before the archive shift everything, and some readers correct for that;
 *   bytes behind the directory, or a wrong size, are passed over by some and not by others
 */
export async function directoryExtent(
  file: FileWindow,
  record: EndFields,
  end: number,
): Promise<DirectoryExtent | StructureFault> {
  const { disk, directoryDisk, entries, entriesOnDisk, directoryOffset: offset, directoryBytes } = record;
  if (disk !== 0 || directoryDisk !== 0) {
    const detail = `Its end record at byte ${end} is on disk ${disk}, its central directory on disk ${directoryDisk}.`;
    return { code: 'ARCHIVE_MULTI_DISK', detail, expected: 0, actual: disk === 0 ? directoryDisk : disk };
  }
  if (entriesOnDisk !== entries) {
    const detail = `The end record at byte ${end} counts ${entriesOnDisk} entries on this disk and ${entries} in all.`;
    return { code: 'ARCHIVE_DIRECTORY_MISMATCH', detail, expected: entries, actual: entriesOnDisk };
  }
  const declaredEnd = offset + directoryBytes;
  if (declaredEnd === end) return { entries, offset, end };
  const sizes = { expected: end, actual: declaredEnd };
  if (declaredEnd > file.bytes) {
    const detail = `The central directory would end at byte ${declaredEnd} of ${file.bytes}.`;
    return { code: 'ARCHIVE_TRUNCATED', detail, expected: declaredEnd, actual: file.bytes };
  }
  if (declaredEnd > end) {
    const detail = `The central directory would reach into the end record at byte ${end}; probably bytes before it are missing.`;
    return { code: 'ARCHIVE_DIRECTORY_MISMATCH', detail, ...sizes };
  }
  return faultOfRoom(file, { entries, offset, end }, declaredEnd);
}

/** Why more bytes lie before the end records than the central directory takes up. */
async function faultOfRoom(
  file: FileWindow,
  { entries, offset, end }: DirectoryExtent,
  declaredEnd: number,
): Promise<StructureFault> {
  const room = end - declaredEnd;
  if (entries > 0 && !(await isCentralHeader(file, offset, end))) {
    if (await isCentralHeader(file, offset + room, end)) {
      return faultOfGap(file, 0, room, 'before the archive');
    }
    const detail = `No central directory begins at byte ${offset}.`;
    return { code: 'ARCHIVE_DIRECTORY_MISMATCH', detail, expected: end, actual: declaredEnd };
  }
  if (
    (await endOfHeaders(file, offset, end, entries)) === declaredEnd &&
    !(await isCentralHeader(file, declaredEnd, end))
  ) {
    return faultOfGap(file, declaredEnd, end, 'between the central directory and the end record');
  }
  const detail = `The central directory at byte ${offset} is said to end at byte ${declaredEnd}, and the end record begins at byte ${end}.`;
  return { code: 'ARCHIVE_DIRECTORY_MISMATCH', detail, expected: end, actual: declaredEnd };
}

async function isCentralHeader(file: FileWindow, offset: number, limit: number): Promise<boolean> {
  if (offset + CENTRAL_HEADER_BYTES > limit) return false;
  return (await file.read(offset, 4)).readUInt32LE(0) === CENTRAL_HEADER_SIGNATURE;
}

/** Where `count` central headers from `offset` on end; null where there are not as many before `limit`. */
async function endOfHeaders(file: FileWindow, offset: number, limit: number, count: number): Promise<number | null> {
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (!(await isCentralHeader(file, at, limit))) return null;
    const header = parseCentralHeader(await file.read(at, CENTRAL_HEADER_BYTES));
    at += CENTRAL_HEADER_BYTES + header.nameLength + header.extraLength + header.commentLength;
  }
  return at;
}
