import type { Request, Response } from 'express';
import { RequestError } from '../request-error.js';
import { isWaiting } from './continue-body.js';

/** What was thrown as a wrong request; null where it is a bug or a fault of the machine. */
export function asRequestError(thrown: unknown, request: Request): RequestError | null {
  if (thrown instanceof RequestError) return thrown;
  // Nobody is there any more to read the answer; it only keeps an abort from being logged as a fault of ours.
  if (request.destroyed && !request.complete) return new RequestError('BODY_INCOMPLETE', 'The body broke off.');
  // What Express and its body parser throw: an error with a status of its own and a type.
  if (thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number' && thrown.status < 500) {
    if (thrown.status === 413) return new RequestError('BODY_TOO_LARGE', 'The body is larger than this route accepts.');
    if (thrown.status === 415)
      return new RequestError('UNSUPPORTED_MEDIA_TYPE', 'The body has an encoding that is not read here.');
    // Of a parameter in the path whose percent signs stand for no text.
    if (thrown instanceof URIError)
      return new RequestError(
        'INVALID_REQUEST',
        "The request's path is not valid: it holds a % that stands for nothing.",
      );
    return new RequestError('BODY_MALFORMED', 'The request could not be read: its body is damaged.');
  }
  return null;
}

/** More than any upload that is refused early by mistake, and little enough to read for nothing. */
const DRAIN_BYTES = 256 * 1024 * 1024;

/**
 * Reads what is left of a body that nobody wants, so that a client that is still sending gets to see the answer
 * instead of a broken connection; up to a point.
 */
export function drain(request: Request, response: Response): void {
  if (request.complete || request.destroyed) return;
  // Whoever still waits will not send the body after this answer, so the connection can't be used further.
  if (isWaiting(request, response)) response.setHeader('connection', 'close');
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > DRAIN_BYTES) request.destroy();
  });
  request.resume();
}
