import { ADVISORY_LOCK } from './advisory-locks.js';
import type { Queryable, Transaction } from './connect.js';

export const signingRequestPurposes = ['new', 'renewal', 'lost', 'additional'] as const;

/** What a certificate is asked for: the first one, the next one, one in the place of a lost one, or one beside others. */
export type SigningRequestPurpose = (typeof signingRequestPurposes)[number];

export const signingRequestStates = ['pending', 'questioned', 'approved', 'declined', 'withdrawn'] as const;

/** `pending` waits for a moderator and `questioned` for the applicant; the others are final. */
export type SigningRequestState = (typeof signingRequestStates)[number];

/** The states of requests that are not decided. */
export const openStates = ['pending', 'questioned'] as const satisfies readonly SigningRequestState[];

/** A developer's request for a certificate. Only its state ever changes. */
export interface SigningRequestRow {
  readonly id: string;
  readonly appId: string;
  /** DER of the PKCS #10 request. */
  readonly csr: Buffer;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKey: string;
  /** For people: `RSA 3072`, `EC P-384`. */
  readonly keyKind: string;
  readonly purpose: SigningRequestPurpose;
  /**
   * Serials of the certificates that are revoked when this one is issued; none, with the purpose `lost`: all of the app that
   * count then.
   */
  readonly replaces: readonly string[];
  /** Since when the replaced ones are thought to have been in wrong hands; null where they are only lost. */
  readonly compromisedSince: Date | null;
  readonly declaredUrl: string | null;
  readonly contact: string | null;
  readonly note: string;
  readonly accountId: number;
  readonly accountName: string;
  readonly tokenId: string;
  readonly requestedAt: Date;
  readonly state: SigningRequestState;
  /** Of the certificate that came of it; null where none did. */
  readonly serial: string | null;
}

const COLUMNS = `signing_requests.id, app_id AS "appId", csr, public_key AS "publicKey", key_kind AS "keyKind", purpose,
  replaces, compromised_since AS "compromisedSince", declared_url AS "declaredUrl", contact, note,
  account_id AS "accountId", accounts.name AS "accountName", token_id AS "tokenId", requested_at AS "requestedAt", state,
  serial`;
const FROM = 'FROM signing_requests JOIN accounts ON accounts.id = signing_requests.account_id';

/**
 * Until the transaction ends nobody else asks for a certificate with one of these keys, nor by this account. Comes after the
 * authority's lock, and before any on an app.
 */
export async function lockApplication(
  tx: Transaction,
  publicKeys: readonly string[],
  accountId: number,
): Promise<void> {
  for (const publicKey of [...publicKeys].sort()) {
    await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [ADVISORY_LOCK.applicationKey, publicKey]);
  }
  await tx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
    ADVISORY_LOCK.applicationAccount,
    String(accountId),
  ]);
}

/** Adds a request that waits for a moderator. Fails where one with its app and key is open. */
export async function insertSigningRequest(
  tx: Transaction,
  row: Omit<SigningRequestRow, 'accountName' | 'state' | 'serial'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO signing_requests (id, app_id, csr, public_key, key_kind, purpose, replaces, compromised_since,
       declared_url, contact, note, account_id, token_id, requested_at, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending')`,
    [
      row.id,
      row.appId,
      row.csr,
      row.publicKey,
      row.keyKind,
      row.purpose,
      row.replaces,
      row.compromisedSince,
      row.declaredUrl,
      row.contact,
      row.note,
      row.accountId,
      row.tokenId,
      row.requestedAt,
    ],
  );
}

export async function findSigningRequest(db: Queryable, id: string): Promise<SigningRequestRow | null> {
  const { rows } = await db.query<SigningRequestRow>(`SELECT ${COLUMNS} ${FROM} WHERE signing_requests.id = $1`, [id]);
  return rows[0] ?? null;
}

/** The request, locked until the transaction ends. Whoever decides about it holds this lock. Comes after the app's. */
export async function lockSigningRequest(tx: Transaction, id: string): Promise<SigningRequestRow | null> {
  const { rows } = await tx.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE signing_requests.id = $1 FOR UPDATE OF signing_requests`,
    [id],
  );
  return rows[0] ?? null;
}

/** The request of an app over a key that is not decided yet; there is one at most. */
export async function findOpenSigningRequest(
  db: Queryable,
  appId: string,
  publicKey: string,
): Promise<SigningRequestRow | null> {
  const { rows } = await db.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE app_id = $1 AND public_key = $2 AND state = ANY($3::text[])`,
    [appId, publicKey, openStates],
  );
  return rows[0] ?? null;
}

/** The same, locked until the transaction ends. Comes after the app's lock, and before any on a token. */
export async function lockSameSigningRequest(
  tx: Transaction,
  appId: string,
  publicKey: string,
): Promise<SigningRequestRow | null> {
  const { rows } = await tx.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE app_id = $1 AND public_key = $2 AND state = ANY($3::text[])
     FOR UPDATE OF signing_requests`,
    [appId, publicKey, openStates],
  );
  return rows[0] ?? null;
}

/** Whether any app but this one ever asked for a certificate over one of these keys, whatever came of it. */
export async function isKeyOfAnotherRequest(
  db: Queryable,
  publicKeys: readonly string[],
  appId: string,
): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT 1 FROM signing_requests WHERE public_key = ANY($1::text[]) AND app_id <> $2 LIMIT 1',
    [publicKeys, appId],
  );
  return rows.length > 0;
}

/**
 * Whether moderators refused what was asked for an app after the last time that anything was granted for it, or the applicant
 * took it back when a moderator asked about it. What strangers asked for before the app had a certificate does not count.
 */
export async function isRefusedSinceGranted(db: Queryable, appId: string): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM signing_request_events AS event JOIN signing_requests ON signing_requests.id = event.request_id
     WHERE app_id = $1
       AND (event.kind = 'declined' OR (event.kind = 'withdrawn' AND EXISTS (
         SELECT 1 FROM signing_request_events AS question
         WHERE question.request_id = event.request_id AND question.kind = 'questioned')))
       AND (purpose <> 'new' OR EXISTS (
         SELECT 1 FROM app_owners
         WHERE app_owners.app_id = $1 AND app_owners.account_id = signing_requests.account_id))
       AND event.id > (
         SELECT coalesce(max(grants.id), 0) FROM signing_request_events AS grants
         JOIN signing_requests AS granted ON granted.id = grants.request_id
         WHERE granted.app_id = $1 AND grants.kind = 'approved')
     LIMIT 1`,
    [appId],
  );
  return rows.length > 0;
}

interface SigningRequestCount {
  readonly openOfAccount: number;
  readonly openOfApp: number;
  readonly openOfBoth: number;
  readonly recentOfAccount: number;
}

/** How many requests are not decided, of an account, for an app, of both; and how many the account made since a time at all. */
export async function countSigningRequests(
  db: Queryable,
  { accountId, appId, since }: { readonly accountId: number; readonly appId: string; readonly since: Date },
): Promise<SigningRequestCount> {
  const { rows } = await db.query<SigningRequestCount>(
    `SELECT count(*) FILTER (WHERE state = ANY($4::text[]) AND account_id = $1) AS "openOfAccount",
       count(*) FILTER (WHERE state = ANY($4::text[]) AND app_id = $2) AS "openOfApp",
       count(*) FILTER (WHERE state = ANY($4::text[]) AND account_id = $1 AND app_id = $2) AS "openOfBoth",
       count(*) FILTER (WHERE requested_at > $3 AND account_id = $1) AS "recentOfAccount"
     FROM signing_requests WHERE state = ANY($4::text[]) OR requested_at > $3`,
    [accountId, appId, since, openStates],
  );
  return rows[0] ?? { openOfAccount: 0, openOfApp: 0, openOfBoth: 0, recentOfAccount: 0 };
}

/** Sets what became of a request. `serial` is given where it was approved, and only there. */
export async function setSigningRequestState(
  tx: Transaction,
  id: string,
  state: SigningRequestState,
  serial: string | null = null,
): Promise<void> {
  await tx.query('UPDATE signing_requests SET state = $2, serial = $3 WHERE id = $1', [id, state, serial]);
}

/** Where a list goes on: after this row, in its order. */
export interface SigningRequestCursor {
  readonly requestedAt: Date;
  readonly id: string;
}

/** The requests for an app, the newest first; of one account only where `accountId` is given. */
export async function listSigningRequestsOfApp(
  db: Queryable,
  query: { appId: string; accountId: number | null; before: SigningRequestCursor | null; limit: number },
): Promise<readonly SigningRequestRow[]> {
  const { rows } = await db.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM}
     WHERE app_id = $1 AND ($2::bigint IS NULL OR account_id = $2)
       AND ($3::timestamptz IS NULL OR (requested_at, signing_requests.id) < ($3, $4::uuid))
     ORDER BY requested_at DESC, signing_requests.id DESC LIMIT $5`,
    [query.appId, query.accountId, query.before?.requestedAt ?? null, query.before?.id ?? null, query.limit],
  );
  return rows;
}

/** The requests that an account made, and those for the apps that it owns, the newest first. */
export async function listSigningRequestsOfAccount(
  db: Queryable,
  accountId: number,
  limit: number,
): Promise<readonly SigningRequestRow[]> {
  const { rows } = await db.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM}
     WHERE account_id = $1 OR app_id IN (SELECT app_owners.app_id FROM app_owners WHERE app_owners.account_id = $1)
     ORDER BY requested_at DESC, signing_requests.id DESC LIMIT $2`,
    [accountId, limit],
  );
  return rows;
}

/** The requests of the whole store in these states, the oldest first. */
export async function listSigningRequests(
  db: Queryable,
  query: { states: readonly SigningRequestState[]; after: SigningRequestCursor | null; limit: number },
): Promise<readonly SigningRequestRow[]> {
  const { rows } = await db.query<SigningRequestRow>(
    `SELECT ${COLUMNS} ${FROM}
     WHERE state = ANY($1::text[])
       AND ($2::timestamptz IS NULL OR (requested_at, signing_requests.id) > ($2, $3::uuid))
     ORDER BY requested_at, signing_requests.id LIMIT $4`,
    [query.states, query.after?.requestedAt ?? null, query.after?.id ?? null, query.limit],
  );
  return rows;
}
