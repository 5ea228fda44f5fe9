import { isUtf8 } from 'node:buffer';
import { printable } from '../report/printable.js';

/** What takes no room on a screen and yet is there: code has been hidden in selectors of variants, and in tags. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** A name or another short text as it really is: all that steers, turns round or hides is written as `\u{hex}`. */
export function visibleName(text: string, maxLength = Infinity): string {
  return printable(text, maxLength).replace(
    INVISIBLE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** {@link visibleName} of a line of code or prose; tabs stay. */
export function visibleLine(line: string): string {
  return line
    .split('\t')
    .map((part) => visibleName(part))
    .join('\t');
}

/** {@link visibleLine} line by line; line breaks stay. */
export function visibleText(text: string): string {
  return text.split('\n').map(visibleLine).join('\n');
}

/** Whether the content of a file is text that can be shown: UTF-8 without NUL. */
export function isText(content: Buffer): boolean {
  return isUtf8(content) && !content.includes(0);
}

const BYTES_A_LINE = 16;

/** Bytes as people read them: offset, hex, and the printable ASCII among them. */
export function hexView(bytes: Buffer): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += BYTES_A_LINE) {
    const part = bytes.subarray(offset, offset + BYTES_A_LINE);
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = part.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
    lines.push(`${offset.toString(16).padStart(8, '0')}  ${hex.padEnd(BYTES_A_LINE * 3 - 1)}  ${ascii}\n`);
  }
  return lines.join('');
}
