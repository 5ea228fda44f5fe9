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
  /** When somebody ended the session; null where it goes on, or merely expired, and for a bearer token. */
  readonly endedAt: Date | null;
  readonly kind: 'bearer' | 'session';
  /** Null for a bearer token. */
  readonly signInMethod: SignInMethod | null;
  readonly accountRole: AccountRole;
  /** Why the account may do nothing; null where it is not suspended. */
  readonly accountSuspension: string | null;
}

const COLUMNS = `tokens.id, tokens.account_id AS "accountId", accounts.name AS "accountName", tokens.label, tokens.scopes,
  tokens.app_ids AS "appIds", tokens.created_at AS "createdAt", tokens.expires_at AS "expiresAt",
  tokens.revoked_at AS "revokedAt", tokens.last_used_at AS "lastUsedAt", tokens.ended_at AS "endedAt", tokens.kind,
  tokens.sign_in_method AS "signInMethod", accounts.role AS "accountRole", accounts.suspension_reason AS "accountSuspension"`;
/** The condition that a session has not ended at the time of that parameter. */
const lasting = (at: string): string =>
  `tokens.revoked_at IS NULL AND tokens.ended_at IS NULL AND tokens.expires_at > ${at}`;
const FROM = 'FROM tokens JOIN accounts ON accounts.id = tokens.account_id';

/** A token that is about to be made. */
export interface NewTokenRow extends Pick<TokenRow, 'accountId' | 'label' | 'scopes' | 'appIds' | 'expiresAt'> {
  readonly secretSha256: Buffer;
  /** Of a session; null for a bearer token. */
  readonly signInMethod: SignInMethod | null;
  /** The bearer token that a session was begun with, which it ends with; none for any other. */
  readonly signedInWith?: string;
  /** The token or session that it is made with and revoked with; none where it may outlive that. */
  readonly madeWith?: string;
  /** Who makes it. */
  readonly madeBy: number;
}

/** Keeps a new token by the SHA-256 of its secret, and returns its id. */
export async function insertToken(db: Queryable, token: NewTokenRow): Promise<string> {
  const kind = token.signInMethod === null ? 'bearer' : 'session';
  const { rows } = await db.query<{ id: string; account: string }>(
    `INSERT INTO tokens (account_id, secret_sha256, label, scopes, app_ids, expires_at, kind, sign_in_method, signed_in_with,
       made_with)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id, (SELECT name FROM accounts WHERE accounts.id = $1) AS account`,
    [
      token.accountId,
      token.secretSha256,
      token.label,
      token.scopes,
      token.appIds,
      token.expiresAt,
      kind,
      token.signInMethod,
      token.signedInWith ?? null,
      token.madeWith ?? null,
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

/** On whose word a token is revoked, and when. */
export interface Revocation {
  readonly at: Date;
  /** The account. */
  readonly by: number;
  /** The token that asks: made with the revoked one, it stays, with all that it made. */
  readonly spared: string;
}

/**
 * Makes the token count for nothing from now on, and with it all that stems from it: sessions begun with it, tokens made with
 * it or in such a session, and what stems from these. Revoking it again changes nothing.
 *
 * @returns the ids of the token and of all that stems from it, whether or not that counted still; none where it was revoked before
 */
export async function revokeToken(tx: Transaction, id: string, revocation: Revocation): Promise<readonly string[]> {
  const { at, by, spared } = revocation;
  if ((await revokeRows(tx, [id], revocation)) === 0) return [];
  const gone: string[] = [];
  let makers: readonly string[] = [id];
  while (makers.length > 0) {
    gone.push(...makers);
    await endSessions(tx, { begunWith: makers }, at, by);
    // Whoever was just making something held what they made it with: we had to wait for them, and see it now.
    const { rows } = await tx.query<Pick<TokenRow, 'id' | 'kind'>>(
      `SELECT id, kind FROM tokens WHERE (made_with = ANY ($1::uuid[]) OR signed_in_with = ANY ($1::uuid[])) AND id <> $2`,
      [makers, spared],
    );
    makers = rows.map((row) => row.id);
    await revokeRows(
      tx,
      rows.filter(({ kind }) => kind === 'bearer').map((row) => row.id),
      revocation,
    );
  }
  return gone;
}

/** Revokes those that are not revoked yet, each with an entry in the log, and says how many these were. */
async function revokeRows(tx: Transaction, ids: readonly string[], { at, by }: Revocation): Promise<number> {
  const { rows } = await tx.query<{ id: string }>(
    'UPDATE tokens SET revoked_at = $2 WHERE id = ANY ($1::uuid[]) AND revoked_at IS NULL RETURNING id',
    [ids, at],
  );
  for (const { id } of rows) {
    await appendAuditEntry(tx, {
      kind: 'token-revoked',
      accountId: by,
      appId: null,
      subject: { type: 'token', id },
      reason: '',
    });
  }
  return rows.length;
}

/** The sessions of an account that last, the newest first. */
export async function listSessionTokens(db: Queryable, accountId: number, at: Date): Promise<readonly TokenRow[]> {
  const { rows } = await db.query<TokenRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE tokens.account_id = $1 AND tokens.kind = 'session' AND ${lasting('$2')}
     ORDER BY tokens.created_at DESC, tokens.id LIMIT 1000`,
    [accountId, at],
  );
  return rows;
}

/** Puts off the end of a session that lasts, and notes its use; false where it has ended, which it stays. */
export async function prolongSession(
  db: Queryable,
  { id, at, expiresAt }: { readonly id: string; readonly at: Date; readonly expiresAt: Date },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE tokens SET expires_at = greatest(expires_at, $3), last_used_at = greatest(last_used_at, $2)
     WHERE id = $1 AND kind = 'session' AND ${lasting('$2')}`,
    [id, at, expiresAt],
  );
  return rowCount === 1;
}

/** Which sessions are meant: one, all of an account but perhaps one, or those begun with certain tokens. */
export type SessionChoice =
  | { readonly id: string }
  | { readonly accountId: number; readonly except: string | null }
  | { readonly begunWith: readonly string[] };

/**
 * Ends those of the chosen sessions that last, on the word of the account `by`, and says how many these were. What was asked
 * for in them stays asked for: an end is no revocation.
 */
export async function endSessions(db: Queryable, choice: SessionChoice, at: Date, by: number): Promise<number> {
  const [condition, value] =
    'id' in choice
      ? ['id = $2', choice.id]
      : 'begunWith' in choice
        ? ['signed_in_with = ANY ($2::uuid[])', choice.begunWith]
        : ['account_id = $2', choice.accountId];
  const { rows } = await db.query<{ id: string }>(
    `UPDATE tokens SET ended_at = $1, expires_at = $1 WHERE kind = 'session' AND ${lasting('$1')} AND ${condition}
       AND ($3::uuid IS NULL OR id <> $3) RETURNING id`,
    [at, value, 'except' in choice ? choice.except : null],
  );
  for (const { id } of rows) {
    await appendAuditEntry(db, {
      kind: 'session-ended',
      accountId: by,
      appId: null,
      subject: { type: 'token', id },
      reason: '',
    });
  }
  return rows.length;
}

/** Ends every session of an account, but for one where it is named; see {@link endSessions}. */
export async function endSessionsOfAccount(
  db: Queryable,
  accountId: number,
  at: Date,
  { by = accountId, except = null }: { readonly by?: number; readonly except?: string | null } = {},
): Promise<number> {
  return endSessions(db, { accountId, except }, at, by);
}

/** Notes when the token was used last; of two notes at once the later stays. */
export async function noteTokenUse(db: Queryable, id: string, at: Date): Promise<void> {
  await db.query('UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)', [
    id,
    at,
  ]);
}

/** True where any token that can do everything still counts; a session does not stand in for one. */
export async function anyOperatorToken(db: Queryable, at: Date): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM tokens WHERE kind = 'bearer' AND 'operate' = ANY (scopes) AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > $1) LIMIT 1`,
    [at],
  );
  return rows.length > 0;
}
