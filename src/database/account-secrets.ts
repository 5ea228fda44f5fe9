import type { Queryable, Transaction } from './connect.js';

/** What an account signs in with. */
export interface AccountSecretsRow {
  /** argon2id, in the PHC string format; null: no password. */
  readonly passwordHash: string | null;
  readonly passwordChangedAt: Date | null;
  /** Sealed; it counts from {@link totpConfirmedAt} on. */
  readonly totpSecret: Buffer | null;
  readonly totpConfirmedAt: Date | null;
}

const COLUMNS = `password_hash AS "passwordHash", password_changed_at AS "passwordChangedAt", totp_secret AS "totpSecret",
  totp_confirmed_at AS "totpConfirmedAt"`;

const NOTHING: AccountSecretsRow = {
  passwordHash: null,
  passwordChangedAt: null,
  totpSecret: null,
  totpConfirmedAt: null,
};

/** What the account signs in with; nothing where it has nothing, or where there is no such account. */
export async function findAccountSecrets(db: Queryable, accountId: number): Promise<AccountSecretsRow> {
  const { rows } = await db.query<AccountSecretsRow>(`SELECT ${COLUMNS} FROM account_secrets WHERE account_id = $1`, [
    accountId,
  ]);
  return rows[0] ?? NOTHING;
}

/** The same, which nobody else changes until the transaction ends. Comes before the locks on tokens and on the account. */
export async function lockAccountSecrets(tx: Transaction, accountId: number): Promise<AccountSecretsRow> {
  await tx.query('INSERT INTO account_secrets (account_id) VALUES ($1) ON CONFLICT DO NOTHING', [accountId]);
  const { rows } = await tx.query<AccountSecretsRow>(
    `SELECT ${COLUMNS} FROM account_secrets WHERE account_id = $1 FOR UPDATE`,
    [accountId],
  );
  return rows[0] ?? NOTHING;
}

/** Sets the password of an account, or takes it away. The caller holds the row ({@link lockAccountSecrets}). */
export async function setPasswordHash(
  tx: Transaction,
  accountId: number,
  hash: string | null,
  at: Date,
): Promise<void> {
  await tx.query('UPDATE account_secrets SET password_hash = $2, password_changed_at = $3 WHERE account_id = $1', [
    accountId,
    hash,
    at,
  ]);
}

/** Keeps the same password under a better hash, unless it was changed in the meantime. */
export async function replacePasswordHash(db: Queryable, accountId: number, old: string, hash: string): Promise<void> {
  await db.query('UPDATE account_secrets SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2', [
    accountId,
    old,
    hash,
  ]);
}

/** Keeps a secret that does not count yet, or takes away whichever there was. The caller holds the row. */
export async function setTotpSecret(tx: Transaction, accountId: number, sealed: Buffer | null): Promise<void> {
  await tx.query(
    'UPDATE account_secrets SET totp_secret = $2, totp_confirmed_at = NULL, totp_last_step = NULL WHERE account_id = $1',
    [accountId, sealed],
  );
}

/** From now on the secret counts. The caller holds the row. */
export async function confirmTotpSecret(tx: Transaction, accountId: number, at: Date): Promise<void> {
  await tx.query('UPDATE account_secrets SET totp_confirmed_at = $2 WHERE account_id = $1', [accountId, at]);
}

/** Uses up a time step and all before it; false where it was used up already. Of two at once one has it. */
export async function spendTotpStep(db: Queryable, accountId: number, step: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE account_secrets SET totp_last_step = $2
     WHERE account_id = $1 AND totp_secret IS NOT NULL AND (totp_last_step IS NULL OR totp_last_step < $2)`,
    [accountId, step],
  );
  return rowCount === 1;
}
