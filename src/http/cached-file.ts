import type { Request } from 'express';
import { namesTag } from './conditional.js';
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
  if (namesTag(request.headers['if-none-match'], etag)) return { status: 304, headers };
  return { status: 200, headers: { ...headers, 'content-type': contentType }, bytes };
}
