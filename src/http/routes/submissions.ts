import { z } from 'zod';
import { awaitSubmission, readSubmissions } from '../../releases/read-submissions.js';
import * as json from '../representations.js';
import { defineRoute, type Route } from '../route.js';
import { readCursor, writeCursor } from '../time-cursor.js';

/** Reading what became of uploads. */
export const submissionRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/submissions/{id}',
      operationId: 'readSubmission',
      tag: 'Submissions',
      access: 'bearer',
      summary: 'One submission with its report',
      responses: {
        200: {
          description: 'For whoever made it, the owners of the app, and moderators.',
          schema: json.submissionSchema,
        },
        404: { description: 'Not there, or none of your business.' },
      },
    },
    {
      params: z.object({ id: z.uuid() }),
      query: z.object({
        wait: z.coerce
          .number()
          .min(0)
          .max(60)
          .default(0)
          .meta({ description: 'Seconds to wait for a moderator, where it waits for one.' }),
      }),
    },
    async ({ gate, caller, params, query: { wait: seconds }, response }) => {
      const gone = new AbortController();
      response.once('close', () => {
        gone.abort();
      });
      const read = await awaitSubmission(gate, caller, params.id, { seconds, signal: gone.signal });
      return { status: 200, json: json.submission(read.submission, read.release, read.state) };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/submissions',
      operationId: 'listSubmissions',
      tag: 'Submissions',
      access: 'bearer',
      summary: "An app's submissions, the newest first",
      responses: {
        200: {
          description: 'All of them for the owners of the app and moderators; your own otherwise.',
          schema: z.object({ submissions: z.array(json.submissionSummarySchema), next: z.string().nullable() }),
        },
      },
    },
    {
      params: z.object({ appId: z.string() }),
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(50),
        after: z.string().max(200).optional().meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, params, query }) => {
      const cursor = query.after === undefined ? null : readCursor(query.after);
      const before = cursor && { submittedAt: cursor.at, id: cursor.id };
      // One more than asked tells whether there is a next page.
      const found = await readSubmissions(gate, caller, params.appId, { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = found.length > query.limit ? page.at(-1) : undefined;
      return {
        status: 200,
        json: {
          submissions: page.map(json.submissionSummary),
          next: last === undefined ? null : writeCursor({ at: last.submittedAt, id: last.id }),
        },
      };
    },
  ),
];
