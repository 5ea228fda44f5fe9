import { printable } from '../report/printable.js';

/** No text of a report is longer. */
const MAX_TEXT = 4_096;

/** The JSON of a store's answer, made harmless; null where it is none. */
export function parseAnswer(text: string): unknown {
  try {
    return harmless(JSON.parse(text), null);
  } catch {
    // No JSON, or of a depth that nothing of ours has.
    return null;
  }
}

/** A PEM document and nothing else (RFC 7468 §3): letters, digits, signs of base64 and line feeds. */
const PEM = /^-----BEGIN ([A-Z][A-Z0-9 ]{0,30})-----\n(?:[A-Za-z0-9+/=]{1,76}\n){1,5000}-----END \1-----\n?$/;

/** The members that hold certificates, by themselves or in an array. */
const PEM_MEMBERS: ReadonlySet<string | null> = new Set(['leaf', 'chain']);

/**
 * What a store says ends up on a terminal, so nothing in it may steer one, names of members included. Line feeds would begin
 * lines that look like ours; in a certificate they must stay, but only where one belongs, which is shown nowhere but as JSON.
 *
 * @param member the name of the member that it is in; null where it is in none
 */
function harmless(value: unknown, member: string | null): unknown {
  if (typeof value === 'string') {
    return PEM_MEMBERS.has(member) && PEM.test(value) ? value : printable(value, MAX_TEXT);
  }
  if (Array.isArray(value)) return value.map((each) => harmless(each, member));
  if (typeof value !== 'object' || value === null) return value;
  // Object.fromEntries defines members, so that one called __proto__ is a member like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [printable(name, MAX_TEXT), harmless(each, name)]),
  );
}
