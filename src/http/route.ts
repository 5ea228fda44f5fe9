import type { Request, Response } from 'express';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Caller } from '../accounts/caller.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { chooseCoding, isCompressible, type ContentCoding } from './compress.js';
import { isUnmodified, knownTag, lastModifiedOf, requirePreconditions } from './conditional.js';

/** What a route may answer with, as the OpenAPI document tells it. */
export interface ResponseDescription {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` where not said. */
  readonly contentType?: string;
  /** Header → what it says. Those of a reading policy are described by themselves. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, before it is written. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as JSON. */
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Buffer;
  /** The bytes in a coding, of a route that keeps them; without it they are compressed anew. */
  readonly inCoding?: (coding: ContentCoding) => Promise<Buffer>;
  readonly stream?: Readable;
  /**
   * When what it says last changed, where the route knows, and nothing that happened before can come to light after. Whoever asks
   * with a date alone is believed.
   */
  readonly lastModified?: Date;
  /**
   * A strong entity tag, quotes included, of a route that knows its state better than by the bytes (RFC 9110 §8.8.3). Where there is
   * none, it is made of the bytes; a stream goes without.
   */
  readonly etag?: string;
  /** The same where two answers may differ that are as good as each other; `W/` is put before it. */
  readonly weakEtag?: string;
}

/** How long what everybody may read can be kept; `immutable`: for good. */
export type ReadingPolicy = { readonly maxAgeSeconds: number } | { readonly immutable: true };

/** A request body that isn't JSON: the route reads it itself. Media type → what it holds. */
export type RawBody = Readonly<Record<string, { readonly description: string; readonly schema: object }>>;

interface RouteDescription {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As OpenAPI writes it: `/api/v1/apps/{appId}`. */
  readonly path: `/${string}`;
  /** The last parameter of the path takes all the rest of it, slashes too, as it was sent: percent-encoded. */
  readonly takesRest?: true;
  /** Unique; what generated clients call the function. */
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Whether a bearer token is needed. */
  readonly access: 'public' | 'bearer';
  readonly rawBody?: RawBody;
  /** Request header → what it does. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  /** Of a public GET, which then works for pages of other sites too: validators, caching, compression, CORS. */
  readonly reading?: ReadingPolicy;
  /** Whether pages of other sites may use a public route that isn't read by GET. */
  readonly crossOrigin?: true;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
}

/** The schemas of a route's input. */
interface InputSchemas<Params, Query, Body> {
  readonly params: z.ZodType<Params>;
  readonly query: z.ZodType<Query>;
  /** Of the JSON body. */
  readonly body: z.ZodType<Body>;
}

/** What a route's function gets: its input, checked and typed by the route's schemas. */
export interface RouteContext<Params, Query, Body> {
  readonly gate: Gate;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
  readonly response: Response;
  /**
   * Whether who asks has the answer with this tag (quotes included; weak or strong), or of this time, already, for a route with a
   * reading policy that knows its state before it makes the body: then `{ status: 304, etag, lastModified }` is the whole answer.
   *
   * @throws RequestError `PRECONDITION_FAILED` where they ask for another one only
   */
  readonly isFresh: (etag: string, lastModified?: Date) => boolean;
}

/** One operation of the API: the same data checks its input, calls its function and describes it in OpenAPI. */
export interface Route extends RouteDescription {
  readonly schemas: InputSchemas<unknown, unknown, unknown>;
  /** @throws RequestError `INVALID_REQUEST` where the input doesn't meet the schemas */
  readonly answer: (gate: Gate, caller: Caller | null, request: Request, response: Response) => Promise<Answer>;
}

const nothing = z.object({});

/** For routes that read no JSON body: whatever was sent is let go. */
export const noBody = z.unknown().transform(() => undefined);

/**
 * Makes a route from its description, the schemas of its input (none by default) and its function.
 * A function of a `bearer` route has a caller; one of a `public` route has none.
 */
export function defineRoute<Params = object, Query = object, Body = unknown>(
  description: RouteDescription & { readonly access: 'bearer' },
  schemas: Partial<InputSchemas<Params, Query, Body>>,
  answer: (context: RouteContext<Params, Query, Body> & { readonly caller: Caller }) => Promise<Answer>,
): Route;
export function defineRoute<Params = object, Query = object, Body = unknown>(
  description: RouteDescription & { readonly access: 'public' },
  schemas: Partial<InputSchemas<Params, Query, Body>>,
  answer: (context: RouteContext<Params, Query, Body>) => Promise<Answer>,
): Route;
export function defineRoute<Params, Query, Body>(
  description: RouteDescription,
  partial: Partial<InputSchemas<Params, Query, Body>>,
  answer: (context: RouteContext<Params, Query, Body> & { readonly caller: Caller }) => Promise<Answer>,
): Route {
  const schemas = {
    params: partial.params ?? nothing,
    query: partial.query ?? nothing,
    body: partial.body ?? noBody,
  };
  return {
    ...description,
    schemas,
    async answer(gate, caller, request, response) {
      const input = {
        params: check(
          schemas.params,
          description.takesRest === true ? restOf(request, description.path) : request.params,
          'path',
        ) as Params,
        query: check(schemas.query, request.query, 'query') as Query,
        body: check(schemas.body, request.body, 'body') as Body,
      };
      const isFresh = (etag: string, changedAt?: Date): boolean =>
        isKnown(description, request, { tag: etag, lastModified: lastModifiedOf(changedAt, gate.now()) });
      const context = { gate, request, response, isFresh, ...input };
      if (caller !== null) return answer({ ...context, caller });
      if (description.access === 'bearer') throw new Error('A bearer route without a caller');
      // By its overload, a public route's function knows no caller.
      return (answer as unknown as (context: RouteContext<Params, Query, Body>) => Promise<Answer>)(context);
    },
  };
}

function isKnown(
  description: RouteDescription,
  { headers }: Request,
  state: { readonly tag: string; readonly lastModified: string | null },
): boolean {
  if (description.reading === undefined) return false;
  const choice = chooseCoding(isNegotiated(description) ? headers['accept-encoding'] : undefined);
  requirePreconditions(headers, state, choice);
  return knownTag(headers, state.tag, choice) !== null || isUnmodified(headers, state.lastModified);
}

/** Whether the answer of such a route is compressed for whom takes it: texts are, archives and pictures are small already. */
export function isNegotiated({ reading, responses }: Pick<RouteDescription, 'reading' | 'responses'>): boolean {
  return reading !== undefined && isCompressible(responses[200]?.contentType ?? 'application/json');
}

/** The parameters of such a path; the rest is not decoded: Express answers by itself where that can't be, and the route is to say so. */
function restOf({ path }: Request, template: string): Readonly<Record<string, string>> {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const values = new RegExp(`^${patternTakingRest(template)}$`).exec(path)?.slice(1) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** The source of a pattern for a path whose last parameter takes the rest; a group for each parameter. */
export function patternTakingRest(template: string): string {
  return template.replace(/\{\w+\}$/, '(.+)').replace(/\{\w+\}/g, '([^/]+)');
}

function check(schema: z.ZodType, value: unknown, place: 'path' | 'query' | 'body'): unknown {
  const checked = schema.safeParse(value);
  if (!checked.success) {
    throw invalid(
      place,
      checked.error.issues.map(({ path, message }) => ({ name: path.join('.'), message })),
    );
  }
  if (!isStorable(checked.data))
    throw invalid(place, [{ name: '', message: 'holds a character that no text may hold' }]);
  return checked.data;
}

/** False where any text in `value` holds NUL or half a character, neither of which Postgres stores. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !/\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  // What the schemas let through is as shallow as they are.
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member));
}

function invalid(place: string, faults: readonly { readonly name: string; readonly message: string }[]): RequestError {
  const [first] = faults;
  const what = first === undefined ? 'not valid' : `${first.name === '' ? 'the whole' : first.name}: ${first.message}`;
  const errors = faults.map((fault) => ({ in: place, ...fault }));
  return new RequestError('INVALID_REQUEST', `The request's ${place} is not valid (${what}).`, { errors });
}
