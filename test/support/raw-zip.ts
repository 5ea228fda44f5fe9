import { deflateRawSync, crc32 } from 'node:zlib';

/** The fields of a local or central header that can be lied about. */
export interface HeaderFields {
  readonly signature: number;
  readonly versionMadeBy: number;
  readonly versionNeeded: number;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly name: string | Buffer;
  readonly nameLength: number;
  readonly extra: Buffer;
  readonly extraLength: number;
  readonly comment: Buffer;
  readonly commentLength: number;
  readonly disk: number;
  readonly externalAttributes: number;
  readonly headerOffset: number;
}

/** One entry: honest by default, with lies in the local header, the central one, or both. */
export interface RawEntry {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  /** 8 (deflate) by default; 0 for folders. */
  readonly method?: number;
  /** The bytes that lie between header and descriptor, whatever `data` says. */
  readonly compressed?: Buffer;
  /** In both headers. */
  readonly both?: Partial<HeaderFields>;
  readonly local?: Partial<HeaderFields>;
  readonly central?: Partial<HeaderFields>;
  /** Written after the data. With `streamed`, an honest one by default. */
  readonly descriptor?: Buffer;
  /** Flag bit 3, local sizes and CRC 0, a data descriptor. */
  readonly streamed?: boolean;
  /** Bytes between the previous entry and this one. */
  readonly gap?: Buffer;
  /** Leaves the local part or the central header away. */
  readonly omit?: 'local' | 'central';
}

/** The end record, or its zip64 twin. */
interface RawEnd {
  readonly signature: number;
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryOffset: number;
  readonly comment: Buffer;
  readonly commentLength: number;
}

export interface RawZip {
  readonly entries: readonly RawEntry[];
  readonly prefix?: Buffer;
  readonly beforeDirectory?: Buffer;
  readonly afterDirectory?: Buffer;
  readonly beforeEnd?: Buffer;
  readonly trailing?: Buffer;
  readonly end?: Partial<RawEnd>;
  /** Writes zip64 end record and locator, with these lies; the plain end record keeps its values unless `end` says else. */
  readonly zip64?: Partial<Omit<RawEnd, 'comment' | 'commentLength'>> & {
    readonly recordBytes?: number;
    /** The extensible data sector, between the record's fixed part and the locator. */
    readonly extensible?: Buffer;
    readonly locatorSignature?: number;
    readonly locatorDisk?: number;
    readonly locatorOffset?: number;
    readonly disks?: number;
  };
}

/** A zip byte by byte, in which every field can be lied about. Numbers are written as they are, without a check. */
export function rawZip(zip: RawZip): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  const write = (...pieces: Buffer[]): void => {
    for (const piece of pieces) length += piece.length;
    parts.push(...pieces);
  };
  const directory: Buffer[] = [];
  if (zip.prefix !== undefined) write(zip.prefix);
  for (const entry of zip.entries) {
    if (entry.gap !== undefined) write(entry.gap);
    const fields = honestFields(entry, length);
    if (entry.omit !== 'central') directory.push(centralHeader({ ...fields, ...entry.both, ...entry.central }));
    if (entry.omit === 'local') continue;
    const streamed = entry.streamed === true ? { crc32: 0, compressedSize: 0, uncompressedSize: 0 } : {};
    write(localHeader({ ...fields, ...streamed, ...entry.both, ...entry.local }), compressedData(entry));
    if (entry.descriptor !== undefined) write(entry.descriptor);
    else if (entry.streamed === true) write(descriptor(fields));
  }
  if (zip.beforeDirectory !== undefined) write(zip.beforeDirectory);
  const directoryOffset = length;
  for (const header of directory) write(header);
  if (zip.afterDirectory !== undefined) write(zip.afterDirectory);
  const end: RawEnd = {
    signature: 0x06054b50,
    disk: 0,
    directoryDisk: 0,
    entriesOnDisk: directory.length,
    entries: directory.length,
    directoryBytes: directory.reduce((sum, header) => sum + header.length, 0),
    directoryOffset,
    comment: Buffer.alloc(0),
    commentLength: zip.end?.comment?.length ?? 0,
  };
  if (zip.zip64 !== undefined) write(zip64End(end, zip.zip64, length));
  if (zip.beforeEnd !== undefined) write(zip.beforeEnd);
  write(endRecord({ ...end, ...zip.end }));
  if (zip.trailing !== undefined) write(zip.trailing);
  return Buffer.concat(parts);
}

/** A data descriptor with signature; `wide` for sizes of eight bytes. */
export function descriptor(
  fields: Pick<HeaderFields, 'crc32' | 'compressedSize' | 'uncompressedSize'>,
  { wide = false, signed = true } = {},
): Buffer {
  const size = wide ? u64 : u32;
  const body = [u32(fields.crc32), size(fields.compressedSize), size(fields.uncompressedSize)];
  return Buffer.concat(signed ? [u32(0x08074b50), ...body] : body);
}

/** One extra field. */
export function extraField(id: number, data: Buffer): Buffer {
  return Buffer.concat([u16(id), u16(data.length), data]);
}

/** What an honest writer would put in the headers of `entry`. */
export function honestFields(entry: RawEntry, headerOffset: number): HeaderFields {
  const data = bytesOf(entry.data ?? '');
  const isFolder = bytesOf(entry.name).at(-1) === 0x2f;
  return {
    signature: 0,
    versionMadeBy: (3 << 8) | 30,
    versionNeeded: 20,
    flags: 0x0800 | (entry.streamed === true ? 0x0008 : 0),
    method: methodOf(entry),
    crc32: crc32(data),
    compressedSize: compressedData(entry).length,
    uncompressedSize: data.length,
    name: entry.name,
    nameLength: bytesOf(entry.name).length,
    extra: Buffer.alloc(0),
    extraLength: 0,
    comment: Buffer.alloc(0),
    commentLength: 0,
    disk: 0,
    externalAttributes: isFolder ? ((0o040755 << 16) | 0x10) >>> 0 : (0o100644 << 16) >>> 0,
    headerOffset,
  };
}

function methodOf(entry: RawEntry): number {
  return entry.method ?? (bytesOf(entry.name).at(-1) === 0x2f ? 0 : 8);
}

function compressedData(entry: RawEntry): Buffer {
  if (entry.compressed !== undefined) return entry.compressed;
  const data = bytesOf(entry.data ?? '');
  return methodOf(entry) === 8 ? deflateRawSync(data) : data;
}

/** The local header with these fields (APPNOTE.TXT 4.3.7), which `rawZip` writes before the data. */
export function localHeader(fields: HeaderFields): Buffer {
  const name = bytesOf(fields.name);
  return Buffer.concat([
    u32(fields.signature || 0x04034b50),
    u16(fields.versionNeeded),
    ...commonFields(fields),
    u16(nameLength(fields, name)),
    u16(fields.extraLength || fields.extra.length),
    name,
    fields.extra,
  ]);
}

function centralHeader(fields: HeaderFields): Buffer {
  const name = bytesOf(fields.name);
  return Buffer.concat([
    u32(fields.signature || 0x02014b50),
    u16(fields.versionMadeBy),
    u16(fields.versionNeeded),
    ...commonFields(fields),
    u16(nameLength(fields, name)),
    u16(fields.extraLength || fields.extra.length),
    u16(fields.commentLength || fields.comment.length),
    u16(fields.disk),
    u16(0),
    u32(fields.externalAttributes),
    u32(fields.headerOffset),
    name,
    fields.extra,
    fields.comment,
  ]);
}

/** The length that was lied about, or else that of the name, which may be a lie itself. */
function nameLength(fields: HeaderFields, name: Buffer): number {
  return fields.nameLength > 0xff00 ? fields.nameLength : name.length;
}

function commonFields(fields: HeaderFields): Buffer[] {
  return [
    u16(fields.flags),
    u16(fields.method),
    u16(0), // 00:00:00
    u16(0x5a21), // 2025-01-01
    u32(fields.crc32),
    u32(fields.compressedSize),
    u32(fields.uncompressedSize),
  ];
}

function endRecord(end: RawEnd): Buffer {
  return Buffer.concat([
    u32(end.signature),
    ...[end.disk, end.directoryDisk, end.entriesOnDisk, end.entries].map(u16),
    u32(end.directoryBytes),
    u32(end.directoryOffset),
    u16(end.commentLength),
    end.comment,
  ]);
}

function zip64End(end: RawEnd, lies: NonNullable<RawZip['zip64']>, offset: number): Buffer {
  const fields = { ...end, signature: 0x06064b50, ...lies };
  return Buffer.concat([
    u32(fields.signature),
    u64(lies.recordBytes ?? 44),
    u16(45),
    u16(45),
    u32(fields.disk),
    u32(fields.directoryDisk),
    u64(fields.entriesOnDisk),
    u64(fields.entries),
    u64(fields.directoryBytes),
    u64(fields.directoryOffset),
    lies.extensible ?? Buffer.alloc(0),
    u32(lies.locatorSignature ?? 0x07064b50),
    u32(lies.locatorDisk ?? 0),
    u64(lies.locatorOffset ?? offset),
    u32(lies.disks ?? 1),
  ]);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}
