import { z } from 'zod';
import { reviewKinds } from '../../database/reviews.js';
import { readStatistics } from '../../moderation/statistics.js';
import { defineRoute, type Route } from '../route.js';

const count = z.int().min(0);
const day = z.iso.date().meta({ description: 'In UTC.' });
const time = z.iso.datetime();
const kind = z.enum(reviewKinds);
const seconds = z.number().min(0).meta({ description: 'Seconds from its opening to the verdict.' });

const statisticsSchema = z
  .object({
    since: time,
    until: time,
    submissions: z.array(z.object({ day, accepted: count, held: count, refused: count })),
    refusals: z.array(z.object({ week: day, code: z.string(), count })).meta({
      description: 'By the week, which begins on Monday. A refusal that was for several codes counts for each.',
    }),
    decisions: z.array(z.object({ kind, decided: count, median: seconds, ninetieth: seconds })),
    open: z.array(
      z.object({ kind, underOneDay: count, underThreeDays: count, underAWeek: count, older: count, oldest: time }),
    ),
    failingApps: z
      .array(z.object({ appId: z.string(), refusals: count, since: time, lastAt: time }))
      .meta({ description: 'Apps whose last three submissions or more were all refused.' }),
    moderators: z
      .array(z.object({ account: z.string(), kind, decided: count }))
      .nullable()
      .meta({ description: 'For administrators; null for moderators.' }),
  })
  .meta({ id: 'Statistics' });

/** How the store decides, in figures. */
export const statisticsRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/statistics',
      operationId: 'readStatistics',
      tag: 'Moderation',
      access: 'bearer',
      summary: 'How the store decides, in figures',
      responses: {
        200: { description: 'For moderators.', schema: statisticsSchema },
        403: { description: 'Not a moderator.' },
      },
    },
    { query: z.object({ days: z.coerce.number().int().min(1).max(366).default(90) }) },
    async ({ gate, caller, query }) => ({ status: 200, json: await readStatistics(gate, caller, query) }),
  ),
];
