import type { FileWindow } from './file-window.js';
import type { StructureFault } from './structure-codes.js';
import {
  CENTRAL_HEADER_SIGNATURE,
  END_RECORD_BYTES,
  END_RECORD_SIGNATURE,
  MAX_COMMENT_BYTES,
  parseEndRecord,
  readUInt64,
  uint32Bytes,
  ZIP64_END_RECORD_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
} from './zip-records.js';

/** Where a record that looks like an end record says that its directory, or its zip64 twin, begins. */
interface Rival {
  readonly at: number;
  /** Null where it counts no entries and so needs no directory. */
  readonly target: number | null;
  readonly signature: number;
}

/**
 * An end record before the one that ends the file which points to a central directory of its own or counts no entries,
 * in the data of the last files or in the fields of a header. libzip 1.7, and PHP with it, weighs all end records in the
 * last 64 KiB against each other, from the front, and takes such a one where the real directory and its local headers
 * differ in as little as a date or in what is left to a data descriptor.
 *
 * The end record of a nested zip with entries that is merely stored counts from the beginning of that zip and so points
 * to no directory here: it is innocent. That of a nested empty zip is the very thing that gives PHP an empty archive.
 *
 * @param position of the end record that ends the file
 */
export async function findRivalEndRecord(file: FileWindow, position: number): Promise<StructureFault | null> {
  const { tail, start } = await readTail(file);
  const rivals = rivalsIn(tail, start, position).sort((a, b) => (a.target ?? -1) - (b.target ?? -1));
  for (const { at, target, signature } of rivals) {
    if (target === null) {
      const detail = `An end record of no entries stands at byte ${at}, within the last 64 KiB: PHP may take the archive for an empty one.`;
      return { code: 'ARCHIVE_HIDDEN_RECORD', detail, expected: position, actual: at };
    }
    if (target + 4 > file.bytes || (await file.read(target, 4)).readUInt32LE(0) !== signature) continue;
    const detail = `An end record at byte ${at} points to records of its own at byte ${target}.`;
    return { code: 'ARCHIVE_HIDDEN_RECORD', detail, expected: position, actual: at };
  }
  return null;
}

/** The bytes in which libzip searches, and where they begin. */
async function readTail(file: FileWindow): Promise<{ readonly tail: Buffer; readonly start: number }> {
  // A locator may stand before the first of the last 64 KiB.
  const start = Math.max(0, file.bytes - MAX_COMMENT_BYTES - END_RECORD_BYTES - ZIP64_LOCATOR_BYTES);
  // A copy: the window slides on while the targets are looked at.
  return { tail: Buffer.from(await file.read(start, file.bytes - start)), start };
}

function* endRecordsIn(tail: Buffer, end: number): Generator<number> {
  const signature = uint32Bytes(END_RECORD_SIGNATURE);
  for (let at = tail.indexOf(signature); at >= 0 && at < end; at = tail.indexOf(signature, at + 4)) yield at;
}

function rivalsIn(tail: Buffer, start: number, position: number): Rival[] {
  const rivals: Rival[] = [];
  for (const at of endRecordsIn(tail, position - start)) {
    const { directoryOffset, entries } = parseEndRecord(tail.subarray(at, at + END_RECORD_BYTES));
    const target = entries > 0 ? directoryOffset : null;
    rivals.push({ at: start + at, target, signature: CENTRAL_HEADER_SIGNATURE });
    const zip64 = at < ZIP64_LOCATOR_BYTES ? null : zip64RecordOffset(tail.subarray(at - ZIP64_LOCATOR_BYTES, at));
    if (zip64 !== null) rivals.push({ at: start + at, target: zip64, signature: ZIP64_END_RECORD_SIGNATURE });
  }
  return rivals;
}

function zip64RecordOffset(locator: Buffer): number | null {
  return locator.readUInt32LE(0) === ZIP64_LOCATOR_SIGNATURE ? readUInt64(locator, 8) : null;
}
