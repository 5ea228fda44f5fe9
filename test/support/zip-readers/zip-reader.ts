import type { Reading, ReadingLimits } from './reading.js';

/** One independent reader of zip archives. */
export interface ZipReader {
  readonly name: string;
  /** The program that must be there for it. */
  readonly needs: string;
  /** `directory`: goes by the central directory. `stream`: from the front, by local headers. */
  readonly goesBy: 'directory' | 'stream';
  isInstalled(): boolean;
  /** As the program says it, in one line. */
  version(): string;
  /** One reading an archive, in the same order. Never throws for what an archive holds. */
  readAll(zips: readonly string[], limits?: ReadingLimits): Promise<readonly Reading[]>;
}
