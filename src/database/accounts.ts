import type { Queryable } from './connect.js';

/** Somebody a token speaks for. */
export interface Account {
  readonly id: number;
  readonly name: string;
}

/** The account of that name, made where there is none. Safe against two callers making it at once. */
export async function ensureAccount(db: Queryable, name: string): Promise<Account> {
  await db.query('INSERT INTO accounts (name) VALUES ($1) ON CONFLICT (name) DO NOTHING', [name]);
  const account = await findAccount(db, name);
  if (account === null) throw new Error('An account that was just ensured is not there');
  return account;
}

export async function findAccount(db: Queryable, name: string): Promise<Account | null> {
  const { rows } = await db.query<Account>('SELECT id, name FROM accounts WHERE name = $1', [name]);
  return rows[0] ?? null;
}
