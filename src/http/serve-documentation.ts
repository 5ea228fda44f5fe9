import type { Express } from 'express';
import type { Gate } from '../gate.js';
import { allowEverySite } from './cors.js';
import { compress, type ContentCoding } from './compress.js';
import { tagOf } from './conditional.js';
import { docsPage } from './docs-page.js';
import { describeApi } from './openapi.js';
import type { Address } from './route-paths.js';
import type { Answer, Route } from './route.js';
import { writeAnswer } from './write-answer.js';

const reading = { maxAgeSeconds: 300 };
const STYLE_ONLY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";

/** Where it is. */
export const documentationAddresses: readonly Address[] = (['/api/v1/openapi.json', '/docs', '/docs.css'] as const).map(
  (path) => ({ method: 'get', path, access: 'public', reading }),
);

/** The description of the API, for programs and for people. */
export function serveDocumentation(app: Express, routes: readonly Route[], gate: Gate): void {
  const document = describeApi(routes, gate.version, gate.baseUrl);
  const html = docsPage(document);
  serve(app, gate, '/api/v1/openapi.json', 'application/json; charset=utf-8', JSON.stringify(document));
  serve(app, gate, '/docs', 'text/html; charset=utf-8', html.page, { 'content-security-policy': STYLE_ONLY });
  serve(app, gate, '/docs.css', 'text/css; charset=utf-8', html.style);
  app.get('/', (_request, response) => {
    response.redirect(302, '/docs');
  });
}

function serve(
  app: Express,
  gate: Gate,
  path: string,
  contentType: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(text);
  // The same for as long as the gate runs: told apart and compressed once.
  const coded = new Map<ContentCoding, Promise<Buffer>>();
  const inCoding = async (coding: ContentCoding): Promise<Buffer> => {
    const made = coded.get(coding) ?? compress(bytes, coding);
    coded.set(coding, made);
    return made;
  };
  const answer: Answer = {
    status: 200,
    headers: { ...headers, 'content-type': contentType },
    bytes,
    etag: tagOf(bytes),
    inCoding,
  };
  const route = { reading, responses: { 200: { description: path, contentType } } };
  app.get(path, allowEverySite, async (request, response) => {
    await writeAnswer(route, answer, { request, response, now: gate.now() });
  });
}
