import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import type { Gate } from '../gate.js';
import { inRequest } from '../request-context.js';
import { RequestError } from '../request-error.js';
import { callerOf } from './authenticate.js';
import { asRequestError, drain } from './broken-request.js';
import { continueBody } from './continue-body.js';
import { docsPage } from './docs-page.js';
import { describeApi } from './openapi.js';
import { problem, problemHeaders, problemOf } from './problem.js';
import { patternTakingRest, type Answer, type Route } from './route.js';
import { asUnavailable } from './unavailable.js';
import { accountRoutes } from './routes/account.js';
import { peopleRoutes } from './routes/accounts.js';
import { appealRoutes } from './routes/appeals.js';
import { appRoutes } from './routes/apps.js';
import { auditRoutes } from './routes/audit.js';
import { authorityRoutes } from './routes/authority.js';
import { catalogueRoutes } from './routes/catalogue.js';
import { certificateRoutes } from './routes/certificates.js';
import { downloadRoutes } from './routes/downloads.js';
import { invitationRoutes } from './routes/invitations.js';
import { feedRoutes } from './routes/feeds.js';
import { metricsRoutes } from './routes/metrics.js';
import { notificationRoutes } from './routes/notifications.js';
import { ocspRoutes } from './routes/ocsp.js';
import { reportRoutes } from './routes/reports.js';
import { reviewRoutes } from './routes/reviews.js';
import { revocationRoutes } from './routes/revocations.js';
import { ruleRoutes } from './routes/rules.js';
import { reviewVerdictRoutes } from './routes/review-verdicts.js';
import { serviceRoutes } from './routes/service.js';
import { signingRequestRoutes } from './routes/signing-requests.js';
import { signingRequestVerdictRoutes } from './routes/signing-request-verdicts.js';
import { statisticsRoutes } from './routes/statistics.js';
import { submissionEventRoutes } from './routes/submission-events.js';
import { submissionRoutes } from './routes/submissions.js';
import { tokenRoutes } from './routes/tokens.js';
import { uploadRoutes } from './routes/uploads.js';
import { webhookRoutes } from './routes/webhooks.js';

export const routes: readonly Route[] = [
  ...uploadRoutes,
  ...submissionRoutes,
  ...appealRoutes,
  ...reviewVerdictRoutes,
  ...appRoutes,
  ...tokenRoutes,
  ...accountRoutes,
  ...invitationRoutes,
  ...peopleRoutes,
  ...catalogueRoutes,
  ...downloadRoutes,
  ...signingRequestRoutes,
  ...signingRequestVerdictRoutes,
  ...certificateRoutes,
  ...revocationRoutes,
  ...reviewRoutes,
  ...reportRoutes,
  ...authorityRoutes,
  ...ocspRoutes,
  ...auditRoutes,
  ...ruleRoutes,
  ...statisticsRoutes,
  ...serviceRoutes,
  ...metricsRoutes,
  ...submissionEventRoutes,
  ...webhookRoutes,
  ...notificationRoutes,
  ...feedRoutes,
];

const JSON_BODY_BYTES = 256 * 1024;

/**
 * The HTTP side of the gate. The order of what happens to a request stands on this screen: an id and a log line,
 * headers for everybody, who asks, the input's schema, the use-case, the answer; and last whatever went wrong.
 *
 * @param console the pages for people; null: this gate has none
 */
export function createApp(gate: Gate, log: Logger, console: RequestHandler | null = null): Express {
  const app = express();
  app.disable('x-powered-by');
  // A weak tag over a body we just made costs a hash and spares nobody a query.
  app.disable('etag');
  app.set('trust proxy', gate.proxies);
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);

  app.use(logRequest(log));
  app.use(secureHeaders);
  for (const route of routes) app[route.method](expressPath(route), ...readBody(route), run(gate, route));
  serveDocumentation(app, gate);
  if (console !== null) app.use(console);
  app.use(unknownRoute(routes));
  app.use(answerError(log));
  return app;
}

/** Gives every request an id, and writes one line about it when it is over: never a header, a token or a body. */
function logRequest(log: Logger): RequestHandler {
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

const secureHeaders: RequestHandler = (_request, response, next) => {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  next();
};

/** A route with a body of its own kind reads it itself; of the others only JSON is read. */
function readBody(route: Route): RequestHandler[] {
  if (route.rawBody !== undefined || route.method === 'get') return [];
  const askForBody: RequestHandler = (request, response, next) => {
    continueBody(request, response);
    next();
  };
  return [askForBody, express.json({ limit: JSON_BODY_BYTES, strict: true })];
}

function run(gate: Gate, route: Route): RequestHandler {
  return async (request, response) => {
    const caller = route.access === 'bearer' ? await callerOf(gate, request) : null;
    await write(response, await route.answer(gate, caller, request, response));
  };
}

async function write(response: Response, answer: Answer): Promise<void> {
  const { status, headers = {}, json, text, bytes, stream } = answer;
  response.status(status);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (stream !== undefined) {
    // A client that goes away in the middle is no fault of ours.
    await pipeline(stream, response).catch((error: unknown) => {
      if (!response.destroyed) throw error;
    });
    return;
  }
  if (json !== undefined) {
    if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
    response.end(JSON.stringify(json));
    return;
  }
  // Said also where the answer is to HEAD, and nothing else tells it.
  if (bytes !== undefined) response.setHeader('content-length', bytes.length);
  response.end(bytes ?? text);
}

function serveDocumentation(app: Express, { version, baseUrl }: Gate): void {
  const document = describeApi(routes, version, baseUrl);
  const json = JSON.stringify(document);
  const html = docsPage(document);
  app.get('/api/v1/openapi.json', (_request, response) => {
    response.type('application/json').send(json);
  });
  app.get('/docs', (_request, response) => {
    response.setHeader('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'");
    response.type('html').send(html.page);
  });
  app.get('/docs.css', (_request, response) => {
    response.type('css').send(html.style);
  });
  app.get('/', (_request, response) => {
    response.redirect(302, '/docs');
  });
}

/** OpenAPI writes `{name}`, Express `:name`; the rest of a path is not taken out by Express. */
function expressPath({ path, takesRest }: Route): string | RegExp {
  return takesRest === true ? restPattern(path) : path.replace(/\{(\w+)\}/g, ':$1');
}

function restPattern(path: string): RegExp {
  // Without groups: Express would decode what they take.
  return new RegExp(`^${patternTakingRest(path).replaceAll('(', '(?:')}$`);
}

/** Tells a wrong path from a wrong method on a right path. */
function unknownRoute(all: readonly Route[]): RequestHandler {
  const patterns = all.map(({ path, method, takesRest }) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, takesRest === true ? '.+' : '[^/]+')}$`),
    method,
  }));
  return (request, response) => {
    const allowed = patterns
      .filter(({ pattern }) => pattern.test(request.path))
      .map(({ method }) => method.toUpperCase());
    if (allowed.length === 0) throw new RequestError('NOT_FOUND', 'There is nothing at this address.');
    response.setHeader('allow', [...new Set(allowed)].join(', '));
    throw new RequestError('METHOD_NOT_ALLOWED', `Only ${allowed.join(', ')} works at this address.`);
  };
}

function answerError(log: Logger): ErrorRequestHandler {
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
    response.setHeader('content-type', 'application/problem+json');
    if (error === null) {
      const detail = `The gate failed; the fault is not yours. Request id: ${String(response.locals['requestId'])}.`;
      response.status(500).end(JSON.stringify(problem(500, 'INTERNAL', detail)));
      return;
    }
    for (const [name, value] of Object.entries(problemHeaders(error.code))) response.setHeader(name, value);
    const document = problemOf(error);
    response.status(document.status).end(JSON.stringify(document));
  };
}
