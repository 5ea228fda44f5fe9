import { z } from 'zod';
import { roles } from '../accounts/caller.js';
import type { AccountDetail } from '../accounts/people.js';
import type { AccountRow } from '../database/accounts.js';
import { invitationKinds, type InvitationRow } from '../database/invitations.js';

/*
 * The JSON of accounts and invitations; see `representations.ts`.
 */

const time = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
export const roleSchema = z.enum(roles);

export const accountSchema = z
  .object({
    name: z.string(),
    role: roleSchema,
    email: z.string().nullable(),
    createdAt: time,
    suspended: z
      .object({ since: time, reason: z.string() })
      .nullable()
      .meta({ description: 'Since when it may do nothing, and why; null where it is not suspended.' }),
  })
  .meta({ id: 'Account', description: 'Somebody a token or a session speaks for.' });

/** An account, for moderators and whoever it is. */
export function account({ name, role, email, createdAt, suspendedAt, suspensionReason }: AccountRow) {
  const suspended = suspendedAt === null ? null : { since: suspendedAt.toISOString(), reason: suspensionReason ?? '' };
  return { name, role, email, createdAt: createdAt.toISOString(), suspended };
}

export const accountDetailSchema = z
  .object({
    ...accountSchema.shape,
    suspendedBy: z.string().nullable(),
    apps: z.array(z.string()).meta({ description: 'The apps it owns.' }),
  })
  .meta({ id: 'AccountDetail' });

/** An account with what belongs to it. */
export function accountDetail(row: AccountDetail) {
  return { ...account(row), suspendedBy: row.suspendedBy, apps: row.apps };
}

export const invitationSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(invitationKinds),
    account: z.string().nullable().meta({ description: 'Whom it is for; null: whoever has the link.' }),
    role: roleSchema.nullable().meta({ description: 'What the account will be; null but for the kind `account`.' }),
    appId: z.string().nullable(),
    email: z.string().nullable().meta({ description: 'Where it was sent, for moderators and whoever made it.' }),
    invitedBy: z.string(),
    createdAt: time,
    expiresAt: time,
    closedAt: time.nullable(),
    closedAs: z.enum(['accepted', 'declined', 'revoked']).nullable(),
    acceptedBy: z.string().nullable(),
  })
  .meta({ id: 'Invitation', description: 'A one-time link; its secret was shown once, or sent.' });

/** An invitation, without its secret, which nobody has. */
export function invitation(row: InvitationRow) {
  const { id, kind, accountName, role, appId, email, invitedBy, createdAt, expiresAt, closedAt, closedAs } = row;
  return {
    id,
    kind,
    account: accountName,
    role,
    appId,
    email,
    invitedBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    closedAs,
    acceptedBy: row.acceptedBy,
  };
}
