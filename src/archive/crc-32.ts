import * as zlib from 'node:zlib';

/**
 * CRC-32 as zip uses it (ISO 3309, polynomial 0xEDB88320 reflected), unsigned.
 *
 * @param previous the value over the bytes before these, 0 at the beginning
 */
export const crc32: (bytes: Uint8Array, previous?: number) => number =
  // node:zlib has it since 20.15 only, and a named import of what isn't there keeps a module from loading at all.
  typeof zlib.crc32 === 'function' ? (bytes, previous = 0) => zlib.crc32(bytes, previous) : crc32ByTable;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** The same in plain JavaScript, for Node 20.0 to 20.14. */
export function crc32ByTable(bytes: Uint8Array, previous = 0): number {
  let value = ~previous;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
}
