import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../request-error.js';
import type { CodingChoice, ContentCoding } from './compress.js';

/*
 * Conditional requests (RFC 9110 §13): whoever has an answer already is not sent it again.
 */

/** A strong entity tag of these bytes, quotes included. */
export function tagOf(bytes: Buffer): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 32)}"`;
}

/**
 * The tag of the same thing in a content coding: other bytes, hence another strong tag (RFC 9110 §8.8.3.3). A weak one is true of
 * every coding.
 */
export function tagInCoding(tag: string, coding: ContentCoding | null): string {
  return coding === null || tag.startsWith('W/') ? tag : `${tag.slice(0, -1)}-${coding}"`;
}

/**
 * Whether `If-None-Match` names this tag: lists, `*` and the weak comparison (RFC 9110 §13.1.2). Not Express's `request.fresh`:
 * that never says yes to a request with `Cache-Control: no-cache`, which every `fetch` sends along with a tag, and which only
 * asks caches on the way to look here (RFC 9111 §5.2.1.4).
 */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const opaque = tag.replace(/^W\//, '');
  const named: readonly string[] = header.match(/"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  return named.includes(opaque);
}

/**
 * The tag by which whoever asks has it already: as it is, or in the coding that they would get. A coding that they don't take now
 * is none of these: a cache would hand it on to somebody who can't read it.
 *
 * @returns null where they don't have it
 */
export function knownTag(headers: IncomingHttpHeaders, tag: string, choice: CodingChoice): string | null {
  const header = headers['if-none-match'];
  const coded = tagInCoding(tag, choice.coding);
  if (namesTag(header, coded)) return coded;
  return choice.takesIdentity && namesTag(header, tag) ? tag : null;
}

/**
 * How old a time must be before it is told: within its second more may still happen (RFC 9110 §8.8.2.2), and it is the database's
 * clock that wrote it, which may be behind the one that it is held against. Almost a minute of difference is borne.
 */
const SETTLED_MS = 60_000;

/** `Last-Modified` of what changed last at that time; null where that can't be said yet. */
export function lastModifiedOf(changedAt: Date | undefined, now: Date): string | null {
  return changedAt === undefined || now.getTime() - changedAt.getTime() < SETTLED_MS ? null : changedAt.toUTCString();
}

/** Whether nothing changed since `If-Modified-Since`, which counts only where there is no `If-None-Match` (RFC 9110 §13.1.3). */
export function isUnmodified(headers: IncomingHttpHeaders, lastModified: string | null): boolean {
  const since = headers['if-modified-since'];
  if (headers['if-none-match'] !== undefined || since === undefined || lastModified === null) return false;
  return timeOf(since) >= Date.parse(lastModified);
}

/** NaN where that is no date: any of HTTP names its zone but the one of asctime, which would be read as local time. */
function timeOf(date: string): number {
  return date.endsWith(' GMT') ? Date.parse(date) : NaN;
}

/**
 * Holds `If-Match`, or where there is none `If-Unmodified-Since`, against what would be answered (RFC 9110 §13.1.1, §13.1.4). A
 * date that is none counts for nothing, and so does any where it is not known when something changed.
 *
 * @throws RequestError `PRECONDITION_FAILED`
 */
export function requirePreconditions(
  headers: IncomingHttpHeaders,
  { tag, lastModified }: { readonly tag: string | null; readonly lastModified: string | null },
  choice: CodingChoice,
): void {
  const match = headers['if-match'];
  const since = headers['if-unmodified-since'];
  const holds =
    match === undefined
      ? since === undefined || lastModified === null || !(timeOf(since) < Date.parse(lastModified))
      : match.trim() === '*' || (tag !== null && namesStrongly(match, [tag, tagInCoding(tag, choice.coding)]));
  if (!holds) throw new RequestError('PRECONDITION_FAILED', 'It is another one than the request is for.');
}

/** Whether a header names one of these tags, by the strong comparison: none that is weak (RFC 9110 §8.8.3.2). */
function namesStrongly(header: string, tags: readonly string[]): boolean {
  const named: readonly string[] = header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  return tags.some((tag) => !tag.startsWith('W/') && named.includes(tag));
}
