import { z } from 'zod';
import { readChanges } from '../../storefront/follow-changes.js';
import * as json from '../catalogue-representations.js';
import { defineRoute, type Route } from '../route.js';

const MAX_WAIT_SECONDS = 30;
/** Of whoever found no place to wait. */
const RETRY_SECONDS = 1;

/** For whoever keeps a copy of the catalogue. */
export const changeRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/changes',
      operationId: 'listChanges',
      tag: 'Catalogue',
      access: 'public',
      summary: 'What changed since',
      description:
        'Every app and every release of the catalogue that changed after a place, as it is now, in the order of the last changes. Begin ' +
        'without `after`, then go on with `next` for ever: whoever puts each app (by its `id`) and each release (by `appId` and ' +
        '`version`) into a copy, in the place of the one before, has what the lists say. Nothing is missed and nothing comes twice, ' +
        'unless it changed twice, were it only in its details; nothing is ever deleted. An app comes after each of its releases that ' +
        'changed. How often something was downloaded is no change.',
      reading: { maxAgeSeconds: 0 },
      responses: {
        200: {
          description: 'Changes, or none.',
          headers: {
            'Retry-After': 'Where too many wait already and there is no change: ask again after so many seconds.',
          },
          schema: z.object({
            changes: z.array(
              z.discriminatedUnion('type', [
                z.object({ type: z.literal('app'), app: json.appListItemSchema }),
                z.object({ type: z.literal('release'), release: json.releaseSummarySchema }),
              ]),
            ),
            next: z.string().meta({ description: 'The `after` of the next question, also where nothing changed.' }),
            more: z.boolean().meta({ description: 'Whether there is more already.' }),
          }),
        },
        410: { description: 'The store was set back to before this place: throw the copy away and begin anew.' },
      },
    },
    {
      query: z.object({
        after: z.string().max(64).default('').meta({ description: 'The `next` of the page before.' }),
        limit: z.coerce.number().int().min(1).max(500).default(100),
        wait: z.coerce
          .number()
          .int()
          .min(0)
          .max(MAX_WAIT_SECONDS)
          .default(0)
          .meta({
            description:
              'So many seconds the answer waits for a change where there is none. Where too many wait already, it comes at once, and says ' +
              'when to ask again.',
          }),
      }),
    },
    async ({ gate, query, request, response }) => {
      const gone = new AbortController();
      if (response.closed) gone.abort();
      response.once('close', () => gone.abort());
      const { changes, next, more, hadNoPlace } = await readChanges(gate, {
        after: query.after,
        limit: query.limit,
        waitMs: request.method === 'HEAD' ? 0 : query.wait * 1000,
        address: request.ip ?? '',
        signal: gone.signal,
      });
      return {
        status: 200,
        ...(hadNoPlace && { headers: { 'retry-after': String(RETRY_SECONDS) } }),
        json: {
          changes: changes.map((change) =>
            change.type === 'app'
              ? { type: 'app', app: json.appListItem(change.app) }
              : { type: 'release', release: json.releaseSummary(change.release) },
          ),
          next,
          more,
        },
      };
    },
  ),
];
