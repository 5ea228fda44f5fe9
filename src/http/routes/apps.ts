import { z } from 'zod';
import {
  addCoOwner,
  changeReleaseStatus,
  changeTrustLevel,
  readOwners,
  removeCoOwner,
} from '../../releases/change-app.js';
import { reinstateApp, suspendApp } from '../../releases/suspend-app.js';
import { readAppEvents } from '../../releases/read-events.js';
import type { Account } from '../../database/accounts.js';
import * as catalogue from '../catalogue-representations.js';
import * as json from '../representations.js';
import { defineRoute, type Route } from '../route.js';

const reason = z.string().trim().min(1).max(2_000).meta({ description: 'Why; kept with the change.' });
const ownersSchema = z.object({ owners: z.array(z.string()) });
const ownerParams = z.object({ appId: z.string(), account: z.string() });

const ownersOf = (owners: readonly Account[]) => ({ status: 200, json: { owners: owners.map(({ name }) => name) } });

/** Changing what stands about an app and its releases. */
export const appRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/apps/{appId}/trust-level',
      operationId: 'changeTrustLevel',
      tag: 'Apps',
      access: 'bearer',
      summary: 'Set how much the store vouches for an app',
      description: 'For moderators. Also for an app that nobody has uploaded yet.',
      responses: {
        200: { description: 'The app as it is now.', schema: catalogue.appSchema },
        403: { description: 'Not a moderator, or one who owns the app (`OWN_CASE`).' },
      },
    },
    {
      params: z.object({ appId: z.string() }),
      body: z.strictObject({ trustLevel: catalogue.trustLevelSchema, reason }),
    },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: catalogue.app(await changeTrustLevel(gate, caller, { ...params, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/apps/{appId}/suspension',
      operationId: 'suspendApp',
      tag: 'Apps',
      access: 'bearer',
      summary: 'Suspend an app',
      description:
        'For moderators. All its published releases go under quarantine, with the reason code `app-suspended`, and no upload, validation or signing request of it is taken.',
      responses: {
        200: { description: 'The app as it is now.', schema: catalogue.appSchema },
        403: { description: 'Not a moderator.' },
        404: { description: 'No such app.' },
      },
    },
    { params: z.object({ appId: z.string() }), body: z.strictObject({ reason }) },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: catalogue.app(await suspendApp(gate, caller, { ...params, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/apps/{appId}/suspension',
      operationId: 'reinstateApp',
      tag: 'Apps',
      access: 'bearer',
      summary: 'End the suspension of an app',
      description:
        'For moderators who do not own it. What went under quarantine with it comes back, but for what was dealt with otherwise since, or could not be published today: that stays, and waits for a moderator.',
      responses: {
        200: { description: 'The app as it is now.', schema: catalogue.appSchema },
        403: { description: 'Not a moderator, or an owner of the app.' },
        404: { description: 'No such app.' },
      },
    },
    { params: z.object({ appId: z.string() }), body: z.strictObject({ reason }) },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: catalogue.app(await reinstateApp(gate, caller, { ...params, ...body })),
    }),
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/events',
      operationId: 'listAppEvents',
      tag: 'Apps',
      access: 'bearer',
      summary: 'What happened to an app, the newest first',
      description:
        'For the owners of the app and operators. The kind `key-exposed` says that an upload, of this app or another, held the private key of a certificate of this app: `detail` names its serial, and it should be revoked.',
      responses: {
        200: {
          description: 'The events, and where the list goes on.',
          schema: z.object({ events: z.array(json.appEventSchema), next: z.string().nullable() }),
        },
        403: { description: 'Not an owner.' },
      },
    },
    {
      params: z.object({ appId: z.string() }),
      query: z.object({
        limit: z.coerce.number().int().min(1).max(100).default(50),
        after: z
          .string()
          .regex(/^\d{1,18}$/)
          .optional()
          .meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, params, query }) => {
      // One more than asked tells whether there is a next page.
      const page = { before: query.after ?? null, limit: query.limit + 1 };
      const found = await readAppEvents(gate, caller, params.appId, page);
      const events = found.slice(0, query.limit);
      const next = found.length > query.limit ? (events.at(-1)?.id ?? null) : null;
      return { status: 200, json: { events: events.map(json.appEvent), next } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/apps/{appId}/owners',
      operationId: 'listOwners',
      tag: 'Apps',
      access: 'bearer',
      summary: "An app's owners",
      responses: { 200: { description: 'Account names.', schema: ownersSchema } },
    },
    { params: z.object({ appId: z.string() }) },
    async ({ gate, caller, params }) => ownersOf(await readOwners(gate, caller, params.appId)),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/apps/{appId}/owners/{account}',
      operationId: 'addOwner',
      tag: 'Apps',
      access: 'bearer',
      summary: 'Make an account a co-owner',
      description:
        'A developer at once. Moderators and administrators accept an invitation, unless it is an administrator who adds them: nobody decides about an app of their own.',
      responses: {
        200: { description: 'The owners as they are now.', schema: ownersSchema },
        404: { description: 'No such account.' },
        409: { description: 'The account is a moderator or an administrator (`INVITATION_REQUIRED`).' },
      },
    },
    { params: ownerParams },
    async ({ gate, caller, params }) => ownersOf(await addCoOwner(gate, caller, params.appId, params.account)),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/apps/{appId}/owners/{account}',
      operationId: 'removeOwner',
      tag: 'Apps',
      access: 'bearer',
      summary: 'Take an account off the owners',
      responses: {
        200: { description: 'The owners as they are now.', schema: ownersSchema },
        409: { description: 'The last owner stays.' },
      },
    },
    { params: ownerParams },
    async ({ gate, caller, params }) => ownersOf(await removeCoOwner(gate, caller, params.appId, params.account)),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/apps/{appId}/releases/{version}/status',
      operationId: 'changeReleaseStatus',
      tag: 'Apps',
      access: 'bearer',
      summary: 'Withdraw a release',
      description:
        'Owners withdraw; moderators also quarantine and restore. The version is never used again for other bytes.',
      responses: {
        200: { description: 'The release as it is now.', schema: catalogue.releaseSchema },
        404: { description: 'No such release.' },
        409: {
          description: 'It may not come back; `VERDICT_UNFIT` where its archive is missing or changed in the storage.',
        },
        503: { description: 'The storage can’t be read now: whether it may come back is not known.' },
      },
    },
    {
      params: z.object({ appId: z.string(), version: z.string() }),
      body: z.strictObject({
        status: catalogue.releaseStatusSchema,
        reason,
        reasonCode: z
          .string()
          .regex(/^[a-z][a-z-]{0,63}$/)
          .nullable()
          .default(null)
          .meta({
            description: 'One of the canned reasons, for programs.',
          }),
      }),
    },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: catalogue.release(await changeReleaseStatus(gate, caller, { ...params, ...body })),
    }),
  ),
];
