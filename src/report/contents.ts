/** What is known of one regular file of an app. */
export interface FileFacts {
  readonly bytes: number;
  /** SHA-512 of the content, lower-case hex. */
  readonly sha512: string;
}

/** The files of one app, read and hashed, wherever they came from: an archive or a folder. */
export interface Contents {
  /** Path relative to the app's own folder, with `/`, as it stands in the archive → facts. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /**
   * The content of one file of {@link files}, read again from where it lies.
   *
   * @returns null where there is no such file or it is longer than `maxBytes`.
   */
  read(path: string, maxBytes: number): Promise<Buffer | null>;
}
