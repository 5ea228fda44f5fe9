import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Gate } from '../../gate.js';
import { requireMarketKey } from '../../storefront/market-access.js';
import {
  readFeedState,
  readMarketBundles,
  readMarketCategories,
  readMarketFeed,
} from '../../storefront/market-feed.js';
import { defineRoute, type Answer, type Route, type RouteContext } from '../route.js';

const MAX_AGE_SECONDS = 60;
const reading = { maxAgeSeconds: MAX_AGE_SECONDS };

const time = z.iso.datetime();

const release = z
  .object({
    version: z.string(),
    platformMin: z.string().meta({ description: 'The lowest version of ownCloud; `0` where there is none.' }),
    platformMax: z.string().meta({
      description:
        'The highest; a shorter one, as `10`, stands for all that begin with it. `99999` where there is none.',
    }),
    download: z.string().meta({ description: 'The archive; the address ends in `.zip`.' }),
    license: z.string(),
    created: time,
    downloads: z.int(),
  })
  .meta({ id: 'MarketRelease' });

const app = z
  .object({
    id: z.string(),
    type: z.literal('app'),
    name: z.string(),
    title: z.string().meta({ description: 'The same as the name.' }),
    categories: z.array(z.string()).meta({ description: 'Ids, as `categories.json` has them.' }),
    description: z
      .string()
      .meta({ description: 'Markdown without HTML, images, and links elsewhere than to the web.' }),
    screenshots: z
      .array(z.object({ url: z.string() }))
      .min(1)
      .meta({ description: 'Copies that the store made. Of an app that has none an empty image.' }),
    marketplace: z.string().meta({ description: 'Its page in the store.' }),
    downloads: z.int(),
    rating: z
      .object({ 1: z.number(), 2: z.number(), 3: z.number(), 4: z.number(), 5: z.number(), mean: z.number() })
      .meta({ description: 'All 0: nobody rates apps here.' }),
    downloadable: z.literal(true),
    publisher: z.object({ name: z.string(), url: z.string(), isPagePublic: z.boolean() }),
    releases: z
      .array(release)
      .min(1)
      .meta({ description: 'Those that stand, the one published last first; at most 500.' }),
  })
  .meta({ id: 'MarketApp', description: 'An app as ownCloud’s market app reads it.' });

const bundle = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  downloadable: z.boolean(),
  marketplace: z.string(),
  products: z.array(app),
});

const translation = z.object({ name: z.string(), description: z.string() });
const category = z.object({ id: z.string(), translations: z.record(z.string(), translation) });

const common = {
  method: 'get',
  tag: 'ownCloud',
  access: 'public',
  reading,
} as const;

const refusals = {
  401: {
    description:
      'The store asks for a key of its own: `Authorization: apikey: KEY`. Where it asks for none, what is there is ignored.',
    headers: { 'WWW-Authenticate': '`apikey`.' },
  },
};

/** What ownCloud's servers ask, whose `appstoreurl` is this store. */
export const marketRoutes: readonly Route[] = [
  defineRoute(
    {
      ...common,
      path: '/api/v1/platform/{version}/apps.json',
      operationId: 'listMarketAppsOfPlatform',
      summary: 'Apps for a version of ownCloud',
      description:
        'Every app that is not suspended and has a release for that version that stands, in the order of their ids, each with those ' +
        'releases. `10.15` is answered with what is for any 10.15.',
      responses: { 200: { description: 'Apps.', schema: z.array(app) }, ...refusals },
    },
    {
      params: z.object({
        version: z
          .string()
          .regex(/^[0-9]{1,5}(?:\.[0-9]{1,5}){0,3}$/, 'must be one to four numbers with dots between them')
          .meta({ description: 'One to four numbers with dots between them.' }),
      }),
    },
    async (context) => answerApps(context, context.params.version),
  ),
  defineRoute(
    {
      ...common,
      path: '/api/v1/apps.json',
      operationId: 'listMarketApps',
      summary: 'All apps, for ownCloud’s market app',
      responses: { 200: { description: 'Apps, in the order of their ids.', schema: z.array(app) }, ...refusals },
    },
    {},
    async (context) => answerApps(context, null),
  ),
  defineRoute(
    {
      ...common,
      path: '/api/v1/categories.json',
      operationId: 'listMarketCategories',
      summary: 'Categories, for ownCloud’s market app',
      responses: {
        200: { description: 'Categories; each has an English name.', schema: z.array(category) },
        ...refusals,
      },
    },
    {},
    async ({ gate, request, response }) => {
      requireKey(gate, request, response);
      return { status: 200, headers: headersFor(gate), json: await readMarketCategories(gate) };
    },
  ),
  defineRoute(
    {
      ...common,
      path: '/api/v1/bundles.json',
      operationId: 'listMarketBundles',
      summary: 'Bundles, for ownCloud’s market app',
      responses: { 200: { description: 'What the operator offers together.', schema: z.array(bundle) }, ...refusals },
    },
    {},
    async ({ gate, request, response }) => {
      requireKey(gate, request, response);
      return { status: 200, headers: headersFor(gate), json: await readMarketBundles(gate) };
    },
  ),
];

async function answerApps(
  { gate, request, response, isFresh }: RouteContext<unknown, unknown, unknown>,
  platform: string | null,
): Promise<Answer> {
  requireKey(gate, request, response);
  const headers = headersFor(gate);
  const state = await readFeedState(gate, platform);
  // Two tags of one state, so that whoever has a list that was read while it changed is not told that it is the exact one.
  const [etag, weakEtag] = [`"${state}"`, `"${state}~"`];
  if (isFresh(etag)) return { status: 304, headers, etag };
  if (isFresh(weakEtag)) return { status: 304, headers, weakEtag };
  const { exact, body } = await readMarketFeed(gate, { platform, state, address: request.ip ?? '' });
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    ...(exact ? { etag } : { weakEtag }),
    ...(typeof body === 'string' ? { text: body } : { stream: body }),
  };
}

function requireKey({ market }: Gate, request: Request, response: Response): void {
  try {
    requireMarketKey(market.apiKeys, request.get('authorization'));
  } catch (error) {
    // A bearer token, as other routes want it, would not do.
    response.setHeader('www-authenticate', 'apikey realm="portcullis"');
    throw error;
  }
}

/** What is for those who have a key is kept by no cache that others share (RFC 9111 §3.5). */
function headersFor({ market }: Gate): Readonly<Record<string, string>> {
  return market.apiKeys.length === 0
    ? {}
    : { 'cache-control': `private, max-age=${MAX_AGE_SECONDS}`, vary: 'Authorization' };
}
