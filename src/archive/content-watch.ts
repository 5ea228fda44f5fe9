/** Whoever wants to see the content of every file on its way to the hash, so that nothing has to be read twice for it. */
export interface ContentWatch {
  /**
   * A file begins.
   *
   * @param path relative to the app's folder, as in the contents; of two entries with one name, which has its finding, both
   * @param bytes how long it says it is, which what comes may contradict
   */
  file(path: string, bytes: number): FileWatch;
}

/** Sees one file. It must not throw for what the file holds. */
export interface FileWatch {
  /** The next bytes, which belong to the reader again when this returns. */
  take(chunk: Buffer): void;
  /** Nothing more comes: the file ended, or its reading did. */
  end(): void;
}
