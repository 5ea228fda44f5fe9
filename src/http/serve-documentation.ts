import type { Express } from 'express';
import type { Gate } from '../gate.js';
import { allowEverySite } from './cors.js';
import { docsPage } from './docs-page.js';
import { describeApi } from './openapi.js';
import type { Answer, Route } from './route.js';
import { writeAnswer } from './write-answer.js';

const reading = { maxAgeSeconds: 300 };
const STYLE_ONLY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";

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
  const answer: Answer = { status: 200, headers: { ...headers, 'content-type': contentType }, bytes };
  const route = { reading, responses: { 200: { description: path, contentType } } };
  app.get(path, allowEverySite, async (request, response) => {
    await writeAnswer(route, answer, { request, response, now: gate.now() });
  });
}
