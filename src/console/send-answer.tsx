import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { renderToString } from 'preact-render-to-string';
import type { Session } from '../accounts/sessions.js';
import type { Gate } from '../gate.js';
import type { Assets } from './assets.js';
import { cookieName, readCookie, writeCookie } from './cookies.js';
import { flashes, isFlashCode, type FlashCode } from './flash.js';
import { anonymousForms } from './form-token.js';
import { Document } from './layout.js';
import { localPath } from './local-path.js';
import type { PageAnswer, ShownPage } from './page.js';
import { SurroundingsContext, type Attempt, type Surroundings } from './surroundings.js';

/** What every answer of the console needs. */
export interface Screen {
  readonly gate: Gate;
  readonly assets: Assets;
}

/** A request of the console: who makes it, and where the answer goes. */
export interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly session: Session | null;
}

/**
 * Nothing from elsewhere, nothing inline; markup becomes a document only through the policy of assets/console.js, which lets
 * nothing run.
 */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types portcullis',
].join('; ');

const FLASH_COOKIE = 'portcullis-flash';
const FLASH_SECONDS = 60;

/** What every answer of the console carries, redirects and errors included. */
export function setHeaders(response: Response): void {
  response.setHeader('content-security-policy', CONTENT_POLICY);
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('vary', 'cookie');
}

/** Answers with whatever a page's function came to. */
export async function sendAnswer(screen: Screen, visit: Visit, answer: PageAnswer): Promise<void> {
  if ('redirect' in answer) {
    sendRedirect(screen, visit, answer.redirect, answer.flash, answer.cookies);
    return;
  }
  if ('leaveFor' in answer) {
    addCookies(visit.response, answer.cookies ?? []);
    if (visit.request.method !== 'POST') {
      visit.response.status(303).setHeader('location', answer.leaveFor).end();
      return;
    }
    // Browsers hold form-action against what a form leads to, too; a page that leads on by itself is no form.
    sendPage(screen, visit, leaving(answer.leaveFor, answer.to), null);
    return;
  }
  if ('stream' in answer) {
    const { response } = visit;
    response.status(answer.status ?? 200).setHeader('content-type', answer.contentType);
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    // A browser that goes away in the middle is no fault of ours.
    await pipeline(answer.stream, response).catch((error: unknown) => {
      if (!response.destroyed) throw error;
    });
    return;
  }
  sendPage(screen, visit, answer, null);
}

/** Leads to a page of the console; `path` as links write it. */
export function sendRedirect(
  { gate: { baseUrl } }: Screen,
  { response }: Pick<Visit, 'response'>,
  path: string,
  flash?: FlashCode,
  cookies: readonly string[] = [],
): void {
  const target = localPath(path);
  if (target === null) throw new Error('A redirect that leads out of the console');
  addCookies(response, cookies);
  if (flash !== undefined) {
    const name = cookieName(baseUrl, FLASH_COOKIE);
    addCookies(response, [writeCookie(baseUrl, { name, value: flash, maxAgeSeconds: FLASH_SECONDS })]);
  }
  response
    .status(303)
    .setHeader('location', `${basePath(baseUrl)}${target}`)
    .end();
}

/** Writes a page. */
export function sendPage({ gate, assets }: Screen, visit: Visit, page: ShownPage, attempt: Attempt | null): void {
  const { request, response, session } = visit;
  const flash = takeFlash(gate, visit);
  let token: string | null = session?.csrf ?? null;
  const url = new URL(request.originalUrl.replace(/^\/+/, '/'), 'http://gate');
  const surroundings: Surroundings = {
    path: url.pathname.slice(1),
    search: url.search,
    session,
    formToken() {
      if (token !== null) return token;
      const forms = anonymousForms(gate, request.headers);
      if (forms.setCookie !== null) addCookies(response, [forms.setCookie]);
      return (token = forms.token);
    },
    attempt,
    storeName: new URL(gate.baseUrl).host,
    now: gate.now(),
  };
  const html = renderToString(
    <SurroundingsContext.Provider value={surroundings}>
      <Document page={page} base={basePath(gate.baseUrl)} assets={assets} flash={flash} />
    </SurroundingsContext.Provider>,
  );
  const status = page.status ?? response.statusCode;
  // What anyone sees alike may be kept, to be asked for again; but for what is bound to this browser, or to a secret.
  if (session === null && token === null && status === 200 && response.locals['loggedPath'] === undefined) {
    response.setHeader('cache-control', 'private, no-cache');
  }
  for (const [name, value] of Object.entries(page.headers ?? {})) response.setHeader(name, value);
  const bytes = Buffer.from(`<!doctype html>${html}`);
  response.status(status);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('content-length', bytes.length);
  response.end(bytes);
}

/** Adds cookies to those that the answer sets already. */
export function addCookies(response: Response, cookies: readonly string[]): void {
  for (const cookie of cookies) response.append('set-cookie', cookie);
}

/** What every link is relative to: the path of BASE_URL, with a slash at its end. */
function basePath(baseUrl: string): string {
  return new URL(baseUrl).pathname.replace(/\/*$/, '/');
}

/** What the form before has led to; said once. */
function takeFlash({ baseUrl }: Gate, { request, response }: Visit): string | null {
  const name = cookieName(baseUrl, FLASH_COOKIE);
  const code = readCookie(request.headers, name);
  if (code === null) return null;
  addCookies(response, [writeCookie(baseUrl, { name, value: '', maxAgeSeconds: 0 })]);
  return isFlashCode(code) ? flashes[code] : null;
}

function leaving(location: string, to: string): ShownPage {
  return {
    title: `On to ${to}`,
    headers: { refresh: `0; url=${location}` },
    body: (
      <p>
        <a class="button primary" href={location}>
          Continue to {to}
        </a>
      </p>
    ),
  };
}
