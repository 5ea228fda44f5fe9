import type { CatalogueEntry } from './catalogue-entry.js';
import { catalogue, type FindingCode } from './catalogue.js';
import { printable } from './printable.js';

/** How much a finding weighs: `error` refuses, `hold` waits for a moderator, `warning` and `notice` only inform. */
export type Severity = 'error' | 'hold' | 'warning' | 'notice';

/** One thing that is wrong with (or worth saying about) an upload. Data, never an exception. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence, beginning with the catalogue's text. For people; programs read `code`. */
  readonly message: string;
  /** The entry, file or element concerned, relative to the app's folder where it lies inside it. */
  readonly path?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** What to do about it: a command where one mends it. */
  readonly fix?: string;
  /** The likely cause, in words, where the diagnosis found one. */
  readonly cause?: string;
}

/** What a caller of {@link finding} may say beyond the code. */
export interface FindingDetails {
  readonly path?: string | undefined;
  readonly expected?: string | number | undefined;
  readonly actual?: string | number | undefined;
  /** Appended to the catalogue's message, after a space. */
  readonly detail?: string | undefined;
  readonly fix?: string | undefined;
  readonly cause?: string | undefined;
}

const MAX_TEXT = 1_024;

/** A key that stands where a name, a version or a hash should be must not get into reports and logs. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]{1,10} ){0,3}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z0-9 ]{0,50}-----|$)/g;

/** `text` of an upload as a report may show it. */
function shown(text: string): string {
  return printable(text.replace(PRIVATE_KEY, '(a private key)'), MAX_TEXT);
}

/**
 * Makes a finding of `code` with the severity and text that the catalogue gives it.
 *
 * Every text is made printable and cut to 1,024 characters: names in a hostile archive may hold terminal
 * escapes, NUL (which jsonb can't store) or megabytes.
 */
export function finding(code: FindingCode, details: FindingDetails = {}): Finding {
  const entry: CatalogueEntry = catalogue[code];
  const expected = details.expected === undefined ? undefined : shown(String(details.expected));
  const actual = details.actual === undefined ? undefined : shown(String(details.actual));
  const fix = details.fix ?? entry.fix;
  // One pass over the template, so that a value holding '{actual}' stays what it is.
  const text = entry.message.replace(
    /\{(expected|actual)\}/g,
    (_, name) => (name === 'expected' ? expected : actual) ?? '',
  );
  return {
    code,
    severity: entry.severity,
    message: details.detail === undefined ? text : `${text} ${shown(details.detail)}`,
    ...(details.path !== undefined && { path: shown(details.path) }),
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
    ...(fix !== undefined && { fix: shown(fix) }),
    ...(details.cause !== undefined && { cause: shown(details.cause) }),
  };
}
