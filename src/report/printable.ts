// Control characters, the bidirectional and zero-width formatting characters that make a text look like another,
// line separators, non-characters and lone surrogates.
const UNPRINTABLE =
  /[\p{Cc}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFDD0-\uFDEF\uFFFE\uFFFF]|\p{Cs}/gu;

/**
 * `text` with everything that could mislead a reader or break a terminal, a log line or a jsonb column written as
 * `\u{hex}`, and cut to `maxLength` UTF-16 units with a closing `…` where it was longer.
 */
export function printable(text: string, maxLength: number): string {
  // Without the first half of a surrogate pair that the cut may leave at the end.
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return cut.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** {@link printable} line by line, for words of several lines in which a reader's own line breaks must stay. */
export function printableLines(text: string, maxLineLength: number): string {
  return text
    .split('\n')
    .map((line) => printable(line, maxLineLength))
    .join('\n');
}
