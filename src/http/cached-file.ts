import type { Request } from 'express';
import type { Answer } from './route.js';

/** A small file that caches may keep for a while. */
export interface CachedFile {
  readonly bytes: Buffer;
  /** Of the bytes, in lower-case hex. */
  readonly sha256: string;
  readonly contentType: string;
  /** For `Last-Modified`, where others rely on that header; nothing is decided by it. */
  readonly modifiedAt?: Date;
  /** The value of `Cache-Control`. */
  readonly cacheControl: string;
  readonly expiresAt: Date;
}

/**
 * Answers with a file, or with 304 to whoever has it already (RFC 9110 §13.2.2). The tag is a digest of the bytes. A date
 * is never believed: two revocation lists may come within one second, and one that was made on another machine comes long
 * after its date, so that `If-Modified-Since`, which a server may ignore (RFC 9110 §13.1.3), would hide a revocation.
 */
export function answerFile(request: Request, file: CachedFile): Answer {
  const { bytes, sha256, contentType, modifiedAt, cacheControl, expiresAt } = file;
  const etag = `"${sha256}"`;
  const headers = {
    'cache-control': cacheControl,
    etag,
    expires: expiresAt.toUTCString(),
    ...(modifiedAt !== undefined && { 'last-modified': modifiedAt.toUTCString() }),
  };
  if (isKnown(request, etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'content-type': contentType }, bytes };
}

/**
 * Not Express's `request.fresh`: that never says yes to a request with `Cache-Control: no-cache`, which every `fetch`
 * sends along with a tag, and which only asks caches on the way to look here (RFC 9111 §5.2.1.4). And it asks for dates.
 */
function isKnown({ headers }: Request, etag: string): boolean {
  const tags = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes('*') || tags.includes(etag);
}
