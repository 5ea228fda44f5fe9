import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * The name of an entry, in bounded memory: an archive may consist of names. What is longer than the store takes, and
 * so is refused, is kept as its beginning and a digest.
 */
export interface EntryName {
  /** As UTF-8; null where it isn't. Of an over-long one the beginning, with `…` behind it. */
  readonly name: string | null;
  /** For people, also where it isn't UTF-8. */
  readonly shownName: string;
  /** Of the whole name. */
  readonly nameBytes: number;
  readonly isAsciiName: boolean;
  /** Whether it ends with a slash: the only way to say that this is a folder that every reader knows. */
  readonly isFolder: boolean;
  /** SHA-256 of the whole name, where `name` isn't the whole name. */
  readonly nameDigest: string | null;
}

/** @param maxBytes how much of a name is kept */
export function entryName(bytes: Buffer, maxBytes: number): EntryName {
  const isAsciiName = isAscii(bytes);
  const valid = isAsciiName || isUtf8(bytes);
  const whole = valid && bytes.length <= maxBytes;
  const text = whole ? decode(bytes, isAsciiName) : beginning(bytes, valid, maxBytes);
  return {
    name: valid ? text : null,
    shownName: text,
    nameBytes: bytes.length,
    isAsciiName,
    isFolder: bytes.at(-1) === 0x2f,
    nameDigest: whole ? null : digest(bytes),
  };
}

/** Whether `bytes` are the very name. */
export function isNamed(entry: EntryName, bytes: Buffer): boolean {
  if (bytes.length !== entry.nameBytes) return false;
  if (entry.nameDigest !== null) return digest(bytes) === entry.nameDigest;
  return decode(bytes, entry.isAsciiName) === entry.name && (entry.isAsciiName ? isAscii(bytes) : isUtf8(bytes));
}

function decode(bytes: Buffer, isAsciiName: boolean): string {
  return bytes.toString(isAsciiName ? 'latin1' : 'utf8');
}

function beginning(bytes: Buffer, valid: boolean, maxBytes: number): string {
  const start = bytes.subarray(0, maxBytes);
  // The last character may have been cut in two.
  const text = valid ? start.toString('utf8').replace(/\uFFFD+$/, '') : start.toString('latin1');
  return bytes.length > maxBytes ? `${text}…` : text;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}
