import { byteOrderKey, sortUtf8 } from './byte-order.js';
import type { Manifest } from './manifest.js';

/**
 * The bytes that a format 1 signature is made over: what PHP's `json_encode` gives for the `ksort`ed map.
 *
 * PHP turns keys that look like integers into integers, sorts with its loose comparison (PHP ≥ 8.2), and writes a
 * map whose keys are 0…n-1 as a list. All of that shows in the bytes for a file named `10`.
 *
 * @param order the {@link legacyOrder} of the manifest, for whoever has it already: sorting is most of the work.
 */
export function legacyMessage(manifest: Manifest, order = legacyOrder(manifest)): Buffer {
  return phpJson(order, manifest);
}

/** The paths of a manifest in the order that PHP's `ksort` gives them. */
export function legacyOrder(manifest: Manifest): readonly string[] {
  return ksort([...manifest.keys()]);
}

/**
 * Whether PHP's comparison puts these paths in one order, however it sorts. It has cycles: `"0x1A" < "7" < "26"`, but
 * `"26" < "0x1A"`. A map with such names is better not signed, since what one verifier sorts another may sort otherwise.
 */
export function hasOneLegacyOrder(manifest: Manifest): boolean {
  const sorted = legacyOrder(manifest).map(phpKey);
  const numeric = sorted.flatMap(({ number }, index) => (number === null ? [] : [index]));
  if (numeric.length * sorted.length > MAX_COMPARISONS) return false;
  const agrees = (a: number, b: number): boolean => {
    const [before, after] = [sorted[Math.min(a, b)], sorted[Math.max(a, b)]];
    return before === undefined || after === undefined || a === b || compareKeys(before, after) <= 0;
  };
  const texts = sorted.filter(({ number }) => number === null);
  return (
    texts.every((key, index) => index === 0 || (texts[index - 1]?.bytes ?? '') <= key.bytes) &&
    numeric.every((index) => sorted.every((_, other) => agrees(index, other)))
  );
}

/** Apps have a handful of names that are numbers at most; without a bound, 50,000 of them would take minutes. */
const MAX_COMPARISONS = 5_000_000;

/** As {@link legacyMessage}, but in the order in which the manifest iterates. Only to tell why a signature fails. */
export function unsortedLegacyMessage(manifest: Manifest): Buffer {
  return phpJson([...manifest.keys()], manifest);
}

/**
 * The paths in their sorted order, but encoded as most other tools would: nothing escaped that needn't be. Only to tell
 * why a signature fails.
 *
 * @param order as in {@link legacyMessage}.
 */
export function plainMessage(manifest: Manifest, order = legacyOrder(manifest)): Buffer {
  const members = order.map((path) => `${JSON.stringify(path)}:${JSON.stringify(manifest.get(path))}`);
  return Buffer.from(`{${members.join(',')}}`);
}

function phpJson(paths: readonly string[], manifest: Manifest): Buffer {
  const isList = paths.every((path, index) => path === String(index));
  const member = (path: string): string => `${isList ? '' : `${phpString(path)}:`}${phpValue(manifest.get(path))}`;
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const chunks: Buffer[] = [];
  // Piece by piece: as one text and its bytes it would take up twice as much, and that may be 50 MB.
  for (let start = 0; start < paths.length; start += MEMBERS_PER_CHUNK) {
    const members = paths.slice(start, start + MEMBERS_PER_CHUNK).map(member);
    chunks.push(Buffer.from(`${start === 0 ? '' : ','}${members.join(',')}`));
  }
  return Buffer.concat([Buffer.from(open), ...chunks, Buffer.from(close)]);
}

const MEMBERS_PER_CHUNK = 1_000;

function phpValue(hash: string | false | undefined): string {
  return typeof hash === 'string' ? phpString(hash) : 'false';
}

/** A JSON string as PHP writes it: the slash escaped, and everything beyond ASCII by UTF-16 unit in lower-case hex. */
export function phpString(text: string): string {
  return escapeBeyondAscii(JSON.stringify(text).replaceAll('/', '\\/'));
}

const BEYOND_ASCII = /[\u0080-\uFFFF]/;
const ESCAPE_LENGTH = '\\uXXXX'.length;

/** By hand, since `replace` with a function takes a second for the four million letters that fit in a signature file. */
function escapeBeyondAscii(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  const escaped = Buffer.allocUnsafe(text.length * ESCAPE_LENGTH);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      escaped[length++] = unit;
      continue;
    }
    escaped[length++] = 0x5c;
    escaped[length++] = 0x75;
    for (let shift = 12; shift >= 0; shift -= 4) escaped[length++] = hexDigit((unit >> shift) & 0xf);
  }
  return escaped.toString('latin1', 0, length);
}

/** In ASCII. */
function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/** A path as PHP's comparison sees it: a number where it looks like one, else text. */
interface PhpKey {
  readonly text: string;
  /** The {@link byteOrderKey} of the text. */
  readonly bytes: string;
  /** A string of digits that PHP stores as an integer key. */
  readonly isInteger: boolean;
  readonly number: PhpNumber | null;
}

type PhpNumber =
  | { readonly kind: 'long'; readonly value: bigint }
  /** `overflow`: an integer beyond 64 bits, with its sign. */
  | { readonly kind: 'double'; readonly value: number; readonly overflow: -1 | 0 | 1 };

/** Up to this many elements PHP sorts by insertion, which matters where its comparison is not a total order. */
const INSERTION_SORT_LIMIT = 16;

function ksort(paths: readonly string[]): readonly string[] {
  // Without a numeric key the comparison is plain byte order; nearly every app.
  if (paths.every((path) => phpNumber(path) === null)) return sortUtf8(paths);
  const keys = paths.map(phpKey);
  const sorted = keys.length <= INSERTION_SORT_LIMIT ? insertionSort(keys) : keys.sort(compareKeys);
  return sorted.map(({ text }) => text);
}

/**
 * Where PHP's comparison has cycles, what comes out depends on how one sorts. For a short list PHP's way is known and
 * followed; for a longer one with such names a signature may fail to verify, which is safe.
 */
function insertionSort(keys: readonly PhpKey[]): readonly PhpKey[] {
  const sorted: PhpKey[] = [];
  for (const key of keys) {
    const before = sorted.findLastIndex((other) => compareKeys(other, key) <= 0);
    sorted.splice(before + 1, 0, key);
  }
  return sorted;
}

function compareKeys(a: PhpKey, b: PhpKey): number {
  const byNumber = a.number !== null && b.number !== null ? compareNumbers(a, a.number, b, b.number) : null;
  if (byNumber !== null) return byNumber;
  return a.bytes === b.bytes ? 0 : a.bytes < b.bytes ? -1 : 1;
}

/** @returns null where PHP falls back to comparing text. */
function compareNumbers(a: PhpKey, x: PhpNumber, b: PhpKey, y: PhpNumber): number | null {
  if (x.kind === 'long' && y.kind === 'long') return x.value === y.value ? 0 : x.value < y.value ? -1 : 1;
  if (!a.isInteger && !b.isInteger && x.kind === 'double' && y.kind === 'double') {
    // Both beyond 64 bits on the same side, or both infinite: too inexact to be compared as numbers.
    if (x.overflow !== 0 && x.overflow === y.overflow) return null;
    if (x.value === y.value && !Number.isFinite(x.value)) return null;
  }
  const [left, right] = [Number(x.value), Number(y.value)];
  return left === right ? 0 : left < right ? -1 : 1;
}

const MAX_LONG = 2n ** 63n - 1n;
const MIN_LONG = -(2n ** 63n);

function phpKey(text: string): PhpKey {
  const number = phpNumber(text);
  return {
    text,
    bytes: byteOrderKey(text),
    number,
    isInteger: number?.kind === 'long' && String(number.value) === text,
  };
}

/** What `is_numeric` accepts since PHP 8: white space on both sides, a sign, decimals, an exponent; no hexadecimal. */
const NUMERIC = /^[ \t\n\r\v\f]*([+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?)[ \t\n\r\v\f]*$/;

/** Nearly no path begins like this. */
const MAY_BE_NUMERIC = /^[\s\d.+-]/;

/** Beyond this no path is read as a number: BigInt takes quadratic time over a million digits. */
const MAX_NUMERIC_LENGTH = 64;

function phpNumber(text: string): PhpNumber | null {
  if (text.length > MAX_NUMERIC_LENGTH || !MAY_BE_NUMERIC.test(text)) return null;
  const match = NUMERIC.exec(text);
  const digits = match?.[1];
  if (match === null || digits === undefined) return null;
  const isWhole = match[2] === undefined && match[3] === undefined && match[4] === undefined;
  if (!isWhole) return { kind: 'double', value: Number(digits), overflow: 0 };
  const value = digits.startsWith('+') ? BigInt(digits.slice(1)) : BigInt(digits);
  if (value >= MIN_LONG && value <= MAX_LONG) return { kind: 'long', value };
  return { kind: 'double', value: Number(value), overflow: value < 0n ? -1 : 1 };
}
