import { Ajv2020 } from 'ajv/dist/2020.js';
import { request } from '../support/api.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';
import { routes } from '../../src/http/app.js';
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

test('the pages for people carry no script and nothing from elsewhere', async () => {
  const { body, headers } = await request(`${gate.url}/docs`);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
  expect(body).not.toMatch(/<script|https?:\/\/(?!127)/);
  expect(body).toContain('id="OFFICIAL_APP_UNSIGNED"');
  expect((await request(`${gate.url}/docs.css`)).headers.get('content-type')).toMatch(/^text\/css/);
});

test('every code of a wrong request has a status that says it is one', () => {
  for (const status of Object.values(statusOfCode))
    expect(status === 503 || (status >= 400 && status < 500)).toBe(true);
});

test('the gate says that it is alive, ready, and what it accepts', async () => {
  expect((await request(`${gate.url}/healthz`)).body).toEqual({ status: 'ok' });
  const ready = await request(`${gate.url}/readyz`);
  expect([ready.status, ready.body]).toEqual([
    200,
    { ready: true, checks: { database: 'ok', storage: 'ok', trust: 'ok' } },
  ]);
  expect((await request(`${gate.url}/api/v1/limits`)).body).toEqual({ ...gate.config.limits });
});
