import { z } from 'zod';
import { checkControlChallenge, createControlChallenge } from '../../authority/control-challenge.js';
import {
  answerSigningRequest,
  approveSigningRequest,
  declineSigningRequest,
  questionSigningRequest,
  withdrawSigningRequest,
} from '../../authority/decide-signing-request.js';
import type { SigningRequestRow } from '../../database/signing-requests.js';
import * as json from '../signing-request-representations.js';
import { defineRoute, type Route } from '../route.js';

const params = z.object({ id: z.uuid() });
const reason = z.string().trim().min(1).max(2_000).meta({ description: 'Why; the applicant reads it.' });

const notYours = {
  403: { description: 'Not a request of yours, or the token does not carry the scope.' },
  404: { description: 'Not there, or none of your business.' },
  409: { description: 'It is decided already.' },
};
const forModerators = {
  ...notYours,
  403: { description: 'Not a moderator, or one whose own request or app it is (`OWN_CASE`).' },
};

/** Deciding about signing requests, and what is said and proven before that. */
export const signingRequestVerdictRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/approval',
      operationId: 'approveSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Grant a signing request',
      description:
        'For moderators. The certificate is issued, what the request says is lost is revoked, and an app id that was free is the applicant’s.',
      responses: {
        200: { description: 'The certificate.', schema: json.approvalSchema },
        ...forModerators,
        409: { description: 'It is decided already, or the token that asked for it was revoked since.' },
        422: { description: 'What passed when it was asked for is refused now, a key that got out say.' },
        503: { description: 'The key of the authority is not to be had now.' },
      },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 200,
      json: json.approval(await approveSigningRequest(gate, caller, { id, ...body }), gate.now()),
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/question',
      operationId: 'questionSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Ask the applicant something',
      description: 'For moderators.',
      responses: { 200: { description: 'The request.', schema: json.signingRequestSummarySchema }, ...forModerators },
    },
    { params, body: z.strictObject({ reason: reason.meta({ description: 'The question.' }) }) },
    async ({ gate, caller, params: { id }, body }) =>
      summaryOf(await questionSigningRequest(gate, caller, { id, ...body })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/answer',
      operationId: 'answerSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Answer what a moderator asked',
      description: 'For whoever made the request.',
      responses: { 200: { description: 'The request.', schema: json.signingRequestSummarySchema }, ...notYours },
    },
    { params, body: z.strictObject({ text: z.string().trim().min(1).max(2_000) }) },
    async ({ gate, caller, params: { id }, body }) =>
      summaryOf(await answerSigningRequest(gate, caller, { id, ...body })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/decline',
      operationId: 'declineSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Decline a signing request',
      description: 'For moderators.',
      responses: { 200: { description: 'The request.', schema: json.signingRequestSummarySchema }, ...forModerators },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { id }, body }) =>
      summaryOf(await declineSigningRequest(gate, caller, { id, ...body })),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/withdrawal',
      operationId: 'withdrawSigningRequest',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Take a signing request back',
      description: 'For whoever made it.',
      responses: { 200: { description: 'The request.', schema: json.signingRequestSummarySchema }, ...notYours },
    },
    { params },
    async ({ gate, caller, params: { id } }) => summaryOf(await withdrawSigningRequest(gate, caller, id)),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/challenge',
      operationId: 'createControlChallenge',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Get a one-time value that proves control of the repository or website',
      description:
        'For whoever made the request. Publish the value at one of the URLs within 72 hours, and have it checked. A newer value is in the place of an older one.',
      responses: { 201: { description: 'The value.', schema: json.challengeSchema }, ...notYours },
    },
    {
      params,
      body: z
        .strictObject({
          declaredUrl: json.declaredUrlSchema.optional().meta({
            description:
              'Where it is not said: that of the request, or else the repository or website that the published releases declare.',
          }),
        })
        .default({}),
    },
    async ({ gate, caller, params: { id }, body }) => ({
      status: 201,
      json: json.challenge(await createControlChallenge(gate, caller, { id, declaredUrl: body.declaredUrl ?? null })),
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/signing-requests/{id}/challenge/check',
      operationId: 'checkControlChallenge',
      tag: 'Signing requests',
      access: 'bearer',
      summary: 'Look for the value where it is to be published',
      description: 'For whoever made the request, and moderators; three times a minute at most, and two at a time.',
      responses: {
        200: { description: 'What was found.', schema: json.challengeSchema },
        ...notYours,
        409: { description: 'The value has expired, or the request is decided already.' },
        429: { description: 'It was looked for a moment ago, or others are looked for at this moment.' },
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 200,
      json: json.challenge(await checkControlChallenge(gate, caller, id)),
    }),
  ),
];

function summaryOf(request: SigningRequestRow) {
  return { status: 200, json: json.signingRequestSummary(request) };
}
