/**
 * The fixed layouts of PKWARE's APPNOTE.TXT 6.3.10, section 4.3: numbers from bytes and nothing else. Whether they make
 * sense is for zip-structure.ts to say.
 */

export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_HEADER_BYTES = 46;
export const END_RECORD_BYTES = 22;
export const ZIP64_END_RECORD_BYTES = 56;
export const ZIP64_LOCATOR_BYTES = 20;
export const MAX_COMMENT_BYTES = 0xffff;

export const LOCAL_HEADER_SIGNATURE = 0x04034b50;
export const CENTRAL_HEADER_SIGNATURE = 0x02014b50;
export const END_RECORD_SIGNATURE = 0x06054b50;
export const ZIP64_END_RECORD_SIGNATURE = 0x06064b50;
export const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
export const DATA_DESCRIPTOR_SIGNATURE = 0x08074b50;
const DIGITAL_SIGNATURE_SIGNATURE = 0x05054b50;
const ARCHIVE_EXTRA_DATA_SIGNATURE = 0x08064b50;

/** "Look into the zip64 record": APPNOTE.TXT 4.4.1.4. */
export const SENTINEL_16 = 0xffff;
export const SENTINEL_32 = 0xffffffff;

/** What a local header and its central twin both tell: APPNOTE.TXT 4.3.7 and 4.3.12. */
interface EntryFields {
  /** Version needed to extract, APPNOTE.TXT 4.4.3. */
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  /** MS-DOS time and date, APPNOTE.TXT 4.4.6. */
  readonly lastModified: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly nameLength: number;
  readonly extraLength: number;
}

export interface LocalHeader extends EntryFields {
  readonly signature: number;
}

/** Central directory header, APPNOTE.TXT 4.3.12. */
export interface CentralHeader extends LocalHeader {
  readonly versionMadeBy: number;
  readonly commentLength: number;
  readonly disk: number;
  readonly externalAttributes: number;
  readonly headerOffset: number;
}

/** End of central directory record (4.3.16) or its zip64 twin (4.3.14): the same facts in other widths. */
export interface EndFields {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
}

export function parseLocalHeader(bytes: Buffer): LocalHeader {
  return { signature: bytes.readUInt32LE(0), ...entryFields(bytes, 6, 26) };
}

export function parseCentralHeader(bytes: Buffer): CentralHeader {
  return {
    signature: bytes.readUInt32LE(0),
    versionMadeBy: bytes.readUInt16LE(4),
    ...entryFields(bytes, 8, 28),
    commentLength: bytes.readUInt16LE(32),
    disk: bytes.readUInt16LE(34),
    externalAttributes: bytes.readUInt32LE(38),
    headerOffset: bytes.readUInt32LE(42),
  };
}

function entryFields(bytes: Buffer, flagsAt: number, lengthsAt: number): EntryFields {
  return {
    versionNeeded: bytes.readUInt16LE(flagsAt - 2),
    flags: bytes.readUInt16LE(flagsAt),
    method: bytes.readUInt16LE(flagsAt + 2),
    lastModified: bytes.readUInt32LE(flagsAt + 4),
    crc32: bytes.readUInt32LE(flagsAt + 8),
    compressedSize: bytes.readUInt32LE(flagsAt + 12),
    uncompressedSize: bytes.readUInt32LE(flagsAt + 16),
    nameLength: bytes.readUInt16LE(lengthsAt),
    extraLength: bytes.readUInt16LE(lengthsAt + 2),
  };
}

export function parseEndRecord(bytes: Buffer): EndFields {
  return {
    disk: bytes.readUInt16LE(4),
    directoryDisk: bytes.readUInt16LE(6),
    entriesOnDisk: bytes.readUInt16LE(8),
    entries: bytes.readUInt16LE(10),
    directoryBytes: bytes.readUInt32LE(12),
    directoryOffset: bytes.readUInt32LE(16),
  };
}

/** @returns null where a number is beyond 2^53: no file is that long, so the record lies. */
export function parseZip64EndRecord(bytes: Buffer): (EndFields & { readonly recordBytes: number }) | null {
  const recordBytes = readUInt64(bytes, 4);
  const entriesOnDisk = readUInt64(bytes, 24);
  const entries = readUInt64(bytes, 32);
  const directoryBytes = readUInt64(bytes, 40);
  const directoryOffset = readUInt64(bytes, 48);
  if (recordBytes === null || entriesOnDisk === null || entries === null) return null;
  if (directoryBytes === null || directoryOffset === null) return null;
  return {
    recordBytes,
    disk: bytes.readUInt32LE(16),
    directoryDisk: bytes.readUInt32LE(20),
    entriesOnDisk,
    entries,
    directoryBytes,
    directoryOffset,
  };
}

/** @returns null beyond 2^53, where a number would no longer be exact and two different ones could look equal. */
export function readUInt64(bytes: Buffer, offset: number): number | null {
  const value = bytes.readBigUInt64LE(offset);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}

/** Every record that APPNOTE.TXT 4.3 knows by a signature. */
const RECORDS: ReadonlyMap<number, string> = new Map([
  [LOCAL_HEADER_SIGNATURE, 'local header'],
  [CENTRAL_HEADER_SIGNATURE, 'central directory header'],
  [END_RECORD_SIGNATURE, 'end record'],
  [ZIP64_END_RECORD_SIGNATURE, 'zip64 end record'],
  [ZIP64_LOCATOR_SIGNATURE, 'zip64 locator'],
  [DATA_DESCRIPTOR_SIGNATURE, 'data descriptor'],
  [DIGITAL_SIGNATURE_SIGNATURE, 'digital signature'],
  [ARCHIVE_EXTRA_DATA_SIGNATURE, 'archive extra data record'],
]);

/** The bytes of a little-endian 32-bit number. */
export function uint32Bytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * The first signature of a zip record in `bytes`: where it stands and what record it begins. In a comment or an extra
 * field that is how a second directory is hidden from readers that look from one end and shown to those that look from
 * the other.
 */
export function findRecord(bytes: Buffer): { readonly at: number; readonly name: string } | null {
  // One native search settles nearly every case. From there on byte by byte: a native search for each of many "PK"s, of
  // which an archive may consist, takes far longer.
  const first = bytes.indexOf('PK', 0, 'latin1');
  if (first < 0) return null;
  for (let at = first; at + 4 <= bytes.length; at += 1) {
    if (bytes[at] !== 0x50 || bytes[at + 1] !== 0x4b) continue;
    const name = RECORDS.get(bytes.readUInt32LE(at));
    if (name !== undefined) return { at, name };
  }
  return null;
}
