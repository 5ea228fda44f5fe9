import type { Request } from 'express';
import { createHash } from 'node:crypto';
import type { Answer } from './route.js';

/** A small file that caches may keep for a while. */
export interface CachedFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly modifiedAt: Date;
  /** The value of `Cache-Control`. */
  readonly cacheControl: string;
  readonly expiresAt: Date;
}

/**
 * Answers with a file, or with 304 to whoever has it already (RFC 9110 §13.2.2). The tag is a digest of the bytes, so
 * it is right where two versions come within one second, which a date can't tell apart.
 */
export function answerFile(request: Request, file: CachedFile): Answer {
  const { bytes, contentType, modifiedAt, cacheControl, expiresAt } = file;
  const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
  const headers = {
    'cache-control': cacheControl,
    etag,
    expires: expiresAt.toUTCString(),
    'last-modified': modifiedAt.toUTCString(),
  };
  if (isKnown(request, etag, modifiedAt)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'content-type': contentType }, bytes };
}

/**
 * Not Express's `request.fresh`: that never says yes to a request with `Cache-Control: no-cache`, which every `fetch`
 * sends along with a tag, and which only asks caches on the way to look here (RFC 9111 §5.2.1.4).
 */
function isKnown({ headers }: Request, etag: string, modifiedAt: Date): boolean {
  const tags = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags !== undefined) return tags.includes('*') || tags.includes(etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  // A header names whole seconds.
  return Math.floor(modifiedAt.getTime() / 1000) * 1000 <= since;
}
