import { z } from 'zod';
import { roles, scopes } from '../../accounts/caller.js';
import { readOwnAccount } from '../../accounts/own-account.js';
import { defineRoute, type Route } from '../route.js';

const ownAccountSchema = z
  .object({
    name: z.string(),
    role: z.enum(roles),
    email: z.string().nullable().meta({ description: 'Null also for a token that is made for some apps.' }),
    hasPassword: z.boolean(),
    hasSecondFactor: z.boolean().meta({ description: 'Whether sign-in with the password asks for a second factor.' }),
    token: z
      .object({
        id: z.uuid(),
        scopes: z.array(z.enum(scopes)).meta({ description: 'What it allows: never more than the role.' }),
        appIds: z.array(z.string()).nullable().meta({ description: 'Null: every app of the account.' }),
        expiresAt: z.iso.datetime().nullable(),
      })
      .meta({ description: 'The token that asks.' }),
  })
  .meta({ id: 'OwnAccount' });

/** Whoever asks. */
export const accountRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/account',
      operationId: 'readOwnAccount',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'Who you are, and what your token allows',
      responses: { 200: { description: 'Your account.', schema: ownAccountSchema } },
    },
    {},
    async ({ gate, caller }) => {
      const { name, role, email, passwordChangedAt, secondFactorSince } = await readOwnAccount(gate, caller);
      const { tokenId: id, appIds, expiresAt } = caller;
      return {
        status: 200,
        headers: { 'cache-control': 'no-store' },
        json: {
          name,
          role,
          email,
          hasPassword: passwordChangedAt !== null,
          hasSecondFactor: secondFactorSince !== null,
          token: { id, scopes: caller.scopes, appIds, expiresAt: expiresAt?.toISOString() ?? null },
        },
      };
    },
  ),
];
