import { ecHalf, rsaHalf, unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound, PublicHalf } from './private-key-found.js';

/** How far a JWK reaches to both sides of its "kty": an RSA key of 8,192 bits takes 7 KiB, its certificates some more. */
export const MAX_BEFORE_KTY = 16 * 1024;
const MAX_AFTER = 16 * 1024;

/** What may stand before the name of a member: no part of a word, as in the Polish "produkty". */
const NO_WORD = /[^A-Za-z0-9_$\x80-\xff]/;
const KTY = /^kty\\*["'`]?\s{0,20}(?:=>|[:=])\s{0,20}\\*["'`](RSA|EC|OKP)\\*["'`]/;
// A member as JSON, JavaScript, Python and PHP write it, whose value is base64url.
const MEMBER = /\b([a-z]{1,3})["'`]?\s{0,20}(?:=>|[:=])\s{0,20}["'`]([A-Za-z0-9_-]{1,4096})["'`]/g;

const LEAST_SECRET_BYTES = 16;

/** How much of the text from "kty" on {@link jwkKind} goes by. */
export const KTY_CHARACTERS = 80;

/** Whether "kty" between these two characters could be the name of a member; at the beginning or end there is none. */
export function isMemberName(before: string, after: string): boolean {
  return (before === '' || NO_WORD.test(before)) && /[\\"'`\s:=]/.test(after);
}

/** The kind of key that text beginning with "kty" is about; null where it is about something else. */
export function jwkKind(text: string): string | null {
  return KTY.exec(text)?.[1] ?? null;
}

/**
 * Recognises a JSON Web Key (RFC 7517, RFC 7518 §6) that holds a private key, in the text that {@link enclosingObject}
 * gives, also where it stands in the source of a program.
 *
 * @param kind what {@link jwkKind} says
 */
export function readJwkPrivateKey(kind: string, object: string): PrivateKeyFound | null {
  const members = membersOf(withoutEscapes(object));
  const secret = members.get('d');
  if (secret === undefined || secret.length < LEAST_SECRET_BYTES) return null;
  return { format: 'JWK', encrypted: false, ...halfOf(kind, members, secret) };
}

/** The text between the braces, or brackets, around `at`; where one of them is missing, as far as is looked. */
export function enclosingObject(text: string, at: number): string {
  const least = Math.max(0, at - MAX_BEFORE_KTY);
  const most = Math.min(text.length, at + MAX_AFTER);
  let depth = 0;
  let start = at;
  for (; start > least && depth <= 0; start -= 1) depth += nesting(text, start - 1);
  depth = 0;
  let end = at;
  for (; end < most && depth >= 0; end += 1) depth += nesting(text, end);
  return text.slice(start, end);
}

/** Quotes and slashes without the backslashes before them, however many; every character is looked at once. */
function withoutEscapes(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    let end = at;
    while (text[end] === '\\') end += 1;
    parts.push(text.slice(from, at));
    if (!isEscapable(text[end])) parts.push(text.slice(at, end));
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

function isEscapable(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === '`' || character === '/';
}

/** 1 where something opens, -1 where it closes. */
function nesting(text: string, at: number): number {
  switch (text[at]) {
    case '{':
    case '[':
    case '(':
      return 1;
    case '}':
    case ']':
    case ')':
      return -1;
    default:
      return 0;
  }
}

function membersOf(object: string): ReadonlyMap<string, Buffer> {
  const members = new Map<string, Buffer>();
  for (const [, name = '', value = ''] of object.matchAll(MEMBER)) {
    if (!members.has(name)) members.set(name, Buffer.from(value, name === 'crv' ? 'latin1' : 'base64url'));
  }
  return members;
}

function halfOf(kind: string, members: ReadonlyMap<string, Buffer>, secret: Buffer): PublicHalf {
  if (kind === 'EC') return ecHalf(members.get('crv')?.toString('latin1') ?? '', secret);
  const [n, e, p, q] = ['n', 'e', 'p', 'q'].map((name) => members.get(name));
  if (kind !== 'RSA' || n === undefined || e === undefined) return unknownHalf;
  return rsaHalf(n, e, p === undefined || q === undefined ? null : [p, q]);
}
