import type { FindingList } from '../report/finding-list.js';
import { directoryExtent, type DirectoryExtent } from './directory-extent.js';
import type { FileWindow } from './file-window.js';
import { findRivalEndRecord } from './rival-end-records.js';
import type { StructureFault } from './structure-codes.js';
import {
  CENTRAL_HEADER_BYTES,
  END_RECORD_BYTES,
  END_RECORD_SIGNATURE,
  findRecord,
  MAX_COMMENT_BYTES,
  parseEndRecord,
  parseZip64EndRecord,
  SENTINEL_16,
  SENTINEL_32,
  uint32Bytes,
  ZIP64_END_RECORD_BYTES,
  ZIP64_END_RECORD_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
  type EndFields,
} from './zip-records.js';

/**
 * Finds the one end record that ends the file, with its zip64 twin where there is one, and checks that they leave no
 * room: one disk, no bytes before, between or behind, no second end record anywhere that some reader would take.
 *
 * @returns null after adding a finding that says why, with the offset
 */
export async function readEndRecords(file: FileWindow, findings: FindingList): Promise<DirectoryExtent | null> {
  const found = await findExtent(file);
  if ('entries' in found) return found;
  const { code, ...details } = found;
  findings.add(code, details);
  return null;
}

async function findExtent(file: FileWindow): Promise<DirectoryExtent | StructureFault> {
  const position = await findEndRecord(file);
  if (typeof position !== 'number') return position;
  const record = parseEndRecord(await file.read(position, END_RECORD_BYTES));
  const zip64 = await readZip64EndRecord(file, position);
  if (zip64 !== null && 'code' in zip64) return zip64;
  const first = zip64 === null ? position : position - ZIP64_LOCATOR_BYTES - ZIP64_END_RECORD_BYTES;
  const merged = merge(record, zip64, position);
  if ('code' in merged) return merged;
  const extent = await directoryExtent(file, merged, first);
  const rival = await findRivalEndRecord(file, position);
  return rival ?? extent;
}

async function findEndRecord(file: FileWindow): Promise<number | StructureFault> {
  const tailBytes = Math.min(file.bytes, END_RECORD_BYTES + MAX_COMMENT_BYTES);
  const tailStart = file.bytes - tailBytes;
  const tail = await file.read(tailStart, tailBytes);

  // The last one, as most readers search. Whatever another way to search finds, the checks below leave no place for.
  const at = tail.length < END_RECORD_BYTES ? -1 : lastEndRecord(tail);
  if (at < 0) {
    const detail = `There is no end record in the last ${tailBytes} of its ${file.bytes} bytes.`;
    return { code: 'ARCHIVE_TRUNCATED', detail };
  }
  const comment = tail.subarray(at + END_RECORD_BYTES);
  const declared = tail.readUInt16LE(at + 20);
  const where = `End record at byte ${tailStart + at}`;
  const figures = { expected: `${declared} bytes of comment`, actual: `${comment.length} bytes` };
  if (declared > comment.length) {
    const detail = `${where}: its comment reaches beyond the file.`;
    return { code: 'ARCHIVE_TRUNCATED', detail, ...figures };
  }
  if (declared < comment.length) {
    const from = tailStart + at + END_RECORD_BYTES + declared;
    const detail = `${where}: ${comment.length - declared} bytes follow it, from byte ${from} on.`;
    return { code: 'ARCHIVE_TRAILING_BYTES', detail, ...figures };
  }
  const hidden = findRecord(comment);
  if (hidden === null) return tailStart + at;
  const detail = `${where}: its comment holds the signature of a ${hidden.name}.`;
  return { code: 'ARCHIVE_HIDDEN_RECORD', detail };
}

function lastEndRecord(tail: Buffer): number {
  return tail.lastIndexOf(uint32Bytes(END_RECORD_SIGNATURE), tail.length - END_RECORD_BYTES);
}

/** APPNOTE.TXT 4.3.14 and 4.3.15: record and locator stand directly before the end record, or not at all. */
async function readZip64EndRecord(file: FileWindow, endRecordAt: number): Promise<EndFields | StructureFault | null> {
  const locatorAt = endRecordAt - ZIP64_LOCATOR_BYTES;
  if (locatorAt < 0) return null;
  const locator = await file.read(locatorAt, ZIP64_LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR_SIGNATURE) return null;
  const refuse = (problem: string, figures: Pick<StructureFault, 'expected' | 'actual'> = {}): StructureFault => {
    const detail = `Zip64 locator at byte ${locatorAt}: ${problem}.`;
    return { code: 'ARCHIVE_ZIP64_MISMATCH', detail, ...figures };
  };

  const disks = locator.readUInt32LE(16);
  if (locator.readUInt32LE(4) !== 0 || disks !== 1) {
    const detail = `Zip64 locator at byte ${locatorAt}: it speaks of several disks.`;
    return { code: 'ARCHIVE_MULTI_DISK', detail, expected: 1, actual: disks };
  }
  const recordAt = locatorAt - ZIP64_END_RECORD_BYTES;
  const target = locator.readBigUInt64LE(8);
  if (recordAt < 0 || target !== BigInt(recordAt)) {
    const problem = 'it does not point to a zip64 end record directly before it';
    return refuse(problem, { expected: recordAt, actual: String(target) });
  }
  const bytes = await file.read(recordAt, ZIP64_END_RECORD_BYTES);
  if (bytes.readUInt32LE(0) !== ZIP64_END_RECORD_SIGNATURE) return refuse(`no zip64 end record at byte ${recordAt}`);
  const record = parseZip64EndRecord(bytes);
  if (record === null) return refuse('its end record holds a number beyond 2^53');
  // The size leaves out the signature and itself. More would be an extensible data sector, which hides bytes.
  const recordBytes = ZIP64_END_RECORD_BYTES - 12;
  if (record.recordBytes === recordBytes) return record;
  return refuse('its end record has a wrong size', { expected: recordBytes, actual: record.recordBytes });
}

/** A disk number that high, without zip64, is that of a spanned archive. */
const DISK_NUMBERS: readonly (keyof EndFields)[] = ['disk', 'directoryDisk'];

/** Every 32-bit field is the same as its zip64 twin or says "look there". */
function merge(record: EndFields, zip64: EndFields | null, position: number): EndFields | StructureFault {
  for (const [field, words, sentinel] of SENTINELS) {
    const narrow = record[field];
    const wide = zip64 === null ? undefined : zip64[field];
    const detail = `End record at byte ${position}, ${words}`;
    if (wide !== undefined && narrow !== sentinel && narrow !== wide) {
      return { code: 'ARCHIVE_ZIP64_MISMATCH', detail: `${detail}.`, expected: wide, actual: narrow };
    }
    if (wide === undefined && narrow === sentinel && !DISK_NUMBERS.includes(field) && !isPlainCount(record, field)) {
      return { code: 'ARCHIVE_ZIP64_MISMATCH', detail: `${detail}: it points to a zip64 record that is not there.` };
    }
  }
  const half = zip64 === null ? null : halfPointer(record);
  if (half !== null) return { code: 'ARCHIVE_ZIP64_MISMATCH', detail: `End record at byte ${position}: ${half}.` };
  return zip64 ?? record;
}

/**
 * Whether the count is no sentinel but the number it is: 65,535 entries are what Python writes without zip64, and every
 * reader takes them so where no locator is there. The directory must be long enough for as many.
 */
function isPlainCount({ entries, entriesOnDisk, directoryBytes }: EndFields, field: keyof EndFields): boolean {
  if (field !== 'entries' && field !== 'entriesOnDisk') return false;
  return entries === entriesOnDisk && directoryBytes >= entries * CENTRAL_HEADER_BYTES && directoryBytes < SENTINEL_32;
}

/** Sentinels that lead some readers to the zip64 record and others not. */
function halfPointer({ entries, entriesOnDisk, directoryBytes, directoryOffset }: EndFields): string | null {
  if ((entries === SENTINEL_16) !== (entriesOnDisk === SENTINEL_16)) {
    return 'one of its two counts points to the zip64 record and the other does not, and 7-Zip opens no such archive';
  }
  const sizeAlone = directoryBytes === SENTINEL_32 && directoryOffset !== SENTINEL_32 && entries !== SENTINEL_16;
  return sizeAlone ? 'the size alone points to the zip64 record, and Go does not look there then' : null;
}

const SENTINELS: readonly (readonly [field: keyof EndFields, words: string, sentinel: number])[] = [
  ['disk', 'number of this disk', SENTINEL_16],
  ['directoryDisk', 'disk of the central directory', SENTINEL_16],
  ['entriesOnDisk', 'entries on this disk', SENTINEL_16],
  ['entries', 'entries in all', SENTINEL_16],
  ['directoryBytes', 'size of the central directory', SENTINEL_32],
  ['directoryOffset', 'offset of the central directory', SENTINEL_32],
];
