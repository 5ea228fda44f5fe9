import { ADVISORY_LOCK } from './advisory-locks.js';
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

/**
 * Makes an account that nobody has yet; null where the name is taken.
 *
 * @param by who invited it; null: nobody, it made itself
 */
export async function createAccount(
  tx: Transaction,
  account: { readonly name: string; readonly role: AccountRole; readonly email: string | null },
  by: number | null = null,
): Promise<AccountRow | null> {
  const { rows } = await tx.query<AccountRow>(
    `INSERT INTO accounts (name, role, email) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`,
    [account.name, account.role, account.email],
  );
  const [made] = rows;
  if (made === undefined) return null;
  await appendAuditEntry(tx, {
    kind: 'account-created',
    accountId: by ?? made.id,
    appId: null,
    subject: { type: 'account', id: made.name },
    reason: '',
    after: { role: made.role },
  });
  return made;
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

/** The account, whose role and suspension nobody changes until the transaction ends; others may look at it as well. */
export async function holdAccount(tx: Transaction, id: number): Promise<AccountRow | null> {
  const { rows } = await tx.query<AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE id = $1 FOR SHARE`, [id]);
  return rows[0] ?? null;
}

/**
 * Until the transaction ends nobody else changes roles or suspends anybody: what is said of all accounts, that an
 * administrator is left, stays true. Comes after the locks on apps, and before those on invitations, tokens and accounts.
 */
export async function lockPeople(tx: Transaction): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK.people]);
}

/** How many administrators there are beside this account, not counting those that are suspended. */
export async function countOtherAdministrators(tx: Transaction, id: number): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM accounts WHERE role = 'administrator' AND suspended_at IS NULL AND id <> $1`,
    [id],
  );
  return rows[0]?.count ?? 0;
}

/** Which accounts are wanted; null: any. */
export interface AccountFilter {
  /** A part of the name or of the address. */
  readonly q: string | null;
  readonly role: AccountRole | null;
  readonly suspended: boolean | null;
}

/** Accounts by name, after the one named `after`. */
export async function listAccounts(
  db: Queryable,
  { q, role, suspended, after, limit }: AccountFilter & { readonly after: string; readonly limit: number },
): Promise<readonly AccountRow[]> {
  // Not LIKE: what somebody searches for is no pattern.
  const { rows } = await db.query<AccountRow>(
    `SELECT ${COLUMNS} FROM accounts
     WHERE name > $1 COLLATE "C" AND ($2::text IS NULL OR strpos(name, lower($2)) > 0 OR strpos(lower(email), lower($2)) > 0)
       AND ($3::text IS NULL OR role = $3) AND ($4::boolean IS NULL OR (suspended_at IS NOT NULL) = $4)
     ORDER BY name COLLATE "C" LIMIT $5`,
    [after, q, role, suspended, limit],
  );
  return rows;
}

/** The accounts that have this address, whatever the case of its letters; those first that have exactly this one. */
export async function listAccountsWithEmail(
  db: Queryable,
  email: string,
  limit: number,
): Promise<readonly AccountRow[]> {
  const { rows } = await db.query<AccountRow>(
    `SELECT ${COLUMNS} FROM accounts WHERE lower(email) = lower($1) ORDER BY email <> $1, id LIMIT $2`,
    [email, limit],
  );
  return rows;
}

/** Who suspended an account; null where it isn't suspended. */
export async function findSuspender(db: Queryable, id: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    'SELECT by_whom.name FROM accounts JOIN accounts by_whom ON by_whom.id = accounts.suspended_by WHERE accounts.id = $1',
    [id],
  );
  return rows[0]?.name ?? null;
}

/** Suspends an account, on the word of the account `by`. */
export async function suspendAccount(
  tx: Transaction,
  account: Account,
  { by, reason, at }: { readonly by: number; readonly reason: string; readonly at: Date },
): Promise<void> {
  await tx.query('UPDATE accounts SET suspended_at = $2, suspended_by = $3, suspension_reason = $4 WHERE id = $1', [
    account.id,
    at,
    by,
    reason,
  ]);
  await appendAuditEntry(tx, {
    kind: 'account-suspended',
    accountId: by,
    appId: null,
    subject: { type: 'account', id: account.name },
    reason,
  });
}

/** Ends the suspension of an account, on the word of the account `by`. */
export async function reinstateAccount(
  tx: Transaction,
  account: AccountRow,
  { by, reason }: { readonly by: number; readonly reason: string },
): Promise<void> {
  await tx.query(
    'UPDATE accounts SET suspended_at = NULL, suspended_by = NULL, suspension_reason = NULL WHERE id = $1',
    [account.id],
  );
  await appendAuditEntry(tx, {
    kind: 'account-reinstated',
    accountId: by,
    appId: null,
    subject: { type: 'account', id: account.name },
    reason,
    before: { suspended: account.suspensionReason },
  });
}

/** Gives an account an address, or takes it, on the word of the account `by`. The log says that, and no address. */
export async function setAccountEmail(
  tx: Transaction,
  account: AccountRow,
  { email, by }: { readonly email: string | null; readonly by: number },
): Promise<void> {
  await tx.query('UPDATE accounts SET email = $2 WHERE id = $1', [account.id, email]);
  await appendAuditEntry(tx, {
    kind: 'account-email-changed',
    accountId: by,
    appId: null,
    subject: { type: 'account', id: account.name },
    reason: '',
    before: { hasAddress: account.email !== null },
    after: { hasAddress: email !== null },
  });
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

/** Those of the named accounts that are moderators or administrators. */
export async function listStaffNames(db: Queryable, names: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT name FROM accounts WHERE name = ANY($1::text[]) AND role <> 'developer'`,
    [names],
  );
  return new Set(rows.map(({ name }) => name));
}
