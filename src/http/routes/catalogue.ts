import type { Request } from 'express';
import { z } from 'zod';
import type { ReleaseRow } from '../../database/releases.js';
import {
  compareReleases,
  openReleaseArchive,
  readApp,
  readApps,
  readManifest,
  readRelease,
  readReleaseStatuses,
  requireStanding,
} from '../../storefront/read-catalogue.js';
import { RequestError } from '../../request-error.js';
import * as json from '../representations.js';
import { defineRoute, type Answer, type Route } from '../route.js';

const appParams = z.object({ appId: z.string() });
const releaseParams = z.object({ appId: z.string(), version: z.string() });
const gone = { description: 'The release was withdrawn or quarantined; the reason is in the problem.' };

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
          description: 'The release published last comes first.',
          schema: z.object({ ...json.appSchema.shape, releases: z.array(json.releaseSchema) }),
        },
        404: { description: 'No such app.' },
      },
    },
    { params: appParams },
    async ({ gate, params }) => {
      const { app, releases } = await readApp(gate, params.appId);
      return { status: 200, json: { ...json.app(app), releases: releases.map(json.release) } };
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
          schema: z.object({ releases: z.array(json.releaseSchema) }),
        },
        404: { description: 'No such app.' },
      },
    },
    { params: appParams },
    async ({ gate, params }) => {
      const { releases } = await readApp(gate, params.appId);
      return { status: 200, json: { releases: releases.map(json.release) } };
    },
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
      path: '/api/v1/apps/{appId}/releases/{version}/archive',
      operationId: 'downloadArchive',
      tag: 'Catalogue',
      access: 'public',
      summary: 'The archive of a release that stands',
      requestHeaders: { Range: 'One range of bytes (RFC 9110 §14.2).' },
      responses: {
        200: { description: 'The zip, byte for byte as it was uploaded.', contentType: 'application/zip' },
        206: { description: 'The part that was asked for.', contentType: 'application/zip' },
        404: { description: 'No such release.' },
        410: gone,
        416: { description: 'No such part.' },
      },
    },
    { params: releaseParams },
    async ({ gate, params, request }) => {
      const release = await readRelease(gate, params.appId, params.version);
      requireStanding(release);
      const etag = `"${release.archiveSha256}"`;
      const headers = { ...archiveHeaders(release), etag };
      if (request.headers['if-none-match'] === etag) return { status: 304, headers };
      const range = rangeOf(request, release.archiveBytes, etag);
      const stream = await openReleaseArchive(gate, release, range ?? undefined);
      return range === null ? wholeArchive(release, headers, stream) : partOfArchive(release, headers, range, stream);
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/releases/{version}/manifest',
      operationId: 'readManifest',
      tag: 'Catalogue',
      access: 'public',
      summary: 'Size and SHA-512 of every file of a release',
      responses: {
        200: {
          description: 'By path, relative to the app’s folder.',
          schema: z.object({
            appId: z.string(),
            version: z.string(),
            files: z.record(z.string(), z.object({ bytes: z.int(), sha512: z.string() })),
          }),
        },
        404: { description: 'No such release.' },
      },
    },
    { params: releaseParams },
    async ({ gate, params }) => {
      const release = await readRelease(gate, params.appId, params.version);
      const files = Object.fromEntries(await readManifest(gate, release));
      return { status: 200, json: { appId: release.appId, version: release.version, files } };
    },
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
        return { app, version, status: release?.status ?? 'unknown', reason: release?.statusReason ?? null };
      });
      return { status: 200, json: { releases } };
    },
  ),
];

function pairKey(app: string, version: string): string {
  return JSON.stringify([app, version]);
}

function archiveHeaders(release: ReleaseRow): Readonly<Record<string, string>> {
  // An app id is safe in a file name; a version may hold more than it should there.
  const name = `${release.appId}-${release.version.replace(/[^0-9A-Za-z.+-]/g, '_')}.zip`;
  return {
    'accept-ranges': 'bytes',
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${name}"`,
    // Short: a release can be withdrawn at any moment.
    'cache-control': 'public, max-age=60',
  };
}

function wholeArchive(
  release: ReleaseRow,
  headers: Readonly<Record<string, string>>,
  stream: NonNullable<Answer['stream']>,
): Answer {
  const digest = Buffer.from(release.archiveSha256, 'hex').toString('base64');
  return {
    status: 200,
    headers: { ...headers, 'content-length': String(release.archiveBytes), 'content-digest': `sha-256=:${digest}:` },
    stream,
  };
}

function partOfArchive(
  release: ReleaseRow,
  headers: Readonly<Record<string, string>>,
  { start, end }: { start: number; end: number },
  stream: NonNullable<Answer['stream']>,
): Answer {
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${release.archiveBytes}`,
    },
    stream,
  };
}

/** The one range that was asked for; null for the whole. Several ranges, or one of another version, give the whole. */
function rangeOf(request: Request, bytes: number, etag: string): { start: number; end: number } | null {
  const ifRange = request.headers['if-range'];
  if (ifRange !== undefined && ifRange !== etag) return null;
  const ranges = request.range(bytes);
  if (ranges === undefined || ranges === -2) return null;
  if (ranges === -1) {
    throw new RequestError('RANGE_NOT_SATISFIABLE', `The archive has ${bytes} bytes.`);
  }
  const [range] = ranges;
  return ranges.type !== 'bytes' || ranges.length !== 1 || range === undefined ? null : range;
}
