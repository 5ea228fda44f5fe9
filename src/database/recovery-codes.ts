import type { Queryable, Transaction } from './connect.js';

/** Gives an account these codes in the place of all it had; none takes them away. */
export async function replaceRecoveryCodes(
  tx: Transaction,
  accountId: number,
  sha256s: readonly Buffer[],
): Promise<void> {
  await tx.query('DELETE FROM recovery_codes WHERE account_id = $1', [accountId]);
  await tx.query('INSERT INTO recovery_codes (account_id, code_sha256) SELECT $1, unnest($2::bytea[])', [
    accountId,
    sha256s,
  ]);
}

/** Uses up a code; false where there is none, or it was used. Of two at once one has it. */
export async function spendRecoveryCode(db: Queryable, accountId: number, sha256: Buffer, at: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND code_sha256 = $2 AND used_at IS NULL',
    [accountId, sha256, at],
  );
  return rowCount === 1;
}

/** How many codes an account still has. */
export async function countRecoveryCodes(db: Queryable, accountId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL',
    [accountId],
  );
  return rows[0]?.count ?? 0;
}
