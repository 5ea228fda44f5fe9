import { z } from 'zod';
import type { Acceptance } from '../../accounts/accept-invitation.js';
import {
  acceptInvitation,
  inviteAccount,
  inviteCoOwner,
  listInvitations,
  offerTransfer,
  revokeInvitation,
} from '../../accounts/invitations.js';
import type { Gate } from '../../gate.js';
import { RequestError } from '../../request-error.js';
import type { Request } from 'express';
import * as json from '../account-representations.js';
import { callerOf } from '../authenticate.js';
import { defineRoute, type Route } from '../route.js';

const email = z
  .string()
  .trim()
  .max(254)
  .nullable()
  .default(null)
  .meta({ description: 'Where the link is sent, if the store sends mail; otherwise it is in the answer.' });

const appOffer = {
  appId: z.string(),
  account: z
    .string()
    .nullable()
    .default(null)
    .meta({ description: 'The account that alone may accept; null: whoever has the link.' }),
  email,
};

const wish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('account'),
    name: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'The name it will have; null: whoever accepts chooses, or has an account.' }),
    role: json.roleSchema.default('developer'),
    email,
  }),
  z.strictObject({ kind: z.literal('co-owner'), ...appOffer }),
  z.strictObject({ kind: z.literal('transfer'), ...appOffer }),
]);

const acceptance = z.strictObject({
  secret: z.string().max(200).meta({ description: 'The last part of the link.' }),
  newAccount: z
    .strictObject({ name: z.string(), password: z.string().max(2_000) })
    .optional()
    .meta({ description: 'For whoever has no account yet.' }),
  newPassword: z.string().max(2_000).optional().meta({ description: 'For a link to a new password, and no other.' }),
});

/** One-time links: to an account, a part in an app, all of it, or a new password. */
export const invitationRoutes: readonly Route[] = [
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/invitations',
      operationId: 'invite',
      tag: 'Invitations',
      access: 'bearer',
      summary: 'Invite somebody to the store or to an app, or offer an app',
      description:
        'Moderators invite developers to the store, administrators anybody; owners invite co-owners and offer their app. It lasts seven days, works once, and only while whoever invited may still do so.',
      responses: {
        201: {
          description: 'The invitation, and its link, shown this once; null where it went out by mail.',
          schema: z.object({ invitation: json.invitationSchema, link: z.string().nullable() }),
        },
        403: { description: 'Not yours to give.' },
        404: { description: 'No such app, or no such account.' },
        409: { description: 'There is an account of that name already.' },
        429: { description: 'Too many invitations in a day.' },
      },
    },
    { body: wish },
    async ({ gate, caller, body }) => {
      const made =
        body.kind === 'account'
          ? await inviteAccount(gate, caller, body)
          : await (body.kind === 'co-owner' ? inviteCoOwner : offerTransfer)(gate, caller, body);
      return {
        status: 201,
        headers: { 'cache-control': 'no-store' },
        json: { invitation: json.invitation(made.invitation), link: made.link },
      };
    },
  ),
  defineRoute(
    {
      method: 'get',
      path: '/api/v1/invitations',
      operationId: 'listInvitations',
      tag: 'Invitations',
      access: 'bearer',
      summary: 'The invitations that concern you',
      description: 'Made by you, for you, or to an app of yours; moderators see all. Never a secret.',
      responses: {
        200: {
          description: 'The newest 200, the newest first, open or not.',
          schema: z.object({ invitations: z.array(json.invitationSchema) }),
        },
      },
    },
    {},
    async ({ gate, caller }) => ({
      status: 200,
      json: { invitations: (await listInvitations(gate, caller)).map(json.invitation) },
    }),
  ),
  defineRoute(
    {
      method: 'delete',
      path: '/api/v1/invitations/{id}',
      operationId: 'revokeInvitation',
      tag: 'Invitations',
      access: 'bearer',
      summary: 'Make an invitation count for nothing',
      responses: {
        204: { description: 'Its link works no more.' },
        404: { description: 'No such invitation of yours.' },
        410: { description: 'It was accepted, declined or revoked already.' },
      },
    },
    { params: z.object({ id: z.uuid() }) },
    async ({ gate, caller, params }) => {
      await revokeInvitation(gate, caller, params.id);
      return { status: 204 };
    },
  ),
  defineRoute(
    {
      method: 'post',
      path: '/api/v1/invitations/acceptance',
      operationId: 'acceptInvitation',
      tag: 'Invitations',
      access: 'public',
      summary: 'Accept an invitation',
      description:
        'As the account of the bearer token; or, without one, as a new account, or with a new password, as the link says. The secret goes in the body, never in a URL.',
      requestHeaders: { Authorization: 'A bearer token, to accept as the account it speaks for.' },
      responses: {
        200: {
          description: 'The invitation as it is now, and the account that accepted it.',
          schema: z.object({ invitation: json.invitationSchema, account: z.string() }),
        },
        403: { description: 'It is for another account, or the token may not accept it.' },
        409: { description: 'There is an account of that name already.' },
        410: { description: 'The link is unknown, used, revoked or expired.' },
        422: { description: 'The password is refused.' },
      },
    },
    { body: acceptance },
    async ({ gate, request, body }) => {
      const accepted = await acceptInvitation(gate, body.secret, await acceptanceOf(gate, request, body));
      return {
        status: 200,
        headers: { 'cache-control': 'no-store' },
        json: { invitation: json.invitation(accepted.invitation), account: accepted.account.name },
      };
    },
  ),
];

/** @throws RequestError `INVALID_REQUEST` where it says more than one thing; `UNAUTHENTICATED` where it says nothing */
async function acceptanceOf(
  gate: Gate,
  request: Request,
  { newAccount, newPassword }: z.output<typeof acceptance>,
): Promise<Acceptance> {
  const hasToken = request.headers.authorization !== undefined;
  if ([newAccount !== undefined, newPassword !== undefined, hasToken].filter(Boolean).length > 1) {
    throw new RequestError('INVALID_REQUEST', 'It is one of a token, a new account and a new password.');
  }
  if (newAccount !== undefined) return { newAccount, label: null };
  if (newPassword !== undefined) return { newPassword, label: null };
  return { caller: await callerOf(gate, request), label: null };
}
