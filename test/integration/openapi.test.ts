import { Ajv2020 } from 'ajv/dist/2020.js';
import supertest from 'supertest';
import { pino } from 'pino';
import { request } from '../support/api.js';
import { checkAgainst, type CheckedAnswer, type Document } from '../support/openapi-check.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { openDatabase } from '../../src/database/connect.js';
import { createApp, routes } from '../../src/http/app.js';
import { statusOfCode } from '../../src/http/problem.js';

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => {
  await gate.stop();
});

test('the document describes every route once, by a name of its own', async () => {
  const { body } = await request(`${gate.url}/api/v1/openapi.json`);
  expect(body.openapi).toMatch(/^3\.1\./);
  const described = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method} ${path}`),
  );
  expect(described.sort()).toEqual(
    routes.map(({ operationId, method, path }) => `${operationId}: ${method} ${path}`).sort(),
  );
  expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
});

test('every schema in it compiles, and every reference leads somewhere', async () => {
  const { body } = await request(`${gate.url}/api/v1/openapi.json`);
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
  expect(references.length).toBeGreaterThan(10);
  for (const reference of references) {
    expect(reference).toMatch(/^#\/components\/schemas\/\w+$/);
    expect(Object.keys(body.components.schemas)).toContain(reference?.split('/').at(-1));
  }
  for (const name of Object.keys(body.components.schemas)) {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(() => ajv.compile({ $ref: `#/components/schemas/${name}`, components: body.components })).not.toThrow();
  }
});

test('every path parameter is described', async () => {
  const { body } = await request(`${gate.url}/api/v1/openapi.json`);
  for (const [path, methods] of Object.entries<Record<string, { parameters: { name: string; in: string }[] }>>(
    body.paths,
  )) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters } of Object.values(methods)) {
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath);
    }
  }
});

test('a body is required where the route takes no request without one, and nowhere else', async () => {
  const { body } = await request(`${gate.url}/api/v1/openapi.json`);
  const operations = Object.values<Record<string, { operationId: string; requestBody?: { required: boolean } }>>(
    body.paths,
  ).flatMap((methods) => Object.values(methods));
  const withBody = operations.filter(({ requestBody }) => requestBody !== undefined);
  const optional = withBody.filter(({ requestBody }) => requestBody?.required === false);
  expect(optional.map(({ operationId }) => operationId).sort()).toEqual(['claimReview', 'createControlChallenge']);
  expect(withBody.length).toBeGreaterThan(10);
});

describe('every answer that a test gets is held against the document', () => {
  const problem = { type: '/docs#X', title: 'X', status: 404, detail: 'x', code: 'NOT_FOUND' };
  const json = { type: 'application/json; charset=utf-8' };
  const wrong = { type: 'application/problem+json', body: problem };
  let document: Document;
  beforeAll(async () => {
    document = (await request(`${gate.url}/api/v1/openapi.json`)).body as Document;
  });

  test.each<[string, string, string, CheckedAnswer]>([
    ['as described', 'GET', '/healthz', { ...json, status: 200, body: { status: 'ok' } }],
    ['to HEAD, as to GET without the body', 'HEAD', '/healthz', { ...json, status: 200, body: '' }],
    ['of another type than JSON', 'GET', '/crl/root.crl', { status: 200, type: 'application/pkix-crl', body: 'x' }],
    ['without a body', 'GET', '/crl/root.crl', { status: 304, type: '', body: '' }],
    ['a problem where there is nothing', 'GET', '/nosuch/path', { ...wrong, status: 404 }],
    ['a problem for a wrong method', 'PUT', '/healthz', { ...wrong, status: 405 }],
    ['about the rest of a path', 'GET', '/ocsp/a/b', { status: 200, type: 'application/ocsp-response', body: 'x' }],
  ])('and passes %s', (_what, method, path, answer) => {
    expect(() => checkAgainst(document, path, method, answer)).not.toThrow();
  });

  test.each<[string, string, string, CheckedAnswer]>([
    ['anything at an address that is not described', 'GET', '/nosuch', { ...json, status: 200, body: {} }],
    ['another problem there', 'GET', '/nosuch', { ...wrong, status: 400 }],
    ['no problem there', 'GET', '/nosuch', { ...wrong, status: 404, body: {} }],
    ['anything by a method that is not described', 'POST', '/healthz', { ...json, status: 200, body: {} }],
    ['where a point of the path is another letter', 'GET', '/crl/rootXcrl', { ...json, status: 200, body: '' }],
    ['another media type', 'GET', '/crl/root.crl', { status: 200, type: 'text/plain', body: 'x' }],
    ['no media type', 'GET', '/crl/root.crl', { status: 200, type: '', body: 'x' }],
    ['JSON for another type', 'GET', '/crl/root.crl', { ...json, status: 200, body: {} }],
    ['another type for JSON', 'GET', '/healthz', { status: 200, type: 'text/html', body: 'ok' }],
    ['a body with a 304', 'GET', '/crl/root.crl', { status: 304, type: 'application/pkix-crl', body: 'x' }],
    ['a status that is not described', 'GET', '/healthz', { ...json, status: 201, body: { status: 'ok' } }],
    ['JSON of another shape', 'GET', '/healthz', { ...json, status: 200, body: { status: 'no' } }],
  ])('and fails for %s', (_what, method, path, answer) => {
    expect(() => checkAgainst(document, path, method, answer)).toThrow();
  });
});

test('the pages for people carry no script and nothing from elsewhere', async () => {
  const { body, headers } = await request(`${gate.url}/docs`);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
  expect(body).not.toMatch(/<script|(?:src|href)="https?:/);
  expect(body).toContain('id="OFFICIAL_APP_UNSIGNED"');
  expect(body).toContain('<code>trustLevel</code></td><td>in the JSON body, required</td>');
  expect((await request(`${gate.url}/docs.css`)).headers.get('content-type')).toMatch(/^text\/css/);
});

test('every code of a wrong request has a status that says it is one', () => {
  for (const status of Object.values(statusOfCode))
    expect(status === 503 || (status >= 400 && status < 500)).toBe(true);
});

describe('the gate itself', () => {
  const app = () => createApp(gate.gate, pino({ level: 'silent' }));

  test('says that it is alive and ready, and what it accepts', async () => {
    await supertest(app()).get('/healthz').expect(200, { status: 'ok' });
    const checks = { database: 'ok', storage: 'ok', trust: 'ok' };
    await supertest(app()).get('/readyz').expect(200, { ready: true, checks });
    await supertest(app())
      .get('/api/v1/limits')
      .expect(200, { ...gate.config.limits });
  });

  test('says which part fails, and not why: that is for the log', async () => {
    const trust = { current: () => Promise.reject(new Error('secret detail')) };
    const broken = createApp({ ...gate.gate, trust }, pino({ level: 'silent' }));
    const checks = { database: 'ok', storage: 'ok', trust: 'failing' };
    await supertest(broken).get('/readyz').expect(503, { ready: false, checks });
  });

  test('answers every request with an id, and tells browsers to guess nothing', async () => {
    const { headers } = await supertest(app()).get('/api/v1/apps').expect(200);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('a database that is away is a 503 that says to try again', async () => {
    // Port 1: nobody listens there.
    const database = openDatabase('postgres://nobody@127.0.0.1:1/none');
    const broken = createApp({ ...gate.gate, database }, pino({ level: 'silent' }));
    const { body, headers } = await supertest(broken).get('/api/v1/apps').expect(503);
    expect([body.code, headers['retry-after']]).toEqual(['UNAVAILABLE', '10']);
  });

  test('a bug becomes a 500 that tells nothing but an id', async () => {
    const now = (): Date => {
      throw new Error('password=hunter2');
    };
    const broken = createApp({ ...gate.gate, now }, pino({ level: 'silent' }));
    const asking = supertest(broken).get('/api/v1/tokens').set('authorization', `Bearer ${gate.operatorToken}`);
    const { body, text } = await asking.expect(500);
    expect(body.code).toBe('INTERNAL');
    expect(text).not.toContain('hunter2');
  });
});
