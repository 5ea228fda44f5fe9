import { ensureAccount } from '../database/accounts.js';
import type { Queryable } from '../database/connect.js';
import { NO_TOKEN, type Caller } from './caller.js';
import { OPERATOR_ACCOUNT } from './tokens.js';

/**
 * Whoever works on the store's own database from the command line. They could change any row there; as the operator
 * they go through the use-cases instead, which keep the rules and write down who did what.
 */
export async function localOperator(db: Queryable): Promise<Caller> {
  const { id, name } = await ensureAccount(db, OPERATOR_ACCOUNT);
  const token = { tokenId: NO_TOKEN, kind: 'bearer', scopes: ['operate'], appIds: null, expiresAt: null } as const;
  return { accountId: id, accountName: name, ...token };
}
