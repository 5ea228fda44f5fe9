/**
 * 3 to 64 of a–z, 0–9, `_` and `-`, beginning with a letter or digit.
 *
 * An app id is a folder name on servers of every system, a part of URLs, and a certificate's common name. Capitals
 * are refused since on half of those systems `Calendar` *is* `calendar`, and whoever registers the one would write
 * over the other. Two letters are too few to tell apps apart, and look like language codes.
 */
export const APP_ID_PATTERN = /^[a-z0-9][a-z0-9_-]{2,63}$/;

/** Whether `text` may be an app's id, see {@link APP_ID_PATTERN}. */
export function isAppId(text: string): boolean {
  return APP_ID_PATTERN.test(text);
}
