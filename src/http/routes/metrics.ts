import type { Gate } from '../../gate.js';
import { createMetrics, type Metrics } from '../../metrics.js';
import { defineRoute, type Route } from '../route.js';

/** Made when first asked for: a command that never serves needs none. */
const metricsOf = new WeakMap<Gate, Metrics>();

/** What a program that watches the store reads. */
export const metricsRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/metrics',
      operationId: 'readMetrics',
      tag: 'Service',
      access: 'public',
      summary: 'The figures of the store, for Prometheus',
      responses: {
        200: { description: 'In the text format 0.0.4. At most five seconds old.', contentType: 'text/plain' },
      },
    },
    {},
    async ({ gate }) => {
      const metrics = metricsOf.get(gate) ?? createMetrics(gate);
      metricsOf.set(gate, metrics);
      const { contentType, text } = await metrics.read();
      return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, text };
    },
  ),
];
