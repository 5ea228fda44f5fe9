import { open } from 'node:fs/promises';

/** More than any key, signing request or bundle of certificates has. */
export const KEY_FILE_BYTES = 1024 * 1024;

/** More than any revocation list has: parseRevocationList reads 32 MiB, and PEM takes four thirds of it. */
export const LIST_FILE_BYTES = 48 * 1024 * 1024;

/** A file is larger than what it was named for ever is. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/**
 * Reads a file of at most so many bytes. Its size is not asked: devices and pipes have none.
 *
 * @throws TooLargeError where it goes on beyond them; the file system's error
 */
export async function readWithin(path: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; ;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      total += bytesRead;
      if (total > maxBytes) throw new TooLargeError(`it has more than ${maxBytes} bytes`);
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
