import { inTransaction, type Database } from '../database/connect.js';
import { anyOperatorToken } from '../database/tokens.js';
import { ensureAccount } from '../database/accounts.js';
import { replaceFile } from '../write-file.js';
import { createToken, OPERATOR_ACCOUNT } from './tokens.js';

/**
 * On the first start of a store, makes the token that may do everything and writes it to `file`, readable only to
 * its owner. Where any operator token still counts, nothing happens.
 *
 * @returns true where a token was made
 */
export async function ensureOperatorToken(db: Database, file: string, at: Date): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    // Two replicas may start for the first time at once; only one makes the token.
    await tx.query("SELECT pg_advisory_xact_lock(hashtext('portcullis operator token'))");
    if (await anyOperatorToken(tx, at)) return false;
    const account = await ensureAccount(tx, OPERATOR_ACCOUNT);
    const { secret } = await createToken(tx, account, {
      scopes: ['operate'],
      appIds: null,
      label: 'first start',
      expiresAt: null,
    });
    // The file first: a token in the database that nobody knows would keep the next start from making one.
    await replaceFile(file, `${secret}\n`, 0o600);
    return true;
  });
}
