import type { FindingList } from '../report/finding-list.js';
import { descriptorLength, MAX_DESCRIPTOR_BYTES } from './data-descriptor.js';
import { STORED } from './entry-rules.js';
import type { FileWindow } from './file-window.js';
import { faultOfGap } from './gap.js';
import { compareTwins, isStreamed, type LocalTwin } from './local-header.js';
import { quotedDescriptorSearch, type QuotedDescriptor } from './quoted-descriptor.js';
import type { StructureFault } from './structure-codes.js';
import type { ZipEntry } from './zip-directory.js';
import { LOCAL_HEADER_BYTES, LOCAL_HEADER_SIGNATURE, parseLocalHeader } from './zip-records.js';

/** What {@link walkLocalEntries} goes by. */
export interface Walk {
  readonly entries: readonly ZipEntry[];
  /** Where the central directory begins, and so where the last entry must end. */
  readonly directoryOffset: number;
  /** The path of an entry as findings show it. */
  readonly pathOf: (entry: ZipEntry) => string;
  /** False once the time is up. */
  readonly keepGoing: () => boolean;
  readonly findings: FindingList;
}

/**
 * Walks the file from byte 0 to the central directory: local headers, data and data descriptors must lie there one
 * after the other, with nothing before, between, behind or on top of each other, and every local header must tell the
 * same as its central twin. Then a reader that goes through the file from the front, one that goes by the directory
 * and one that searches from the back come to the same entries with the same bytes.
 *
 * @returns for every entry, in the order of `entries`, where its data begins; null where the tiling breaks, since
 *   what lies beyond can't be told then. Every disagreement is added to the findings.
 */
export async function walkLocalEntries(file: FileWindow, walk: Walk): Promise<readonly number[] | null> {
  const { entries, directoryOffset, pathOf, keepGoing, findings } = walk;
  const refuse = ({ code, path, ...details }: StructureFault, entry?: ZipEntry): null => {
    findings.add(code, { ...details, path: path ?? (entry && pathOf(entry)) });
    return null;
  };
  if (!entries.every(({ isPlaced }) => isPlaced)) return null;
  const order = entries
    .map((entry, index) => ({ entry, index }))
    .sort((a, b) => a.entry.headerOffset - b.entry.headerOffset);
  const dataOffsets = new Array<number>(entries.length).fill(0);
  const source: Source = { file, findQuotedDescriptor: quotedDescriptorSearch(file, keepGoing) };
  let expected = 0;
  for (const [rank, { entry, index }] of order.entries()) {
    if (rank % 1_000 === 0 && !keepGoing()) return null;
    const misplaced = await faultOfPlace(file, entry, expected, directoryOffset);
    if (misplaced !== null) return refuse(misplaced, entry);
    const next = order[rank + 1]?.entry.headerOffset ?? directoryOffset;
    const local = await readLocalEntry(source, entry, Math.min(Math.max(next, expected), directoryOffset));
    if ('code' in local) return refuse(local, entry);
    for (const fault of local.faults) {
      refuse({ ...fault, detail: `Local header at byte ${expected}: ${fault.detail}.` }, entry);
    }
    dataOffsets[index] = local.dataOffset;
    expected = local.end;
  }
  if (expected === directoryOffset) return dataOffsets;
  return refuse(await faultOfGap(file, expected, directoryOffset, 'before the central directory'));
}

/** Why `entry` can't begin where the one before it ended. */
async function faultOfPlace(
  file: FileWindow,
  { headerOffset }: ZipEntry,
  expected: number,
  directoryOffset: number,
): Promise<StructureFault | null> {
  if (headerOffset === expected && expected < directoryOffset) return null;
  if (headerOffset < expected) {
    const detail = `It begins at byte ${headerOffset}, within what ends at byte ${expected}.`;
    return { code: 'ARCHIVE_OVERLAP', detail, expected, actual: headerOffset };
  }
  if (headerOffset >= directoryOffset) {
    const detail = `Its local header should be at byte ${headerOffset}, behind the beginning of the central directory.`;
    return { code: 'ARCHIVE_MALFORMED', detail, expected, actual: headerOffset };
  }
  return faultOfGap(file, expected, headerOffset, expected === 0 ? 'before the first entry' : 'between two entries');
}

interface LocalEntry {
  readonly dataOffset: number;
  /** The first byte after the entry, its data descriptor included. */
  readonly end: number;
  readonly faults: readonly StructureFault[];
}

interface Source {
  readonly file: FileWindow;
  readonly findQuotedDescriptor: (start: number, end: number) => Promise<QuotedDescriptor>;
}

/** @param limit where the next entry or the directory begins */
async function readLocalEntry(source: Source, entry: ZipEntry, limit: number): Promise<LocalEntry | StructureFault> {
  const { file } = source;
  const start = entry.headerOffset;
  if (start + LOCAL_HEADER_BYTES > limit) return overlap(start, start + LOCAL_HEADER_BYTES, limit);
  const header = parseLocalHeader(await file.read(start, LOCAL_HEADER_BYTES));
  if (header.signature !== LOCAL_HEADER_SIGNATURE) {
    return { code: 'ARCHIVE_MALFORMED', detail: `No local header begins at byte ${start}.` };
  }
  const tailBytes = header.nameLength + header.extraLength;
  const dataOffset = start + LOCAL_HEADER_BYTES + tailBytes;
  const dataEnd = dataOffset + entry.compressedSize;
  if (dataEnd > limit) return overlap(start, dataEnd, limit);
  const twin = compareTwins(header, await file.read(start + LOCAL_HEADER_BYTES, tailBytes), entry);
  if (!isStreamed(entry)) return { dataOffset, end: dataEnd, faults: twin.faults };
  return endOfStreamed(source, entry, twin, dataOffset, limit);
}

function overlap(start: number, end: number, limit: number): StructureFault {
  const detail = `From byte ${start} on it would reach up to byte ${end}, over what begins at byte ${limit}.`;
  return { code: 'ARCHIVE_OVERLAP', detail, expected: limit, actual: end };
}

async function endOfStreamed(
  { file, findQuotedDescriptor }: Source,
  entry: ZipEntry,
  twin: LocalTwin,
  dataOffset: number,
  limit: number,
): Promise<LocalEntry> {
  const dataEnd = dataOffset + entry.compressedSize;
  const isSearched = entry.method === STORED && !twin.faults.some(({ code }) => code === 'ARCHIVE_UNKNOWN_LENGTH');
  const quoted = isSearched ? await findQuotedDescriptor(dataOffset, dataEnd) : null;
  if (quoted !== null) {
    const detail =
      typeof quoted === 'number'
        ? `its stored data holds another data descriptor at byte ${quoted}`
        : 'stored data up to here holds more signatures of data descriptors than are looked at';
    const fault: StructureFault = { code: 'ARCHIVE_DESCRIPTOR_MISMATCH', detail, expected: dataEnd, actual: quoted };
    return { dataOffset, end: limit, faults: [...twin.faults, fault] };
  }
  // Beyond the limit, too: it is what a reader that tries the forms of a descriptor would look at.
  const bytes = await file.read(dataEnd, Math.min(MAX_DESCRIPTOR_BYTES, file.bytes - dataEnd));
  const zip64 = twin.zip64 ? 'local' : entry.zip64 ? 'central' : null;
  const length = descriptorLength(bytes, entry, zip64);
  if (typeof length === 'number' && dataEnd + length <= limit) {
    return { dataOffset, end: dataEnd + length, faults: twin.faults };
  }
  const problem = typeof length === 'number' ? 'its data descriptor overlaps the record behind it' : length;
  const detail = `${problem}, at byte ${dataEnd}`;
  const fault: StructureFault = { code: 'ARCHIVE_DESCRIPTOR_MISMATCH', detail };
  // Where the next record begins is known all the same, and what else is wrong is worth knowing.
  return { dataOffset, end: limit, faults: [...twin.faults, fault] };
}
