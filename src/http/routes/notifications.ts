import { z } from 'zod';
import { changeChoices, readChoices } from '../../notices/choices.js';
import { defineRoute, type Route } from '../route.js';

const choicesSchema = z
  .object({
    email: z.string().nullable().meta({ description: 'Where mail goes; null: the account has no address.' }),
    storeSendsMail: z.boolean(),
    topics: z.array(
      z.object({
        topic: z.string(),
        summary: z.string(),
        byMail: z.boolean(),
        byDefault: z.boolean(),
        canChange: z.boolean().meta({ description: 'False for what is always told.' }),
      }),
    ),
  })
  .meta({ id: 'NotificationChoices', description: 'What an account is told by mail.' });

/** What an account is told by mail, chosen by itself. */
export const notificationRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/account/notifications',
      operationId: 'readNotificationChoices',
      tag: 'Account',
      access: 'bearer',
      summary: 'What you are told by mail',
      responses: { 200: { description: 'Topic by topic.', schema: choicesSchema } },
    },
    {},
    async ({ gate, caller }) => ({ status: 200, json: await readChoices(gate, caller) }),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/account/notifications',
      operationId: 'changeNotificationChoices',
      tag: 'Account',
      access: 'bearer',
      summary: 'Choose what you are told by mail',
      responses: { 200: { description: 'As it is now.', schema: choicesSchema } },
    },
    {
      body: z.strictObject({
        topics: z
          .record(z.string().max(64), z.boolean())
          .meta({ description: 'Topic → by mail or not. Those that are not named stay as they are.' }),
      }),
    },
    async ({ gate, caller, body }) => ({ status: 200, json: await changeChoices(gate, caller, body.topics) }),
  ),
];
