import type { FileWindow } from './file-window.js';
import type { FindingList } from '../report/finding-list.js';
import {
  END_RECORD_BYTES,
  END_RECORD_SIGNATURE,
  holdsRecordSignature,
  MAX_COMMENT_BYTES,
  parseEndRecord,
  parseZip64EndRecord,
  SENTINEL_16,
  SENTINEL_32,
  ZIP64_END_RECORD_BYTES,
  ZIP64_END_RECORD_SIGNATURE,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
  type EndFields,
} from './zip-records.js';

/** Where the central directory lies and how many entries it has. */
export interface DirectoryExtent {
  readonly entries: number;
  readonly offset: number;
  /** The first byte after it, which is that of the first end record. */
  readonly end: number;
}

/**
 * Finds the one end record that ends the file, with its zip64 twin where there is one, and checks that they leave no
 * room: one disk, no bytes before, between or behind, no second end record in a comment.
 *
 * @returns null after adding a finding that says why, with the offset: ARCHIVE_MALFORMED, or ARCHIVE_AMBIGUOUS where
 *   some readers would go on
 */
export async function readEndRecords(file: FileWindow, findings: FindingList): Promise<DirectoryExtent | null> {
  const position = await findEndRecord(file, findings);
  if (position === null) return null;
  const record = parseEndRecord(await file.read(position, END_RECORD_BYTES));
  const zip64 = await readZip64EndRecord(file, position, findings);
  if (zip64 === 'refused') return null;
  const first = zip64 === null ? position : position - ZIP64_LOCATOR_BYTES - ZIP64_END_RECORD_BYTES;
  const merged = merge(record, zip64);
  if (typeof merged === 'string') {
    findings.add('ARCHIVE_AMBIGUOUS', { detail: `End record at byte ${position}: ${merged}.` });
    return null;
  }
  return directoryExtent(merged, first, findings);
}

async function findEndRecord(file: FileWindow, findings: FindingList): Promise<number | null> {
  const tailBytes = Math.min(file.bytes, END_RECORD_BYTES + MAX_COMMENT_BYTES);
  const tailStart = file.bytes - tailBytes;
  const tail = await file.read(tailStart, tailBytes);
  const refuse = (code: 'ARCHIVE_MALFORMED' | 'ARCHIVE_AMBIGUOUS', detail: string): null => {
    findings.add(code, { detail });
    return null;
  };

  // The last one, as most readers search. Whatever another way to search finds, the checks below leave no place for.
  const at = tail.length < END_RECORD_BYTES ? -1 : lastEndRecord(tail);
  if (at < 0) {
    return refuse('ARCHIVE_MALFORMED', 'It has no end record; probably the end of the file is missing.');
  }
  const comment = tail.subarray(at + END_RECORD_BYTES);
  const declared = tail.readUInt16LE(at + 20);
  const where = `End record at byte ${tailStart + at}`;
  if (declared > comment.length) {
    return refuse('ARCHIVE_MALFORMED', `${where}: its comment of ${declared} bytes reaches beyond the file.`);
  }
  if (declared < comment.length) {
    return refuse('ARCHIVE_AMBIGUOUS', `${where}: ${comment.length - declared} bytes follow it.`);
  }
  if (holdsRecordSignature(comment)) {
    return refuse('ARCHIVE_AMBIGUOUS', `${where}: its comment holds the signature of another record.`);
  }
  return tailStart + at;
}

function lastEndRecord(tail: Buffer): number {
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_RECORD_SIGNATURE);
  return tail.lastIndexOf(signature, tail.length - END_RECORD_BYTES);
}

/** APPNOTE.TXT 4.3.14 and 4.3.15: record and locator stand directly before the end record, or not at all. */
async function readZip64EndRecord(
  file: FileWindow,
  endRecordAt: number,
  findings: FindingList,
): Promise<EndFields | null | 'refused'> {
  const locatorAt = endRecordAt - ZIP64_LOCATOR_BYTES;
  if (locatorAt < 0) return null;
  const locator = await file.read(locatorAt, ZIP64_LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR_SIGNATURE) return null;

  const refuse = (problem: string): 'refused' => {
    findings.add('ARCHIVE_AMBIGUOUS', { detail: `Zip64 locator at byte ${locatorAt}: ${problem}.` });
    return 'refused';
  };
  const recordAt = locatorAt - ZIP64_END_RECORD_BYTES;
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1) return refuse('it speaks of several disks');
  if (recordAt < 0 || locator.readBigUInt64LE(8) !== BigInt(recordAt)) {
    return refuse(`it does not point to the zip64 end record directly before it`);
  }
  const bytes = await file.read(recordAt, ZIP64_END_RECORD_BYTES);
  if (bytes.readUInt32LE(0) !== ZIP64_END_RECORD_SIGNATURE) return refuse(`no zip64 end record at byte ${recordAt}`);
  const record = parseZip64EndRecord(bytes);
  if (record === null) return refuse('its end record holds a number beyond 2^53');
  // The size leaves out the signature and itself. More would be an extensible data sector, which hides bytes.
  if (record.recordBytes !== ZIP64_END_RECORD_BYTES - 12) return refuse('its end record has a wrong size');
  return record;
}

/** Every 32-bit field is the same as its zip64 twin or says "look there"; a sentence where not. */
function merge(record: EndFields, zip64: EndFields | null): EndFields | string {
  if (zip64 === null) {
    const { entries, entriesOnDisk, directoryBytes, directoryOffset } = record;
    const pointsToZip64 =
      [entries, entriesOnDisk].includes(SENTINEL_16) || [directoryBytes, directoryOffset].includes(SENTINEL_32);
    return pointsToZip64 ? 'it points to a zip64 record that is not there' : record;
  }
  for (const [field, sentinel] of SENTINELS) {
    if (record[field] !== sentinel && record[field] !== zip64[field]) {
      return `${field} is ${record[field]}, in its zip64 twin ${zip64[field]}`;
    }
  }
  return zip64;
}

const SENTINELS: readonly (readonly [keyof EndFields, number])[] = [
  ['disk', SENTINEL_16],
  ['directoryDisk', SENTINEL_16],
  ['entriesOnDisk', SENTINEL_16],
  ['entries', SENTINEL_16],
  ['directoryBytes', SENTINEL_32],
  ['directoryOffset', SENTINEL_32],
];

function directoryExtent(record: EndFields, end: number, findings: FindingList): DirectoryExtent | null {
  if (record.disk !== 0 || record.directoryDisk !== 0 || record.entriesOnDisk !== record.entries) {
    findings.add('ARCHIVE_AMBIGUOUS', {
      detail: 'It is one part of several.',
      expected: 'disk 0',
      actual: record.disk,
    });
    return null;
  }
  const { entries, directoryOffset: offset, directoryBytes } = record;
  if (offset + directoryBytes > end) {
    const detail = 'The central directory reaches beyond its end; probably bytes are missing before it.';
    findings.add('ARCHIVE_MALFORMED', { detail, expected: end, actual: offset + directoryBytes });
    return null;
  }
  if (offset + directoryBytes < end) {
    // Prepended bytes shift everything: some readers correct for it, others don't.
    const detail = `${end - offset - directoryBytes} bytes too many lie before the end record or before the archive.`;
    findings.add('ARCHIVE_AMBIGUOUS', { detail, expected: end, actual: offset + directoryBytes });
    return null;
  }
  return { entries, offset, end };
}
