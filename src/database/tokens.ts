import type { AccountRole } from './accounts.js';
import { appendAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

/** How somebody signed in to a session of the console. */
export type SignInMethod = 'password' | 'password+totp' | 'oidc' | 'token' | 'invitation';

/** A token as it is kept: everything but its secret. A session of the console is one that a browser keeps. */
export interface TokenRow {
  readonly id: string;
  readonly accountId: number;
  readonly accountName: string;
  readonly label: string;
  readonly scopes: readonly string[];
  /** Null: every app of the account. */
  readonly appIds: readonly string[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly kind: 'bearer' | 'session';
  /** Null for a bearer token. */
  readonly signInMethod: SignInMethod | null;
  readonly accountRole: AccountRole;
  /** Why the account may do nothing; null where it is not suspended. */
  readonly accountSuspension: string | null;
}

const COLUMNS = `tokens.id, tokens.account_id AS "accountId", accounts.name AS "accountName", tokens.label, tokens.scopes,
  tokens.app_ids AS "appIds", tokens.created_at AS "createdAt", tokens.expires_at AS "expiresAt",
  tokens.revoked_at AS "revokedAt", tokens.last_used_at AS "lastUsedAt", tokens.kind, tokens.sign_in_method AS "signInMethod",
  accounts.role AS "accountRole", accounts.suspension_reason AS "accountSuspension"`;
const FROM = 'FROM tokens JOIN accounts ON accounts.id = tokens.account_id';

/** A token that is about to be made. */
export interface NewTokenRow extends Pick<TokenRow, 'accountId' | 'label' | 'scopes' | 'appIds' | 'expiresAt'> {
  readonly secretSha256: Buffer;
  /** Of a session; null for a bearer token. */
  readonly signInMethod: SignInMethod | null;
  /** Who makes it. */
  readonly madeBy: number;
}

/** Keeps a new token by the SHA-256 of its secret, and returns its id. */
export async function insertToken(db: Queryable, token: NewTokenRow): Promise<string> {
  const kind = token.signInMethod === null ? 'bearer' : 'session';
  const { rows } = await db.query<{ id: string; account: string }>(
    `INSERT INTO tokens (account_id, secret_sha256, label, scopes, app_ids, expires_at, kind, sign_in_method)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, (SELECT name FROM accounts WHERE accounts.id = $1) AS account`,
    [
      token.accountId,
      token.secretSha256,
      token.label,
      token.scopes,
      token.appIds,
      token.expiresAt,
      kind,
      token.signInMethod,
    ],
  );
  const [made] = rows;
  if (made === undefined) throw new Error('INSERT … RETURNING returned no row');
  await appendAuditEntry(db, {
    kind: kind === 'session' ? 'session-began' : 'token-created',
    accountId: token.madeBy,
    appId: null,
    subject: { type: 'token', id: made.id },
    reason: '',
    after: {
      account: made.account,
      scopes: token.scopes,
      apps: token.appIds,
      expiresAt: token.expiresAt,
      ...(token.signInMethod !== null && { method: token.signInMethod }),
    },
  });
  return made.id;
}

/** The token with that secret, whether or not it still counts. */
export async function findTokenBySecret(db: Queryable, secretSha256: Buffer): Promise<TokenRow | null> {
  const { rows } = await db.query<TokenRow>(`SELECT ${COLUMNS} ${FROM} WHERE tokens.secret_sha256 = $1`, [
    secretSha256,
  ]);
  return rows[0] ?? null;
}

export async function findToken(db: Queryable, id: string): Promise<TokenRow | null> {
  const { rows } = await db.query<TokenRow>(`SELECT ${COLUMNS} ${FROM} WHERE tokens.id = $1`, [id]);
  return rows[0] ?? null;
}

/** The token, which nobody can revoke, and whose account nobody can suspend, until the transaction ends. */
export async function lockToken(tx: Transaction, id: string): Promise<TokenRow | null> {
  const { rows } = await tx.query<TokenRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE tokens.id = $1 FOR SHARE OF tokens, accounts`,
    [id],
  );
  return rows[0] ?? null;
}

/** All bearer tokens of an account, or of everybody, the newest first. */
export async function listTokens(db: Queryable, accountId: number | null): Promise<readonly TokenRow[]> {
  const { rows } = await db.query<TokenRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE tokens.kind = 'bearer' AND ($1::bigint IS NULL OR tokens.account_id = $1)
     ORDER BY tokens.created_at DESC, tokens.id LIMIT 1000`,
    [accountId],
  );
  return rows;
}

/** Makes the token count for nothing from now on, on the word of the account `by`. Revoking it again changes nothing. */
export async function revokeToken(db: Queryable, id: string, at: Date, by: number): Promise<void> {
  const { rowCount } = await db.query('UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL', [
    id,
    at,
  ]);
  if (rowCount === 0) return;
  await appendAuditEntry(db, {
    kind: 'token-revoked',
    accountId: by,
    appId: null,
    subject: { type: 'token', id },
    reason: '',
  });
}

/** Notes when the token was used last; of two notes at once the later stays. */
export async function noteTokenUse(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query('UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)', [
    id,
    at,
  ]);
}

/** True where any token that can do everything still counts. */
export async function anyOperatorToken(db: Queryable, at: Date): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM tokens WHERE 'operate' = ANY (scopes) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) LIMIT 1`,
    [at],
  );
  return rows.length > 0;
}
