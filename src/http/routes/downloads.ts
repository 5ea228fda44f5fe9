import type { Request } from 'express';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { ReleaseRow } from '../../database/releases.js';
import { RequestError } from '../../request-error.js';
import { readManifest } from '../../storefront/file-lists.js';
import { handOutArchive, requireStanding } from '../../storefront/hand-out-archive.js';
import { readRelease } from '../../storefront/read-catalogue.js';
import { readByteRange, type ByteRange } from '../byte-range.js';
import { problemOf } from '../problem.js';
import { defineRoute, type Answer, type ResponseDescription, type Route, type RouteContext } from '../route.js';

const releaseParams = z.object({ appId: z.string(), version: z.string() });

const gone: ResponseDescription = {
  description: 'The release was withdrawn or quarantined.',
  schema: z.object({
    reason: z.string().nullable().meta({ description: 'Why, for people.' }),
    reasonCode: z.string().nullable().meta({ description: 'One of the canned reasons, for programs.' }),
    releaseStatus: z.enum(['withdrawn', 'quarantined']),
    changedAt: z.iso.datetime().nullable().meta({ description: 'Since when.' }),
  }),
};

const digests = {
  'Repr-Digest': 'SHA-256 of the whole archive (RFC 9530 §3).',
  'Content-Disposition': 'The name of the file.',
  'Accept-Ranges': '`bytes`.',
};

const archiveRoute = {
  method: 'get',
  tag: 'Catalogue',
  access: 'public',
  requestHeaders: {
    Range: 'One range of bytes (RFC 9110 §14.2).',
    'If-Range': 'The `ETag` of which one has a part: where it is another now, the whole comes (RFC 9110 §13.1.5).',
  },
  // Short: a release can be withdrawn at any moment.
  reading: { maxAgeSeconds: 60 },
  responses: {
    200: {
      description: 'The zip, byte for byte as it was uploaded.',
      contentType: 'application/zip',
      headers: { ...digests, 'Content-Digest': 'SHA-256 of the archive (RFC 9530 §2).' },
    },
    206: {
      description: 'The part that was asked for.',
      contentType: 'application/zip',
      headers: { ...digests, 'Content-Range': 'Which part it is.' },
    },
    302: {
      description: 'The storage hands it out itself, for a minute, at another address.',
      headers: { Location: 'That address.' },
    },
    404: { description: 'No such release.' },
    410: gone,
    416: { description: 'No such part.', headers: { 'Content-Range': 'How long the archive is.' } },
    503: {
      description: 'The archive, or the storage, is not to be had now.',
      headers: { 'Retry-After': 'In how many seconds to try again.' },
    },
  },
} as const;

/** What a server fetches: the archive of a release, and what is in it. */
export const downloadRoutes: readonly Route[] = [
  defineRoute(
    {
      ...archiveRoute,
      path: '/api/v1/apps/{appId}/releases/{version}/archive',
      operationId: 'downloadArchive',
      summary: 'The archive of a release that stands',
    },
    { params: releaseParams },
    async (context) =>
      answerArchive(context, await readRelease(context.gate, context.params.appId, context.params.version)),
  ),
  defineRoute(
    {
      ...archiveRoute,
      path: '/api/v1/apps/{appId}/releases/{version}/archive/{fileName}',
      operationId: 'downloadNamedArchive',
      summary: 'The same under the name of its file',
      description: 'For programs that look at the ending of an address, as ownCloud’s servers do.',
    },
    { params: releaseParams.extend({ fileName: z.string().meta({ description: '`{appId}-{version}.zip`' }) }) },
    async (context) => {
      const { appId, version, fileName } = context.params;
      const release = await readRelease(context.gate, appId, version);
      if (fileName !== fileNameOf(release))
        throw new RequestError('NOT_FOUND', `The archive is ${fileNameOf(release)}.`);
      return answerArchive(context, release);
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
      reading: { immutable: true },
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
        503: { description: 'Too many long lists of files are under way: try again in a moment.' },
      },
    },
    { params: releaseParams },
    async ({ gate, params, request, isFresh }) => {
      const release = await readRelease(gate, params.appId, params.version);
      const { archiveSha256, publishedAt: lastModified } = release;
      // The number is of the shape: another one gets another tag.
      const etag = `"1-${archiveSha256}"`;
      const headers = keptByStatus(release);
      if (isFresh(etag, lastModified)) return { status: 304, headers, etag, lastModified };
      return {
        status: 200,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
        etag,
        lastModified,
        stream: request.method === 'HEAD' ? Readable.from([]) : await readManifest(gate, release, request.ip ?? ''),
      };
    },
  ),
];

/** A release never changes its files, so caches may keep the list for good; of one that doesn't stand nothing stays around. */
function keptByStatus({ status }: ReleaseRow): Readonly<Record<string, string>> {
  return status === 'published' ? {} : { 'cache-control': 'public, max-age=60' };
}

async function answerArchive(
  { gate, request, isFresh }: RouteContext<unknown, unknown, unknown>,
  release: ReleaseRow,
): Promise<Answer> {
  requireStanding(release);
  const { archiveSha256, archiveBytes, publishedAt: lastModified } = release;
  const etag = `"${archiveSha256}"`;
  // Before anything is handed out: whoever has it already gets nothing that is counted.
  if (isFresh(etag, lastModified)) return { status: 304, etag, lastModified };
  const about = { headers: archiveHeaders(release), etag, lastModified };
  // A range is only one of GET (RFC 9110 §14.2); and who asks for the headers alone has not got the archive.
  if (request.method === 'HEAD') return { status: 200, ...withLength(about, release) };
  const range = rangeOf(request, archiveBytes, etag);
  if (range === 'unsatisfiable') return noSuchRange(archiveBytes);
  const handed = await handOutArchive(gate, release, {
    range,
    fileName: fileNameOf(release),
    address: request.ip ?? '',
  });
  if ('link' in handed) return { status: 302, headers: { location: handed.link } };
  const { bytes: stream } = handed;
  if (range === null) return { status: 200, ...withLength(about, release), stream };
  const { start, end } = range;
  return {
    status: 206,
    ...about,
    headers: {
      ...about.headers,
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${archiveBytes}`,
    },
    stream,
  };
}

/** An app id is safe in a file name; a version of old may hold more than it should there. */
function fileNameOf({ appId, version }: ReleaseRow): string {
  return `${appId}-${version.replace(/[^0-9A-Za-z.+-]/g, '_')}.zip`;
}

function digestOf({ archiveSha256 }: ReleaseRow): string {
  return `sha-256=:${Buffer.from(archiveSha256, 'hex').toString('base64')}:`;
}

function archiveHeaders(release: ReleaseRow): Readonly<Record<string, string>> {
  return {
    'accept-ranges': 'bytes',
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${fileNameOf(release)}"`,
    'repr-digest': digestOf(release),
  };
}

/** The headers of the whole. */
function withLength<T extends Pick<Answer, 'headers'>>(about: T, release: ReleaseRow): T {
  const whole = { 'content-length': String(release.archiveBytes), 'content-digest': digestOf(release) };
  return { ...about, headers: { ...about.headers, ...whole } };
}

function noSuchRange(bytes: number): Answer {
  const error = new RequestError('RANGE_NOT_SATISFIABLE', `The archive has ${bytes} bytes.`);
  const headers = { 'content-type': 'application/problem+json', 'content-range': `bytes */${bytes}` };
  return { status: 416, headers, json: problemOf(error) };
}

/** The one range that was asked for; null for the whole. Several ranges, or one of another version, give the whole. */
function rangeOf({ headers }: Request, bytes: number, etag: string): ByteRange | 'unsatisfiable' | null {
  const ifRange = headers['if-range'];
  return ifRange !== undefined && ifRange !== etag ? null : readByteRange(headers.range, bytes);
}
