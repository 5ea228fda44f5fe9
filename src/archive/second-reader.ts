import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import yauzl, { type Entry, type RandomAccessReader } from 'yauzl';
import { isNamed } from './entry-name.js';
import { errorCode } from './error-code.js';
import { fileChunks, fileWindow } from './file-window.js';
import type { ZipEntry } from './zip-directory.js';

/**
 * The entries of an archive as yauzl lists them, over a sliding window instead of two system calls an entry. The
 * handle stays ours: yauzl never closes it.
 *
 * @returns entry by entry; instead of one that yauzl can't read a sentence of its, and then no more
 * @throws what the file system throws
 */
export async function* entriesByYauzl(handle: FileHandle, bytes: number): AsyncGenerator<Entry | string, void, void> {
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(readerOver(handle, bytes), bytes, {
      autoClose: false,
      lazyEntries: true,
      // Names stay bytes, which is what we compare; else yauzl guesses a code page and turns \ into /.
      decodeStrings: false,
      strictFileNames: true,
      // A wrong size is a finding about one entry, not the end of the reading. It is counted on the actual bytes.
      validateEntrySizes: false,
    });
    for await (const entry of zip.eachEntry()) yield entry;
  } catch (error) {
    // What the file system reports has a code; yauzl's opinions on the archive have none.
    if (errorCode(error) !== null) throw error;
    yield String(error);
  }
}

function readerOver(handle: FileHandle, bytes: number): RandomAccessReader {
  const window = fileWindow(handle, bytes);
  const read: RandomAccessReader['read'] = (buffer, offset, length, position, callback) => {
    window.read(position, length).then(
      (view) => {
        view.copy(buffer, offset);
        callback(null);
      },
      // Reading beyond the file is for yauzl to report, as its own reader would.
      (error: unknown) => {
        callback(error as Error);
      },
    );
  };
  const createReadStream: RandomAccessReader['createReadStream'] = ({ start, end }) =>
    Readable.from(fileChunks(handle, start, end), { objectMode: false });
  // yauzl's base class counts references to know when to close the file; ours stays open until its owner closes it.
  const reader = Object.create(yauzl.RandomAccessReader.prototype) as RandomAccessReader;
  return Object.assign(reader, {
    read,
    createReadStream,
    close: (callback: (error: Error | null) => void) => {
      callback(null);
    },
    ref: () => undefined,
    unref: () => undefined,
  });
}

/** Whether yauzl read the same entry as we did, in everything that decides on its name and its bytes. */
export function agrees(ours: ZipEntry, theirs: Entry): boolean {
  return (
    isNamed(ours, theirs.fileNameRaw) &&
    ours.headerOffset === theirs.relativeOffsetOfLocalHeader &&
    ours.compressedSize === theirs.compressedSize &&
    ours.uncompressedSize === theirs.uncompressedSize &&
    ours.crc32 === theirs.crc32 &&
    ours.method === theirs.compressionMethod &&
    ours.flags === theirs.generalPurposeBitFlag
  );
}
