import { isOperator, type Caller } from '../accounts/caller.js';
import { listOwners } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import { RequestError } from '../request-error.js';

/**
 * Whether a moderator may decide about an app beside its reviews: not where they own it, or what it is about is their own.
 * Whoever runs the store may, for they may be alone in it, and the log says what they did. Only under the app's lock is the
 * answer good for a decision.
 *
 * @param theirs the account that uploaded or asked for what is decided about; null: nobody in particular
 * @throws RequestError `OWN_CASE`
 */
export async function requireNotOwnCase(
  db: Queryable,
  caller: Caller,
  { appId, theirs = null }: { readonly appId: string; readonly theirs?: number | null },
): Promise<void> {
  if (isOperator(caller)) return;
  if (theirs === caller.accountId) throw ownCase('This is your own');
  await requireNoOwner(db, caller, appId);
}

/** Whether somebody doesn't own an app, whatever their role. @throws RequestError `OWN_CASE` */
export async function requireNoOwner(
  db: Queryable,
  { accountId }: Pick<Caller, 'accountId'>,
  appId: string,
): Promise<void> {
  if ((await listOwners(db, appId)).some(({ id }) => id === accountId)) throw ownCase('You own this app');
}

/** What somebody is told who would decide about what is their own. */
export function ownCase(why: string): RequestError {
  return new RequestError('OWN_CASE', `${why}: somebody else decides.`);
}
