import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** Somebody a token speaks for. */
export interface Account {
  readonly id: number;
  readonly name: string;
}

/** What the table knows as `accounts.role`; what each may do is said in `accounts/caller.ts`. */
export type AccountRole = 'developer' | 'moderator' | 'administrator';

/** An account as a list of them shows it: everything but what it signs in with. */
export interface AccountRow extends Account {
  readonly role: AccountRole;
  readonly email: string | null;
  readonly createdAt: Date;
  readonly suspendedAt: Date | null;
  readonly suspensionReason: string | null;
}

const COLUMNS = `id, name, role, email, created_at AS "createdAt", suspended_at AS "suspendedAt",
  suspension_reason AS "suspensionReason"`;

/** The account of that name, made where there is none. Safe against two callers making it at once. */
export async function ensureAccount(db: Queryable, name: string): Promise<AccountRow> {
  const { rows } = await db.query<AccountRow>(
    `INSERT INTO accounts (name) VALUES ($1) ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`,
    [name],
  );
  const [made] = rows;
  if (made !== undefined) {
    await appendAuditEntry(db, {
      kind: 'account-created',
      accountId: made.id,
      appId: null,
      subject: { type: 'account', id: name },
      reason: '',
      after: { role: made.role },
    });
    return made;
  }
  const account = await findAccount(db, name);
  if (account === null) throw new Error('An account that was just ensured is not there');
  return account;
}

export async function findAccount(db: Queryable, name: string): Promise<AccountRow | null> {
  const { rows } = await db.query<AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE name = $1`, [name]);
  return rows[0] ?? null;
}

/** The account, whose role and suspension nobody changes until the transaction ends. */
export async function lockAccount(tx: Transaction, name: string): Promise<AccountRow | null> {
  const { rows } = await tx.query<AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE name = $1 FOR NO KEY UPDATE`, [
    name,
  ]);
  return rows[0] ?? null;
}

/** Gives an account a role, on the word of the account `by`. */
export async function setAccountRole(
  db: Queryable,
  account: AccountRow,
  change: { readonly role: AccountRole; readonly by: number; readonly reason: string },
): Promise<void> {
  await db.query('UPDATE accounts SET role = $2 WHERE id = $1', [account.id, change.role]);
  await appendAuditEntry(db, {
    kind: 'account-role-changed',
    accountId: change.by,
    appId: null,
    subject: { type: 'account', id: account.name },
    reason: change.reason,
    before: { role: account.role },
    after: { role: change.role },
  });
}
