/** A heading of a Markdown text, and the lines that it takes. */
export interface MarkdownHeading {
  /** From 1, the outermost. */
  readonly level: number;
  readonly text: string;
  /** Its first line, from 0. */
  readonly line: number;
  /** The first line after it. */
  readonly next: number;
}

/** What the lines of a Markdown text are, as far as one needs it to take the text apart. */
export interface MarkdownOutline {
  readonly headings: readonly MarkdownHeading[];
  /** Of lines that define a link, `[label]: address`, the label as links are compared by it. */
  readonly definitions: ReadonlyMap<number, string>;
}

/** What comes after so many is nothing that anybody reads. */
const MAX_HEADINGS = 5_000;
/** A longer one names nothing; and so no pattern runs over a line of a megabyte. */
const MAX_LINE = 1_000;

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+|$)(.*)$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const DEFINITION = /^ {0,3}\[([^\][]{1,200})\]:[ \t]*\S/;
/** Lines that begin something else than a paragraph: a list, a quotation, a table, indented code. */
const NO_PARAGRAPH = /^(?: {4}|\t| {0,3}(?:[-+*>|]|\d{1,9}[.)](?:[ \t]|$)))/;

/**
 * The headings (ATX and setext, CommonMark 4.2 and 4.3) and link definitions of a Markdown text, in their order; those in fenced
 * code and in comments are none. In one pass, whatever the text holds, which ends where there are too
 * many headings.
 */
export function outlineOf(lines: readonly string[]): MarkdownOutline {
  const headings: MarkdownHeading[] = [];
  const definitions = new Map<number, string>();
  let fence: string | null = null;
  let inComment = false;
  // Where the paragraph began that the next line may still make a heading of.
  let paragraph: number | null = null;
  for (const [number, whole] of lines.entries()) {
    if (headings.length === MAX_HEADINGS) break;
    const line = whole.length > MAX_LINE ? whole.slice(0, MAX_LINE) : whole;
    const [, marks = '', info = ''] = FENCE.exec(line) ?? [];
    if (fence !== null) {
      if (marks.startsWith(fence) && info.trim() === '') fence = null;
      continue;
    }
    if (inComment || /^ {0,3}<!--/.test(line)) {
      inComment = !whole.includes('-->');
      paragraph = null;
      continue;
    }
    // An info string after backticks holds none itself: that is code within a line.
    if (marks !== '' && !(marks.startsWith('`') && info.includes('`'))) {
      fence = marks;
      paragraph = null;
      continue;
    }
    const atx = ATX.exec(line);
    if (atx !== null) {
      headings.push({ level: atx[1]?.length ?? 1, text: withoutClosing(atx[2] ?? ''), line: number, next: number + 1 });
      paragraph = null;
      continue;
    }
    const underline = UNDERLINE.exec(line)?.[1];
    if (underline !== undefined && paragraph !== null) {
      const text = lines.slice(paragraph, number).join(' ').slice(0, MAX_LINE).trim();
      headings.push({ level: underline.startsWith('=') ? 1 : 2, text, line: paragraph, next: number + 1 });
      paragraph = null;
      continue;
    }
    const label = DEFINITION.exec(line)?.[1];
    // A definition can't stand in the middle of a paragraph (CommonMark 4.7).
    if (label !== undefined && paragraph === null) definitions.set(number, normalLabel(label));
    else
      paragraph = line.trim() === '' || (paragraph === null && NO_PARAGRAPH.test(line)) ? null : (paragraph ?? number);
  }
  return { headings, definitions };
}

/** A label as links are compared by it (CommonMark 4.7). */
export function normalLabel(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** The text of an ATX heading without the signs that may close it. */
function withoutClosing(text: string): string {
  const trimmed = text.trim();
  // No pattern: from every sign of a long row it would look for the end anew.
  let end = trimmed.length;
  while (trimmed[end - 1] === '#') end -= 1;
  return end === 0 || /\s/.test(trimmed.charAt(end - 1)) ? trimmed.slice(0, end).trim() : trimmed;
}
