import { z } from 'zod';
import {
  changeEmail,
  changeRole,
  listAccounts,
  readAccount,
  reinstateAccount,
  suspendAccount,
} from '../../accounts/people.js';
import type { AccountRow } from '../../database/accounts.js';
import * as json from '../account-representations.js';
import { defineRoute, type Answer, type Route } from '../route.js';

const reason = z.string().trim().min(1).max(2_000).meta({ description: 'Why; kept with the change.' });
const params = z.object({ name: z.string() });
const ACCOUNT_NOW = { description: 'The account as it is now.', schema: json.accountSchema };
const NO_ACCOUNT = { description: 'No such account.' };

const answer = (row: AccountRow): Answer => ({ status: 200, json: json.account(row) });

/** People: who is in the store, what they may do, and whether they may do anything. */
export const peopleRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/accounts',
      operationId: 'listAccounts',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'The accounts, by name',
      description: 'For moderators.',
      responses: {
        200: {
          description: 'Accounts, and where the list goes on.',
          schema: z.object({ accounts: z.array(json.accountSchema), next: z.string().nullable() }),
        },
        403: { description: 'Not a moderator.' },
      },
    },
    {
      query: z.object({
        q: z.string().trim().min(1).max(254).optional().meta({ description: 'A part of the name or the address.' }),
        role: json.roleSchema.optional(),
        suspended: z.enum(['true', 'false']).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        after: z.string().max(64).optional().meta({ description: 'The `next` of the page before.' }),
      }),
    },
    async ({ gate, caller, query }) => {
      const page = await listAccounts(gate, caller, {
        q: query.q ?? null,
        role: query.role ?? null,
        suspended: query.suspended === undefined ? null : query.suspended === 'true',
        after: query.after ?? null,
        limit: query.limit,
      });
      return { status: 200, json: { accounts: page.accounts.map(json.account), next: page.next } };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/accounts/{name}',
      operationId: 'readAccount',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'One account with its apps',
      description: 'For moderators, and for whoever it is.',
      responses: {
        200: { description: 'The account.', schema: json.accountDetailSchema },
        403: { description: "Somebody else's, whether or not there is one of that name." },
        404: NO_ACCOUNT,
      },
    },
    { params },
    async ({ gate, caller, params: { name } }) => ({
      status: 200,
      json: json.accountDetail(await readAccount(gate, caller, name)),
    }),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/accounts/{name}/role',
      operationId: 'changeRole',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'Make an account something else in this store',
      description:
        'For administrators. What a lower role does not allow, its tokens and sessions do not do from this moment on.',
      responses: {
        200: ACCOUNT_NOW,
        403: { description: 'Not an administrator.' },
        404: NO_ACCOUNT,
        409: { description: 'The last administrator who is not suspended stays one.' },
      },
    },
    { params, body: z.strictObject({ role: json.roleSchema, reason }) },
    async ({ gate, caller, params: { name }, body }) => answer(await changeRole(gate, caller, { name, ...body })),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/accounts/{name}/email',
      operationId: 'changeEmail',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'Change the address that mail to an account goes to',
      description:
        "One's own, or anybody's as an administrator. A new password can be had through it, so for one's own the password is asked for, where there is one, and a token that is limited to some apps, to a time or to less than its account may do does not change it.",
      responses: {
        200: ACCOUNT_NOW,
        401: { description: 'Not signed in, or one’s own password is wrong or missing (`SIGN_IN_FAILED`).' },
        403: { description: "Somebody else's account, or a limited token." },
        404: NO_ACCOUNT,
        429: { description: 'More than five changes of one’s own address in a day, or too many wrong passwords.' },
      },
    },
    {
      params,
      body: z.strictObject({
        email: z.string().trim().max(254).nullable(),
        password: z.string().max(1_000).nullable().default(null).meta({
          description: 'Of the account, where it is one’s own and has one.',
        }),
      }),
    },
    async ({ gate, caller, params: { name }, body }) => answer(await changeEmail(gate, caller, { name, ...body })),
  ),
  defineRoute(
    {
      method: 'put',
      path: '/api/v1/accounts/{name}/suspension',
      operationId: 'suspendAccount',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'Suspend an account',
      description:
        'Moderators suspend developers, administrators everybody, nobody themselves. Its sessions end, and its tokens answer with the reason while it lasts.',
      responses: {
        200: ACCOUNT_NOW,
        403: { description: 'Not a moderator, an account of more than a developer, or your own.' },
        404: NO_ACCOUNT,
        409: { description: 'The last administrator who is not suspended stays so.' },
      },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { name }, body }) => answer(await suspendAccount(gate, caller, { name, ...body })),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/accounts/{name}/suspension',
      operationId: 'reinstateAccount',
      tag: 'Accounts',
      access: 'bearer',
      summary: 'End the suspension of an account',
      description: 'Whoever may suspend it may. Its tokens work again; its sessions stay ended.',
      responses: {
        200: ACCOUNT_NOW,
        403: { description: 'Not a moderator, an account of more than a developer, or your own.' },
        404: NO_ACCOUNT,
      },
    },
    { params, body: z.strictObject({ reason }) },
    async ({ gate, caller, params: { name }, body }) => answer(await reinstateAccount(gate, caller, { name, ...body })),
  ),
];
