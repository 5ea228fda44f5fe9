import { z } from 'zod';
import { reportCategories } from '../../database/reviews.js';
import { reportTrouble, REPORT_TEXT } from '../../moderation/reports.js';
import { defineRoute, type Route } from '../route.js';

/** What the public tells the store. */
export const reportRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/apps/{appId}/reports',
      operationId: 'reportTrouble',
      tag: 'Reviews',
      access: 'public',
      summary: 'Report trouble with an app to the moderators',
      description: 'No account is needed.',
      responses: {
        201: {
          description: 'Moderators will look at it.',
          schema: z.object({ id: z.uuid().meta({ description: 'Names the report, where somebody asks about it.' }) }),
        },
        404: { description: 'There is no such app or release.' },
        429: { description: 'Too many reports, from this address or about this app.' },
      },
    },
    {
      params: z.object({ appId: z.string() }),
      body: z.strictObject({
        version: z.string().min(1).max(64).nullable().default(null).meta({ description: 'Of the release.' }),
        category: z.enum(reportCategories),
        text: z.string().trim().min(REPORT_TEXT.min).max(REPORT_TEXT.max),
        contact: z
          .string()
          .trim()
          .max(254)
          .nullable()
          .default(null)
          .meta({ description: 'A mail address for questions. Moderators see it, and nobody else.' }),
      }),
    },
    async ({ gate, params: { appId }, body: { version, category, text, contact }, request }) => {
      const address = request.ip ?? '';
      const id = await reportTrouble(gate, { appId, version, category, text, contact, address });
      return { status: 201, json: { id } };
    },
  ),
];
