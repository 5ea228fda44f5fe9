import type { Express, RequestHandler } from 'express';
import { RequestError } from '../request-error.js';
import { answerPreflight, isForEverySite } from './cors.js';
import { patternTakingRest, type Route } from './route.js';

/** OpenAPI writes `{name}`, Express `:name`; the rest of a path is not taken out by Express. */
export function expressPath({ path, takesRest }: Route): string | RegExp {
  return takesRest === true ? restPattern(path) : path.replace(/\{(\w+)\}/g, ':$1');
}

function restPattern(path: string): RegExp {
  // Without groups: Express would decode what they take.
  return new RegExp(`^${patternTakingRest(path).replaceAll('(', '(?:')}$`);
}

/** Answers OPTIONS at every address that pages of other sites may use. */
export function answerOptions(app: Express, all: readonly Route[]): void {
  for (const path of new Set(all.filter(isForEverySite).map((route) => route.path))) {
    const atAddress = all.filter((route) => route.path === path);
    const [first] = atAddress;
    if (first !== undefined) app.options(expressPath(first), answerPreflight(atAddress));
  }
}

/** Tells a wrong path from a wrong method on a right path. */
export function unknownRoute(all: readonly Route[]): RequestHandler {
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
