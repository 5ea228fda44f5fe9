import { z } from 'zod';
import type { Limits } from '../../archive/limits.js';
import { isReady } from '../../readiness.js';
import { defineRoute, type Route } from '../route.js';

const limitNames = [
  'archiveBytes',
  'inflatedBytes',
  'fileBytes',
  'entries',
  'ratio',
  'pathBytes',
  'pathDepth',
  'infoXmlBytes',
  'signatureFileBytes',
  'inspectionMs',
] as const satisfies readonly (keyof Limits)[];

const readinessSchema = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) });

/** The gate itself: what it accepts, and whether it works. */
export const serviceRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/limits',
      operationId: 'readLimits',
      tag: 'Service',
      access: 'public',
      summary: 'What an archive may cost',
      reading: { maxAgeSeconds: 300 },
      responses: {
        200: {
          description: 'Sizes in bytes, times in milliseconds.',
          schema: z.object(Object.fromEntries(limitNames.map((name) => [name, z.number()]))),
        },
      },
    },
    {},
    async ({ gate: { limits } }) => ({
      status: 200,
      json: Object.fromEntries(limitNames.map((name) => [name, limits[name]])),
    }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/healthz',
      operationId: 'isAlive',
      tag: 'Service',
      access: 'public',
      summary: 'Whether the server runs',
      responses: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
    },
    {},
    async () => ({ status: 200, json: { status: 'ok' } }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/readyz',
      operationId: 'isReady',
      tag: 'Service',
      access: 'public',
      summary: 'Whether uploads can be judged',
      responses: {
        200: { description: 'They can.', schema: readinessSchema },
        503: {
          description: 'Something is missing; the checks say what.',
          schema: readinessSchema,
          contentType: 'application/json',
        },
      },
    },
    {},
    async ({ gate }) => {
      const readiness = await isReady(gate);
      return { status: readiness.ready ? 200 : 503, headers: { 'cache-control': 'no-store' }, json: readiness };
    },
  ),
];
