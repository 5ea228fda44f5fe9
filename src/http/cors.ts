import type { RequestHandler } from 'express';
import type { Address } from './route-paths.js';

/*
 * What everybody may read is read by pages of other sites too (Fetch §3.2). They get nothing that they could not get by
 * themselves: no such route looks at a cookie or a token.
 */

/** What a page may send along. Not `Authorization`: nothing here is for whoever has one. */
const REQUEST_HEADERS =
  'Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range';

/** What a page may see beyond the few headers that every page sees. */
const EXPOSED_HEADERS =
  'Accept-Ranges, Content-Digest, Content-Disposition, Content-Range, ETag, Location, Repr-Digest, Retry-After, X-Request-Id';

const PREFLIGHT_SECONDS = 86_400;

/** True of routes that pages of other sites may use. */
export function isForEverySite({ access, reading, crossOrigin }: Address): boolean {
  return access === 'public' && (reading !== undefined || crossOrigin === true);
}

/** Lets pages of other sites read the answer, whatever it says. */
export const allowEverySite: RequestHandler = (_request, response, next) => {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', EXPOSED_HEADERS);
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  next();
};

/** Answers what a browser asks before it lets a page ask; of the other routes at the same address nothing is allowed. */
export function answerPreflight(atAddress: readonly Address[]): RequestHandler {
  const methods = routeMethods(atAddress.filter(isForEverySite)).join(', ');
  const allowed = methodsOf(atAddress);
  return (_request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-methods', methods);
    response.setHeader('access-control-allow-headers', REQUEST_HEADERS);
    response.setHeader('access-control-max-age', String(PREFLIGHT_SECONDS));
    response.setHeader('allow', allowed);
    response.status(204).end();
  };
}

/** What works at an address, as `Allow` has it. */
export function methodsOf(atAddress: readonly Address[]): string {
  const methods = routeMethods(atAddress);
  return [...methods, ...(atAddress.some(isForEverySite) ? ['OPTIONS'] : [])].join(', ');
}

function routeMethods(atAddress: readonly Address[]): readonly string[] {
  const methods = atAddress.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return [...new Set(methods)];
}
