import { normalLabel, outlineOf, type MarkdownHeading, type MarkdownOutline } from './markdown-headings.js';
import { isSameVersion } from './version.js';

/** How long a section may be that is kept, in UTF-8; a longer one is cut after a line. */
const MAX_SECTION_BYTES = 65_536;
/** Of a file of a megabyte no more are read: whatever it holds, it takes no time of others. */
const MAX_LINES = 30_000;
const ENDS_EARLIER = '\n\n…';

/**
 * What a changelog says of a version: the section of it, as [Keep a Changelog](https://keepachangelog.com/en/1.1.0/) lays it
 * out, in Markdown, without its heading. Definitions of links that it uses come with it, wherever they stand. Read also as
 * others write: `## 1.2.0`, `# v1.2.0 (2026-01-01)`, `Changelog for Calendar [1.2.0]`, underlined headings.
 *
 * @returns null where there is no such section, or nothing in it
 */
export function sectionOfChangelog(text: string, version: string): string | null {
  const lines = text.split(/\r\n?|\n/, MAX_LINES);
  const outline = outlineOf(lines);
  const { headings } = outline;
  const versions = headings.map(({ text: heading }) => versionOf(heading));
  const index = findVersion(headings, versions, version);
  const own = headings[index];
  if (own === undefined) return null;
  const end = headings.findIndex(
    (heading, other) => other > index && endsSection(own, heading, versions[other] ?? null),
  );
  const body = lineRange(lines, outline, own.next, headings[end]?.line ?? lines.length);
  if (body === '') return null;
  // Of one that is cut, the definitions have no place any more.
  const links = body.length > MAX_SECTION_BYTES ? '' : definitionsFor(body, lines, outline);
  return bounded(links === '' ? body : `${body}\n\n${links}`, body);
}

/**
 * Reads a changelog from its bytes.
 *
 * @returns as {@link sectionOfChangelog}; null also where the bytes are no UTF-8
 */
export function readChangelogSection(bytes: Buffer, version: string): string | null {
  try {
    return sectionOfChangelog(new TextDecoder('utf-8', { fatal: true }).decode(bytes), version);
  } catch {
    return null;
  }
}

/** What controls a terminal, what a database doesn't take, and what makes a line read as another. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const MISLEADING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** As much of a text as may be kept, with a sign for every character that has no place in one. */
function printableText(text: string): string {
  return text.slice(0, MAX_SECTION_BYTES + 1).replace(MISLEADING, '\ufffd');
}

/** The place of the heading of a version: the outermost, of these one that spells it so, and of these the first; or else -1. */
function findVersion(
  headings: readonly MarkdownHeading[],
  versions: readonly (string | null)[],
  version: string,
): number {
  const found = headings.flatMap(({ level }, index) => {
    const named = versions[index] ?? null;
    const isSame = named !== null && (named === version || isSameVersion(named, version));
    return isSame ? [{ index, level, isSpelledSo: named === version }] : [];
  });
  const level = Math.min(...found.map((heading) => heading.level));
  const outermost = found.filter((heading) => heading.level === level);
  return (outermost.find(({ isSpelledSo }) => isSpelledSo) ?? outermost[0])?.index ?? -1;
}

const LEADING = /^(?:\*\*|__)?\[?(?:(?:version|release)[ \t]+)?v?([0-9][0-9A-Za-z.+_-]{0,63})(?=$|[^0-9A-Za-z.+_-])/i;
/** After words of which the last begins with a capital, as names do: "since" is no name. */
const BRACKETED = /^(?:[Cc]hangelog [^[\]]*|(?:[^[\]]* )?\p{Lu}[^[\] ]*) \[[vV]?([0-9][0-9A-Za-z.+_-]{0,63})(?=\])/u;
/** What ends a version's brackets, bold or link, and then nothing, a date, or what a sign sets apart from it. */
const AFTER_VERSION = /^(?:\]|\*\*|__){0,2}(?:\([^()]{0,500}\))?[ \t]*(?:$|[-–—:,/([]|\d{4}\b)/;

/** The version that a heading is of; null for any other, also for one that only mentions a version. */
function versionOf(heading: string): string | null {
  const match = LEADING.exec(heading) ?? BRACKETED.exec(heading);
  if (match === null || !AFTER_VERSION.test(heading.slice(match[0].length))) return null;
  // `1.2.0.` is how some end a heading; what a word's end is, the pattern has seen.
  return match[1]?.replace(/[.+_-]{1,64}$/, '') ?? null;
}

/** Beneath an outermost heading the next version may stand one or two further in: there are tools that set patches so. */
function endsSection(own: MarkdownHeading, heading: MarkdownHeading, version: string | null): boolean {
  return heading.level <= own.level || (own.level === 1 && heading.level <= 3 && version !== null);
}

/** The lines from one to before another, but for definitions of links and for empty ones around. */
function lineRange(lines: readonly string[], { definitions }: MarkdownOutline, from: number, to: number): string {
  const kept: string[] = [];
  for (let number = from; number < to; number += 1) if (!definitions.has(number)) kept.push(lines[number] ?? '');
  const first = kept.findIndex((line) => line.trim() !== '');
  const last = kept.findLastIndex((line) => line.trim() !== '');
  return first === -1 ? '' : printableText(kept.slice(first, last + 1).join('\n'));
}

/** The definitions of the labels that stand in a text, each once. */
function definitionsFor(body: string, lines: readonly string[], { definitions }: MarkdownOutline): string {
  const used = new Set([...body.matchAll(/\[([^\][]{1,200})\]/g)].map(([, label = '']) => normalLabel(label)));
  const found: string[] = [];
  for (const [number, label] of definitions) {
    // Of several the first counts (CommonMark 4.7).
    if (used.delete(label)) found.push(printableText(lines[number] ?? '').trim());
  }
  return found.join('\n');
}

/** The text where it is short enough, or else as much of its body as is. */
function bounded(text: string, body: string): string {
  if (Buffer.byteLength(text) <= MAX_SECTION_BYTES) return text;
  const most = MAX_SECTION_BYTES - Buffer.byteLength(ENDS_EARLIER);
  if (Buffer.byteLength(body) <= most) return body;
  const bytes = Buffer.from(body);
  const lineEnd = bytes.lastIndexOf('\n', most);
  // Where one line is as long as that, it is cut itself, but never within a character.
  let end = lineEnd > 0 ? lineEnd : most;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString().trimEnd()}${ENDS_EARLIER}`;
}
