import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Session } from '../accounts/sessions.js';
import type { Gate } from '../gate.js';
import { asRequestError, drain } from '../http/broken-request.js';
import { continueBody } from '../http/continue-body.js';
import { asUnavailable } from '../http/unavailable.js';
import { RequestError } from '../request-error.js';
import { readAssets, type Assets } from './assets.js';
import { checkForm, checkParams, checkQuery } from './check-input.js';
import { errorPage, faultPage } from './error-page.js';
import { attemptOf } from './form-attempt.js';
import { expectedToken, requireFormToken } from './form-token.js';
import type { Page, PageContext } from './page.js';
import { pages } from './pages.js';
import { findVisitor, isAdmitted } from './require-session.js';
import { isSameOrigin } from './same-origin.js';
import type { Attempt } from './surroundings.js';
import { sendAnswer, sendPage, sendRedirect, setHeaders, type Screen, type Visit } from './send-answer.js';

const FORM_BYTES = 256 * 1024;

type AnyContext = PageContext<'anyone', unknown, unknown, unknown>;

/**
 * The console: pages for people under `/console`. The order of what happens to a request: who is signed in, whether the page is
 * for them, whether a form came from a page of ours, the input's schemas, the page's function, the answer; and last whatever
 * went wrong, as a page too.
 */
export function consoleRouter(gate: Gate, log: Logger): Router {
  const screen: Screen = { gate, assets: readAssets() };
  const router = Router({ caseSensitive: true, strict: true });
  router.use(prepare(pages));
  router.get('/console/assets/*name', serveAsset(screen.assets));
  for (const page of pages) {
    const path = page.path.replace(/\{(\w+)\}/g, ':$1');
    if (page.method === 'get') router.get(path, answerGet(screen, page));
    else router.post(path, answerPost(screen, page));
  }
  router.get('/console/', (_request, response) => sendRedirect(screen, { response }, 'console'));
  router.use(unknownPage(gate, pages));
  router.use(answerError(screen, log));
  return router;
}

/** Headers for every answer; and of addresses that hold a secret, the log gets the pattern only. */
function prepare(all: readonly Page[]): RequestHandler {
  const secret = all
    .filter(({ secretAddress }) => secretAddress === true)
    .map(({ path }) => ({ path, start: path.slice(0, path.indexOf('{')) }));
  return (request, response, next) => {
    if (!/^\/console(?:\/|$)/.test(request.path)) {
      next('router');
      return;
    }
    setHeaders(response);
    const found = secret.find(({ start }) => request.path.startsWith(start));
    if (found !== undefined) {
      response.locals['loggedPath'] = found.path;
      response.setHeader('referrer-policy', 'no-referrer');
    }
    next();
  };
}

function serveAsset({ byName, client }: Assets): RequestHandler<{ name: string[] }> {
  const all = [...Object.values(byName), ...client.modules];
  const byFileName = new Map(all.map((asset) => [asset.fileName, asset]));
  return (request, response) => {
    const asset = byFileName.get(request.params.name.join('/'));
    if (asset === undefined) throw new RequestError('NOT_FOUND', 'There is no such file.');
    response.removeHeader('vary');
    response.setHeader('cache-control', 'public, max-age=31536000, immutable');
    response.setHeader('content-type', asset.contentType);
    response.setHeader('content-length', asset.bytes.length);
    response.end(asset.bytes);
  };
}

function answerGet(screen: Screen, page: Page): RequestHandler {
  return async (request, response) => {
    const visit = await visitOf(screen.gate, page, request, response);
    if (!isAdmitted(page.access, visit.session)) {
      const returnTo = new URLSearchParams({ returnTo: request.originalUrl.slice(1) });
      sendRedirect(screen, visit, `console/sign-in?${returnTo.toString()}`);
      return;
    }
    const context: AnyContext = { ...contextOf(screen.gate, page, visit), form: {} };
    await sendAnswer(screen, visit, await page.answer(context));
  };
}

const readForm: RequestHandler = express.urlencoded({ extended: false, limit: FORM_BYTES });

function answerPost(screen: Screen, page: Page): RequestHandler {
  const { gate } = screen;
  return async (request, response) => {
    if (!isSameOrigin(request.headers, gate.baseUrl)) {
      throw new RequestError('FORM_EXPIRED', 'This form was sent from a page of another site. Nothing was done.');
    }
    const visit = await visitOf(gate, page, request, response);
    if (!isAdmitted(page.access, visit.session)) {
      throw new RequestError('UNAUTHENTICATED', 'You are not signed in any more. Nothing was done.');
    }
    const expected = expectedToken(gate, visit.session, request.headers);
    let isTokenChecked = false;
    const requireToken = (): void => {
      requireFormToken(expected, request.headers, request.body);
      isTokenChecked = true;
    };
    const context = { ...contextOf(gate, page, visit), requireToken };
    try {
      let form: unknown = {};
      if (page.body !== 'multipart') {
        await readBody(request, response);
        requireToken();
        form = checkForm(page.schemas.form, request.body);
      }
      const answer = await page.answer({ ...context, form });
      // A page that reads its body itself and forgets the token would be open to every site.
      if (!isTokenChecked) throw new Error('A form was accepted without its token');
      await sendAnswer(screen, visit, answer);
    } catch (thrown) {
      const refused = attemptOf(thrown, request);
      if (refused === null || response.headersSent) throw thrown;
      const { status, attempt } = refused;
      if (page.again === undefined) throw asPlainError(thrown, attempt);
      sendPage(screen, visit, { ...(await page.again(context)), status }, attempt);
    }
  };
}

/** A form that no page shows again is told what is wrong with it in one sentence. */
function asPlainError(thrown: unknown, { message, errors }: Attempt): unknown {
  if (thrown instanceof RequestError) return thrown;
  const [fault] = Object.entries(errors);
  return new RequestError('INVALID_REQUEST', fault === undefined ? message : `${fault[0]}: ${fault[1]}`);
}

async function visitOf(gate: Gate, page: Page, request: Request, response: Response): Promise<Visit> {
  const session = await findVisitor(gate, request, page.access);
  // For the page that tells of an error, should there be one.
  response.locals['session'] = session;
  return { request, response, session };
}

function contextOf(gate: Gate, page: Page, { request, response, session }: Visit): Omit<AnyContext, 'form'> {
  return {
    gate,
    session,
    params: checkParams(page.schemas.params, request.params),
    query: checkQuery(page.schemas.query, request.query),
    request,
    response,
    requireToken: () => {},
  };
}

async function readBody(request: Request, response: Response): Promise<void> {
  continueBody(request, response);
  await new Promise<void>((resolve, reject) => {
    readForm(request, response, (error: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('A form could not be read'));
    });
  });
}

/** Tells a wrong path from a wrong method on a right path. */
function unknownPage(gate: Gate, all: readonly Page[]): RequestHandler {
  const patterns = all.map(({ path, method }) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    methods: method === 'get' ? ['GET', 'HEAD'] : ['POST'],
  }));
  return async (request, response) => {
    // Whoever is signed in stays so, with the way to every page, on one that isn't there.
    response.locals['session'] = await findVisitor(gate, request, 'anyone');
    const allowed = patterns.filter(({ pattern }) => pattern.test(request.path)).flatMap(({ methods }) => methods);
    if (allowed.length === 0) throw new RequestError('NOT_FOUND', 'There is nothing at this address.');
    response.setHeader('allow', [...new Set(allowed)].join(', '));
    throw new RequestError('METHOD_NOT_ALLOWED', `Only ${allowed.join(', ')} works at this address.`);
  };
}

function answerError(screen: Screen, log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const error = asRequestError(thrown, request) ?? asUnavailable(thrown);
    const requestId = String(response.locals['requestId']);
    if (error === null || error.code === 'UNAVAILABLE') log.error({ id: requestId, err: thrown }, 'a page failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    drain(request, response);
    const session = (response.locals['session'] as Session | null | undefined) ?? null;
    const page = error === null ? faultPage(requestId) : errorPage(error, session !== null);
    sendPage(screen, { request, response, session }, page, null);
  };
}
