import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Gate } from '../gate.js';
import { answerError } from './answer-error.js';
import { callerOf } from './authenticate.js';
import { continueBody } from './continue-body.js';
import { allowEverySite, isForEverySite } from './cors.js';
import { logRequest } from './log-request.js';
import { answerOptions, expressPath, unknownRoute } from './route-paths.js';
import type { Route } from './route.js';
import { secureHeaders } from './secure-headers.js';
import { documentationAddresses, serveDocumentation } from './serve-documentation.js';
import { writeAnswer } from './write-answer.js';
import { accountRoutes } from './routes/account.js';
import { peopleRoutes } from './routes/accounts.js';
import { appealRoutes } from './routes/appeals.js';
import { appRoutes } from './routes/apps.js';
import { auditRoutes } from './routes/audit.js';
import { authorityRoutes } from './routes/authority.js';
import { catalogueRoutes } from './routes/catalogue.js';
import { certificateRoutes } from './routes/certificates.js';
import { changeRoutes } from './routes/changes.js';
import { downloadRoutes } from './routes/downloads.js';
import { invitationRoutes } from './routes/invitations.js';
import { feedRoutes } from './routes/feeds.js';
import { marketRoutes } from './routes/market.js';
import { metricsRoutes } from './routes/metrics.js';
import { notificationRoutes } from './routes/notifications.js';
import { ocspRoutes } from './routes/ocsp.js';
import { reportRoutes } from './routes/reports.js';
import { reviewRoutes } from './routes/reviews.js';
import { revocationRoutes } from './routes/revocations.js';
import { ruleRoutes } from './routes/rules.js';
import { reviewVerdictRoutes } from './routes/review-verdicts.js';
import { screenshotRoutes } from './routes/screenshots.js';
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
  ...changeRoutes,
  ...downloadRoutes,
  ...screenshotRoutes,
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
  ...marketRoutes,
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
  // Tags are made in one place, see write-answer.ts.
  app.disable('etag');
  app.set('trust proxy', gate.proxies);
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);

  app.use(logRequest(log));
  app.use(secureHeaders);
  for (const route of routes) {
    app[route.method](expressPath(route), ...forEverySite(route), ...readBody(route), run(gate, route));
  }
  const addresses = [...routes, ...documentationAddresses];
  answerOptions(app, addresses);
  serveDocumentation(app, routes, gate);
  if (console !== null) app.use(console);
  app.use(unknownRoute(addresses));
  app.use(answerError(log));
  return app;
}

function forEverySite(route: Route): RequestHandler[] {
  return isForEverySite(route) ? [allowEverySite] : [];
}

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
    const answer = await route.answer(gate, caller, request, response);
    await writeAnswer(route, answer, { request, response, now: gate.now() });
  };
}
