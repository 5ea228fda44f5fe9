import type { Readable } from 'node:stream';

/** Where archives are kept, by the SHA-256 of their bytes (lower-case hex). */
export interface ArchiveStore {
  /**
   * Keeps the file at `temporaryFile`, which stays where it is and must not be changed any more. When this resolves, the
   * archive survives a power cut. The same archive again changes nothing, and mends what was damaged meanwhile.
   */
  keep(temporaryFile: string, sha256: string): Promise<void>;
  /**
   * The archive from byte `start` to byte `end` inclusive (whole by default); null where it is not here, and only there: a
   * storage that can't be asked rejects. What breaks off in the middle ends in an error, never as if it were whole.
   *
   * @param bytes how long the whole is to be: where it is longer or shorter, that rejects
   */
  open(sha256: string, range?: { start: number; end: number }, bytes?: number): Promise<Readable | null>;
  /**
   * An address at which anybody gets the archive, under that name, for so many seconds; null where there is none. Only of stores that
   * hand out archives themselves. It says nothing of whether the archive is there.
   */
  linkTo?(sha256: string, as: { readonly fileName: string; readonly seconds: number }): Promise<string | null>;
  /** Resolves where archives can be written and read; rejects saying why not. */
  check(): Promise<void>;
}

/**
 * A storage of others could not do what it was asked to. The message names what they call it, and holds nothing else that came
 * from them: what they say of a wrong signature, say, has parts of the request in it.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  /** What the system says of a disk that fails: whoever knows that knows this. */
  readonly code = 'EIO';
}

/** The storage has something in the place of what was kept. */
export function otherLength(): StorageError {
  return new StorageError('The storage has the archive in another length than it was kept');
}

/**
 * What the archive is called where it is kept: `ab/cdef…` and the ending, two levels so that no folder grows huge.
 *
 * @throws Error where that is no digest, which would be a way out of the folder
 */
export function storedName(sha256: string, ending: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('Not a SHA-256 in hex');
  return `${sha256.slice(0, 2)}/${sha256.slice(2)}${ending}`;
}
