import { readUInt64 } from './zip-records.js';

export const ZIP64 = 0x0001;
const EXTENDED_TIMESTAMP = 0x5455;

/** Extra fields by header id. */
export type ExtraFields = ReadonlyMap<number, Buffer>;

const NONE: ExtraFields = new Map();

/**
 * For each header id the number of the header that it stood in last. A set for each of 50,000 headers with a hundred
 * empty fields would take seconds.
 */
const lastSeen = new Float64Array(0x10000);
let headers = 0;

/**
 * The extra fields of one header (APPNOTE.TXT 4.5.1), views into `bytes`.
 *
 * @param known the ids that the caller has use for; the others are checked and left out
 * @returns a sentence on what is wrong where they don't fill the space exactly or one id stands twice: readers take
 *   the first, the last, or stop
 */
export function parseExtraFields(bytes: Buffer, known: ReadonlySet<number>): ExtraFields | string {
  if (bytes.length === 0) return NONE;
  headers += 1;
  let fields: Map<number, Buffer> | null = null;
  for (let offset = 0; offset < bytes.length;) {
    if (offset + 4 > bytes.length) return `${bytes.length - offset} stray bytes after its extra fields`;
    const id = bytes.readUInt16LE(offset);
    const end = offset + 4 + bytes.readUInt16LE(offset + 2);
    if (end > bytes.length) return `extra field ${hex(id)} reaches beyond the extra fields`;
    if (lastSeen[id] === headers) return `extra field ${hex(id)} stands twice`;
    // libarchive reads no archive with such a one.
    if (id === EXTENDED_TIMESTAMP && end === offset + 4) return `extra field ${hex(id)}, a timestamp, is empty`;
    lastSeen[id] = headers;
    if (known.has(id)) (fields ??= new Map<number, Buffer>()).set(id, bytes.subarray(offset + 4, end));
    offset = end;
  }
  return fields ?? NONE;
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
  // Java opens no archive with another one: three numbers at most, and the disk.
  if (![0, 8, 16, 24, 28].includes(data.length)) return `its zip64 extra field has ${data.length} bytes`;
  let next = 0;
  const values: number[] = [];
  for (const { value, sentinel } of narrow) {
    const wide = sentinel ? readUInt64(data, 8 * next++) : value;
    if (wide === null) return 'its zip64 extra field holds a number beyond 2^53';
    values.push(wide);
  }
  if (data.length === marked * 8) return values;
  // libzip takes more than what is marked only where all is there.
  if (marked > 0 && data.length < narrow.length * 8) return 'its zip64 extra field holds more than what is marked';
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

/** Whether the zip64 field is there and holds one number only. */
export function holdsOneSize(fields: ExtraFields): boolean {
  return fields.get(ZIP64)?.length === 8;
}

function hex(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`;
}
