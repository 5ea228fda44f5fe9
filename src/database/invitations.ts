import { appendAuditEntry } from './audit-log.js';
import type { AccountRole } from './accounts.js';
import type { Queryable, Transaction } from './connect.js';

export const invitationKinds = ['account', 'co-owner', 'transfer', 'password-reset'] as const;

/** What a one-time link is to: an account, a part in an app, all of it, or a new password. */
export type InvitationKind = (typeof invitationKinds)[number];

/** A one-time link as it is kept: everything but its secret. */
export interface InvitationRow {
  readonly id: string;
  readonly kind: InvitationKind;
  /** The name that the new account will have, or whom it is for; null: whoever has the link. */
  readonly accountName: string | null;
  /** That account, where it was there already when it was invited. */
  readonly accountId: number | null;
  /** What the account will be; null but for the kind `account`. */
  readonly role: AccountRole | null;
  /** Null but for the kinds `co-owner` and `transfer`. */
  readonly appId: string | null;
  readonly email: string | null;
  readonly invitedById: number;
  readonly invitedBy: string;
  /** The token or session that the inviter held; null on the store's own machine, and where nobody had one. */
  readonly tokenId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
  readonly closedAs: 'accepted' | 'declined' | 'revoked' | null;
  readonly acceptedBy: string | null;
}

const COLUMNS = `invitations.id, invitations.kind, invitations.account_name AS "accountName", account_id AS "accountId", invitations.role,
  invitations.app_id AS "appId", invitations.email, invitations.invited_by AS "invitedById", inviter.name AS "invitedBy", token_id AS "tokenId",
  invitations.created_at AS "createdAt", invitations.expires_at AS "expiresAt", invitations.closed_at AS "closedAt",
  invitations.closed_as AS "closedAs", (SELECT name FROM accounts WHERE accounts.id = accepted_by) AS "acceptedBy"`;
const FROM = 'FROM invitations JOIN accounts inviter ON inviter.id = invitations.invited_by';

/** A one-time link that is about to be made. */
export type NewInvitation = Omit<InvitationRow, 'invitedBy' | 'closedAt' | 'closedAs' | 'acceptedBy'> & {
  readonly secretSha256: Buffer;
};

/** Keeps a new invitation by the SHA-256 of its secret. Nobody needs an account to ask for a new password. */
export async function insertInvitation(tx: Transaction, row: NewInvitation): Promise<void> {
  await tx.query(
    `INSERT INTO invitations
       (id, kind, secret_sha256, account_name, account_id, role, app_id, email, invited_by, token_id, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      row.id,
      row.kind,
      row.secretSha256,
      row.accountName,
      row.accountId,
      row.role,
      row.appId,
      row.email,
      row.invitedById,
      row.tokenId,
      row.createdAt,
      row.expiresAt,
    ],
  );
  await appendAuditEntry(tx, {
    kind: 'invitation-made',
    accountId: row.kind === 'password-reset' ? null : row.invitedById,
    appId: row.appId,
    subject: { type: 'invitation', id: row.id },
    reason: '',
    after: factsOf(row),
  });
}

/** What the log says of an invitation: never its secret, nor where it was sent. */
function factsOf({ kind, accountName, role }: Pick<InvitationRow, 'kind' | 'accountName' | 'role'>) {
  return { kind, ...(accountName !== null && { account: accountName }), ...(role !== null && { role }) };
}

/** The invitation with that secret, whether or not it still counts. */
export async function findInvitationBySecret(db: Queryable, secretSha256: Buffer): Promise<InvitationRow | null> {
  const { rows } = await db.query<InvitationRow>(`SELECT ${COLUMNS} ${FROM} WHERE secret_sha256 = $1`, [secretSha256]);
  return rows[0] ?? null;
}

export async function findInvitation(db: Queryable, id: string): Promise<InvitationRow | null> {
  const { rows } = await db.query<InvitationRow>(`SELECT ${COLUMNS} ${FROM} WHERE invitations.id = $1`, [id]);
  return rows[0] ?? null;
}

/** The invitation, which nobody else accepts or revokes until the transaction ends. Comes after the locks on its app and on people. */
export async function lockInvitation(tx: Transaction, id: string): Promise<InvitationRow | null> {
  const { rows } = await tx.query<InvitationRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE invitations.id = $1 FOR UPDATE OF invitations`,
    [id],
  );
  return rows[0] ?? null;
}

/** Closes an invitation for good, on the word of the account `by`; null: whoever has the link. */
export async function closeInvitation(
  tx: Transaction,
  invitation: InvitationRow,
  closed: {
    readonly as: 'accepted' | 'declined' | 'revoked';
    readonly by: number | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.query('UPDATE invitations SET closed_at = $2, closed_as = $3, accepted_by = $4 WHERE id = $1', [
    invitation.id,
    closed.at,
    closed.as,
    closed.as === 'accepted' ? closed.by : null,
  ]);
  await appendAuditEntry(tx, {
    kind: `invitation-${closed.as}`,
    accountId: closed.by,
    appId: invitation.appId,
    subject: { type: 'invitation', id: invitation.id },
    reason: '',
    after: factsOf(invitation),
  });
}

/**
 * Which open invitations are meant: those made with certain tokens or sessions, in any session of an account but perhaps one,
 * or an account's links to a new password.
 */
export type InvitationChoice =
  | { readonly madeWith: readonly string[] }
  | { readonly inSessionsOf: number; readonly except: string | null }
  | { readonly passwordResetsOf: number };

/** Closes those of the chosen invitations that can still be accepted, for good, on the word of the account `by`. */
export async function revokeInvitations(
  tx: Transaction,
  choice: InvitationChoice,
  { by, at }: { readonly by: number; readonly at: Date },
): Promise<void> {
  const [condition, values] = conditionOf(choice);
  const { rows } = await tx.query<InvitationRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE closed_at IS NULL AND invitations.expires_at > $1 AND ${condition}
     ORDER BY invitations.id FOR UPDATE OF invitations`,
    [at, ...values],
  );
  for (const row of rows) await closeInvitation(tx, row, { as: 'revoked', by, at });
}

function conditionOf(choice: InvitationChoice): readonly [condition: string, values: readonly unknown[]] {
  if ('madeWith' in choice) return ['token_id = ANY ($2::uuid[])', [choice.madeWith]];
  if ('passwordResetsOf' in choice) {
    return ["kind = 'password-reset' AND account_id = $2", [choice.passwordResetsOf]];
  }
  const sessions = "SELECT tokens.id FROM tokens WHERE kind = 'session' AND tokens.account_id = $2";
  return [`token_id IN (${sessions} AND ($3::uuid IS NULL OR tokens.id <> $3))`, [choice.inSessionsOf, choice.except]];
}

/** How many links to a new password an account was sent since then, whatever became of them. */
export async function countPasswordResetsSince(tx: Transaction, accountName: string, since: Date): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM invitations WHERE kind = 'password-reset' AND account_name = $1 AND created_at > $2`,
    [accountName, since],
  );
  return rows[0]?.count ?? 0;
}

/** Whether somebody is invited to make an account of that name, and may still do so. */
export async function isNameInvited(db: Queryable, accountName: string, at: Date): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM invitations
     WHERE kind = 'account' AND account_name = $1 AND closed_at IS NULL AND expires_at > $2 LIMIT 1`,
    [accountName, at],
  );
  return rows.length > 0;
}

/**
 * The newest invitations first, without those to a new password: of everybody, or those that concern an account, because it
 * made them, they are for it, or they are to an app of its own.
 *
 * @param appIds only those, and no invitation to an account; null: all
 */
export async function listInvitations(
  db: Queryable,
  { accountId, appIds, limit }: { accountId: number | null; appIds: readonly string[] | null; limit: number },
): Promise<readonly InvitationRow[]> {
  const { rows } = await db.query<InvitationRow>(
    `SELECT ${COLUMNS} ${FROM}
     WHERE invitations.kind <> 'password-reset'
       AND ($1::bigint IS NULL OR invited_by = $1
         OR account_name = (SELECT name FROM accounts WHERE accounts.id = $1)
         OR app_id IN (SELECT app_owners.app_id FROM app_owners WHERE app_owners.account_id = $1))
       AND ($2::text[] IS NULL OR app_id = ANY ($2))
     ORDER BY invitations.created_at DESC, invitations.id LIMIT $3`,
    [accountId, appIds, limit],
  );
  return rows;
}
