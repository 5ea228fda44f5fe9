/** What an archive may cost. Sizes in bytes; all counted on what really comes out, not on what is declared. */
export interface Limits {
  readonly archiveBytes: number;
  readonly inflatedBytes: number;
  readonly fileBytes: number;
  readonly entries: number;
  /** Inflated to compressed, of one file and of the whole; counts only for what inflates past {@link RATIO_FREE_BYTES}. */
  readonly ratio: number;
  /** Bytes of UTF-8. */
  readonly pathBytes: number;
  readonly pathDepth: number;
  readonly infoXmlBytes: number;
  readonly signatureFileBytes: number;
  /** Milliseconds for the whole inspection. */
  readonly inspectionMs: number;
}

/** Real text compresses well: up to this many bytes any ratio is fine. */
export const RATIO_FREE_BYTES = 16 * 1024 * 1024;

const MIB = 1024 * 1024;

export const defaultLimits: Limits = {
  archiveBytes: 50 * MIB,
  inflatedBytes: 250 * MIB,
  fileBytes: 100 * MIB,
  entries: 50_000,
  ratio: 100,
  pathBytes: 1_024,
  pathDepth: 32,
  infoXmlBytes: 1 * MIB,
  signatureFileBytes: 8 * MIB,
  inspectionMs: 60_000,
};

/**
 * How many bytes the names of all entries may have together: 170 for each of as many as are allowed. The names of a
 * node_modules have 60 on average. In memory a name is there several times, at up to two bytes a byte, so that the limit
 * on a single one can't be what bounds them.
 */
export function maxAllNamesBytes({ entries }: Limits): number {
  return entries * 170;
}
