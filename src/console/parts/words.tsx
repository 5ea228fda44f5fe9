import type { JSX } from 'preact';
import { printable, printableLines } from '../../report/printable.js';

const MAX_LINE = 4_000;
const MAX_NAME = 300;

/** What somebody else wrote, with its line breaks; what could mislead a reader stands there as `\u{hex}`. */
export function Words({ text }: { readonly text: string }): JSX.Element {
  return <p class="prose">{shownLines(text)}</p>;
}

/** Several lines of somebody else's, as text. */
export function shownLines(text: string): string {
  return printableLines(text.replaceAll('\t', '    '), MAX_LINE);
}

/** A name or another short text of somebody else's: nothing in it steers, turns round or hides. */
export function shown(text: string): string {
  return printable(text, MAX_NAME);
}
