import { compareUtf8, sortUtf8 } from './byte-order.js';
import type { Manifest } from './manifest.js';

/**
 * The bytes that a format 1 signature is made over: what PHP's `json_encode` gives for the `ksort`ed map.
 *
 * PHP turns keys that look like integers into integers, sorts with its loose comparison (PHP ≥ 8.2), and writes a
 * map whose keys are 0…n-1 as a list. All of that shows in the bytes for a file named `10`.
 */
export function legacyMessage(manifest: Manifest): Buffer {
  return phpJson(legacyOrder(manifest), manifest);
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
    texts.every((key, index) => index === 0 || compareUtf8(texts[index - 1]?.text ?? '', key.text) <= 0) &&
    numeric.every((index) => sorted.every((_, other) => agrees(index, other)))
  );
}

/** Apps have a handful of names that are numbers at most; without a bound, 50,000 of them would take minutes. */
const MAX_COMPARISONS = 5_000_000;

/** As {@link legacyMessage}, but in the order in which the manifest iterates. Only to tell why a signature fails. */
export function unsortedLegacyMessage(manifest: Manifest): Buffer {
  return phpJson([...manifest.keys()], manifest);
}

/** The paths in their sorted order, but encoded as most other tools would: nothing escaped that needn't be. Only to tell why a signature fails. */
export function plainMessage(manifest: Manifest): Buffer {
  const members = legacyOrder(manifest).map((path) => `${JSON.stringify(path)}:${JSON.stringify(manifest.get(path))}`);
  return Buffer.from(`{${members.join(',')}}`);
}

function phpJson(paths: readonly string[], manifest: Manifest): Buffer {
  const values = paths.map((path) => phpValue(manifest.get(path)));
  if (paths.every((path, index) => path === String(index))) return Buffer.from(`[${values.join(',')}]`);
  return Buffer.from(`{${paths.map((path, index) => `${phpString(path)}:${values[index]}`).join(',')}}`);
}

function phpValue(hash: string | false | undefined): string {
  return typeof hash === 'string' ? phpString(hash) : 'false';
}

/** A JSON string as PHP writes it: the slash escaped, and everything beyond ASCII by UTF-16 unit in lower-case hex. */
export function phpString(text: string): string {
  return JSON.stringify(text)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A path as PHP's comparison sees it: a number where it looks like one, else text. */
interface PhpKey {
  readonly text: string;
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
  const keys = paths.map(phpKey);
  // Without a numeric key the comparison is plain byte order; nearly every app.
  if (keys.every(({ number }) => number === null)) return sortUtf8(paths);
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
  return byNumber ?? compareUtf8(a.text, b.text);
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
  return { text, number, isInteger: number?.kind === 'long' && String(number.value) === text };
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
