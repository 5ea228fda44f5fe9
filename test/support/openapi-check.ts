import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

const documents = new Map<string, Promise<Document>>();
const validators = new Map<object, ValidateFunction>();

/**
 * Holds an answer against the gate's own OpenAPI document: the status must be described for the operation (or an error
 * fall under `default`), and a JSON body must meet the schema that stands there.
 *
 * @throws Error saying what is not as described
 */
export async function checkAnswer(
  address: string,
  method: string,
  status: number,
  type: string,
  body: unknown,
): Promise<void> {
  const { origin, pathname } = new URL(address);
  let document = documents.get(origin);
  if (document === undefined) {
    document = fetch(`${origin}/api/v1/openapi.json`).then((response) => response.json() as Promise<Document>);
    documents.set(origin, document);
  }
  const { paths, components } = await document;
  const path = Object.keys(paths).find((template) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
  );
  const operation = path === undefined ? undefined : paths[path]?.[method.toLowerCase()];
  if (operation === undefined) return;
  const described =
    operation.responses[status] ?? (status >= 400 && status < 500 ? operation.responses['default'] : undefined);
  if (described === undefined) throw new Error(`${method} ${path} answered ${status}, which is not described`);
  if (!type.includes('json')) return;
  const schema = described.content?.[type.split(';')[0] ?? '']?.schema;
  if (schema === undefined)
    throw new Error(`${method} ${path} answered ${status} with ${type}, which is not described`);
  const validate = validators.get(schema) ?? compile(schema, components);
  validators.set(schema, validate);
  if (!validate(body)) {
    throw new Error(`${method} ${path} ${status} is not as described: ${JSON.stringify(validate.errors)}`);
  }
}

function compile(schema: object, components: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  return ajv.compile({ ...schema, components });
}
