import { listStaffNames } from '../database/accounts.js';
import { listOwners } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import { isModerator, type Caller } from './caller.js';
import { isSystemAccount } from './system-account.js';
import { OPERATOR_ACCOUNT } from './tokens.js';

/** Stands for a moderator to those who needn't know which one it was. No account has a name like this. */
const SOME_MODERATOR = 'a moderator';

/**
 * `rows` of an app's record as the caller may see them: who is not a moderator isn't told which moderator did something, since
 * a verdict is the store's and not a person's. Owners of the app are named, whatever else they are, and so are the accounts
 * that stand for the store as a whole.
 */
export async function withoutModerators<Row extends { readonly accountName: string }>(
  db: Queryable,
  caller: Caller,
  appId: string,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  if (isModerator(caller)) return rows;
  const staff = await listStaffNames(db, [...new Set(rows.map(({ accountName }) => accountName))]);
  const owners = (await listOwners(db, appId)).map(({ name }) => name);
  const isHidden = (name: string): boolean =>
    staff.has(name) &&
    !owners.includes(name) &&
    name !== caller.accountName &&
    name !== OPERATOR_ACCOUNT &&
    !isSystemAccount(name);
  return rows.map((row) => (isHidden(row.accountName) ? { ...row, accountName: SOME_MODERATOR } : row));
}
