import { z } from 'zod';
import { followSubmission } from '../../notices/follow-submission.js';
import { defineRoute, type Route } from '../route.js';
import { answerEvents, lastEventId } from '../server-sent-events.js';

/** Following what becomes of an upload. */
export const submissionEventRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/submissions/{id}/events',
      operationId: 'followSubmission',
      tag: 'Submissions',
      access: 'bearer',
      summary: 'What becomes of a submission, as it happens',
      description:
        'Server-sent events. First `state`: how the submission stands now. Then every public entry of the audit log about it, its reviews ' +
        'and its release, with the position in the log as `id`, each followed by `state` again. A comment every 15 seconds. The stream ends ' +
        'when the token or the right to read ends, and when the gate stops; go on with `Last-Event-ID`, and nothing is lost.',
      requestHeaders: { 'last-event-id': 'The `id` of the last event that you have.' },
      responses: {
        200: { description: 'Goes on until you leave.', contentType: 'text/event-stream', schema: z.string() },
        404: { description: 'Not there, or none of your business.' },
        429: { description: 'Your account follows ten things already.' },
        503: { description: 'Too many follow something; try again later.' },
      },
    },
    { params: z.object({ id: z.uuid() }) },
    async ({ gate, caller, params, request, response }) => {
      const after = lastEventId(request.get('last-event-id'));
      const answer = await answerEvents(response, (signal) =>
        followSubmission(gate, caller, params.id, { after, signal }),
      );
      if (request.method !== 'HEAD') return answer;
      answer.stream?.destroy();
      return { status: answer.status, ...(answer.headers && { headers: answer.headers }) };
    },
  ),
];
