import type { Request, Response } from 'express';
import { RequestError } from '../request-error.js';
import { continueBody } from './continue-body.js';

/**
 * Receives a small body that isn't JSON into memory.
 *
 * @throws RequestError `UNSUPPORTED_MEDIA_TYPE` where it is of another type or encoded, `BODY_TOO_LARGE`
 */
export async function receiveBytes(
  request: Request,
  response: Response,
  expected: { readonly mediaType: string; readonly maxBytes: number },
): Promise<Buffer> {
  const { mediaType, maxBytes } = expected;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const sent = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (sent !== mediaType || encoding !== 'identity') {
    throw new RequestError('UNSUPPORTED_MEDIA_TYPE', `Send the body as ${mediaType}, without a Content-Encoding.`);
  }
  const tooLarge = new RequestError('BODY_TOO_LARGE', `The body has more than ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge;
  continueBody(request, response);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left open when we stop early: destroying the request would take the connection, and the answer, with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw tooLarge;
  }
  return Buffer.concat(chunks);
}
