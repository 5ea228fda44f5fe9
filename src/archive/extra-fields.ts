import { crc32 } from './crc-32.js';
import { readUInt64 } from './zip-records.js';

/** Header ids of APPNOTE.TXT 4.5.2 and of Info-ZIP's proginfo/extrafld.txt that can change what an entry *is*. */
const ZIP64 = 0x0001;
const LANGUAGE_ENCODING = 0x0008;
const PKWARE_UNIX = 0x000d;
const STRONG_ENCRYPTION = 0x0017;
const XCEED_UNICODE = 0x554e;
const UNICODE_PATH = 0x7075;
const ASI_UNIX = 0x756e;
const WINZIP_AES = 0x9901;

/** Up to here a PKWARE Unix field holds times and owners; what follows is a link target or device numbers. */
const PKWARE_UNIX_FIXED_BYTES = 12;

/** Extra fields by header id. */
export type ExtraFields = ReadonlyMap<number, Buffer>;

const NONE: ExtraFields = new Map();

/**
 * The extra fields of one header (APPNOTE.TXT 4.5.1), views into `bytes`.
 *
 * @returns a sentence on what is wrong where they don't fill the space exactly or one id stands twice: readers take
 *   the first, the last, or stop
 */
export function parseExtraFields(bytes: Buffer): ExtraFields | string {
  if (bytes.length === 0) return NONE;
  const fields = new Map<number, Buffer>();
  for (let offset = 0; offset < bytes.length;) {
    if (offset + 4 > bytes.length) return `${bytes.length - offset} stray bytes after its extra fields`;
    const id = bytes.readUInt16LE(offset);
    const end = offset + 4 + bytes.readUInt16LE(offset + 2);
    if (end > bytes.length) return `extra field ${hex(id)} reaches beyond the extra fields`;
    if (fields.has(id)) return `extra field ${hex(id)} stands twice`;
    fields.set(id, bytes.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}

/** The values of one header that its zip64 extra field may widen, in the order of APPNOTE.TXT 4.5.3. */
export interface WidenedField {
  readonly value: number;
  readonly sentinel: boolean;
}

/**
 * The true values of 32-bit fields and their zip64 twins (APPNOTE.TXT 4.5.3).
 *
 * The field holds only what is marked by a sentinel, in order. Some writers put everything in, marked or not; readers
 * by position and readers by sentinel must then come to the same values.
 *
 * @returns a sentence where a sentinel has no twin, twins disagree, or the two ways to read differ
 */
export function widen(fields: ExtraFields, narrow: readonly WidenedField[]): readonly number[] | string {
  const data = fields.get(ZIP64);
  const marked = narrow.filter(({ sentinel }) => sentinel).length;
  if (data === undefined) {
    return marked === 0 ? narrow.map(({ value }) => value) : 'a size of 0xFFFFFFFF without a zip64 extra field';
  }
  if (data.length < marked * 8) return 'its zip64 extra field is too short';
  let next = 0;
  const values: number[] = [];
  for (const { value, sentinel } of narrow) {
    const wide = sentinel ? readUInt64(data, 8 * next++) : value;
    if (wide === null) return 'its zip64 extra field holds a number beyond 2^53';
    values.push(wide);
  }
  if (data.length === marked * 8) return values;
  return agreesByPosition(data, values) ? values : 'its zip64 extra field disagrees with its 32-bit fields';
}

function agreesByPosition(data: Buffer, values: readonly number[]): boolean {
  const wideFields = Math.floor(data.length / 8);
  // Four bytes more are the disk number, which must be 0; anything else is not a zip64 field.
  const rest = data.subarray(8 * wideFields);
  const disk = rest.length === 0 || (rest.length === 4 && rest.readUInt32LE(0) === 0);
  if (!disk || wideFields > values.length) return false;
  return values.slice(0, wideFields).every((value, index) => readUInt64(data, 8 * index) === value);
}

/** Whether a zip64 field is there: then the data descriptor's sizes are eight bytes wide (APPNOTE.TXT 4.3.9.2). */
export function hasZip64(fields: ExtraFields): boolean {
  return fields.has(ZIP64);
}

/**
 * Whether some reader would unpack the entry under another name because of an extra field. A Unicode path that
 * repeats the name, as Info-ZIP and JSZip write it, is innocent.
 */
export function renames(fields: ExtraFields, name: Buffer): boolean {
  if (fields.size === 0) return false;
  if (fields.has(XCEED_UNICODE) || fields.has(LANGUAGE_ENCODING)) return true;
  const path = fields.get(UNICODE_PATH);
  if (path === undefined) return false;
  // Version 1, CRC-32 of the name it belongs to, name (APPNOTE.TXT 4.6.9). Readers ignore a field whose CRC is wrong,
  // or don't.
  return path.length < 5 || path[0] !== 1 || path.readUInt32LE(1) !== crc32(name) || !path.subarray(5).equals(name);
}

/** Whether the fields say that the entry's data is encrypted, whatever its flags say. */
export function claimsEncryption(fields: ExtraFields): boolean {
  return fields.has(STRONG_ENCRYPTION) || fields.has(WINZIP_AES);
}

/** What the Unix fields of an entry make of it: its mode, or a link or device by data of its own; null where silent. */
export function unixKind(fields: ExtraFields): { readonly mode: number } | 'link or device' | null {
  if (fields.size === 0) return null;
  const asi = fields.get(ASI_UNIX);
  // CRC, mode, length of the link target or device numbers.
  if (asi !== undefined) return asi.length < 6 ? 'link or device' : { mode: asi.readUInt16LE(4) };
  const pkware = fields.get(PKWARE_UNIX);
  return pkware !== undefined && pkware.length > PKWARE_UNIX_FIXED_BYTES ? 'link or device' : null;
}

function hex(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`;
}
