import type { Queryable, Transaction } from './connect.js';

/** Who an OpenID Connect provider says somebody is: the two together, and nothing else, name a person (Core 1.0 §5.7). */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** An identity, and whose it is here. */
export interface IdentityRow extends Identity {
  readonly accountId: number;
  readonly accountName: string;
  readonly addedAt: Date;
}

const SELECT = `SELECT issuer, subject, account_id AS "accountId", accounts.name AS "accountName", added_at AS "addedAt"
  FROM identities JOIN accounts ON accounts.id = account_id`;

export async function findIdentity(db: Queryable, { issuer, subject }: Identity): Promise<IdentityRow | null> {
  const { rows } = await db.query<IdentityRow>(`${SELECT} WHERE issuer = $1 AND subject = $2`, [issuer, subject]);
  return rows[0] ?? null;
}

/** Until the transaction ends nobody else holds that identity; there may be no account of it yet. */
export async function holdIdentity(tx: Transaction, { issuer, subject }: Identity): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`identity ${issuer} ${subject}`]);
}

/** The identities of an account, the oldest first. */
export async function listIdentities(db: Queryable, accountId: number): Promise<readonly IdentityRow[]> {
  const { rows } = await db.query<IdentityRow>(`${SELECT} WHERE account_id = $1 ORDER BY added_at, issuer, subject`, [
    accountId,
  ]);
  return rows;
}

/** Gives an identity to an account; false where it is somebody's already. */
export async function insertIdentity(
  tx: Transaction,
  { issuer, subject, accountId, addedAt }: Omit<IdentityRow, 'accountName'>,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO identities (issuer, subject, account_id, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [issuer, subject, accountId, addedAt],
  );
  return rowCount === 1;
}

/** Takes an identity from an account; false where it was not the account's. */
export async function deleteIdentity(
  tx: Transaction,
  { issuer, subject, accountId }: Identity & { readonly accountId: number },
): Promise<boolean> {
  const { rowCount } = await tx.query('DELETE FROM identities WHERE issuer = $1 AND subject = $2 AND account_id = $3', [
    issuer,
    subject,
    accountId,
  ]);
  return rowCount === 1;
}
