import { z } from 'zod';
import {
  addCoOwner,
  changeReleaseStatus,
  changeTrustLevel,
  readOwners,
  removeCoOwner,
} from '../../releases/change-app.js';
import type { Account } from '../../database/accounts.js';
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
      description: 'For operators. Also for an app that nobody has uploaded yet.',
      responses: {
        200: { description: 'The app as it is now.', schema: json.appSchema },
        403: { description: 'Not an operator.' },
      },
    },
    { params: z.object({ appId: z.string() }), body: z.strictObject({ trustLevel: json.trustLevelSchema, reason }) },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: json.app(await changeTrustLevel(gate, caller, { ...params, ...body })),
    }),
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
      responses: {
        200: { description: 'The owners as they are now.', schema: ownersSchema },
        404: { description: 'No such account.' },
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
        'Owners withdraw; operators also quarantine and restore. The version is never used again for other bytes.',
      responses: {
        200: { description: 'The release as it is now.', schema: json.releaseSchema },
        404: { description: 'No such release.' },
      },
    },
    {
      params: z.object({ appId: z.string(), version: z.string() }),
      body: z.strictObject({ status: json.releaseStatusSchema, reason }),
    },
    async ({ gate, caller, params, body }) => ({
      status: 200,
      json: json.release(await changeReleaseStatus(gate, caller, { ...params, ...body })),
    }),
  ),
];
