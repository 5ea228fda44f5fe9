import { z } from 'zod';
import type { Caller } from '../../accounts/caller.js';
import type { Gate } from '../../gate.js';
import { answerQuestion, appealRefusal } from '../../moderation/appeals.js';
import { MAX_TEXT } from '../../moderation/texts.js';
import { readSubmission } from '../../releases/read-submissions.js';
import * as json from '../representations.js';
import { defineRoute, type Route } from '../route.js';

const params = z.object({ id: z.uuid() });

const notYours = {
  403: { description: 'Not a submission of yours, or the token does not carry the scope.' },
  404: { description: 'Not there, or none of your business.' },
};

/** What developers say about their submissions. */
export const appealRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/submissions/{id}/appeal',
      operationId: 'appealRefusal',
      tag: 'Submissions',
      access: 'bearer',
      summary: 'Appeal a refusal',
      description:
        'For whoever uploaded it and the owners of the app, within 90 days, once; with the scope `upload` or `manage`. Somebody else decides than who refused it.',
      responses: {
        201: { description: 'The submission, whose refusal is looked at again.', schema: json.submissionSchema },
        ...notYours,
        409: { description: 'It was not refused, was appealed already, or its version has been published since.' },
        429: { description: 'Too many of your appeals wait.' },
      },
    },
    { params, body: z.strictObject({ text: z.string().trim().min(10).max(MAX_TEXT) }) },
    async ({ gate, caller, params: { id }, body: { text } }) => {
      await appealRefusal(gate, caller, { submissionId: id, text });
      return { status: 201, json: await submissionOf(gate, caller, id) };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/submissions/{id}/answer',
      operationId: 'answerQuestion',
      tag: 'Submissions',
      access: 'bearer',
      summary: 'Answer what a moderator asked',
      description: 'For whoever uploaded it and the owners of the app; with the scope `upload` or `manage`.',
      responses: { 200: { description: 'The submission.', schema: json.submissionSchema }, ...notYours },
    },
    { params, body: z.strictObject({ text: z.string().trim().min(1).max(MAX_TEXT) }) },
    async ({ gate, caller, params: { id }, body: { text } }) => {
      await answerQuestion(gate, caller, { submissionId: id, text });
      return { status: 200, json: await submissionOf(gate, caller, id) };
    },
  ),
];

async function submissionOf(gate: Gate, caller: Caller, id: string) {
  const { submission, release, state } = await readSubmission(gate, caller, id);
  return json.submission(submission, release, state);
}
