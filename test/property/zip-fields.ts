/** The records of a zip, by their names in APPNOTE.TXT 4.3. */
export type RecordKind = 'local' | 'descriptor' | 'central' | 'zip64 end' | 'zip64 locator' | 'end';

/** One record and what belongs to it: a header with its name, extra fields and comment. */
export interface ZipRecord {
  readonly kind: RecordKind;
  readonly start: number;
  readonly end: number;
  /** The entry it belongs to, counted in the order of the directory; null for what belongs to the whole archive. */
  readonly entry: number | null;
}

/** One field of a record: a number, or a run of bytes such as a name. */
export interface ZipField {
  readonly record: RecordKind;
  readonly name: string;
  readonly offset: number;
  readonly width: number;
  readonly entry: number | null;
}

/** What a zip consists of, as far as it can be made out. */
export interface ZipMap {
  readonly records: readonly ZipRecord[];
  readonly fields: readonly ZipField[];
}

type Layout = readonly (readonly [name: string, width: number])[];

const TIMES: Layout = [
  ['time', 2],
  ['date', 2],
];
const SUMS: Layout = [
  ['crc32', 4],
  ['compressedSize', 4],
  ['uncompressedSize', 4],
];
const LOCAL: Layout = [
  ['signature', 4],
  ['versionNeeded', 2],
  ['flags', 2],
  ['method', 2],
  ...TIMES,
  ...SUMS,
  ['nameLength', 2],
  ['extraLength', 2],
];
const CENTRAL: Layout = [
  ['signature', 4],
  ['versionMadeBy', 2],
  ['versionNeeded', 2],
  ['flags', 2],
  ['method', 2],
  ...TIMES,
  ...SUMS,
  ['nameLength', 2],
  ['extraLength', 2],
  ['commentLength', 2],
  ['disk', 2],
  ['internalAttributes', 2],
  ['externalAttributes', 4],
  ['headerOffset', 4],
];
const END: Layout = [
  ['signature', 4],
  ['disk', 2],
  ['directoryDisk', 2],
  ['entriesOnDisk', 2],
  ['entries', 2],
  ['directoryBytes', 4],
  ['directoryOffset', 4],
  ['commentLength', 2],
];
const ZIP64_END: Layout = [
  ['signature', 4],
  ['recordBytes', 8],
  ['versionMadeBy', 2],
  ['versionNeeded', 2],
  ['disk', 4],
  ['directoryDisk', 4],
  ['entriesOnDisk', 8],
  ['entries', 8],
  ['directoryBytes', 8],
  ['directoryOffset', 8],
];
const ZIP64_LOCATOR: Layout = [
  ['signature', 4],
  ['disk', 4],
  ['recordOffset', 8],
  ['disks', 4],
];

const SIGNATURES = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, locator: 0x07064b50 };
const SENTINEL_32 = 0xffffffff;

/**
 * Every field of an honest archive with its place and width; of a broken one, what can be made out. Reads with code of
 * its own, so that a mistake in src/archive is not repeated here.
 */
export function mapOf(zip: Buffer): ZipMap {
  const records: ZipRecord[] = [];
  const fields: ZipField[] = [];
  const add = (kind: RecordKind, start: number, layout: Layout, entry: number | null): number => {
    let offset = start;
    for (const [name, width] of layout) {
      fields.push({ record: kind, name, offset, width, entry });
      offset += width;
    }
    return offset;
  };
  const addRecord = (kind: RecordKind, start: number, end: number, entry: number | null): void => {
    records.push({ kind, start, end, entry });
  };

  const endAt = lastEndRecord(zip);
  if (endAt === null) return { records, fields };
  const entries = centralHeaders(zip, endAt);
  for (const [index, entry] of entries.entries()) {
    addVariable('central', add('central', entry.start, CENTRAL, index), entry.lengths, index);
    addRecord('central', entry.start, entry.end, index);
    if (!fits(zip, entry.headerOffset, 30) || zip.readUInt32LE(entry.headerOffset) !== SIGNATURES.local) continue;
    const lengths = [zip.readUInt16LE(entry.headerOffset + 26), zip.readUInt16LE(entry.headerOffset + 28), 0] as const;
    const localEnd = entry.headerOffset + 30 + lengths[0] + lengths[1];
    if (localEnd > zip.length) continue;
    addVariable('local', add('local', entry.headerOffset, LOCAL, index), lengths, index);
    addRecord('local', entry.headerOffset, localEnd, index);
    const dataEnd = localEnd + entry.compressedSize;
    const next = Math.min(
      ...entries.map((other) => other.headerOffset).filter((offset) => offset > entry.headerOffset),
      entries[0]?.start ?? zip.length,
    );
    const layout = descriptorLayout(next - dataEnd);
    if ((entry.flags & 8) === 0 || layout === null || next > zip.length) continue;
    add('descriptor', dataEnd, layout, index);
    addRecord('descriptor', dataEnd, next, index);
  }
  if (fits(zip, endAt - 76, 76) && zip.readUInt32LE(endAt - 20) === SIGNATURES.locator) {
    addRecord('zip64 end', endAt - 76, add('zip64 end', endAt - 76, ZIP64_END, null), null);
    addRecord('zip64 locator', endAt - 20, add('zip64 locator', endAt - 20, ZIP64_LOCATOR, null), null);
  }
  const commentAt = add('end', endAt, END, null);
  if (zip.length > commentAt) add('end', commentAt, [['comment', zip.length - commentAt]], null);
  addRecord('end', endAt, zip.length, null);
  return { records: records.sort((a, b) => a.start - b.start), fields };

  function addVariable(kind: RecordKind, start: number, lengths: readonly number[], entry: number): void {
    const [name = 0, extra = 0, comment = 0] = lengths;
    if (name > 0) add(kind, start, [['name', name]], entry);
    for (const { id, at, length } of extraFields(zip, start + name, start + name + extra)) {
      const called = `extra 0x${id.toString(16).padStart(4, '0')}`;
      add(kind, at, [[`${called} id`, 2], [`${called} size`, 2], ...extraData(id, called, length)], entry);
    }
    if (comment > 0) add(kind, start + name + extra, [['comment', comment]], entry);
  }
}

interface CentralPlace {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
  readonly lengths: readonly [name: number, extra: number, comment: number];
}

/** Backwards from the end, so that no number of the end record must be right. */
function lastEndRecord(zip: Buffer): number | null {
  if (zip.length < 22) return null;
  const at = zip.lastIndexOf(Buffer.from('504b0506', 'hex'), zip.length - 22);
  return at < 0 ? null : at;
}

function centralHeaders(zip: Buffer, endAt: number): CentralPlace[] {
  const places: CentralPlace[] = [];
  let start = directoryStart(zip, endAt);
  while (start + 46 <= endAt && zip.readUInt32LE(start) === SIGNATURES.central) {
    const lengths = [28, 30, 32].map((at) => zip.readUInt16LE(start + at)) as [number, number, number];
    const end = start + 46 + lengths[0] + lengths[1] + lengths[2];
    if (end > endAt) break;
    const narrow = [24, 20, 42].map((at) => zip.readUInt32LE(start + at));
    const [, compressedSize = 0, headerOffset = 0] = widen(zip, narrow, start + 46 + lengths[0], lengths[1]);
    places.push({ start, end, flags: zip.readUInt16LE(start + 8), compressedSize, headerOffset, lengths });
    start = end;
  }
  return places;
}

function directoryStart(zip: Buffer, endAt: number): number {
  const offset = zip.readUInt32LE(endAt + 16);
  if (offset !== SENTINEL_32 || !fits(zip, endAt - 76, 76)) return offset;
  return Number(zip.readBigUInt64LE(endAt - 76 + 48));
}

function widen(zip: Buffer, narrow: readonly number[], extraAt: number, extraLength: number): number[] {
  const zip64 = extraFields(zip, extraAt, extraAt + extraLength).find(({ id }) => id === 1);
  let at = (zip64?.at ?? 0) + 4;
  return narrow.map((value) => {
    if (value !== SENTINEL_32 || zip64 === undefined || at + 8 > zip64.at + 4 + zip64.length) return value;
    at += 8;
    return Number(zip.readBigUInt64LE(at - 8));
  });
}

function extraFields(zip: Buffer, start: number, end: number): { id: number; at: number; length: number }[] {
  const found = [];
  for (let at = start; at + 4 <= Math.min(end, zip.length);) {
    const length = zip.readUInt16LE(at + 2);
    if (at + 4 + length > Math.min(end, zip.length)) break;
    found.push({ id: zip.readUInt16LE(at), at, length });
    at += 4 + length;
  }
  return found;
}

function extraData(id: number, called: string, length: number): Layout {
  if (length === 0) return [];
  if (id !== 1) return [[`${called} data`, length]];
  const wide = Math.floor(length / 8);
  const values: (readonly [string, number])[] = Array.from({ length: wide }, (_, index) => [`zip64[${index}]`, 8]);
  return length % 8 === 0 ? values : [...values, ['zip64 rest', length % 8]];
}

function descriptorLayout(room: number): Layout | null {
  const signature: Layout = [['signature', 4]];
  const wide: Layout = SUMS.map(([name, width]) => [name, name === 'crc32' ? width : 8]);
  if (room === 12) return SUMS;
  if (room === 16) return [...signature, ...SUMS];
  if (room === 20) return wide;
  return room === 24 ? [...signature, ...wide] : null;
}

function fits(zip: Buffer, start: number, length: number): boolean {
  return start >= 0 && start + length <= zip.length;
}
