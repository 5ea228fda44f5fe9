// Writes what of the typed client is made from the OpenAPI document. Run by `npm run client`; with `--check` it writes
// nothing, and ends with 1 where what stands there is not what it would write.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import prettier from 'prettier';
import ts from 'typescript';
import { routes } from '../src/http/app.js';
import { describeApi, type OpenApiDocument, type OpenApiOperation } from '../src/http/openapi.js';
import { version } from '../src/version.js';

const MADE = '// Made from the OpenAPI document by `npm run client`; not to be changed by hand.\n';

interface MediaTypes {
  content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
}

/** The types of the document: its schemas and its operations, without what is the same in every one. */
async function schemaSource(document: OpenApiDocument): Promise<string> {
  // Ours is read-only and more exact than the library's own type of a document.
  const described = structuredClone(document) as unknown as Parameters<typeof openapiTS>[0] & {
    paths: Record<string, Record<string, { responses: Record<string, MediaTypes> }>>;
  };
  for (const methods of Object.values(described.paths)) {
    for (const { responses } of Object.values(methods)) leaveOutPlainProblems(responses);
  }
  const nodes = await openapiTS(described);
  const wanted = nodes.filter(
    (node) => ts.isInterfaceDeclaration(node) && ['components', 'operations'].includes(node.name.text),
  );
  return (
    MADE +
    astToString(wanted)
      .replace(/headers: \{\s*\[name: string\]: unknown;\s*\};/g, '')
      .replace(
        /\b(?:query|header|path|cookie|requestBody|content|responses|parameters|requestBodies|headers|pathItems)\?: never;/g,
        '',
      )
      .replace(/\b(?:responses|parameters|requestBodies|headers|pathItems): never;/g, '')
  );
}

/** What is wrong is told by a plain problem unless something else is said; only what is special needs a type. */
function leaveOutPlainProblems(responses: Record<string, MediaTypes>): void {
  delete responses['default'];
  for (const response of Object.values(responses)) {
    const told = response.content?.['application/problem+json'];
    if (told?.schema?.$ref === '#/components/schemas/Problem') delete response.content;
  }
}

/** A function for each operation, which needs nothing but the one that sends. */
function operationsSource({ paths }: OpenApiDocument): string {
  const functions = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationSource(path, method, operation)),
  );
  return `${MADE}
import { send, type Client } from '../client.js';
import type { Input, Result } from '../operation-types.js';
${functions.join('')}`;
}

function operationSource(path: string, method: string, operation: OpenApiOperation): string {
  const { operationId: name, summary, description, parameters, requestBody, security } = operation;
  const route = routes.find((each) => each.operationId === name);
  const accept = acceptedTypes(operation);
  const call = [
    `method: ${JSON.stringify(method.toUpperCase())}`,
    `path: ${JSON.stringify(path)}`,
    ...(security.length > 0 ? ['bearer: true'] : []),
    ...(route?.takesRest === true ? ['takesRest: true'] : []),
    ...(accept.length > 0 ? [`accept: ${JSON.stringify(accept.join(', '))}`] : []),
    ...(requestBody?.content['application/json'] === undefined ? [] : ['json: true']),
  ];
  const isNeeded = requestBody?.required === true || parameters.some(({ required }) => required);
  const words = [`${summary}.`, ...(description === undefined ? [] : [description])]
    .join('\n * ')
    .replace(/\*\//g, '* /');
  return `
/**
 * ${words}
 */
export function ${name}(client: Client, input${isNeeded ? '' : '?'}: Input<'${name}'>): Promise<Result<'${name}'>> {
  return send(client, { ${call.join(', ')} }, input);
}
`;
}

/** The media types of the answers that say that all is well. */
function acceptedTypes({ responses }: OpenApiOperation): readonly string[] {
  const fine = Object.entries(responses as Readonly<Record<string, MediaTypes>>).filter(([status]) =>
    status.startsWith('2'),
  );
  return [...new Set(fine.flatMap(([, { content = {} }]) => Object.keys(content)))].sort();
}

const document = describeApi(routes, version, 'http://127.0.0.1');
const made = { schema: await schemaSource(document), operations: operationsSource(document) };
const isCheck = process.argv.includes('--check');
for (const [name, source] of Object.entries(made)) {
  const file = fileURLToPath(new URL(`../src/client/generated/${name}.ts`, import.meta.url));
  const options = await prettier.resolveConfig(file);
  const text = await prettier.format(source, { ...options, filepath: file });
  if (!isCheck) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    process.stderr.write(
      `src/client/generated/${name}.ts is not what the routes say now. To mend it: npm run client\n`,
    );
    process.exitCode = 1;
  }
}
