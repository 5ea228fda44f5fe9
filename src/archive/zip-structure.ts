import {
  claimsEncryption,
  hasZip64,
  parseExtraFields,
  renames,
  unixKind,
  widen,
  type ExtraFields,
} from './extra-fields.js';
import { STORED, versionProblem } from './entry-rules.js';
import type { FileWindow } from './file-window.js';
import type { FindingList } from '../report/finding-list.js';
import { displayName, type ZipEntry } from './zip-directory.js';
import {
  DATA_DESCRIPTOR_SIGNATURE,
  holdsRecordSignature,
  LOCAL_HEADER_BYTES,
  LOCAL_HEADER_SIGNATURE,
  parseLocalHeader,
  readUInt64,
  SENTINEL_32,
  type LocalHeader,
} from './zip-records.js';

/** General purpose bit 3: sizes and CRC follow the data, in a data descriptor (APPNOTE.TXT 4.4.4). */
const FLAG_DATA_DESCRIPTOR = 0x0008;

/**
 * Walks the file from byte 0 to the central directory: local headers, data and data descriptors must lie there one
 * after the other, with nothing before, between, behind or on top of each other, and every local header must tell the
 * same as its central twin. Then a reader that goes through the file from the front, one that goes by the directory
 * and one that searches from the back come to the same entries with the same bytes.
 *
 * @param directoryOffset where the central directory begins, and so where the last entry must end
 * @param pathOf the path of an entry as findings show it
 * @param keepGoing false once the time is up
 * @returns for every entry, in the order of `entries`, where its data begins; null where the tiling breaks, since
 *   what lies beyond can't be told then. Every disagreement is added to `findings`.
 */
export async function walkLocalEntries(
  file: FileWindow,
  entries: readonly ZipEntry[],
  directoryOffset: number,
  pathOf: (entry: ZipEntry) => string,
  keepGoing: () => boolean,
  findings: FindingList,
): Promise<readonly number[] | null> {
  const order = entries
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => a.entry.headerOffset - b.entry.headerOffset);
  const dataOffsets = new Array<number>(entries.length).fill(0);
  let expected = 0;
  for (const [rank, { entry, index }] of order.entries()) {
    if (rank % 1_000 === 0 && !keepGoing()) return null;
    if (entry.headerOffset !== expected) {
      addGap(findings, expected, entry.headerOffset, pathOf(entry));
      return null;
    }
    const end = order[rank + 1]?.entry.headerOffset ?? directoryOffset;
    const local = await readLocalEntry(file, entry, Math.min(Math.max(end, expected), directoryOffset));
    if ('broken' in local) {
      findings.add(local.code, { path: pathOf(entry), detail: `At byte ${expected}: ${local.broken}.` });
      return null;
    }
    for (const difference of local.differences) {
      const detail = `Local header at byte ${expected}: ${difference.what}.`;
      findings.add('ARCHIVE_AMBIGUOUS', { ...difference, path: pathOf(entry), detail });
    }
    dataOffsets[index] = local.dataOffset;
    expected = local.end;
  }
  if (expected === directoryOffset) return dataOffsets;
  addGap(findings, expected, directoryOffset, undefined);
  return null;
}

function addGap(findings: FindingList, expected: number, actual: number, path: string | undefined): void {
  const detail =
    actual > expected
      ? `${actual - expected} bytes from byte ${expected} on belong to no entry.`
      : `Two entries overlap at byte ${actual}.`;
  findings.add('ARCHIVE_AMBIGUOUS', { path, detail, expected, actual });
}

/** One way in which a local header and its central twin tell different things. */
interface Difference {
  readonly what: string;
  /** By the central directory. */
  readonly expected?: string | number;
  /** By the local header. */
  readonly actual?: string | number;
}

interface LocalEntry {
  readonly dataOffset: number;
  /** The first byte after the entry, its data descriptor included. */
  readonly end: number;
  readonly differences: readonly Difference[];
}

/** Why the walk can't go on from here. */
interface Break {
  readonly code: 'ARCHIVE_MALFORMED' | 'ARCHIVE_AMBIGUOUS';
  readonly broken: string;
}

/** @param limit where the next entry or the directory begins */
async function readLocalEntry(file: FileWindow, entry: ZipEntry, limit: number): Promise<LocalEntry | Break> {
  const start = entry.headerOffset;
  const overlap: Break = { code: 'ARCHIVE_AMBIGUOUS', broken: 'the entry overlaps the record after it' };
  if (start + LOCAL_HEADER_BYTES > limit) return overlap;
  const header = parseLocalHeader(await file.read(start, LOCAL_HEADER_BYTES));
  if (header.signature !== LOCAL_HEADER_SIGNATURE) {
    return { code: 'ARCHIVE_MALFORMED', broken: 'no local header begins here' };
  }
  const dataOffset = start + LOCAL_HEADER_BYTES + header.nameLength + header.extraLength;
  const dataEnd = dataOffset + entry.compressedSize;
  if (dataEnd > limit) return overlap;

  const tail = await file.read(start + LOCAL_HEADER_BYTES, header.nameLength + header.extraLength);
  const differences = compareHeaders(header, tail, entry);
  if ((entry.flags & FLAG_DATA_DESCRIPTOR) === 0) return { dataOffset, end: dataEnd, differences };

  const extra = parseExtraFields(tail.subarray(header.nameLength));
  const zip64 = typeof extra !== 'string' && hasZip64(extra);
  const room = limit - dataEnd;
  // 24 bytes are the longest; more is a gap, which the walk finds.
  const descriptor = await file.read(dataEnd, Math.min(room, 24));
  const wrong = checkDescriptor(descriptor, room, entry, zip64);
  return { dataOffset, end: limit, differences: wrong === null ? differences : [...differences, { what: wrong }] };
}

function compareHeaders(header: LocalHeader, tail: Buffer, entry: ZipEntry): Difference[] {
  const differences: Difference[] = [];
  const name = tail.subarray(0, header.nameLength);
  if (name.toString('latin1') !== entry.rawName) {
    differences.push({ what: 'another name', expected: displayName(entry), actual: name.toString() });
  }
  for (const field of ['method', 'flags'] as const) {
    if (header[field] !== entry[field]) {
      differences.push({ what: `another ${field}`, expected: entry[field], actual: header[field] });
    }
  }
  const version = versionProblem(header.versionNeeded);
  if (version !== null && versionProblem(entry.versionNeeded) === null) {
    differences.push({ what: `it ${version}`, expected: entry.versionNeeded, actual: header.versionNeeded });
  }
  const extra = parseExtraFields(tail.subarray(header.nameLength));
  if (typeof extra === 'string') return [...differences, { what: extra }];
  if (kindOf(unixKind(extra)) !== kindOf(entry.unixKind) || claimsEncryption(extra) !== entry.claimsEncryption) {
    differences.push({ what: 'extra fields that make something else of it' });
  }
  if (renames(extra, name)) differences.push({ what: 'an extra field gives it another name' });
  if (holdsRecordSignature(tail)) differences.push({ what: 'its extra fields hold the signature of another record' });
  return [...differences, ...compareSizes(header, extra, entry)];
}

function kindOf(kind: ZipEntry['unixKind']): string | number | null {
  return kind === null || typeof kind === 'string' ? kind : kind.mode;
}

function compareSizes(header: LocalHeader, extra: ExtraFields, entry: ZipEntry): Difference[] {
  const widened = widen(extra, [
    { value: header.uncompressedSize, sentinel: header.uncompressedSize === SENTINEL_32 },
    { value: header.compressedSize, sentinel: header.compressedSize === SENTINEL_32 },
  ]);
  if (typeof widened === 'string') return [{ what: widened }];
  const [uncompressedSize = 0, compressedSize = 0] = widened;
  const local = { crc32: header.crc32, uncompressedSize, compressedSize };
  // In a streamed entry each of these may be 0, "see the descriptor", but not a lie (APPNOTE.TXT 4.4.4).
  const streamed = (entry.flags & FLAG_DATA_DESCRIPTOR) !== 0;
  const differences: Difference[] = [];
  for (const field of ['crc32', 'uncompressedSize', 'compressedSize'] as const) {
    if (local[field] !== entry[field] && !(streamed && local[field] === 0)) {
      differences.push({ what: `another ${field}`, expected: entry[field], actual: local[field] });
    }
  }
  if (streamed && entry.method === STORED && local.compressedSize !== entry.compressedSize) {
    // Nothing but the descriptor marks the end, and the data may hold what looks like one.
    differences.push({ what: 'a stored entry of unknown length' });
  }
  return differences;
}

/**
 * A data descriptor (APPNOTE.TXT 4.3.9): with or without signature, with sizes of four or eight bytes. `room` tells
 * which, as it must fill the space up to the next record.
 *
 * @param zip64 whether the local header has a zip64 field, which makes the sizes eight bytes wide
 * @returns a sentence where it isn't one or lies
 */
function checkDescriptor(bytes: Buffer, room: number, entry: ZipEntry, zip64: boolean): string | null {
  if (![12, 16, 20, 24].includes(room)) return `${room} bytes lie where its data descriptor should be`;
  const wide = room >= 20;
  const signed = room === 16 || room === 24;
  if (wide ? !(zip64 || entry.zip64) : zip64) return 'its data descriptor has sizes of the wrong width';
  if (signed !== (bytes.readUInt32LE(0) === DATA_DESCRIPTOR_SIGNATURE)) return 'its data descriptor is not one';
  const fields = bytes.subarray(signed ? 4 : 0);
  const crc32 = fields.readUInt32LE(0);
  const compressedSize = wide ? readUInt64(fields, 4) : fields.readUInt32LE(4);
  const uncompressedSize = wide ? readUInt64(fields, 12) : fields.readUInt32LE(8);
  const agrees =
    crc32 === entry.crc32 && compressedSize === entry.compressedSize && uncompressedSize === entry.uncompressedSize;
  return agrees ? null : 'its data descriptor disagrees with the central directory';
}
