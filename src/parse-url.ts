/**
 * The URL that a text is, by WHATWG's rules; null where it is none.
 *
 * URL.canParse would say the same with less ado, but once Node 20 has compiled it, after some thousand calls, it says no to
 * every text with a character like `ä` in it.
 *
 * @param base what a relative reference is relative to
 */
export function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
