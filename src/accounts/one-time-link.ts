import { createHash, randomUUID } from 'node:crypto';
import type { Transaction } from '../database/connect.js';
import { findInvitation, insertInvitation, type InvitationRow, type NewInvitation } from '../database/invitations.js';
import type { Gate } from '../gate.js';
import { linkBody, linkSubject, type LinkPurpose } from '../notices/account-texts.js';
import { queueMail } from '../notices/queue-mail.js';

/** All that one-time links need of a gate. */
export type LinkParts = Pick<Gate, 'database' | 'now' | 'randomBytes' | 'mail' | 'baseUrl'>;

/** Secrets begin with this, so that scanners and people recognise one that leaked. */
const PREFIX = 'portcullis_invitation_';
const SECRET_PATTERN = /^portcullis_invitation_[A-Za-z0-9_-]{43}$/;

const HOUR_MS = 60 * 60 * 1000;
const LIFETIME_MS = {
  account: 7 * 24 * HOUR_MS,
  'co-owner': 7 * 24 * HOUR_MS,
  transfer: 7 * 24 * HOUR_MS,
  'password-reset': HOUR_MS,
};

/** A one-time link that was just made. */
export interface MadeLink {
  readonly invitation: InvitationRow;
  /** Shown this once; null where it went out by mail, and is nobody else's to see. */
  readonly link: string | null;
}

/** What a new one-time link is to. */
export type LinkWish = Pick<
  NewInvitation,
  'kind' | 'accountName' | 'accountId' | 'role' | 'appId' | 'email' | 'invitedById' | 'tokenId'
> & {
  /** The inviter's name, for the mail. */
  readonly invitedBy: string;
};

/** Makes a one-time link and keeps the hash of its secret; what becomes of it is the caller's to say. */
export async function keepLink(
  tx: Transaction,
  gate: LinkParts,
  { invitedBy: _, ...row }: LinkWish,
): Promise<{ readonly invitation: InvitationRow; readonly link: string }> {
  const secret = PREFIX + gate.randomBytes(32).toString('base64url');
  const createdAt = gate.now();
  const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS[row.kind]);
  const id = randomUUID();
  await insertInvitation(tx, { ...row, id, secretSha256: hash(secret), createdAt, expiresAt });
  const invitation = await findInvitation(tx, id);
  if (invitation === null) throw new Error('An invitation that was just made is not there');
  return { invitation, link: `${gate.baseUrl}/console/invitations/${secret}` };
}

/** Makes a one-time link, and has it mailed where there is an address and the store sends mail. */
export async function makeLink(tx: Transaction, gate: LinkParts, wish: LinkWish): Promise<MadeLink> {
  const { invitation, link } = await keepLink(tx, gate, wish);
  const purpose = purposeOf(wish);
  const isMailed =
    wish.email !== null &&
    (await queueMail(tx, gate.mail, {
      topic: `invitation:${invitation.id}`,
      recipients: [wish.email],
      subject: linkSubject(purpose),
      body: linkBody(purpose, wish.invitedBy, link, invitation.expiresAt, gate.baseUrl),
      at: invitation.createdAt,
    }));
  return { invitation, link: isMailed ? null : link };
}

/** What an invitation with that secret is found by; null for what is no secret of ours. */
export function secretHash(secret: string): Buffer | null {
  return SECRET_PATTERN.test(secret) ? hash(secret) : null;
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function purposeOf({ kind, role, appId, accountName }: LinkWish): LinkPurpose {
  switch (kind) {
    case 'account':
      return { kind, role: role ?? '' };
    case 'password-reset':
      return { kind, accountName: accountName ?? '' };
    default:
      return { kind, appId: appId ?? '' };
  }
}
