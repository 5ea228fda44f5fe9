const SURROGATE = /[\uD800-\uDFFF]/;

/**
 * Sorts well-formed strings by the bytes of their UTF-8 forms, as PHP's and Go's own comparisons do.
 *
 * @returns a new array.
 */
export function sortUtf8(texts: Iterable<string>): string[] {
  const list = [...texts];
  // Without surrogates the order of UTF-16 units is the same, and the engine sorts by it many times faster.
  return list.some((text) => SURROGATE.test(text)) ? list.sort(compareUtf8) : list.sort();
}

/**
 * Compares two well-formed strings by the bytes of their UTF-8 forms.
 *
 * JavaScript compares UTF-16 units, which puts an emoji (a surrogate pair, D83D…) before U+FF5E where UTF-8 puts it after.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates stand for what lies beyond U+FFFF: they go last, and what follows them in UTF-16 moves up. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
