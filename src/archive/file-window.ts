import type { FileHandle } from 'node:fs/promises';

const WINDOW_BYTES = 64 * 1024;

/** Random access to a file through one buffer that slides over it. */
export interface FileWindow {
  /** Length of the file when it was opened. */
  readonly bytes: number;
  /**
   * `length` bytes from `offset` on: a view that holds until the next call.
   *
   * @throws RangeError where that reaches beyond the file; Error where the file was cut short meanwhile.
   */
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * A window of 64 KiB over `handle`. Headers lie close together, so that most reads cost no system call; reads longer
 * than the window get a buffer of their own.
 */
export function fileWindow(handle: FileHandle, bytes: number): FileWindow {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(WINDOW_BYTES, bytes)));
  let start = 0;
  let filled = 0;
  return {
    bytes,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes)) {
        throw new RangeError(`bytes ${offset} to ${offset + length} lie outside a file of ${bytes}`);
      }
      if (length > buffer.length) return readExactly(handle, Buffer.allocUnsafe(length), offset);
      if (offset < start || offset + length > start + filled) {
        filled = 0;
        start = offset;
        filled = (await readExactly(handle, buffer.subarray(0, Math.min(buffer.length, bytes - offset)), offset))
          .length;
      }
      return buffer.subarray(offset - start, offset - start + length);
    },
  };
}

/** Bytes `start` up to but not including `end` of `handle`, in chunks that are the receiver's to keep. */
export async function* fileChunks(
  handle: FileHandle,
  start: number,
  end: number,
  chunkBytes = 2 * WINDOW_BYTES,
): AsyncGenerator<Buffer, void, void> {
  for (let offset = start; offset < end;) {
    const chunk = await readExactly(handle, Buffer.allocUnsafe(Math.min(chunkBytes, end - offset)), offset);
    yield chunk;
    offset += chunk.length;
  }
}

async function readExactly(handle: FileHandle, into: Buffer, offset: number): Promise<Buffer> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${offset + done}: it was cut short while it was read`);
    done += bytesRead;
  }
  return into;
}
