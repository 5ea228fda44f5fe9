import type { Request, Response } from 'express';

/**
 * Tells a client that asked first (`Expect: 100-continue`, RFC 9110 §10.1.1) to send the body. Called only once it is
 * clear that the body is wanted, so that a refused upload costs nobody its transfer.
 */
export function continueBody(request: Request, response: Response): void {
  if (!isWaiting(request, response)) return;
  response.locals['continued'] = true;
  response.writeContinue();
}

/** True where the client waits to be told before it sends the body. */
export function isWaiting(request: Request, response: Response): boolean {
  // RFC 9110 §10.1.1: in HTTP/1.0 the expectation means nothing, and the interim answer would be taken for the answer.
  if (request.httpVersion === '1.0') return false;
  return request.headers.expect !== undefined && response.locals['continued'] !== true;
}
