import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

const documents = new Map<string, Promise<Document>>();
const validators = new Map<object, ValidateFunction>();

/** The pages that describe the API are not described in it. */
const undescribed = new Set(['/', '/docs', '/docs.css', '/api/v1/openapi.json']);

/** OpenAPI can't say that a parameter takes the rest of a path, slashes too. */
const takingRest = new Set(['/ocsp/{request}', '/api/v1/reviews/{id}/files/{path}']);

/** An answer, as far as the document describes it. */
export interface CheckedAnswer {
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  /** Parsed where it is JSON; '' where there was none. */
  readonly body: unknown;
}

/**
 * Holds an answer against the gate's own OpenAPI document: the status must be described for the operation (or an error
 * fall under `default`), so must the media type of a body, and a JSON body must meet the schema that stands there. At an
 * address that is not described nothing may be but a problem that says so.
 *
 * @throws Error saying what is not as described
 */
export async function checkAnswer(address: string, method: string, answer: CheckedAnswer): Promise<void> {
  const { origin, pathname } = new URL(address);
  let document = documents.get(origin);
  if (document === undefined) {
    document = fetch(`${origin}/api/v1/openapi.json`).then((response) => response.json() as Promise<Document>);
    documents.set(origin, document);
  }
  checkAgainst(await document, pathname, method, answer);
}

/**
 * The same with a document at hand.
 *
 * @throws Error saying what is not as described
 */
export function checkAgainst(document: Document, pathname: string, method: string, answer: CheckedAnswer): void {
  if (undescribed.has(pathname)) return;
  const { status, type, body } = answer;
  const { paths, components } = document;
  const path = templateOf(Object.keys(paths), pathname);
  const operation = path === undefined ? undefined : paths[path]?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
  const said = `${method} ${path ?? pathname} answered ${status}`;
  const responses = operation?.responses ?? nothingFor(document, path === undefined ? 404 : 405);
  const described = responses[status] ?? (status >= 400 && status < 500 ? responses['default'] : undefined);
  if (described === undefined) throw new Error(`${said}, which is not described`);
  const mediaType = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (described.content === undefined) {
    if (mediaType !== '' || body !== '') throw new Error(`${said} with a body, and none is described`);
    return;
  }
  const content = described.content[mediaType];
  if (content === undefined) throw new Error(`${said} with ${type || 'no type'}, which is not described`);
  if (!/\bjson\b/.test(mediaType) || method === 'HEAD') return;
  if (content.schema === undefined) throw new Error(`${said} with JSON that is not described`);
  const validate = validators.get(content.schema) ?? compile(content.schema, components);
  validators.set(content.schema, validate);
  if (!validate(body)) throw new Error(`${said}, not as described: ${JSON.stringify(validate.errors)}`);
}

/** The template that an address is of: of several the one with the fewest parameters. */
function templateOf(templates: readonly string[], pathname: string): string | undefined {
  const parametersOf = (template: string): number => template.split('{').length;
  return templates
    .filter((template) => patternOf(template).test(pathname))
    .sort((one, other) => parametersOf(one) - parametersOf(other))[0];
}

function patternOf(template: string): RegExp {
  const literal = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{\w+\}/g, takingRest.has(template) ? '.+' : '[^/]+')}$`);
}

/** Where there is no operation: a problem, with this status and no other. */
function nothingFor({ components }: Document, status: 404 | 405): Operation['responses'] {
  const schema = (components.schemas as Readonly<Record<string, object>>)['Problem'];
  return { [status]: { content: { 'application/problem+json': { ...(schema !== undefined && { schema }) } } } };
}

function compile(schema: object, components: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  return ajv.compile({ ...schema, components });
}
