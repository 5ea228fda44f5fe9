import type { Request } from 'express';
import type { Caller } from '../accounts/caller.js';
import { authenticate } from '../accounts/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/**
 * Whoever the request's bearer token speaks for (RFC 6750 §2.1). A token in the URL is never looked at.
 *
 * @throws RequestError `UNAUTHENTICATED`
 */
export async function callerOf(gate: Gate, request: Request): Promise<Caller> {
  const [, secret] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  if (secret === undefined) {
    throw new RequestError('UNAUTHENTICATED', 'This needs a bearer token in the Authorization header.');
  }
  return authenticate(gate.database, secret, gate.now());
}
