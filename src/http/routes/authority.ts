import type { Request } from 'express';
import { z } from 'zod';
import { readPublishedCertificate, readPublishedList } from '../../authority/published-files.js';
import type { RevocationListRow } from '../../database/revocation-lists.js';
import type { Gate } from '../../gate.js';
import { writePem } from '../../pki/pem.js';
import { answerFile } from '../cached-file.js';
import { defineRoute, type Answer, type Route } from '../route.js';

/** What is revoked is to be known soon; and a verifier that comes every few minutes is no burden. */
const MAX_AGE_SECONDS = 300;

const PEM_TYPE = 'application/x-pem-file';
const LIST_TYPE = 'application/pkix-crl';

const conditions = {
  'If-None-Match': 'The `ETag` that one has already (RFC 9110 §13.1.2).',
  'If-Modified-Since': 'The `Last-Modified` that one has already; the tag is more precise.',
};
const unchanged = { description: 'Not changed since.' };
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
      const { der, notBefore } = await readPublishedCertificate(gate.database, params.name);
      const file = { bytes: Buffer.from(writePem(der, 'CERTIFICATE')), contentType: PEM_TYPE, modifiedAt: notBefore };
      return answerFile(request, { ...file, ...keptFor(MAX_AGE_SECONDS, gate.now()) });
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
      const list = await readPublishedList(gate.database, params.name);
      return answerList(gate, request, list, { bytes: list.der, contentType: LIST_TYPE });
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
      const list = await readPublishedList(gate.database, params.name);
      const bytes = Buffer.from(writePem(list.der, 'X509 CRL'));
      return answerList(gate, request, list, { bytes, contentType: PEM_TYPE });
    },
  ),
];

function answerList(
  gate: Gate,
  request: Request,
  { thisUpdate, nextUpdate }: RevocationListRow,
  content: { readonly bytes: Buffer; readonly contentType: string },
): Answer {
  const at = gate.now();
  // No cache may hand out a list after its end; one that has ended already is kept by none.
  const left = Math.max(0, Math.floor((nextUpdate.getTime() - at.getTime()) / 1000));
  return answerFile(request, { ...content, modifiedAt: thisUpdate, ...keptFor(Math.min(MAX_AGE_SECONDS, left), at) });
}

function keptFor(seconds: number, at: Date): { readonly cacheControl: string; readonly expiresAt: Date } {
  return { cacheControl: `public, max-age=${seconds}`, expiresAt: new Date(at.getTime() + seconds * 1000) };
}
