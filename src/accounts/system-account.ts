import { ensureAccount, type Account } from '../database/accounts.js';
import type { Queryable } from '../database/connect.js';

/** The account under which the gate writes down what it does by itself, or for somebody who needs no account. */
const SYSTEM_ACCOUNT = 'portcullis';

/** The account of the gate itself. No token speaks for it. */
export async function ensureSystemAccount(db: Queryable): Promise<Account> {
  return ensureAccount(db, SYSTEM_ACCOUNT);
}

/** Whether an account is the gate's own, which nobody gets a token for. */
export function isSystemAccount(name: string): boolean {
  return name === SYSTEM_ACCOUNT;
}
