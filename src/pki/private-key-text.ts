import { readDerPrivateKey } from './private-key-der.js';
import { unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound } from './private-key-found.js';
import { readPgpPrivateKey } from './private-key-pgp.js';
import { readOpensshPrivateKey } from './private-key-ssh.js';

/** The first line of a private key in PEM (RFC 7468 §10, §11, and those before it) or in OpenPGP's armour. */
export const ARMOUR_BEGIN = /-----BEGIN ((?:[A-Z0-9]{1,10} ){0,3})PRIVATE KEY( BLOCK)?-----/;

const END = '-----END';
/** What stands between two strings of source that are put together, at most. */
const MAX_BETWEEN_STRINGS = 80;
/** RFC 1421 §4.6: what openssl encrypts in its older way carries these, on lines of their own or on one with the rest. */
const OLD_ENCRYPTION =
  /^\s{0,200}Proc-Type:\s{0,8}4,\s?ENCRYPTED\s{1,20}DEK-Info:\s{0,8}[\w-]{1,40}(?:,[0-9A-Fa-f]{1,64})?\s/;
/** A header of OpenPGP's armour, or of RFC 1421. */
const HEADER_LINE = /^[A-Z][A-Za-z-]{1,40}:[ \t][^\n]{0,400}\n/;
const LEAST_CIPHERTEXT_BYTES = 64;

/**
 * Recognises the private key in text that begins with {@link ARMOUR_BEGIN}, in a file of its own or inside the source of
 * a program: indented, behind `*` or `#`, as one string or as several, with `\n` for line breaks. What can't be decoded to
 * something of a key's structure is a mention and no key.
 */
export function readArmouredPrivateKey(text: string): PrivateKeyFound | null {
  const begin = ARMOUR_BEGIN.exec(text);
  if (begin?.index !== 0) return null;
  const plain = asPlainText(text.slice(begin[0].length));
  const old = OLD_ENCRYPTION.exec(plain);
  if (old !== null) return readOldEncryption(plain.slice(old[0].length));
  const bytes = decodeBody(withoutHeaders(plain));
  if (begin[2] !== undefined) return readPgpPrivateKey(bytes);
  return readOpensshPrivateKey(bytes) ?? readDerPrivateKey(bytes, begin[1] === 'ENCRYPTED ');
}

/** Nothing but the label and the padding tells such ciphertext from other octets, so it must be whole. */
function readOldEncryption(body: string): PrivateKeyFound | null {
  const end = body.indexOf(END);
  const base64 = body.slice(0, end).replace(/\s/g, '');
  if (end < 0 || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < LEAST_CIPHERTEXT_BYTES || bytes.length % 8 !== 0) return null;
  return { format: 'PEM', encrypted: true, ...unknownHalf };
}

function withoutHeaders(plain: string): string {
  let rest = plain.trimStart();
  for (let header = HEADER_LINE.exec(rest); header !== null; header = HEADER_LINE.exec(rest)) {
    rest = rest.slice(header[0].length);
  }
  return rest;
}

/** The octets of the base64 up to the first character that is none; white space and marks of a comment are passed over. */
function decodeBody(text: string): Buffer {
  const end = /[^A-Za-z0-9+/\s*#>|]|-----/.exec(text)?.index ?? text.length;
  return Buffer.from(text.slice(0, end).replace(/[\s*#>|]/g, ''), 'base64');
}

/**
 * The text that a program would have: up to the end line, escapes undone, strings that are put together as one. In text
 * that is no source there is nothing to undo.
 */
function asPlainText(source: string): string {
  const end = source.indexOf(END);
  const text = end < 0 ? source : source.slice(0, end + END.length);
  const special = /["'`\\]/g;
  const parts: string[] = [];
  let at = 0;
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    parts.push(text.slice(at, found.index));
    const next = found[0] === '\\' ? undoEscape(text, found.index, parts) : startOfNextString(text, found.index);
    if (next === null) return parts.join('');
    at = next;
    special.lastIndex = next;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** @returns where the text goes on after the escape; null where it means the end */
function undoEscape(text: string, start: number, parts: string[]): number | null {
  let at = start;
  // Source inside source has them doubled.
  while (text[at] === '\\') at += 1;
  const letter = text[at] ?? '';
  const code = /^(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))/.exec(text.slice(at, at + 5));
  if (code !== null) {
    parts.push(String.fromCharCode(parseInt(code[1] ?? code[2] ?? '', 16)));
    return at + code[0].length;
  }
  if (letter === 'n' || letter === 'r' || letter === 't') parts.push('\n');
  else if (letter === '"' || letter === "'" || letter === '`') return startOfNextString(text, at);
  else if (letter !== '\n' && letter !== '\r') {
    parts.push(letter);
  }
  return at + 1;
}

/** Behind the quote that opens the next string, which the program puts behind this one; null where there is none near. */
function startOfNextString(text: string, closing: number): number | null {
  const between = text.slice(closing + 1, closing + 1 + MAX_BETWEEN_STRINGS);
  const opening = /\\*["'`]/.exec(between);
  return opening === null ? null : closing + 1 + opening.index + opening[0].length;
}
