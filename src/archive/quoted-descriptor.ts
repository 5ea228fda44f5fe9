import { crc32 } from './crc-32.js';
import type { FileWindow } from './file-window.js';
import { DATA_DESCRIPTOR_SIGNATURE, uint32Bytes } from './zip-records.js';

const CHUNK_BYTES = 64 * 1024;
/** Signature and CRC: so much of a descriptor is what libarchive looks for. */
const SOUGHT_BYTES = 8;
/**
 * In one archive. Every signature costs a step of its own, and data may consist of them. More than an archive may have
 * entries, so that a nested one with a descriptor for each is not refused for that.
 */
const MAX_PLACES = 100_000;

/** Where data quotes a descriptor, whether it has more places to look at than are looked at, or neither. */
export type QuotedDescriptor = number | 'too many places' | null;

/**
 * A search for stored data, from `start` up to `end`, in which a data descriptor begins that tells the CRC of the data
 * before it, also where it ends in the record behind. The places looked at are counted over all calls. Where the time
 * is up, nothing more is found: `keepGoing` has said so then.
 *
 * libarchive, reading from a pipe, takes such a place for the end of a stored entry that has a descriptor, whatever size
 * the local header tells.
 */
export function quotedDescriptorSearch(
  file: FileWindow,
  keepGoing: () => boolean,
): (start: number, end: number) => Promise<QuotedDescriptor> {
  const signature = uint32Bytes(DATA_DESCRIPTOR_SIGNATURE);
  let places = 0;
  return async (start, end) => {
    const limit = Math.min(end + SOUGHT_BYTES - 1, file.bytes);
    let crc = 0;
    for (let offset = start; offset + SOUGHT_BYTES <= limit;) {
      if (!keepGoing()) return null;
      const chunk = await file.read(offset, Math.min(CHUNK_BYTES, limit - offset));
      // What is left over of a chunk is the beginning of the next one, so that none is overlooked on the border.
      const sought = chunk.length - SOUGHT_BYTES + 1;
      let done = 0;
      for (let at = chunk.indexOf(signature); at >= 0 && at < sought; at = chunk.indexOf(signature, at + 1)) {
        places += 1;
        if (places > MAX_PLACES) return 'too many places';
        crc = crc32(chunk.subarray(done, at), crc);
        done = at;
        if (chunk.readUInt32LE(at + 4) === crc) return offset + at;
      }
      crc = crc32(chunk.subarray(done, sought), crc);
      offset += sought;
    }
    return null;
  };
}
