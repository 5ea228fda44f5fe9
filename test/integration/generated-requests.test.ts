import fc from 'fast-check';
import { routes } from '../../src/http/app.js';
import { startAccessStore, type AccessStore, type Person } from '../support/access-store.js';
import { appArchive } from '../support/app-archive.js';
import {
  requestsTo,
  type ArbitraryRequest,
  type DescribedOperation,
  type Surroundings,
} from '../support/arbitrary-requests.js';
import { checkAgainst, type Document } from '../support/openapi-check.js';

/*
 * Requests that nobody wrote, to every operation: nothing is answered that the OpenAPI document doesn't describe, and nothing
 * ever with a 500. `GENERATED_REQUESTS` says how many each person sends to each operation, `GENERATED_SEED` which.
 */

const COUNT = Number(process.env['GENERATED_REQUESTS'] ?? 5);
const SEED = Number(process.env['GENERATED_SEED'] ?? 6);
const callers = ['nobody', 'owner', 'administrator'] as const satisfies readonly Person[];

let store: AccessStore;
let document: Document;
let around: Surroundings;
/** The ids that there are, by the noun of the path. */
let ids: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  store = await startAccessStore();
  document = (await (await fetch(`${store.gate.url}/api/v1/openapi.json`)).json()) as Document;
  const throwAway = [await store.newAccount(), await store.newPerson('correct horse battery')];
  const app = await store.newApp();
  ids = {
    submissions: [store.held.submission],
    reviews: [store.held.review],
    'signing-requests': [await store.newRequest()],
    webhooks: [await store.newWebhook()],
    tokens: [await store.newToken('otto')],
  };
  around = {
    schemas: document.components.schemas as Surroundings['schemas'],
    known: {
      appId: ['calendar', 'notes', app],
      app: ['calendar', app],
      version: ['1.0.0', '1.0.0', '1.1.0'],
      fileName: ['calendar-1.0.0.zip'],
      from: ['1.0.0'],
      to: ['1.1.0'],
      name: ['root', 'developers', 'intermediate', ...throwAway],
      account: throwAway,
      serial: [store.serial],
      path: ['appinfo/info.xml', 'js/app.js', 'a%2fb', '%'],
    },
    bodies: [await appArchive({ version: store.newVersion() }), await appArchive({ id: 'notes' }), Buffer.alloc(0)],
  };
}, 120_000);
afterAll(async () => store.stop());

async function send(method: string, template: string, who: Person, asked: ArbitraryRequest): Promise<void> {
  const path = template.replace(/\{(\w+)\}/g, (_all, name: string) => encode(asked.path[name] ?? ''));
  const query = asked.query.map((entry) => entry.map(encode).join('=')).join('&');
  const headers = new Headers(Object.entries(asked.headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value)));
  if (asked.body !== null) headers.set('content-type', asked.body.type);
  const token = store.tokens[who];
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const stop = new AbortController();
  const address = `${store.gate.url}${path}${query && '?'}${query}`;
  const response = await fetch(address, {
    method: method.toUpperCase(),
    headers,
    redirect: 'manual',
    signal: stop.signal,
    ...(asked.body !== null && { body: new Uint8Array(asked.body.bytes) }),
  });
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    // It never ends by itself.
    stop.abort();
    return;
  }
  const text = await response.text();
  const body: unknown = /\bjson\b/.test(type) && text !== '' ? JSON.parse(text) : text;
  try {
    checkAgainst(document, new URL(address).pathname, method.toUpperCase(), { status: response.status, type, body });
  } catch (error) {
    throw new Error(`${who}: ${address}: ${(error as Error).message}: ${text.slice(0, 500)}`, { cause: error });
  }
}

/** Percent-encoded, half characters too, as no program of good will would. */
function encode(text: string): string {
  return text.replace(/[^\w.~-]/gu, (character) =>
    /\p{Surrogate}/u.test(character) ? '%ed%a0%80' : encodeURIComponent(character).replace(/'/g, '%27'),
  );
}

const operations = routes.map(({ operationId, method, path, access }) => ({ operationId, method, path, access }));

test.each(operations)('$operationId answers only as it is described', async ({ operationId, method, path, access }) => {
  const operation = document.paths[path]?.[method] as unknown as DescribedOperation;
  const [, noun = ''] = /^\/api\/v1\/([\w-]+)/.exec(path) ?? [];
  const known = { ...around.known, id: ids[noun] ?? [] };
  const ask = fc.asyncProperty(requestsTo(operation, { ...around, known }), async (asked) => {
    for (const who of callers) {
      // Nobody gets further than the token.
      if (who !== 'nobody' || access === 'public' || COUNT > 5) await send(method, path, who, asked);
    }
  });
  // What failed once may not fail again, since the store has changed: so nothing is made smaller.
  await fc.assert(ask, {
    numRuns: COUNT,
    seed: SEED + ([...operationId].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 0) % 65_536),
    endOnFailure: true,
  });
});
