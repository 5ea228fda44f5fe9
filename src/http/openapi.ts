import { z } from 'zod';
import { problemSchema } from './representations.js';
import { describeReading, readingParameters } from './openapi-reading.js';
import { noBody, type ResponseDescription, type Route } from './route.js';

type Json = Readonly<Record<string, unknown>>;

/** An operation, as far as our own documentation page looks into it. */
export interface OpenApiOperation extends Json {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly {
    name: string;
    in: string;
    required: boolean;
    description?: string;
    schema: unknown;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Json>> };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
  readonly security: readonly Json[];
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

/**
 * Describes the API from the routes themselves: the schemas that check the input are the ones that stand here.
 *
 * @param version of this software
 * @param baseUrl where the gate is to be reached, without a closing slash
 */
export function describeApi(routes: readonly Route[], version: string, baseUrl: string): OpenApiDocument {
  const schemas = new Map<string, Json>();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = describeRoute(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portcullis',
      version,
      description:
        'The gate of an app store: upload an app, get a verdict that stands, ask which releases stand. Whatever is read by GET ' +
        'is asked for by HEAD too; what has an ETag is not sent again to whoever has it (`If-None-Match`), comes compressed to ' +
        'whom takes it (gzip, br), and may be read by pages of other sites (CORS).',
    },
    servers: [{ url: baseUrl }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describeRoute(route: Route, schemas: Map<string, Json>): OpenApiOperation {
  const body = describeBody(route, schemas);
  const responses: Record<string, { description: string }> = {};
  for (const [status, response] of Object.entries(describeReading(route))) {
    responses[status] = describeResponse(Number(status), response, schemas);
  }
  responses['default'] ??= describeResponse(
    400,
    { description: 'Anything else that is wrong with the request.' },
    schemas,
  );
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    tags: [route.tag],
    parameters: [
      ...describeParameters(route.schemas.params, 'path', schemas),
      ...describeParameters(route.schemas.query, 'query', schemas),
      ...Object.entries({ ...readingParameters(route), ...route.requestHeaders }).map(([name, description]) => ({
        name,
        in: 'header',
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(body !== null && { requestBody: { required: isBodyRequired(route), content: body } }),
    responses,
    security: route.access === 'bearer' ? [{ bearer: [] }] : [],
  };
}

function describeBody(route: Route, schemas: Map<string, Json>): Readonly<Record<string, Json>> | null {
  if (route.rawBody !== undefined) {
    return Object.fromEntries(Object.entries(route.rawBody).map(([type, { schema }]) => [type, { schema }]));
  }
  if (route.schemas.body === noBody) return null;
  return { 'application/json': { schema: describeSchema(route.schemas.body, schemas, 'input') } };
}

/** False where the route takes a request without any body. */
function isBodyRequired({ rawBody, schemas }: Route): boolean {
  return rawBody !== undefined || !schemas.body.safeParse(undefined).success;
}

function describeResponse(status: number, response: ResponseDescription, schemas: Map<string, Json>) {
  const wrong = status >= 400;
  const type = response.contentType ?? (wrong ? 'application/problem+json' : 'application/json');
  const problem =
    wrong && type === 'application/problem+json' ? describeSchema(problemSchema, schemas, 'output') : undefined;
  const own = response.schema === undefined ? undefined : describeSchema(response.schema, schemas, 'output');
  // The same status can also mean a plain problem: an Idempotency-Key used twice is a 422 too. The `code` tells them apart.
  const schema =
    problem !== undefined && own !== undefined ? { anyOf: [{ allOf: [problem, own] }, problem] } : (own ?? problem);
  const hasBody = schema !== undefined || response.contentType !== undefined;
  return {
    description: response.description,
    ...(response.headers !== undefined && { headers: describeHeaders(response.headers) }),
    ...(hasBody && { content: { [type]: schema === undefined ? {} : { schema } } }),
  };
}

function describeHeaders(headers: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );
}

function describeParameters(schema: z.ZodType, place: 'path' | 'query', schemas: Map<string, Json>) {
  const { properties = {}, required = [] } = describeSchema(schema, schemas, 'input') as {
    properties?: Record<string, Json & { description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description !== undefined && { description }),
    schema: property,
  }));
}

/** The JSON Schema of a zod schema; those that have an id go into `schemas` and are referred to. */
function describeSchema(schema: z.ZodType, schemas: Map<string, Json>, io: 'input' | 'output'): Json {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // Answers may gain members; whoever reads them must not break on that.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const { $schema: _dialect, $defs = {}, ...described } = made;
  for (const [id, definition] of Object.entries($defs)) schemas.set(id, moveReferences(definition));
  return moveReferences(described);
}

/** JSON Schema keeps definitions in `$defs`, OpenAPI in `components/schemas`. */
function moveReferences(schema: object): Json {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : value,
  );
  return JSON.parse(text) as Json;
}
