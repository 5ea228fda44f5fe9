import type { components, operations } from './generated/schema.js';

/** A schema of the document by its name: `Schema<'Release'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/** RFC 9457. Members beyond the usual ones depend on the code. */
export type Problem = Schema<'Problem'>;

/** What the operations are called. */
export type OperationName = keyof operations;

/** What fetch sends as it is, here where this is compiled: a file, bytes, a stream of them. */
export type Bytes = Exclude<NonNullable<RequestInit['body']>, FormData | URLSearchParams>;

type Member<Of, Name> = Name extends keyof Of ? Of[Name] : never;
type Parameters<Name extends OperationName> = Member<operations[Name], 'parameters'>;

type PathInput<Given> = 'path' extends keyof Given ? { readonly path: Given['path'] } : object;

type QueryInput<Given> = 'query' extends keyof Given
  ? undefined extends Given['query']
    ? { readonly query?: NonNullable<Given['query']> }
    : { readonly query: Given['query'] }
  : object;

/** Those that the operation names, and what HTTP has for every one: `If-None-Match`, say. */
interface HeaderInput<Given> {
  readonly headers?: NonNullable<Member<Given, 'header'>> & Readonly<Record<string, string>>;
}

type RawBodyInput<Types> =
  | { readonly body: Bytes; readonly contentType: Exclude<Types, 'multipart/form-data'> }
  | ('multipart/form-data' extends Types ? { readonly body: FormData } : never);

type ContentInput<Content> = Content extends { 'application/json': infer Json }
  ? { readonly body: Json }
  : RawBodyInput<keyof Content>;

type BodyInput<Operation> = 'requestBody' extends keyof Operation
  ? undefined extends Operation['requestBody']
    ? Partial<ContentInput<Member<NonNullable<Operation['requestBody']>, 'content'>>>
    : ContentInput<Member<Operation['requestBody'], 'content'>>
  : object;

/** What an operation is asked with: parts of the path, query, headers, a body, and a signal that calls it off. */
export type Input<Name extends OperationName> = PathInput<Parameters<Name>> &
  QueryInput<Parameters<Name>> &
  HeaderInput<Parameters<Name>> &
  BodyInput<operations[Name]> & { readonly signal?: AbortSignal };

type Responses<Name extends OperationName> = Member<operations[Name], 'responses'>;
type FineStatus = 200 | 201 | 202 | 203 | 204 | 206 | 304;

/** JSON is read; anything else is left to whoever asked, as the answer whose body nobody has read yet. */
type DataOf<Answered> = Answered extends { content: infer Content }
  ? Content extends { 'application/json': infer Json }
    ? Json
    : Response
  : undefined;

type ProblemOf<Answered> = Answered extends { content: { 'application/problem+json': infer Known } } ? Known : Problem;

type ResultOfStatus<All, Status extends keyof All> = Status extends FineStatus
  ? { readonly ok: true; readonly status: Status; readonly data: DataOf<All[Status]>; readonly headers: Headers }
  : {
      readonly ok: false;
      readonly status: Status;
      readonly problem: ProblemOf<All[Status]>;
      readonly headers: Headers;
    };

/** What no operation needs to describe: the store is busy, something on the way is broken. */
export interface Failure {
  readonly ok: false;
  readonly status: number;
  readonly problem: Problem;
  readonly headers: Headers;
}

/** What came of a question: `ok` tells whether there is `data` or a `problem`, and `status` of what type it is. */
export type Result<Name extends OperationName> =
  { [Status in keyof Responses<Name>]: ResultOfStatus<Responses<Name>, Status> }[keyof Responses<Name>] | Failure;
