import { z } from 'zod';
import type { Gate } from '../../gate.js';
import {
  compareReleases,
  readApp,
  readApps,
  readRelease,
  readReleaseStatuses,
} from '../../storefront/read-catalogue.js';
import * as json from '../representations.js';
import { defineRoute, type Route } from '../route.js';

const appParams = z.object({ appId: z.string() });
const releaseParams = z.object({ appId: z.string(), version: z.string() });
const releasePage = { releases: z.array(json.releaseSummarySchema), next: z.string().nullable() };
const firstPage = { after: null, limit: 100 };

/** What everybody may read: which apps there are and which releases stand. */
export const catalogueRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps',
      operationId: 'listApps',
      tag: 'Catalogue',
      access: 'public',
      summary: 'Apps, by id',
      responses: {
        200: {
          description: 'Apps that have a release.',
          schema: z.object({ apps: z.array(json.appSchema), next: z.string().nullable() }),
        },
      },
    },
    {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(500).default(100),
        after: z.string().max(64).default('').meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, query }) => {
      const found = await readApps(gate, { after: query.after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const next = found.length > query.limit ? (page.at(-1)?.id ?? null) : null;
      return { status: 200, json: { apps: page.map(json.app), next } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}',
      operationId: 'readApp',
      tag: 'Catalogue',
      access: 'public',
      summary: 'One app with its releases',
      responses: {
        200: {
          description: 'Its last hundred releases; the one published last comes first.',
          schema: z.object({ ...json.appSchema.shape, ...releasePage }),
        },
        404: { description: 'No such app.' },
      },
    },
    { params: appParams },
    async ({ gate, params }) => {
      const { app, page } = await readPage(gate, params.appId, firstPage);
      return { status: 200, json: { ...json.app(app), ...page } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/releases',
      operationId: 'listReleases',
      tag: 'Catalogue',
      access: 'public',
      summary: "An app's releases",
      responses: {
        200: {
          description: 'The one published last comes first; withdrawn and quarantined ones are among them.',
          schema: z.object(releasePage),
        },
        404: { description: 'No such app.' },
      },
    },
    {
      params: appParams,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(500).default(firstPage.limit),
        after: z.string().max(64).nullable().default(null).meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, params, query }) => ({ status: 200, json: (await readPage(gate, params.appId, query)).page }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/releases/{version}',
      operationId: 'readRelease',
      tag: 'Catalogue',
      access: 'public',
      summary: 'One release and whether it stands',
      responses: {
        200: { description: 'The release.', schema: json.releaseSchema },
        404: { description: 'No such release.' },
      },
    },
    { params: releaseParams },
    async ({ gate, params }) => ({
      status: 200,
      json: json.release(await readRelease(gate, params.appId, params.version)),
    }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/upgrade',
      operationId: 'compareReleases',
      tag: 'Catalogue',
      access: 'public',
      summary: 'What an upgrade changes on disk',
      responses: {
        200: {
          description: 'Paths of files added, changed and removed.',
          schema: z.object({
            from: z.string(),
            to: z.string(),
            added: z.array(z.string()),
            changed: z.array(z.string()),
            removed: z.array(z.string()),
          }),
        },
        404: { description: 'No such release.' },
      },
    },
    { params: appParams, query: z.object({ from: z.string(), to: z.string() }) },
    async ({ gate, params, query }) => {
      const from = await readRelease(gate, params.appId, query.from);
      const to = await readRelease(gate, params.appId, query.to);
      return { status: 200, json: { from: from.version, to: to.version, ...(await compareReleases(gate, from, to)) } };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/releases/status',
      operationId: 'readReleaseStatuses',
      tag: 'Catalogue',
      access: 'public',
      summary: 'The status of many releases at once',
      responses: {
        200: {
          description: 'In the order asked; `unknown` for a pair that is no release.',
          schema: z.object({
            releases: z.array(
              z.object({
                app: z.string(),
                version: z.string(),
                status: z.enum([...json.releaseStatusSchema.options, 'unknown']),
                reason: z.string().nullable(),
                signerRevoked: json.releaseSummarySchema.shape.signerRevoked,
              }),
            ),
          }),
        },
      },
    },
    {
      body: z.strictObject({
        releases: z.array(z.strictObject({ app: z.string().max(64), version: z.string().max(64) })).max(500),
      }),
    },
    async ({ gate, body }) => {
      const found = await readReleaseStatuses(gate, body.releases);
      const byPair = new Map(found.map((release) => [pairKey(release.appId, release.version), release]));
      const releases = body.releases.map(({ app, version }) => {
        const release = byPair.get(pairKey(app, version));
        if (release === undefined) return { app, version, status: 'unknown', reason: null, signerRevoked: null };
        const { status, statusReason: reason, signerRevoked } = json.releaseSummary(release);
        return { app, version, status, reason, signerRevoked };
      });
      return { status: 200, json: { releases } };
    },
  ),
];

async function readPage(gate: Gate, appId: string, { after, limit }: { after: string | null; limit: number }) {
  // One more than asked tells whether there is a next page.
  const { app, releases } = await readApp(gate, appId, { after, limit: limit + 1 });
  const listed = releases.slice(0, limit);
  const next = releases.length > limit ? (listed.at(-1)?.version ?? null) : null;
  return { app, page: { releases: listed.map(json.releaseSummary), next } };
}

function pairKey(app: string, version: string): string {
  return JSON.stringify([app, version]);
}
