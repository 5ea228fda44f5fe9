import { isUtf8 } from 'node:buffer';

/**
 * Why some reader opens no archive in which an entry has this comment, though it says nothing of the entry.
 *
 * @param marked whether the flag says that name and comment are UTF-8
 * @returns null where all open it
 */
export function commentProblem(comment: Buffer, marked: boolean): string | null {
  if (comment.length === 0) return null;
  if (!isUtf8(comment)) return 'its comment is not valid UTF-8, and Java opens no such archive';
  // libzip guesses the encoding from the bytes, and finds the flag to be wrong.
  if (!marked || !comment.some(isControl)) return null;
  return 'its comment is marked as UTF-8 and has control characters, and PHP opens no such archive';
}

/** All but tab, line feed and carriage return. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}
