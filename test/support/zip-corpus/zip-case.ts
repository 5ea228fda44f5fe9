import type { Limits } from '../../../src/archive/limits.js';
import type { FindingCode } from '../../../src/report/catalogue.js';

/** One archive of the corpus: what it is, how it is built, and what the gate says of it. */
export interface ZipCase {
  /** In lower case with hyphens; the file is called after it. */
  readonly name: string;
  /** One sentence. */
  readonly what: string;
  /** Every code that the reader reports, sorted: errors for a hostile archive, warnings at most for an ordinary one. */
  readonly codes: readonly FindingCode[];
  /** Limits other than the default ones, which make it hostile. */
  readonly limits?: Partial<Limits>;
  /** Too large to be kept as a file. */
  readonly inMemory?: true;
  build(): Buffer;
}

/** Cases about one thing. */
export interface ZipCaseGroup {
  /** A heading. */
  readonly about: string;
  readonly cases: readonly ZipCase[];
}

/** A case in the order in which a table is read. */
export function zipCase(
  name: string,
  codes: FindingCode | readonly FindingCode[],
  what: string,
  build: () => Buffer,
  more: Pick<ZipCase, 'limits' | 'inMemory'> = {},
): ZipCase {
  const all = typeof codes === 'string' ? [codes] : [...codes];
  return { name, what, codes: all.sort(), build, ...more };
}
