import { readDerPrivateKey } from './private-key-der.js';
import { unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound } from './private-key-found.js';
import { readPgpPrivateKey } from './private-key-pgp.js';
import { readOpensshPrivateKey } from './private-key-ssh.js';

/** The first line of a private key in PEM (RFC 7468 §10, §11, and those before it) or in OpenPGP's armour. */
const BEGIN = /-----BEGIN ((?:[A-Z0-9]{1,10} ){0,3})PRIVATE KEY( BLOCK)?-----/;
const ANY_BEGIN = '-----BEGIN ';
const END = '-----END';

/** What stands between two strings of source that are put together, at most. */
const MAX_BETWEEN_STRINGS = 80;
/** A key of RSA with 16,384 bits has 200 lines, each of which may be up to three strings of source. */
const MAX_STRINGS = 1_000;
/** RFC 1421 §4.6: what openssl encrypts in its older way carries these, on lines of their own or on one with the rest. */
const OLD_ENCRYPTION =
  /^\s{0,200}Proc-Type:\s{0,8}4,\s?ENCRYPTED\s{1,200}DEK-Info:\s{0,8}[\w-]{1,40}(?:,[0-9A-Fa-f]{1,64})?\s/;
/** A header of OpenPGP's armour, or of RFC 1421. */
const HEADER_LINE = /^[A-Z][A-Za-z-]{1,40}:[ \t][^\n]{0,400}\n/;
/** What comments out a line, quotes it, adds it in a diff or lists it; the mark of a string is none. */
const LINE_PREFIX = /^[ \t]*(\/\/[/!]?|;{1,3}|--|'|#{1,3}|\*|[+>|-]|REM|%)[ \t]*$/;
const LEAST_CIPHERTEXT_BYTES = 64;

/** The longest label, `-----BEGIN … PRIVATE KEY-----`. */
export const LABEL_CHARACTERS = 64;

/** What follows the label of a private key, which may be a key. */
export interface Armour {
  /** The words before `PRIVATE KEY`. */
  readonly kind: string;
  readonly isPgp: boolean;
  /** What each line begins with, as that of the label does. */
  readonly linePrefix: string;
  /** Up to the last line, the next label or the end of what there is. */
  readonly body: string;
  /** Whether its last line was seen. */
  readonly isClosed: boolean;
}

/** Where the label begins that `mark` in `text` is part of; null where it is part of none. */
export function labelAround(text: string, mark: number): number | null {
  const start = text.lastIndexOf(ANY_BEGIN, mark);
  const label = start < 0 ? null : BEGIN.exec(text.slice(start, start + LABEL_CHARACTERS));
  return label?.index === 0 && start + label[0].length > mark ? start : null;
}

/** The armour whose label begins at `start`, which {@link labelAround} gave. Two armours in a file share no text. */
export function armourAt(text: string, start: number): Armour | null {
  const label = BEGIN.exec(text.slice(start, start + LABEL_CHARACTERS));
  if (label === null) return null;
  const bodyStart = start + label[0].length;
  const next = text.indexOf(ANY_BEGIN, bodyStart);
  const rest = text.slice(bodyStart, next < 0 ? text.length : next);
  const end = rest.indexOf(END);
  const isClosed = end >= 0;
  const body = isClosed ? rest.slice(0, end) : rest;
  const before = text.slice(Math.max(0, start - LABEL_CHARACTERS), start);
  const linePrefix = LINE_PREFIX.exec(before.slice(before.search(/[^\n\r]*$/)))?.[1] ?? '';
  return { kind: label[1] ?? '', isPgp: label[2] !== undefined, linePrefix, body, isClosed };
}

/**
 * Recognises the private key in an armour, in a file of its own or inside the source of a program: indented, commented
 * out, as one string or as several, with `\n` for line breaks, or in XML. What can't be decoded to something of a key's
 * structure is a mention and no key.
 */
export function readArmouredPrivateKey({ kind, isPgp, linePrefix, body, isClosed }: Armour): PrivateKeyFound | null {
  const plain = joinStrings(withoutMarkup(withoutPrefix(body, linePrefix)));
  const old = OLD_ENCRYPTION.exec(plain);
  if (old !== null) return isClosed ? readOldEncryption(plain.slice(old[0].length)) : null;
  const bytes = decodeBody(withoutHeaders(plain));
  if (isPgp) return readPgpPrivateKey(bytes);
  return readOpensshPrivateKey(bytes) ?? readDerPrivateKey(bytes, kind === 'ENCRYPTED ');
}

/** Nothing but the label and the padding tells such ciphertext from other octets, so it must be whole. */
function readOldEncryption(body: string): PrivateKeyFound | null {
  const base64 = body.replace(/[\s*#>|]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < LEAST_CIPHERTEXT_BYTES || bytes.length % 8 !== 0) return null;
  return { format: 'PEM', encrypted: true, ...unknownHalf };
}

/**
 * The lines without the prefix that the label has before it. Where something follows the label on its line, the prefix was
 * no comment but the beginning of a string.
 */
function withoutPrefix(body: string, prefix: string): string {
  if (prefix === '' || !/^[ \t]*[\n\r]/.test(body)) return body;
  const lines = body.split(/[\n\r]/).map((line) => line.trimStart());
  return lines.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length).trimStart() : line)).join('\n');
}

/** Characters as XML and HTML write them, and blanks that can't be seen: in UTF-8, which is read byte by byte here. */
function withoutMarkup(text: string): string {
  return text
    .replace(/&#(?:[xX]0{0,4}([0-9A-Fa-f]{1,4})|0{0,4}([0-9]{1,5}));/g, (_, hex?: string, decimal?: string) =>
      String.fromCharCode(hex === undefined ? Number(decimal) : parseInt(hex, 16)),
    )
    .replace(/<br {0,2}\/?>/gi, '\n')
    .replace(/\xc2\xa0|\xe2\x80\x8b|\xef\xbb\xbf/g, ' ');
}

function withoutHeaders(plain: string): string {
  let rest = plain.trimStart();
  for (let header = HEADER_LINE.exec(rest); header !== null; header = HEADER_LINE.exec(rest)) {
    rest = rest.slice(header[0].length).trimStart();
  }
  return rest;
}

/** The octets of the base64 up to the first character that is none; white space and marks of a comment are passed over. */
function decodeBody(text: string): Buffer {
  const end = /[^A-Za-z0-9+/\s*#>|]|-----/.exec(text)?.index ?? text.length;
  return Buffer.from(text.slice(0, end).replace(/[\s*#>|]/g, ''), 'base64');
}

/** The text that a program would have: escapes undone, strings that are put together as one. */
function joinStrings(text: string): string {
  const special = /["'`\\]/g;
  const parts: string[] = [];
  let at = 0;
  let strings = 0;
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    parts.push(text.slice(at, found.index));
    if (found[0] !== '\\' && (strings += 1) > MAX_STRINGS) return parts.join('');
    const next = found[0] === '\\' ? undoEscape(text, found.index, parts) : startOfNextString(text, found.index);
    if (next === null) return parts.join('');
    at = next;
    special.lastIndex = next;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** A character by its number, behind the backslash. */
const CODED = /^(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-3][0-7]{2}))/;

/** @returns where the text goes on after the escape; null where it means the end */
function undoEscape(text: string, start: number, parts: string[]): number | null {
  let at = start;
  // Source inside source has them doubled.
  while (text[at] === '\\') at += 1;
  const letter = text[at] ?? '';
  const code = CODED.exec(text.slice(at, at + 5));
  if (code !== null) {
    const [whole, wide, narrow, octal = ''] = code;
    parts.push(String.fromCharCode(parseInt(wide ?? narrow ?? octal, octal === '' ? 16 : 8)));
    return at + whole.length;
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
