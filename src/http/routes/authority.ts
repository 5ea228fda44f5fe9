import { z } from 'zod';
import { readPublishedCertificate, readPublishedList } from '../../authority/published-files.js';
import { answerFile, type CachedFile } from '../cached-file.js';
import { defineRoute, type Route } from '../route.js';

/** What is revoked is to be known soon; and a verifier that comes every few minutes is no burden. */
const MAX_AGE_SECONDS = 300;

const PEM_TYPE = 'application/x-pem-file';
const LIST_TYPE = 'application/pkix-crl';

const conditions = {
  'If-None-Match': 'The `ETag` that one has already (RFC 9110 §13.1.2).',
};
const unchanged = { description: 'One has it already.' };
const missing = { description: 'No authority, or none of this name.' };
const listName = z.object({
  name: z.string().meta({ description: '`root`, `developers`, and for further keys `developers-2` and so on.' }),
});

/**
 * The certificates of the store's own authority and its revocation lists, as files for programs that know nothing of
 * us.
 */
export const authorityRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/certificates/{name}.pem',
      operationId: 'readAuthorityCertificate',
      tag: 'Authority',
      access: 'public',
      summary: "A certificate of the store's own authority",
      description:
        '`root.pem`; `intermediate.pem`, which is the one that issues now; and by key `developers.pem`, `developers-2.pem` and so on.',
      requestHeaders: conditions,
      responses: {
        200: { description: 'The certificate.', contentType: PEM_TYPE },
        304: unchanged,
        404: missing,
      },
    },
    { params: z.object({ name: z.string().meta({ description: '`intermediate`, or the name of a key.' }) }) },
    async ({ gate, params, request }) => {
      const file = await readPublishedCertificate(gate.database, params.name);
      return answerFile(request, { ...file, contentType: PEM_TYPE, ...keptFor(MAX_AGE_SECONDS, gate.now()) });
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/crl/{name}.crl',
      operationId: 'readRevocationList',
      tag: 'Authority',
      access: 'public',
      summary: 'A revocation list in DER',
      description:
        '`root.crl`; and by key `developers.crl`, `developers-2.crl` and so on, as the certificates name them.',
      requestHeaders: conditions,
      responses: {
        200: { description: 'The newest list of the key.', contentType: LIST_TYPE },
        304: unchanged,
        404: missing,
      },
    },
    { params: listName },
    async ({ gate, params, request }) => {
      const { der, nextUpdate } = await readPublishedList(gate.database, params.name);
      return answerFile(request, { ...der, contentType: LIST_TYPE, ...keptUntil(nextUpdate, gate.now()) });
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/crl/{name}.pem',
      operationId: 'readRevocationListAsPem',
      tag: 'Authority',
      access: 'public',
      summary: 'A revocation list in PEM',
      requestHeaders: conditions,
      responses: {
        200: { description: 'The newest list of the key.', contentType: PEM_TYPE },
        304: unchanged,
        404: missing,
      },
    },
    { params: listName },
    async ({ gate, params, request }) => {
      const { pem, nextUpdate } = await readPublishedList(gate.database, params.name);
      return answerFile(request, { ...pem, contentType: PEM_TYPE, ...keptUntil(nextUpdate, gate.now()) });
    },
  ),
];

/** How long a cache may keep a file. */
type Lifetime = Pick<CachedFile, 'cacheControl' | 'expiresAt'>;

/** No cache may hand out a list after its end; one that has ended already is kept by none. */
function keptUntil(nextUpdate: Date, at: Date): Lifetime {
  const left = Math.max(0, Math.floor((nextUpdate.getTime() - at.getTime()) / 1000));
  return keptFor(Math.min(MAX_AGE_SECONDS, left), at);
}

function keptFor(seconds: number, at: Date): Lifetime {
  return { cacheControl: `public, max-age=${seconds}`, expiresAt: new Date(at.getTime() + seconds * 1000) };
}
