import { findAccount } from '../database/accounts.js';
import { listSessionTokens, listTokens, type TokenRow } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { isAccountName } from './account-name.js';
import { requireModerator, requireScope, type Caller } from './caller.js';

/**
 * The caller's own tokens, the newest first, never a secret; of a caller who is good for some apps only those for no others.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT`
 */
export async function readTokensOfCaller(
  { database }: Pick<Gate, 'database'>,
  caller: Caller,
): Promise<readonly TokenRow[]> {
  requireScope(caller, 'manage');
  const tokens = await listTokens(database, caller.accountId);
  const { appIds: reach } = caller;
  if (reach === null) return tokens;
  return tokens.filter(({ appIds }) => appIds?.every((appId) => reach.includes(appId)) === true);
}

/**
 * What speaks for an account, the newest first, never a secret: its bearer tokens, and the sessions that last.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator, or `NOT_FOUND`
 */
export async function readTokensOf(
  { database, now }: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  name: string,
): Promise<{ readonly tokens: readonly TokenRow[]; readonly sessions: readonly TokenRow[] }> {
  requireModerator(caller);
  const account = isAccountName(name) ? await findAccount(database, name) : null;
  if (account === null) throw new RequestError('NOT_FOUND', 'There is no such account.');
  return {
    tokens: await listTokens(database, account.id),
    sessions: await listSessionTokens(database, account.id, now()),
  };
}
