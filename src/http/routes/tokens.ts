import { z } from 'zod';
import { scopes } from '../../accounts/caller.js';
import { createOwnToken, listOwnTokens, revokeOwnToken } from '../../accounts/tokens.js';
import * as json from '../representations.js';
import { defineRoute, type Route } from '../route.js';

const wish = z.strictObject({
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  appIds: z
    .array(z.string())
    .min(1)
    .max(100)
    .nullable()
    .default(null)
    .meta({ description: 'The apps it is good for; null for every app of the account.' }),
  label: z.string().trim().max(100).default(''),
  expiresAt: z.iso.datetime().nullable().default(null),
  account: z.string().nullable().default(null).meta({ description: 'For operators: whom it speaks for.' }),
});

/** Tokens, managed by whom they speak for. */
export const tokenRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/tokens',
      operationId: 'listTokens',
      tag: 'Tokens',
      access: 'bearer',
      summary: 'Your tokens',
      responses: {
        200: {
          description: 'The newest first; never a secret.',
          schema: z.object({ tokens: z.array(json.tokenSchema) }),
        },
      },
    },
    {},
    async ({ gate, caller }) => ({
      status: 200,
      json: { tokens: (await listOwnTokens(gate.database, caller)).map(json.token) },
    }),
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/tokens',
      operationId: 'createToken',
      tag: 'Tokens',
      access: 'bearer',
      summary: 'Make another token',
      description: 'Never a mightier one than your own.',
      responses: {
        201: {
          description: 'The token, shown this once.',
          schema: z.object({ id: z.uuid(), token: z.string(), account: z.string() }),
        },
      },
    },
    { body: wish },
    async ({ gate, caller, body }) => {
      const expiresAt = body.expiresAt === null ? null : new Date(body.expiresAt);
      const made = await createOwnToken(gate.database, caller, { ...body, expiresAt }, gate.now());
      return {
        status: 201,
        headers: { 'cache-control': 'no-store' },
        json: { id: made.id, token: made.secret, account: made.accountName },
      };
    },
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/tokens/{id}',
      operationId: 'revokeToken',
      tag: 'Tokens',
      access: 'bearer',
      summary: 'Revoke a token',
      description:
        'With it goes what stems from it, since perhaps somebody else had it: sessions of the console that were begun with it, tokens that were made with it or in such a session, and open invitations that were made with any of them. Of what the token of an administrator made only tokens that may moderate or operate go with it. To replace a token, make another with it and revoke the old one with the new: the token that asks stays, with what it made.',
      responses: {
        204: { description: 'It counts for nothing from now on.' },
        404: { description: 'No such token of yours.' },
      },
    },
    { params: z.object({ id: z.uuid() }) },
    async ({ gate, caller, params }) => {
      await revokeOwnToken(gate.database, caller, params.id, gate.now());
      return { status: 204 };
    },
  ),
];
