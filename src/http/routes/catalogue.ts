import { Readable } from 'node:stream';
import { z } from 'zod';
import { listingSorts } from '../../database/listing-order.js';
import { RANKED_MATCHES } from '../../database/listings.js';
import type { Gate } from '../../gate.js';
import { languagesOf } from '../../storefront/languages.js';
import { compareReleases } from '../../storefront/file-lists.js';
import {
  readApp,
  readAppDetail,
  readApps,
  readRelease,
  readReleaseDetail,
  readReleaseStatuses,
} from '../../storefront/read-catalogue.js';
import { appDetail, appDetailSchema, releaseDetail, releaseDetailSchema } from '../catalogue-detail-representations.js';
import * as json from '../catalogue-representations.js';
import { MAX_CURSOR, readListingCursor, writeListingCursor } from '../listing-cursor.js';
import { defineRoute, type Route } from '../route.js';

const appParams = z.object({ appId: z.string() });
const releaseParams = z.object({ appId: z.string(), version: z.string() });
const releasePage = { releases: z.array(json.releaseSummarySchema), next: z.string().nullable() };
const firstPage = { after: null, limit: 100 };

/** What is withdrawn must soon be known everywhere. */
const reading = { maxAgeSeconds: 60 };

/** What the list of apps can be asked. */
export const appsQuery = z.object({
  q: z.string().trim().max(200).default('').meta({
    description:
      'Words to look for in id, name, summary, description and categories, in every language. All must be there; `or`, `-` and quotation marks are understood, and the last word may be unfinished.',
  }),
  trustLevel: json.trustLevelSchema.optional(),
  category: z.string().min(1).max(64).optional().meta({ description: 'In whatever case.' }),
  platform: z
    .string()
    .regex(/^\d{1,5}(?:\.\d{1,5}){0,3}$/)
    .optional()
    .meta({
      description:
        'An ownCloud version, and all that begin with it: apps with a release that stands and is for one of them.',
    }),
  signed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Whether the release is that the app is shown by.' }),
  status: json.releaseStatusSchema.optional().meta({ description: 'Of the release that the app is shown by.' }),
  changedSince: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Apps that changed then or later, or a release of which did.' }),
  sort: z
    .enum(listingSorts)
    .default('id')
    .meta({
      description: `\`published\`, \`downloads\` and \`changed\` begin with the most of it. \`relevance\` needs \`q\`, and has at most the ${RANKED_MATCHES} matches with the most downloads.`,
    }),
  lang: z
    .string()
    .regex(/^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}$/)
    .optional()
    .meta({ description: 'Names and summaries are in this language where an app has them.' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.string().max(MAX_CURSOR).default('').meta({ description: 'The `next` of the page before.' }),
});

/** What everybody may read: which apps there are and which releases stand. */
export const catalogueRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps',
      operationId: 'listApps',
      tag: 'Catalogue',
      access: 'public',
      reading,
      summary: 'Apps, searched, filtered and sorted',
      description:
        'Every app that ever published a release, in a stable order; filters go together. An app that changes its place while a list is read may be in it twice, or not at all: `GET /api/v1/changes` is for copies.',
      responses: {
        200: {
          description: 'A page of apps.',
          schema: z.object({ apps: z.array(json.appListItemSchema), next: z.string().nullable() }),
        },
        503: { description: 'Many search at this moment, or this search takes too long; try again later.' },
      },
    },
    { query: appsQuery },
    async ({ gate, query }) => {
      const { sort, limit } = query;
      const { apps, next } = await readApps(gate, {
        filter: {
          q: query.q === '' ? null : query.q,
          trustLevel: query.trustLevel ?? null,
          category: query.category ?? null,
          platform: query.platform ?? null,
          signed: query.signed === undefined ? null : query.signed === 'true',
          status: query.status ?? null,
          changedSince: query.changedSince === undefined ? null : new Date(query.changedSince),
        },
        sort,
        limit,
        after: query.after === '' ? null : readListingCursor(sort, query.after),
        languages: languagesOf(query.lang?.replaceAll('_', '-') ?? ''),
      });
      const json200 = { apps: apps.map(json.appListItem), next: next && writeListingCursor(sort, next) };
      return { status: 200, json: json200 };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}',
      operationId: 'readApp',
      tag: 'Catalogue',
      access: 'public',
      reading,
      summary: 'One app with its releases',
      responses: {
        200: {
          description: 'With its last hundred releases; the one published last comes first.',
          schema: appDetailSchema,
        },
        404: { description: 'No such app.' },
      },
    },
    { params: appParams },
    async ({ gate, params }) => {
      const found = await readAppDetail(gate, params.appId);
      const { page } = await readPage(gate, params.appId, firstPage);
      // Without Last-Modified, here and of a release: downloads go up, and the watch looks again, without a change of the catalogue.
      return { status: 200, json: { ...(await appDetail(found)), ...page } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/releases',
      operationId: 'listReleases',
      tag: 'Catalogue',
      access: 'public',
      reading,
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
      reading,
      summary: 'One release and whether it stands',
      responses: {
        200: { description: 'The release.', schema: releaseDetailSchema },
        404: { description: 'No such release.' },
      },
    },
    { params: releaseParams },
    async ({ gate, params }) => {
      const found = await readReleaseDetail(gate, params.appId, params.version);
      return { status: 200, json: await releaseDetail(found) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/upgrade',
      operationId: 'compareReleases',
      tag: 'Catalogue',
      access: 'public',
      reading: { maxAgeSeconds: 3_600 },
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
        503: { description: 'Too many long lists of files are under way: try again in a moment.' },
      },
    },
    { params: appParams, query: z.object({ from: z.string(), to: z.string() }) },
    async ({ gate, params, query, request, isFresh }) => {
      const from = await readRelease(gate, params.appId, query.from);
      const to = await readRelease(gate, params.appId, query.to);
      // What the archives are says all of it; the number is of the shape: another one gets another tag.
      const etag = `"1-${from.archiveSha256}-${to.archiveSha256}"`;
      if (isFresh(etag)) return { status: 304, etag };
      return {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8' },
        etag,
        stream: request.method === 'HEAD' ? Readable.from([]) : await compareReleases(gate, from, to, request.ip ?? ''),
      };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/releases/status',
      operationId: 'readReleaseStatuses',
      tag: 'Catalogue',
      access: 'public',
      crossOrigin: true,
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
                reasonCode: z.string().nullable().meta({ description: 'One of the canned reasons, for programs.' }),
                statusChangedAt: json.releaseSummarySchema.shape.statusChangedAt,
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
        if (release === undefined) return { app, version, ...unknownRelease };
        const { status, statusReason, statusReasonCode, statusChangedAt, signerRevoked } = json.releaseSummary(release);
        return {
          app,
          version,
          status,
          reason: statusReason,
          reasonCode: statusReasonCode,
          statusChangedAt,
          signerRevoked,
        };
      });
      return { status: 200, json: { releases } };
    },
  ),
];

const unknownRelease = {
  status: 'unknown',
  reason: null,
  reasonCode: null,
  statusChangedAt: null,
  signerRevoked: null,
} as const;

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
