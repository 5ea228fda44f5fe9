import type { Request } from 'express';
import { z } from 'zod';
import { readSubmissionState, type SubmissionState } from '../../moderation/submission-state.js';
import { readRequirements } from '../../releases/requirements.js';
import { requireUploader } from '../../releases/ownership.js';
import { submitRelease, type SubmissionAnswer } from '../../releases/submit-release.js';
import { validateUpload } from '../../releases/validate-upload.js';
import { RequestError } from '../../request-error.js';
import { suspendedSchema, trustLevelSchema } from '../catalogue-representations.js';
import { problem } from '../problem.js';
import { ARCHIVE_FIELD, withReceivedArchive } from '../receive-archive.js';
import * as json from '../representations.js';
import { defineRoute, type Answer, type RawBody, type Route } from '../route.js';

const appParams = z.object({ appId: z.string() });

const archiveBody: RawBody = {
  'multipart/form-data': {
    description: `The archive in the field "${ARCHIVE_FIELD}".`,
    schema: {
      type: 'object',
      required: [ARCHIVE_FIELD],
      properties: { [ARCHIVE_FIELD]: { type: 'string', contentMediaType: 'application/zip' } },
    },
  },
  'application/zip': { description: 'The archive by itself.', schema: {} },
};

const uploadHeaders = {
  'Content-Digest': 'RFC 9530: sha-256 or sha-512 of the body; checked where sent.',
  'Idempotency-Key':
    'Up to 255 printable ASCII characters; the same key with the same upload gets the first answer again.',
};

const refused = { schema: json.submissionSchema, contentType: 'application/problem+json' };

/** Uploading releases and asking beforehand what the gate would say. */
export const uploadRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/apps/{appId}/releases',
      operationId: 'uploadRelease',
      tag: 'Uploads',
      access: 'bearer',
      summary: 'Upload a release',
      description:
        'The gate reads the archive, verifies its signature, applies the rules and answers with the submission and its report. The first upload that is not refused makes a free app id yours.',
      rawBody: archiveBody,
      requestHeaders: uploadHeaders,
      responses: {
        200: { description: 'These bytes are already published as this version.', schema: json.submissionSchema },
        201: { description: 'Accepted and published.', schema: json.submissionSchema },
        202: { description: 'Held for a moderator.', schema: json.submissionSchema },
        400: { description: 'No archive, or the body is damaged.' },
        403: { description: 'The token or its account may not upload this app.' },
        409: { description: 'The version is taken; a problem and the submission in one.', ...refused },
        413: { description: 'Larger than the store accepts.' },
        415: { description: 'Not a zip.' },
        422: { description: 'Refused; a problem and the submission in one.', ...refused },
        429: { description: 'Many of your uploads of this app wait for a moderator already.' },
        503: { description: 'Cannot be judged now; try again later.' },
      },
    },
    { params: appParams },
    async ({ gate, caller, params: { appId }, request, response }) => {
      const key = idempotencyKeyOf(request);
      await requireUploader(gate.database, gate, caller, appId);
      return withReceivedArchive(gate, request, response, appId, async (upload) => {
        const answer = await submitRelease(gate, caller, upload, key);
        return answerTo(answer, await readSubmissionState(gate, answer.submission));
      });
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/apps/{appId}/validations',
      operationId: 'validateUpload',
      tag: 'Uploads',
      access: 'bearer',
      summary: 'Ask what the gate would say',
      description: 'The same gate, the rules on the history included. Decides nothing and keeps nothing.',
      rawBody: archiveBody,
      requestHeaders: { 'Content-Digest': uploadHeaders['Content-Digest'] },
      responses: {
        200: { description: 'The report, whatever its outcome.', schema: json.validationSchema },
        400: { description: 'No archive, or the body is damaged.' },
        403: { description: 'The token or its account may not upload this app.' },
        413: { description: 'Larger than the store accepts.' },
        415: { description: 'Not a zip.' },
        503: { description: 'Cannot be judged now; try again later.' },
      },
    },
    { params: appParams },
    async ({ gate, caller, params: { appId }, request, response }) => {
      await requireUploader(gate.database, gate, caller, appId);
      return withReceivedArchive(gate, request, response, appId, async (upload) => ({
        status: 200,
        json: json.validation(appId, await validateUpload(gate, caller, upload)),
      }));
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/requirements',
      operationId: 'readRequirements',
      tag: 'Uploads',
      access: 'public',
      summary: 'What the next upload will need',
      responses: {
        200: {
          description:
            'Whether the next upload must be signed, and because of which release; and whether one is taken at all.',
          schema: z.object({
            appId: z.string(),
            trustLevel: trustLevelSchema,
            suspended: suspendedSchema,
            signature: z.object({
              required: z.boolean(),
              reason: z.enum(['OFFICIAL_APP_UNSIGNED', 'SIGNATURE_DROPPED', 'SIGNING_REQUIRED']).nullable(),
              because: z.object({ version: z.string(), publishedAt: z.string() }).nullable(),
            }),
          }),
        },
      },
    },
    { params: appParams },
    async ({ gate, params }) => ({ status: 200, json: await readRequirements(gate, params.appId) }),
  ),
];

/** Draft-ietf-httpapi-idempotency-key-header: a string item; the quotes are optional here, as many clients leave them out. */
function idempotencyKeyOf(request: Request): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new RequestError('IDEMPOTENCY_KEY_INVALID', 'An Idempotency-Key has 1 to 255 printable ASCII characters.');
  }
  return key;
}

const STATUS = { accepted: 201, held: 202, repeated: 200, conflict: 409, refused: 422 } as const;

function answerTo({ kind, submission, release }: SubmissionAnswer, state: SubmissionState): Answer {
  const status = STATUS[kind];
  const location = { location: `/api/v1/submissions/${submission.id}` };
  const body = json.submission(submission, release, state);
  if (kind !== 'refused' && kind !== 'conflict') return { status, headers: location, json: body };
  // A refusal is a problem to programs that know nothing of us, and the submission to those that do.
  const errors = submission.report.findings.filter(({ severity }) => severity === 'error');
  const code = kind === 'conflict' ? (errors[0]?.code ?? 'VERSION_EXISTS') : 'RELEASE_REFUSED';
  const detail = errors
    .map(({ message }) => message)
    .slice(0, 3)
    .join(' ');
  return {
    status,
    headers: { ...location, 'content-type': 'application/problem+json' },
    json: problem(status, code, detail, body),
  };
}
