import { diffArrays } from 'diff';
import { visibleLine } from './visible-text.js';

/** One line of a comparison. */
export interface DifferenceLine {
  readonly kind: 'same' | 'removed' | 'added';
  /** Its number in the older text, counted from 1; null where it isn't there. */
  readonly before: number | null;
  readonly after: number | null;
  /** With everything that could mislead made visible, and cut to a piece where it is long. */
  readonly text: string;
  /** How many characters are left out before that piece, and behind it. */
  readonly cutBefore: number;
  readonly cutAfter: number;
}

/** How two texts differ, line by line. */
export interface TextDifference {
  readonly added: number;
  readonly removed: number;
  /** Runs of changed lines with a few unchanged ones around them. */
  readonly hunks: readonly (readonly DifferenceLine[])[];
  /** How many changed lines are left out beyond those listed. */
  readonly omittedLines: number;
  /** True where the texts differ in so much that only their common beginning and end were told from the rest. */
  readonly isCoarse: boolean;
}

/** What a comparison may cost. */
export interface TextDifferenceLimits {
  /** Changed lines that are listed. */
  readonly lines: number;
  /** Of the search for the shortest way from one text to the other. */
  readonly milliseconds: number;
}

/** Texts further apart are not compared in detail: what that costs grows with the square of it. */
const MAX_EDITS = 1_000;

const CONTEXT_LINES = 3;
const MAX_LINE_CHARACTERS = 400;
/** How much of a long line is shown before the first character that differs. */
const LEAD_CHARACTERS = 80;

interface Run {
  readonly kind: DifferenceLine['kind'];
  readonly lines: readonly string[];
}

/**
 * Compares two texts line by line, within bounds: where finding the shortest way from one to the other takes too long,
 * everything between their common beginning and end counts as changed.
 *
 * @param before '' for a file that is new
 */
export function compareTexts(before: string, after: string, limits: TextDifferenceLimits): TextDifference {
  const { runs, isCoarse } = runsOf(linesOf(before), linesOf(after), limits.milliseconds);
  const count = (kind: DifferenceLine['kind']): number =>
    runs.filter((run) => run.kind === kind).reduce((sum, { lines }) => sum + lines.length, 0);
  const added = count('added');
  const removed = count('removed');
  const { hunks, listed } = hunksOf(runs, limits.lines);
  return { added, removed, hunks, omittedLines: added + removed - listed, isCoarse };
}

/** The two texts of a hunk beside each other: what was removed faces what was added in its place. */
export function sideBySide(
  hunk: readonly DifferenceLine[],
): readonly { readonly before: DifferenceLine | null; readonly after: DifferenceLine | null }[] {
  const rows: { before: DifferenceLine | null; after: DifferenceLine | null }[] = [];
  let removed: DifferenceLine[] = [];
  let added: DifferenceLine[] = [];
  const flush = (): void => {
    for (let row = 0; row < Math.max(removed.length, added.length); row++) {
      rows.push({ before: removed[row] ?? null, after: added[row] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of hunk) {
    if (line.kind === 'removed') removed.push(line);
    else if (line.kind === 'added') added.push(line);
    else {
      flush();
      rows.push({ before: line, after: line });
    }
  }
  flush();
  return rows;
}

/** A line break at the end begins no other line; that it is missing is told by the line, which differs then. */
function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''}${NO_LINE_BREAK}`);
  return lines;
}

/** Stands at the end of a last line without a line break: what holds NUL is no text, and not compared. */
const NO_LINE_BREAK = '\0';

function runsOf(
  before: readonly string[],
  after: readonly string[],
  milliseconds: number,
): { readonly runs: readonly Run[]; readonly isCoarse: boolean } {
  const head = commonLength(before, after, 0);
  const tail = commonLength(before.toReversed(), after.toReversed(), head);
  const middle = <T>(lines: readonly T[]): T[] => lines.slice(head, lines.length - tail);
  const [old, fresh] = [middle(before), middle(after)];
  const isOneSided = old.length === 0 || fresh.length === 0;
  const found = isOneSided
    ? undefined
    : diffArrays(old, fresh, { maxEditLength: MAX_EDITS, timeout: milliseconds })?.map(
        ({ added, removed, value }): Run => ({ kind: added ? 'added' : removed ? 'removed' : 'same', lines: value }),
      );
  const changed: readonly Run[] = found ?? [
    { kind: 'removed', lines: old },
    { kind: 'added', lines: fresh },
  ];
  const runs: readonly Run[] = [
    { kind: 'same', lines: before.slice(0, head) },
    ...changed,
    { kind: 'same', lines: before.slice(before.length - tail) },
  ];
  return { runs: runs.filter(({ lines }) => lines.length > 0), isCoarse: found === undefined && !isOneSided };
}

/** How many first lines are alike, without the first `taken` ones of each counted from the other end. */
function commonLength(one: readonly string[], other: readonly string[], taken: number): number {
  const most = Math.min(one.length, other.length) - taken;
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  return length;
}

function hunksOf(
  runs: readonly Run[],
  maxLines: number,
): { readonly hunks: readonly (readonly DifferenceLine[])[]; readonly listed: number } {
  const hunks: DifferenceLine[][] = [[]];
  const at = { before: 1, after: 1 };
  let listed = 0;
  for (const [index, run] of runs.entries()) {
    const { kind, lines } = run;
    const shown =
      kind === 'same' ? contextOf(lines, index === 0, index === runs.length - 1) : [lines.slice(0, maxLines - listed)];
    const facing = facingRun(runs, index)?.lines;
    let offset = 0;
    for (const [part, texts] of shown.entries()) {
      if (part > 0) {
        offset = lines.length - texts.length;
        hunks.push([]);
      }
      for (const [row, text] of texts.entries()) {
        const before = kind === 'added' ? null : at.before + offset + row;
        const after = kind === 'removed' ? null : at.after + offset + row;
        hunks.at(-1)?.push({ kind, before, after, ...piece(text, facing?.[row]) });
      }
    }
    if (kind !== 'added') at.before += lines.length;
    if (kind !== 'removed') at.after += lines.length;
    if (kind === 'same') continue;
    listed += shown[0]?.length ?? 0;
    if (listed >= maxLines) break;
  }
  return { hunks: hunks.filter((hunk) => hunk.some(({ kind }) => kind !== 'same')), listed };
}

/** Of unchanged lines those that stand next to changed ones: in two parts where there are others in between. */
function contextOf(lines: readonly string[], isFirst: boolean, isLast: boolean): readonly (readonly string[])[] {
  const leading = isFirst ? 0 : CONTEXT_LINES;
  const trailing = isLast ? 0 : CONTEXT_LINES;
  if (lines.length <= leading + trailing) return [lines];
  return [lines.slice(0, leading), lines.slice(lines.length - trailing)];
}

/** The run that stands in the place of the one at `index`, where there is one. */
function facingRun(runs: readonly Run[], index: number): Run | undefined {
  const wanted = { same: null, removed: 'added', added: 'removed' }[runs[index]?.kind ?? 'same'];
  const [near, far] = wanted === 'added' ? [index + 1, index - 1] : [index - 1, index + 1];
  return [runs[near], runs[far]].find((run) => run?.kind === wanted);
}

/** A line as it is shown; of a long one the piece where it begins to differ from the line in whose place it stands. */
function piece(line: string, facing: string | undefined): Pick<DifferenceLine, 'text' | 'cutBefore' | 'cutAfter'> {
  const hasLineBreak = !line.endsWith(NO_LINE_BREAK);
  const whole = hasLineBreak ? line : line.slice(0, -1);
  const note = hasLineBreak ? '' : '\\ no line break at the end';
  if (whole.length <= MAX_LINE_CHARACTERS) {
    return { text: `${visibleLine(whole)}${note}`, cutBefore: 0, cutAfter: 0 };
  }
  const start = pieceStart(whole, facing);
  // Not within a pair of surrogates.
  const from = isLowSurrogate(whole, start) ? start - 1 : start;
  const end = Math.min(whole.length, from + MAX_LINE_CHARACTERS);
  const to = isLowSurrogate(whole, end) ? end - 1 : end;
  const cutAfter = whole.length - to;
  const text = visibleLine(whole.slice(from, to));
  return { text: cutAfter === 0 ? `${text}${note}` : text, cutBefore: from, cutAfter };
}

function pieceStart(line: string, facing: string | undefined): number {
  if (facing === undefined) return 0;
  let same = 0;
  while (same < line.length && line[same] === facing[same]) same += 1;
  return same <= MAX_LINE_CHARACTERS - LEAD_CHARACTERS ? 0 : Math.min(same - LEAD_CHARACTERS, line.length);
}

function isLowSurrogate(text: string, index: number): boolean {
  return /^[\uDC00-\uDFFF]/.test(text.charAt(index));
}
