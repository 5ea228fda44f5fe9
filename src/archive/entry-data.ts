import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { DEFLATED } from './entry-rules.js';
import { errorCode } from './error-code.js';
import { fileChunks, type FileWindow } from './file-window.js';

/** Where the data of one entry lies and what is declared of it. */
export interface EntryData {
  readonly method: number;
  readonly dataOffset: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

/** How the reading of one entry's data ended. */
export type DataEnd =
  | { readonly kind: 'whole' }
  /** The receiver said stop. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'too long' }
  /** The deflate stream is broken, or goes on beyond the entry's data. */
  | { readonly kind: 'corrupt'; readonly reason: string }
  /** The deflate stream ended, after `consumed` bytes, before the entry's data did. */
  | { readonly kind: 'data after stream'; readonly consumed: number };

// Below these an entry is inflated in one go, without the dozen objects and thread switches of a stream: most files of
// an app are small, and a few milliseconds are the longest that anything else then waits.
const SMALL_COMPRESSED_BYTES = 64 * 1024;
const SMALL_INFLATED_BYTES = 512 * 1024;

/**
 * Reads the data of one entry and inflates it, never holding more than a chunk. Gives up at the first byte beyond the
 * declared size.
 *
 * @param take gets every chunk, valid until it returns; false stops the reading
 * @throws what the file system throws; never for what the archive holds
 */
export async function readEntryData(
  handle: FileHandle,
  window: FileWindow,
  entry: EntryData,
  take: (chunk: Buffer) => boolean,
): Promise<DataEnd> {
  const small = entry.compressedSize <= SMALL_COMPRESSED_BYTES && entry.uncompressedSize <= SMALL_INFLATED_BYTES;
  if (entry.method === DEFLATED) {
    return small
      ? inflateAtOnce(await window.read(entry.dataOffset, entry.compressedSize), entry, take)
      : inflateStream(handle, entry, take);
  }
  if (small)
    return take(await window.read(entry.dataOffset, entry.compressedSize)) ? { kind: 'whole' } : { kind: 'stopped' };
  for await (const chunk of rawChunks(handle, entry)) {
    if (!take(chunk)) return { kind: 'stopped' };
  }
  return { kind: 'whole' };
}

function inflateAtOnce(compressed: Buffer, entry: EntryData, take: (chunk: Buffer) => boolean): DataEnd {
  let inflated: InflatedWithInfo;
  try {
    // One byte of room more than declared, so that the result needs no second chunk.
    const chunkSize = Math.max(64, entry.uncompressedSize + 1);
    const options = { info: true, chunkSize, maxOutputLength: Math.max(1, entry.uncompressedSize) };
    inflated = inflateRawSync(compressed, options) as unknown as InflatedWithInfo;
  } catch (error) {
    return dataEndOf(error);
  }
  if (inflated.buffer.length > entry.uncompressedSize) return { kind: 'too long' };
  if (!take(inflated.buffer)) return { kind: 'stopped' };
  return endOfStream(inflated.engine.bytesWritten, entry);
}

/** What zlib's one-shot functions return with the option `info`, which their types leave out. */
interface InflatedWithInfo {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

async function inflateStream(handle: FileHandle, entry: EntryData, take: (chunk: Buffer) => boolean): Promise<DataEnd> {
  const raw = Readable.from(rawChunks(handle, entry), { objectMode: false });
  const inflate = createInflateRaw({ chunkSize: 64 * 1024 });
  raw.on('error', (error) => inflate.destroy(error));
  raw.pipe(inflate);
  let bytes = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) return { kind: 'too long' };
      if (!take(chunk)) return { kind: 'stopped' };
    }
    return endOfStream(inflate.bytesWritten, entry);
  } catch (error) {
    return dataEndOf(error);
  } finally {
    raw.unpipe(inflate);
    raw.destroy();
    inflate.destroy();
  }
}

function rawChunks(handle: FileHandle, { dataOffset, compressedSize }: EntryData): AsyncGenerator<Buffer, void, void> {
  return fileChunks(handle, dataOffset, dataOffset + compressedSize);
}

/** zlib stops at the end of the deflate stream and lets what follows lie: a place to hide bytes in. */
function endOfStream(consumed: number, entry: EntryData): DataEnd {
  return consumed === entry.compressedSize ? { kind: 'whole' } : { kind: 'data after stream', consumed };
}

function dataEndOf(error: unknown): DataEnd {
  const code = errorCode(error) ?? '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'too long' };
  if (code.startsWith('Z_')) return { kind: 'corrupt', reason: String(error) };
  throw error;
}
