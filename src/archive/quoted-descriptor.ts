import { crc32 } from './crc-32.js';
import type { FileWindow } from './file-window.js';
import { DATA_DESCRIPTOR_SIGNATURE, uint32Bytes } from './zip-records.js';

const CHUNK_BYTES = 64 * 1024;
/** Signature and CRC: so much of a descriptor is what libarchive looks for. */
const SOUGHT_BYTES = 8;

/**
 * Where stored data holds a data descriptor that tells the CRC of the data before it, or null.
 *
 * libarchive, reading from a pipe, takes such a place for the end of a stored entry that has a descriptor, whatever size
 * the local header tells.
 */
export async function findQuotedDescriptor(file: FileWindow, start: number, end: number): Promise<number | null> {
  const signature = uint32Bytes(DATA_DESCRIPTOR_SIGNATURE);
  let crc = 0;
  for (let offset = start; offset + SOUGHT_BYTES <= end;) {
    const chunk = await file.read(offset, Math.min(CHUNK_BYTES, end - offset));
    // What is left over of a chunk is the beginning of the next one, so that none is overlooked on the border.
    const sought = chunk.length - SOUGHT_BYTES + 1;
    let done = 0;
    for (let at = chunk.indexOf(signature); at >= 0 && at < sought; at = chunk.indexOf(signature, at + 1)) {
      crc = crc32(chunk.subarray(done, at), crc);
      done = at;
      if (chunk.readUInt32LE(at + 4) === crc) return offset + at;
    }
    crc = crc32(chunk.subarray(done, sought), crc);
    offset += sought;
  }
  return null;
}
