import type { RequestHandler } from 'express';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { inRequest } from '../request-context.js';

/** Gives every request an id, and writes one line about it when it is over: never a header, a token or a body. */
export function logRequest(log: Logger): RequestHandler {
  return (request, response, next) => {
    const id = randomUUID();
    const started = performance.now();
    response.setHeader('x-request-id', id);
    response.locals['requestId'] = id;
    response.on('close', () => {
      const ms = Math.round(performance.now() - started);
      const { method } = request;
      // Of an address that holds a secret, its pattern.
      const path = withoutSecrets((response.locals['loggedPath'] as string | undefined) ?? request.path);
      log.info(
        { id, method, path, status: response.statusCode, ms, ...(!response.writableFinished && { aborted: true }) },
        'request',
      );
    });
    inRequest({ requestId: id }, next);
  };
}

/** An address without what opens something: mail programs and people break links, and then no route knows what is in it. */
function withoutSecrets(path: string): string {
  return path.replace(/portcullis_[A-Za-z0-9_-]{20,}/g, 'portcullis_…');
}
