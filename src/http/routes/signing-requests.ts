import { z } from 'zod';
import { requestCertificate } from '../../authority/request-certificate.js';
import {
  openFile,
  readSigningRequest,
  readSigningRequests,
  readSigningRequestsOfApp,
} from '../../authority/read-signing-requests.js';
import type { SigningRequestRow } from '../../database/signing-requests.js';
import * as json from '../signing-request-representations.js';
import { defineRoute, type Route } from '../route.js';
import { readCursor, writeCursor } from '../time-cursor.js';
import { serialParam } from './serial-param.js';

const MAX_CSR_CHARACTERS = 64 * 1024;

const params = z.object({ id: z.uuid() });
const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  after: z.string().max(200).optional().meta({ description: 'The `next` of the page before.' }),
};
const listSchema = z.object({
  signingRequests: z.array(json.signingRequestSummarySchema),
  next: z.string().nullable(),
});

const applicationSchema = z.strictObject({
  csr: z.string().min(1).max(MAX_CSR_CHARACTERS).meta({
    description:
      'PKCS #10 in PEM, as `openssl req -nodes -newkey rsa:3072 -keyout ID.key -out ID.csr -subj "/CN=ID"` makes it.',
  }),
  purpose: json.purposeSchema.optional().meta({
    description: '`new` where the app has no certificate that counts, otherwise `renewal`, where it is not said.',
  }),
  lost: z.array(serialParam).min(1).max(100).optional().meta({
    description:
      'With the purpose `lost`: which certificates are lost; all that count when it is granted where it is not said.',
  }),
  compromisedSince: z.iso.datetime({ offset: true }).optional().meta({
    description: 'With the purpose `lost`: since when the lost ones are thought to have been in wrong hands.',
  }),
  declaredUrl: json.declaredUrlSchema.optional(),
  contact: z.email().max(254).optional().meta({ description: 'Is written to before the certificate ends.' }),
  note: z.string().trim().max(2_000).default('').meta({ description: 'What moderators should know.' }),
});

/** Asking for certificates, and reading what became of it. */
export const signingRequestRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/apps/{appId}/signing-requests',
      operationId: 'requestCertificate',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Ask for a certificate',
      description:
        'For the owners of the app, and for anybody where it has none and its id is not reserved; with the scope `upload` or `manage`. Where the store lets owners renew by themselves, a renewal is granted at once to a token with the scope `manage`, and the certificate is in the answer.',
      responses: {
        200: { description: 'The same request is open already.', schema: json.signingRequestSchema },
        201: { description: 'The request.', schema: json.signingRequestSchema },
        403: { description: 'The app belongs to somebody else, or its id is reserved.' },
        404: { description: 'The store has no authority of its own.' },
        409: {
          description: 'With this key something else is asked for already; `request` is its id.',
          schema: z.object({ request: z.uuid() }),
        },
        422: {
          description: 'The signing request or its key is refused; `errors` has every fault.',
          schema: z.object({ errors: z.array(z.object({ kind: z.string(), message: z.string() })) }),
        },
        429: {
          description:
            'Too many requests wait, for the app or of the account, or too many of the account were refused.',
        },
      },
    },
    { params: z.object({ appId: z.string() }), body: applicationSchema },
    async ({ gate, caller, params: { appId }, body }) => {
      const { request, isNew } = await requestCertificate(gate, caller, {
        appId,
        csr: body.csr,
        purpose: body.purpose ?? null,
        lost: body.lost ?? null,
        compromisedSince: body.compromisedSince === undefined ? null : new Date(body.compromisedSince),
        declaredUrl: body.declaredUrl ?? null,
        contact: body.contact ?? null,
        note: body.note,
      });
      const file = await openFile(gate, caller, request);
      return {
        status: isNew ? 201 : 200,
        headers: { location: `/api/v1/signing-requests/${request.id}` },
        json: json.signingRequest(file, gate.now()),
      };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/signing-requests',
      operationId: 'listSigningRequestsOfApp',
      tag: 'Signing requests',
      access: 'bearer',
      summary: "An app's signing requests, the newest first",
      responses: {
        200: {
          description: 'All of them for the owners of the app and moderators; your own otherwise.',
          schema: listSchema,
        },
      },
    },
    { params: z.object({ appId: z.string() }), query: z.object(page) },
    async ({ gate, caller, params: { appId }, query: { after, limit } }) => {
      const found = await readSigningRequestsOfApp(gate, caller, appId, { before: cursorOf(after), limit: limit + 1 });
      return { status: 200, json: pageOf(found, limit) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/signing-requests',
      operationId: 'listSigningRequests',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'The signing requests of the store, the oldest first',
      responses: {
        200: { description: 'For moderators.', schema: listSchema },
        403: { description: 'Not a moderator.' },
      },
    },
    {
      query: z.object({
        ...page,
        state: z
          .enum(['open', ...json.stateSchema.options])
          .default('open')
          .meta({ description: '`open`: those that are not decided.' }),
      }),
    },
    async ({ gate, caller, query: { state, after, limit } }) => {
      const found = await readSigningRequests(gate, caller, { state, after: cursorOf(after), limit: limit + 1 });
      return { status: 200, json: pageOf(found, limit) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/signing-requests/{id}',
      operationId: 'readSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'One signing request, and what became of it',
      responses: {
        200: {
          description: 'For whoever made it, the owners of the app, and moderators.',
          schema: json.signingRequestSchema,
        },
        404: { description: 'Not there, or none of your business.' },
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 200,
      json: json.signingRequest(await readSigningRequest(gate, caller, id), gate.now()),
    }),
  ),
];

function cursorOf(after: string | undefined) {
  const cursor = after === undefined ? null : readCursor(after);
  return cursor && { requestedAt: cursor.at, id: cursor.id };
}

/** @param found one more than asked, where there is a next page */
function pageOf(found: readonly SigningRequestRow[], limit: number) {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return {
    signingRequests: rows.map(json.signingRequestSummary),
    next: last === undefined ? null : writeCursor({ at: last.requestedAt, id: last.id }),
  };
}
