import { z } from 'zod';
import type { DeliveryRow } from '../../database/webhook-deliveries.js';
import type { WebhookRow } from '../../database/webhooks.js';
import { topicNames, type TopicName } from '../../notices/topics.js';
import * as webhooks from '../../notices/webhooks.js';
import { defineRoute, type Route } from '../route.js';
import { readCursor, writeCursor } from '../time-cursor.js';

const time = z.iso.datetime();
const topicSchema = z.enum(topicNames as readonly [TopicName, ...TopicName[]]);

const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    topics: z.array(z.string()),
    createdAt: time,
    enabled: z.boolean(),
    disabledAt: time.nullable(),
    disabledBecause: z.string().nullable(),
  })
  .meta({ id: 'Webhook', description: 'Where your programs are told what concerns your account.' });

function webhookJson(row: WebhookRow) {
  return {
    id: row.id,
    url: row.url,
    topics: row.topics,
    createdAt: row.createdAt.toISOString(),
    enabled: row.disabledAt === null,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledBecause: row.disabledBecause,
  };
}

const deliverySchema = z
  .object({
    id: z.uuid(),
    topic: z.string(),
    state: z.enum(['waiting', 'delivered', 'given-up']),
    attempts: z.int(),
    createdAt: time,
    lastAttemptAt: time.nullable(),
    nextTryAt: time.nullable(),
    deliveredAt: time.nullable(),
    lastStatus: z.int().nullable(),
    lastFailure: z.string().nullable(),
    replayOf: z.uuid().nullable(),
    body: z.string().meta({ description: 'What is sent, as it is sent and signed.' }),
  })
  .meta({ id: 'WebhookDelivery', description: 'Something that a webhook was told, or is to be.' });

function deliveryJson(row: DeliveryRow) {
  const state = row.deliveredAt !== null ? 'delivered' : row.nextTryAt === null ? 'given-up' : 'waiting';
  return {
    id: row.id,
    topic: row.topic,
    state,
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
    lastAttemptAt: row.lastAttemptAt?.toISOString() ?? null,
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
    lastStatus: row.lastStatus,
    lastFailure: row.lastFailure,
    replayOf: row.replayOf,
    body: row.body,
  };
}

const secretSchema = z.string().meta({
  description: 'Signs what is sent (HMAC-SHA-256, as Standard Webhooks has it). Shown this once.',
});
const wish = z.strictObject({
  url: z.string().min(1).max(2000).meta({ description: 'https, port 443, an address of the public internet.' }),
  topics: z.array(topicSchema).min(1).max(topicNames.length),
});
const change = z.strictObject({ ...wish.shape, enabled: z.boolean() });
const params = z.object({ id: z.uuid() });
const common = { tag: 'Webhooks', access: 'bearer' } as const;
const missing = { 404: { description: 'No such webhook of yours.' } };
const noStore = { 'cache-control': 'no-store' };

/** Webhooks, managed by the account that they tell of. */
export const webhookRoutes: readonly Route[] = [
  defineRoute(
    {
      ...common,
      method: 'get',
      path: '/api/v1/webhooks',
      operationId: 'listWebhooks',
      summary: 'Your webhooks',
      responses: {
        200: {
          description: 'The oldest first; never a secret.',
          schema: z.object({ webhooks: z.array(webhookSchema) }),
        },
      },
    },
    {},
    async ({ gate, caller }) => ({
      status: 200,
      json: { webhooks: (await webhooks.listWebhooks(gate, caller)).map(webhookJson) },
    }),
  ),
  defineRoute(
    {
      ...common,
      method: 'post',
      path: '/api/v1/webhooks',
      operationId: 'addWebhook',
      summary: 'Have a program of yours told what concerns your account',
      description:
        'Needs a token with the scope "manage" for every app of the account, and for topics of moderators a moderator. What is sent is ' +
        '`{type, timestamp, data}`, signed as Standard Webhooks has it; answer with a 2xx status within ten seconds. What fails is tried ' +
        'ten times within about three days; a webhook that nothing got through to for so long is switched off.',
      responses: {
        201: {
          description: 'The webhook, and its secret, shown this once.',
          schema: z.object({ webhook: webhookSchema, secret: secretSchema }),
        },
        422: { description: 'Nothing is sent to this address.' },
        429: { description: 'Your account has 20 webhooks already.' },
      },
    },
    { body: wish },
    async ({ gate, caller, body }) => {
      const { webhook, secret } = await webhooks.addWebhook(gate, caller, body);
      return { status: 201, headers: noStore, json: { webhook: webhookJson(webhook), secret } };
    },
  ),
  defineRoute(
    {
      ...common,
      method: 'get',
      path: '/api/v1/webhooks/{id}',
      operationId: 'readWebhook',
      summary: 'One of your webhooks',
      responses: { 200: { description: 'Never its secret.', schema: webhookSchema }, ...missing },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 200,
      json: webhookJson(await webhooks.readWebhook(gate, caller, id)),
    }),
  ),
  defineRoute(
    {
      ...common,
      method: 'put',
      path: '/api/v1/webhooks/{id}',
      operationId: 'changeWebhook',
      summary: 'Change where a webhook leads, what it is told, and whether it is switched on',
      responses: {
        200: { description: 'As it is now.', schema: webhookSchema },
        ...missing,
        422: { description: 'Nothing is sent to this address.' },
      },
    },
    { params, body: change },
    async ({ gate, caller, params: { id }, body: { enabled, ...target } }) => {
      await webhooks.changeWebhook(gate, caller, id, target);
      return { status: 200, json: webhookJson(await webhooks.enableWebhook(gate, caller, id, enabled)) };
    },
  ),
  defineRoute(
    {
      ...common,
      method: 'delete',
      path: '/api/v1/webhooks/{id}',
      operationId: 'removeWebhook',
      summary: 'Remove a webhook',
      responses: { 204: { description: 'It is told nothing any more.' }, ...missing },
    },
    { params },
    async ({ gate, caller, params: { id } }) => {
      await webhooks.removeWebhook(gate, caller, id);
      return { status: 204 };
    },
  ),
  defineRoute(
    {
      ...common,
      method: 'post',
      path: '/api/v1/webhooks/{id}/secret',
      operationId: 'rotateWebhookSecret',
      summary: 'Give a webhook a new secret',
      description: 'For a day what is sent carries a signature by each of the two.',
      responses: {
        200: { description: 'Shown this once.', schema: z.object({ secret: secretSchema }) },
        ...missing,
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => {
      const { secret } = await webhooks.rotateWebhookSecret(gate, caller, id);
      return { status: 200, headers: noStore, json: { secret } };
    },
  ),
  defineRoute(
    {
      ...common,
      method: 'post',
      path: '/api/v1/webhooks/{id}/ping',
      operationId: 'pingWebhook',
      summary: 'Send a webhook a test',
      responses: {
        202: {
          description: 'It is sent within seconds; the log of deliveries says what came of it.',
          schema: deliverySchema,
        },
        ...missing,
        422: { description: 'It is switched off.' },
        429: { description: 'Too many pings and replays within an hour.' },
      },
    },
    { params },
    async ({ gate, caller, params: { id } }) => ({
      status: 202,
      json: deliveryJson(await webhooks.pingWebhook(gate, caller, id)),
    }),
  ),
  defineRoute(
    {
      ...common,
      method: 'get',
      path: '/api/v1/webhooks/{id}/deliveries',
      operationId: 'listWebhookDeliveries',
      summary: 'What a webhook was told',
      responses: {
        200: {
          description: 'The newest first; of what is settled the last 1,000 are kept.',
          schema: z.object({ deliveries: z.array(deliverySchema), next: z.string().nullable() }),
        },
        ...missing,
      },
    },
    {
      params,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(50),
        after: z.string().max(200).optional().meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, params: { id }, query: { limit, after } }) => {
      const before = after === undefined ? null : readCursor(after);
      const found = await webhooks.listDeliveries(gate, caller, id, { before, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const next = last === undefined ? null : writeCursor({ at: last.createdAt, id: last.id });
      return { status: 200, json: { deliveries: page.map(deliveryJson), next } };
    },
  ),
  defineRoute(
    {
      ...common,
      method: 'post',
      path: '/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
      operationId: 'replayWebhookDelivery',
      summary: 'Send something again that a webhook was told',
      description: 'The same message under the same `webhook-id`, so that a receiver can tell.',
      responses: {
        202: { description: 'It is sent within seconds.', schema: deliverySchema },
        404: { description: 'No such webhook of yours, or no such delivery of it.' },
        422: { description: 'The webhook is switched off.' },
        429: { description: 'Too many pings and replays within an hour.' },
      },
    },
    { params: z.object({ id: z.uuid(), deliveryId: z.uuid() }) },
    async ({ gate, caller, params: { id, deliveryId } }) => ({
      status: 202,
      json: deliveryJson(await webhooks.replayDelivery(gate, caller, id, deliveryId)),
    }),
  ),
];
