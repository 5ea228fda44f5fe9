import { crc32 } from 'node:zlib';
import { extraField, honestFields, localHeader, rawZip, u16, u32, type RawEntry, type RawZip } from '../raw-zip.js';

export const good: RawEntry = { name: 'app/a.txt', data: 'the first file' };
export const other: RawEntry = { name: 'app/b.txt', data: 'the second file' };
/** A name that stands in one place only, for one kind of reader. */
export const EVIL = Buffer.from('app/evil.txt');

/** Signatures of APPNOTE.TXT 4.3, as bytes. */
export const LOCAL_SIGNATURE = u32(0x04034b50);
export const CENTRAL_SIGNATURE = u32(0x02014b50);
export const DESCRIPTOR_SIGNATURE = u32(0x08074b50);
/** The end record of a zip without entries. */
export const EMPTY_ZIP = rawZip({ entries: [] });

/** A zip of these entries, honest but for what they lie about. */
export function zip(...entries: readonly RawEntry[]): Buffer {
  return rawZip({ entries });
}

/** A good entry and this one. */
export function withEntry(entry: RawEntry): Buffer {
  return zip(good, entry);
}

/** A good entry and one with this name, empty where it is a folder's. */
export function withName(name: string | Buffer): Buffer {
  return withEntry({ name, data: name.toString('latin1').endsWith('/') ? '' : 'x' });
}

/** Two good entries, and something else around them. */
export function built(rest: Omit<RawZip, 'entries'>): Buffer {
  return rawZip({ entries: [good, other], ...rest });
}

/** A good entry, and one with these extra fields in both headers. */
export function extended(extra: Buffer): Buffer {
  return withEntry({ ...other, both: { extra } });
}

/** The local header of `entry` and the data behind it. */
export function localPart(entry: RawEntry): Buffer {
  return rawZip({ entries: [{ ...entry, omit: 'central' }] }).subarray(0, -22);
}

/** The central header of `entry`. */
export function centralPart(entry: RawEntry): Buffer {
  return rawZip({ entries: [{ ...entry, omit: 'local' }] }).subarray(0, -22);
}

/** The local header of `entry` alone. */
export function headerOf(entry: RawEntry): Buffer {
  return localHeader(honestFields(entry, 0));
}

/** Info-ZIP's Unicode path field (APPNOTE.TXT 4.6.9): another name for the entry called `of`. */
export function unicodePath(of: string | Buffer, name: string | Buffer, version = 1): Buffer {
  return extraField(0x7075, Buffer.concat([Buffer.from([version]), u32(crc32(of)), Buffer.from(name)]));
}

/** The ASi Unix field (Info-ZIP's extrafld.txt): CRC of the rest, mode, link length or device, owner, link target. */
export function asiUnix(mode: number, link = '', device = 0): Buffer {
  const rest = Buffer.concat([u16(mode), u32(link.length || device), u16(0), u16(0), Buffer.from(link)]);
  return extraField(0x756e, Buffer.concat([u32(crc32(rest)), rest]));
}

/** The PKWARE Unix field (APPNOTE.TXT 4.5.7): times, owner, and then a link target or device numbers. */
export function pkwareUnix(rest: Buffer): Buffer {
  return extraField(0x000d, Buffer.concat([Buffer.alloc(12), rest]));
}

/** A deflate block that stores `data` as it stands (RFC 1951, 3.2.4); 65,535 bytes at most. */
export function storedBlock(data: Buffer, { final = false } = {}): Buffer {
  return Buffer.concat([Buffer.from([final ? 1 : 0]), u16(data.length), u16(data.length ^ 0xffff), data]);
}

/** An end record of these counts, for what is put together by hand. */
export function endRecord(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  return Buffer.concat([
    u32(0x06054b50),
    u16(0),
    u16(0),
    u16(entries),
    u16(entries),
    u32(directoryBytes),
    u32(directoryOffset),
    u16(0),
  ]);
}
