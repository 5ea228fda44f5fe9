import { isNegotiated, type ResponseDescription, type Route } from './route.js';

/*
 * What a reading policy does, described for every route that has one.
 */

type Texts = Readonly<Record<string, string>>;

/** The request headers that a reading policy listens to. */
export function readingParameters({ reading, requestHeaders = {} }: Route): Texts {
  if (reading === undefined) return {};
  const described = new Set(Object.keys(requestHeaders).map((name) => name.toLowerCase()));
  const own = {
    'If-None-Match': 'The `ETag` of what one has already (RFC 9110 §13.1.2).',
    'If-Modified-Since': 'The `Last-Modified` of what one has already, where there is no tag (RFC 9110 §13.1.3).',
    'If-Match': 'The `ETag` that it must have (RFC 9110 §13.1.1).',
    'If-Unmodified-Since': 'After when it must not have changed, where there is no tag (RFC 9110 §13.1.4).',
  };
  return Object.fromEntries(Object.entries(own).filter(([name]) => !described.has(name.toLowerCase())));
}

/** The responses of a route, with what a reading policy adds to them. */
export function describeReading(route: Route): Readonly<Record<number, ResponseDescription>> {
  const { reading, responses } = route;
  if (reading === undefined) return responses;
  const withHeaders = (status: number, headers: Texts): Readonly<Record<number, ResponseDescription>> => {
    const response = responses[status];
    return response === undefined ? {} : { [status]: { ...response, headers: { ...headers, ...response.headers } } };
  };
  const found = { ...validators(route), ...forSites };
  const unchanged = responses[304] ?? { description: 'One has it already.' };
  return {
    ...responses,
    ...withHeaders(200, {
      ...found,
      ...(isNegotiated(route) && { 'Content-Encoding': '`gzip` or `br`, where one takes it.' }),
    }),
    ...withHeaders(206, found),
    304: { ...unchanged, headers: { ...found, ...unchanged.headers } },
    412: responses[412] ?? { description: 'It is another one than `If-Match` or `If-Unmodified-Since` says.' },
  };
}

const forSites: Texts = { 'Access-Control-Allow-Origin': '`*`: pages of any site may read it.' };

function validators(route: Route): Texts {
  return {
    ETag: 'Another one as soon as the answer is another (RFC 9110 §8.8.3).',
    'Last-Modified': 'When it last changed, where that is known.',
    'Cache-Control': 'How long it may be kept.',
    ...(isNegotiated(route) && { Vary: '`Accept-Encoding`.' }),
  };
}
