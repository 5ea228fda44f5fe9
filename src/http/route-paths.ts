import type { Express, RequestHandler } from 'express';
import { RequestError } from '../request-error.js';
import { answerPreflight, isForEverySite, methodsOf } from './cors.js';
import { patternTakingRest, type Route } from './route.js';

/** What of a route is told without asking it. */
export type Address = Pick<Route, 'method' | 'path' | 'access'> &
  Partial<Pick<Route, 'takesRest' | 'reading' | 'crossOrigin'>>;

/** OpenAPI writes `{name}`, Express `:name`; the rest of a path is not taken out by Express. */
export function expressPath({ path, takesRest }: Address): string | RegExp {
  return takesRest === true ? restPattern(path) : path.replace(/\{(\w+)\}/g, ':$1');
}

function restPattern(path: string): RegExp {
  // Without groups: Express would decode what they take.
  return new RegExp(`^${patternTakingRest(path).replaceAll('(', '(?:')}$`);
}

/** Answers OPTIONS at every address that pages of other sites may use. */
export function answerOptions(app: Express, all: readonly Address[]): void {
  for (const path of new Set(all.filter(isForEverySite).map((route) => route.path))) {
    const atAddress = all.filter((route) => route.path === path);
    const [first] = atAddress;
    if (first !== undefined) app.options(expressPath(first), answerPreflight(atAddress));
  }
}

/** Tells a wrong path from a wrong method on a right path. */
export function unknownRoute(all: readonly Address[]): RequestHandler {
  const patterns = all.map((address) => ({
    pattern: new RegExp(`^${address.path.replace(/\{\w+\}/g, address.takesRest === true ? '.+' : '[^/]+')}$`),
    address,
  }));
  return (request, response) => {
    const atAddress = patterns.filter(({ pattern }) => pattern.test(request.path)).map(({ address }) => address);
    if (atAddress.length === 0) throw new RequestError('NOT_FOUND', 'There is nothing at this address.');
    const allowed = methodsOf(atAddress);
    response.setHeader('allow', allowed);
    throw new RequestError('METHOD_NOT_ALLOWED', `Only ${allowed} works at this address.`);
  };
}
