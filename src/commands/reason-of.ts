import { hasCode } from '../error-words.js';

const wordsOfCode: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk can not be written to',
};

/** Why something with a file failed, in words that end a sentence without its full stop. */
export function reasonOf(error: unknown): string {
  const known = Object.entries(wordsOfCode).find(([code]) => hasCode(error, code));
  if (known !== undefined) return known[1];
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
