/** A part of so many bytes: its first and last, inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header for something of so many bytes (RFC 9110 §14.1.2, §14.2); not by Express, which takes a suffix longer than
 * the whole, and a range that ends before it begins, for one that isn't there.
 *
 * @returns null for the whole: where there is no header, or one that is not well-formed, of another unit or of several ranges
 */
export function readByteRange(header: string | undefined, bytes: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const range =
    first === ''
      ? { start: Math.max(0, bytes - Number(last)), end: bytes - 1 }
      : { start: Number(first), end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return range.start < bytes ? range : 'unsatisfiable';
}
