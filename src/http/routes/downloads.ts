import type { Request } from 'express';
import { z } from 'zod';
import type { ReleaseRow } from '../../database/releases.js';
import {
  openReleaseArchive,
  readManifestAsJson,
  readRelease,
  requireStanding,
} from '../../storefront/read-catalogue.js';
import { RequestError } from '../../request-error.js';
import { defineRoute, type Answer, type Route } from '../route.js';

const releaseParams = z.object({ appId: z.string(), version: z.string() });
const gone = { description: 'The release was withdrawn or quarantined; the reason is in the problem.' };

/** What a server fetches: the archive of a release, and what is in it. */
export const downloadRoutes: readonly Route[] = [
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
        304: { description: 'One has it already.' },
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
      const about = JSON.stringify({ appId: release.appId, version: release.version });
      const text = `${about.slice(0, -1)},"files":${await readManifestAsJson(gate, release)}}`;
      // A release never changes its files, so caches may keep this for good.
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      };
      return { status: 200, headers, text };
    },
  ),
];

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
