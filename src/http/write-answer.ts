import type { Request, Response } from 'express';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chooseCoding, compress, compressor, WORTH_COMPRESSING_BYTES, type ContentCoding } from './compress.js';
import { isUnmodified, knownTag, lastModifiedOf, requirePreconditions, tagInCoding, tagOf } from './conditional.js';
import { isNegotiated, type Answer, type ReadingPolicy, type Route } from './route.js';

const IMMUTABLE_SECONDS = 31_536_000;

/** Of the headers of an answer those that belong to a 304 (RFC 9110 §15.4.5). */
const KEPT_BY_304 = new Set(['cache-control', 'content-location', 'etag', 'expires', 'last-modified', 'vary']);

/** How long whoever asked may take nothing of the answer: it keeps a connection, and often a place that others wait for. */
const STALLED_MS = 60_000;

/** An answer as it goes out. */
interface Written {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | Readable | null;
  /** Of the body, where it is not in it yet: a stream is compressed as it flows. */
  readonly coding: ContentCoding | null;
}

/**
 * Writes an answer. That of a route with a reading policy goes with a tag, for caches, compressed, and as a 304 to whoever has it
 * already; any other is kept by no cache, unless it says otherwise itself. The connection of whoever takes nothing of it for a minute
 * is closed.
 *
 * @throws RequestError `PRECONDITION_FAILED`; whatever a stream breaks with
 */
export async function writeAnswer(
  route: Pick<Route, 'reading' | 'responses'>,
  answer: Answer,
  {
    request,
    response,
    now,
    stalledMs = STALLED_MS,
  }: { readonly request: Request; readonly response: Response; readonly now: Date; readonly stalledMs?: number },
): Promise<void> {
  const written = await prepare(route, answer, request, now).catch((error: unknown) => {
    answer.stream?.destroy();
    throw error;
  });
  response.status(written.status);
  for (const [name, value] of Object.entries(written.headers)) response.setHeader(name, value);
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
  // Node counts what the other side takes as a sign of life, and closes the connection by itself.
  response.setTimeout(stalledMs);
  if (written.body === null || Buffer.isBuffer(written.body)) {
    // Said also where the answer is to HEAD, and nothing else tells it.
    if (written.body !== null) response.setHeader('content-length', written.body.length);
    response.end(written.body ?? undefined);
    return;
  }
  if (request.method === 'HEAD') {
    written.body.destroy();
    response.end();
    return;
  }
  await writeStream(written, written.body, response);
}

async function prepare(
  route: Pick<Route, 'reading' | 'responses'>,
  answer: Answer,
  request: Request,
  now: Date,
): Promise<Written> {
  return isRead(route.reading, answer)
    ? asReading(route.reading, isNegotiated(route), answer, request, now)
    : asItIs(answer);
}

/** What is wrong with a request, and where something else is to be had, is nothing to keep. */
function isRead(policy: ReadingPolicy | undefined, { status }: Answer): policy is ReadingPolicy {
  return policy !== undefined && [200, 206, 304].includes(status);
}

function asItIs(answer: Answer): Written {
  const { bytes, contentType } = bodyOf(answer);
  const headers = { ...(contentType !== null && { 'content-type': contentType }), ...answer.headers };
  return { status: answer.status, headers, body: answer.stream ?? bytes, coding: null };
}

async function asReading(
  policy: ReadingPolicy,
  negotiated: boolean,
  answer: Answer,
  request: Request,
  now: Date,
): Promise<Written> {
  const { bytes, contentType } = bodyOf(answer);
  const stream = answer.stream ?? null;
  const choice = chooseCoding(negotiated ? request.get('accept-encoding') : undefined);
  const lastModified = lastModifiedOf(answer.lastModified, now);
  const own = answer.headers ?? {};
  const headers: Readonly<Record<string, string>> = {
    ...(contentType !== null && { 'content-type': contentType }),
    'cache-control': cacheControlOf(policy),
    ...(lastModified !== null && { 'last-modified': lastModified }),
    ...own,
    ...(negotiated && { vary: [own['vary'], 'Accept-Encoding'].filter(Boolean).join(', ') }),
  };
  const tag = tagFor(answer, bytes);
  requirePreconditions(request.headers, { tag, lastModified }, choice);
  const known = tag === null ? null : knownTag(request.headers, tag, choice);
  // A part, or a 304, is the route's own word.
  const isKnown = answer.status === 304 || (answer.status === 200 && known !== null);
  if (isKnown || (answer.status === 200 && isUnmodified(request.headers, lastModified))) {
    stream?.destroy();
    const kept = Object.entries(headers).filter(([name]) => KEPT_BY_304.has(name));
    const etag = known ?? tag;
    return {
      status: 304,
      headers: { ...Object.fromEntries(kept), ...(etag !== null && { etag }) },
      body: null,
      coding: null,
    };
  }
  const isWorthIt = stream !== null || (bytes?.length ?? 0) >= WORTH_COMPRESSING_BYTES || !choice.takesIdentity;
  const coding = answer.status === 200 && isWorthIt ? choice.coding : null;
  const inCoding = answer.inCoding ?? ((wanted: ContentCoding) => compress(bytes ?? Buffer.alloc(0), wanted));
  const body = stream ?? (bytes !== null && coding !== null ? await inCoding(coding) : bytes);
  const { 'content-length': length, ...rest } = headers;
  return {
    status: answer.status,
    headers: {
      ...rest,
      ...(tag !== null && { etag: tagInCoding(tag, coding) }),
      ...(coding !== null && { 'content-encoding': coding }),
      ...(coding === null && length !== undefined && { 'content-length': length }),
    },
    body,
    coding,
  };
}

function cacheControlOf(policy: ReadingPolicy): string {
  if ('immutable' in policy) return `public, max-age=${IMMUTABLE_SECONDS}, immutable`;
  return policy.maxAgeSeconds === 0 ? 'public, no-cache' : `public, max-age=${policy.maxAgeSeconds}`;
}

/** The tag that a route gives, or one of the bytes; null of a stream that has none, and of nothing. */
function tagFor({ etag, weakEtag, headers }: Answer, bytes: Buffer | null): string | null {
  if (etag !== undefined) return etag;
  if (weakEtag !== undefined) return `W/${weakEtag}`;
  return headers?.['etag'] ?? (bytes === null ? null : tagOf(bytes));
}

/** What is to be written at once, made before any header: where it can't be made, the answer is another one. */
function bodyOf({ json, text, bytes }: Answer): { readonly bytes: Buffer | null; readonly contentType: string | null } {
  if (json !== undefined) {
    return { bytes: Buffer.from(JSON.stringify(json)), contentType: 'application/json; charset=utf-8' };
  }
  return { bytes: bytes ?? (text === undefined ? null : Buffer.from(text)), contentType: null };
}

async function writeStream({ coding, headers }: Written, stream: Readable, response: Response): Promise<void> {
  const length = headers['content-length'];
  try {
    if (coding !== null) await pipeline(stream, compressor(coding), response);
    else if (length !== undefined) await pipeline(stream, exactly(Number(length)), response);
    else await pipeline(stream, response);
  } catch (error) {
    // A client that goes away in the middle is no fault of ours.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/**
 * Passes on so many bytes. It fails at an end before, for which whoever asked would wait, and before one more, which they would take
 * for the beginning of the next answer.
 */
function exactly(bytes: number): Transform {
  let left = bytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(new Error('More came than the answer was to be long'));
      else done(null, chunk);
    },
    flush(done) {
      done(left > 0 ? new Error('Less came than the answer was to be long') : null);
    },
  });
}
