import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { asRequestError, drain } from './broken-request.js';
import { problem, problemHeaders, problemOf, type Problem } from './problem.js';
import { asUnavailable } from './unavailable.js';

/** Answers whatever was thrown with a problem, which no cache keeps. */
export function answerError(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const error = asRequestError(thrown, request) ?? asUnavailable(thrown);
    if (error === null || error.code === 'UNAVAILABLE') {
      log.error({ id: response.locals['requestId'], err: thrown }, 'a request failed');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    drain(request, response);
    // Of an answer that broke while it was written.
    for (const name of ['content-encoding', 'etag', 'last-modified']) response.removeHeader(name);
    response.setHeader('content-type', 'application/problem+json');
    response.setHeader('cache-control', 'no-store');
    if (error === null) {
      const detail = `The gate failed; the fault is not yours. Request id: ${String(response.locals['requestId'])}.`;
      writeProblem(response, problem(500, 'INTERNAL', detail));
      return;
    }
    // A route may have said it better: which credentials it wants.
    for (const [name, value] of Object.entries(problemHeaders(error.code))) {
      if (!response.hasHeader(name)) response.setHeader(name, value);
    }
    writeProblem(response, problemOf(error));
  };
}

function writeProblem(response: Response, document: Problem): void {
  const body = Buffer.from(JSON.stringify(document));
  // Said also where the answer is to HEAD.
  response.setHeader('content-length', body.length);
  response.status(document.status).end(body);
}
