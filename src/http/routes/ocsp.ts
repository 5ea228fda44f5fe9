import type { Request } from 'express';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { answerOcsp } from '../../authority/ocsp-responder.js';
import type { Gate } from '../../gate.js';
import { answerFile } from '../cached-file.js';
import { receiveBytes } from '../receive-bytes.js';
import { defineRoute, type Answer, type Route } from '../route.js';

const REQUEST_TYPE = 'application/ocsp-request';
const RESPONSE_TYPE = 'application/ocsp-response';

/** A question about one certificate takes some 100 bytes, and with a nonce 130. */
const MAX_REQUEST_BYTES = 4 * 1024;

/** How long caches keep an answer: not for as long as it holds, since a revocation counts at once. */
const MAX_AGE_SECONDS = 300;

const answered = {
  description: 'An OCSPResponse in DER; what is wrong with the request stands in it too, as `responseStatus`.',
  contentType: RESPONSE_TYPE,
};

/** Whether a certificate is revoked, asked in the way that programs of others ask (RFC 6960). */
export const ocspRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/ocsp',
      operationId: 'askOcsp',
      tag: 'Authority',
      access: 'public',
      summary: 'Whether certificates are revoked, by OCSP',
      description: 'As `openssl ocsp -url` asks. A nonce is repeated; the answer is signed by the issuer itself.',
      rawBody: { [REQUEST_TYPE]: { description: 'An OCSPRequest in DER.', schema: {} } },
      responses: {
        200: answered,
        413: { description: 'Larger than any request is.' },
        415: { description: `Not ${REQUEST_TYPE}.` },
      },
    },
    {},
    async ({ gate, request, response }) => {
      const expected = { mediaType: REQUEST_TYPE, maxBytes: MAX_REQUEST_BYTES };
      const { der } = await answerOcsp(gate, await receiveBytes(request, response, expected));
      return notKept(der);
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/ocsp/{request}',
      takesRest: true,
      operationId: 'askOcspByGet',
      tag: 'Authority',
      access: 'public',
      summary: 'The same where caches can help',
      description: 'RFC 6960 appendix A.1, RFC 5019 §5.',
      responses: { 200: answered, 304: { description: 'Not changed since.' } },
    },
    {
      params: z.object({
        request: z.string().meta({ description: 'An OCSPRequest: its DER in base64, percent-encoded or not.' }),
      }),
    },
    async ({ gate, params, request }) => answerByGet(gate, request, fromBase64(params.request)),
  ),
];

/** With the headers of RFC 5019 §6.2 where the answer is one for caches. */
async function answerByGet(gate: Gate, request: Request, question: Buffer): Promise<Answer> {
  const { der, holds, isForCaches } = await answerOcsp(gate, question);
  if (!isForCaches || holds === null) return notKept(der);
  return answerFile(request, {
    bytes: der,
    sha256: createHash('sha256').update(der).digest('hex'),
    contentType: RESPONSE_TYPE,
    modifiedAt: holds.thisUpdate,
    expiresAt: holds.nextUpdate,
    cacheControl: `max-age=${MAX_AGE_SECONDS}, public, no-transform, must-revalidate`,
  });
}

function notKept(bytes: Buffer): Answer {
  return { status: 200, headers: { 'cache-control': 'no-store', 'content-type': RESPONSE_TYPE }, bytes };
}

/**
 * A question as it stands in the path. What is no base64, percent-encoded or not, becomes nothing, which is no request
 * either: the answer says so in the way of OCSP.
 */
function fromBase64(encoded: string): Buffer {
  const text = encoded.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length <= MAX_REQUEST_BYTES * 2
    ? Buffer.from(text, 'base64')
    : Buffer.alloc(0);
}
