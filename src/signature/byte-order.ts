/**
 * Sorts well-formed strings by the bytes of their UTF-8 forms, as PHP's and Go's own comparisons do.
 *
 * @returns a new array.
 */
export function sortUtf8(texts: Iterable<string>): string[] {
  const list = [...texts];
  // Without surrogates the order of UTF-16 units is the same.
  if (!list.some((text) => SURROGATE.test(text))) return list.sort();
  // A comparison of our own would be called a million times for what 50,000 hostile names have in common.
  return list.map(byteOrderKey).sort().map(textOf);
}

const SURROGATE = /[\uD800-\uDFFF]/;

/**
 * A text that compares with others of its kind (`<`) as the UTF-8 forms of the well-formed originals compare byte by byte.
 *
 * JavaScript compares UTF-16 units, which puts an emoji (a surrogate pair, D83D…) before U+FF5E where UTF-8 puts it
 * after. So each byte becomes a unit of its own.
 */
export function byteOrderKey(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function textOf(key: string): string {
  return Buffer.from(key, 'latin1').toString('utf8');
}
