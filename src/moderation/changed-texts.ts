import { setImmediate as letOthersIn } from 'node:timers/promises';
import type { Contents } from '../report/contents.js';
import type { FileChange } from './file-changes.js';
import { compareTexts, type TextDifference } from './text-difference.js';
import { isText } from './visible-text.js';

/**
 * Why the text of a file is left out of a difference: it was `removed` or is `binary`, is `too-large`, stands where the bounds
 * of the page were reached (`not-now`: asked for by itself it comes), or the release before is `lost` from the storage.
 */
export const textLeftOutReasons = ['removed', 'binary', 'too-large', 'not-now', 'lost'] as const;

export type TextLeftOut = (typeof textLeftOutReasons)[number];

/** A change with its text, or why that is left out. */
export interface ComparedChange extends FileChange {
  readonly text: TextDifference | null;
  readonly textLeftOut: TextLeftOut | null;
}

interface Bounds {
  /** Of either side of one file. */
  readonly fileBytes: number;
  readonly lines: number;
  readonly milliseconds: number;
  /** Of all files together. */
  readonly files: number;
  readonly allBytes: number;
  readonly allLines: number;
  readonly allMilliseconds: number;
}

const KIB = 1024;

/** A whole page of files, and one that was asked for by itself. */
const BOUNDS: Readonly<Record<'page' | 'file', Bounds>> = {
  page: {
    fileBytes: 256 * KIB,
    lines: 1_000,
    milliseconds: 200,
    files: 100,
    allBytes: 8 * KIB * KIB,
    allLines: 10_000,
    allMilliseconds: 2_000,
  },
  file: {
    fileBytes: 1_024 * KIB,
    lines: 10_000,
    milliseconds: 1_000,
    files: 1,
    allBytes: 2 * KIB * KIB,
    allLines: 10_000,
    allMilliseconds: 1_000,
  },
};

/** What is compared, and where its content is. */
export interface TextsToCompare {
  readonly files: readonly FileChange[];
  readonly after: Contents;
  /** Opens the release before, for `use`; null where there is none, or the storage has lost it. */
  readonly openBefore: <T>(use: (before: Contents | null) => Promise<T>) => Promise<T>;
  readonly bounds: keyof typeof BOUNDS;
}

/** Compares the texts of changed and added files, the first ones first, until a bound is reached. */
export async function compareChangedTexts(input: TextsToCompare): Promise<readonly ComparedChange[]> {
  const bounds = BOUNDS[input.bounds];
  const isOldNeeded = input.files.some((change) => change.kind === 'changed' && isSmall(change, bounds));
  if (!isOldNeeded) return compareAll(input, null, bounds);
  return input.openBefore((before) => compareAll(input, before, bounds));
}

function isSmall({ before, after }: FileChange, { fileBytes }: Bounds): boolean {
  return (before?.bytes ?? 0) <= fileBytes && (after?.bytes ?? 0) <= fileBytes;
}

async function compareAll(
  { files, after }: TextsToCompare,
  before: Contents | null,
  bounds: Bounds,
): Promise<readonly ComparedChange[]> {
  const spent = { files: 0, bytes: 0, lines: 0, milliseconds: 0 };
  const isSpent = (): boolean =>
    spent.files >= bounds.files ||
    spent.bytes >= bounds.allBytes ||
    spent.lines >= bounds.allLines ||
    spent.milliseconds >= bounds.allMilliseconds;
  const compared: ComparedChange[] = [];
  for (const change of files) {
    const leftOut = reasonAtOnce(change, bounds) ?? (isSpent() ? 'not-now' : null);
    const result = leftOut ?? (await compareOne(change));
    compared.push({
      ...change,
      ...(typeof result === 'string' ? { text: null, textLeftOut: result } : { text: result, textLeftOut: null }),
    });
  }
  return compared;

  async function compareOne(change: FileChange): Promise<TextDifference | TextLeftOut> {
    const { path, kind } = change;
    spent.bytes += (change.before?.bytes ?? 0) + (change.after?.bytes ?? 0);
    const fresh = await after.read(path, bounds.fileBytes);
    if (fresh === null) throw new Error('A file of an archive that can no longer be read');
    if (!isText(fresh)) return 'binary';
    if (kind === 'changed' && before === null) return 'lost';
    const old = kind === 'changed' && before !== null ? await before.read(path, bounds.fileBytes) : Buffer.alloc(0);
    if (old === null) return 'lost';
    if (!isText(old)) return 'binary';
    await letOthersIn();
    const began = performance.now();
    const difference = compareTexts(old.toString(), fresh.toString(), {
      lines: Math.min(bounds.lines, bounds.allLines - spent.lines),
      milliseconds: bounds.milliseconds,
    });
    spent.files += 1;
    spent.milliseconds += performance.now() - began;
    spent.lines += difference.added + difference.removed - difference.omittedLines;
    return difference;
  }
}

function reasonAtOnce(change: FileChange, bounds: Bounds): TextLeftOut | null {
  if (change.kind === 'removed') return 'removed';
  return isSmall(change, bounds) ? null : 'too-large';
}
