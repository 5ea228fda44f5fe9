import type { Readable } from 'node:stream';

/** Where archives are kept, by the SHA-256 of their bytes (lower-case hex). */
export interface ArchiveStore {
  /**
   * Keeps the file at `temporaryFile`, which stays where it is and must not be changed any more. When this resolves, the
   * archive survives a power cut. The same archive again changes nothing.
   */
  keep(temporaryFile: string, sha256: string): Promise<void>;
  /** The archive from byte `start` to byte `end` inclusive (whole by default); null where it is not here. */
  open(sha256: string, range?: { start: number; end: number }): Promise<Readable | null>;
  /**
   * An address at which anybody gets the archive, under that name, for so many seconds; null where there is none. Only of stores that
   * hand out archives themselves.
   */
  linkTo?(sha256: string, as: { readonly fileName: string; readonly seconds: number }): Promise<string | null>;
  /** Resolves where archives can be written and read; rejects saying why not. */
  check(): Promise<void>;
}
