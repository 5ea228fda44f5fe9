import { Ajv2020 } from 'ajv/dist/2020.js';
import supertest from 'supertest';
import { pino } from 'pino';
import { request } from '../support/api.js';
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
