import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Limits } from '../../../src/archive/limits.js';
import { hostileCases, ordinaryCases } from './cases.js';
import type { ZipCase } from './zip-case.js';

/** The two folders of archives. */
export type CorpusFolder = 'accept' | 'reject';

/** One line of `cases.json`. */
export interface CorpusLine {
  /** `accept/NAME.zip` or `reject/NAME.zip`, relative to {@link corpusFolder}. */
  readonly file: string;
  readonly what: string;
  /** Sorted. */
  readonly codes: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Too large to be kept: there is no such file, tests build it. */
  readonly inMemory?: true;
}

/** One archive, wherever it comes from. */
export interface CorpusArchive extends CorpusLine {
  /** Builds it, or reads the file that a real tool made. */
  bytes(): Buffer;
}

/** `test/fixtures/zips` */
export const corpusFolder = fileURLToPath(new URL('../../fixtures/zips/', import.meta.url));

/** What the name of a file begins with that a real tool made, and no builder of ours. */
export const SNAPSHOT_PREFIX = 'by-';

/** The lines of `cases.json`, in the order of their files; none where it isn't there yet. */
export function readCorpusLines(): readonly CorpusLine[] {
  const file = `${corpusFolder}cases.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CorpusLine[]) : [];
}

/** Whether a real tool made it. */
export function isSnapshot({ file }: CorpusLine): boolean {
  return basename(file).startsWith(SNAPSHOT_PREFIX);
}

/** The line of a case that we build. */
export function lineOf(folder: CorpusFolder, { name, what, codes, limits, inMemory }: ZipCase): CorpusLine {
  return {
    file: `${folder}/${name}.zip`,
    what,
    codes,
    ...(limits && { limits }),
    ...(inMemory && { inMemory }),
  };
}

/** The one table: every archive that we build, and every one that a real tool made. */
export function corpusArchives(): readonly CorpusArchive[] {
  const built = (folder: CorpusFolder, cases: readonly ZipCase[]): readonly CorpusArchive[] =>
    cases.map((zipCase) => ({ ...lineOf(folder, zipCase), bytes: () => zipCase.build() }));
  const made = readCorpusLines()
    .filter(isSnapshot)
    .map((line) => ({ ...line, bytes: () => readFileSync(corpusFolder + line.file) }));
  return [...built('reject', hostileCases), ...built('accept', ordinaryCases), ...made];
}
