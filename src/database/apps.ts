import type { AppHistory } from '../policy/facts.js';
import type { TrustLevel } from '../policy/trust-level.js';
import type { Account } from './accounts.js';
import { appendAuditEntry, type NewAuditEntry } from './audit-log.js';
import type { Queryable, Transaction } from './connect.js';

export interface AppRow {
  readonly id: string;
  readonly trustLevel: TrustLevel;
  readonly signedSince: Date | null;
  readonly signedVersion: string | null;
  readonly createdAt: Date;
  /** Since when the app publishes nothing, and why; null where it isn't suspended. */
  readonly suspendedAt: Date | null;
  readonly suspensionReason: string | null;
}

const COLUMNS = `id, trust_level AS "trustLevel", signed_since AS "signedSince", signed_version AS "signedVersion",
  created_at AS "createdAt", suspended_at AS "suspendedAt", suspension_reason AS "suspensionReason"`;

/** Makes the app's row where there is none, without an owner. Safe against two callers at once. */
export async function ensureApp(db: Queryable, appId: string): Promise<void> {
  await db.query('INSERT INTO apps (id) VALUES ($1) ON CONFLICT (id) DO NOTHING', [appId]);
}

/** Makes the rows of many apps where there are none, in the order in which they are locked elsewhere. */
export async function ensureApps(db: Queryable, appIds: readonly string[]): Promise<void> {
  const ids = [...new Set(appIds)].sort();
  await db.query('INSERT INTO apps (id) SELECT unnest($1::text[]) ON CONFLICT (id) DO NOTHING', [ids]);
}

/**
 * The app's row, locked until the transaction ends. Whoever decides about an app holds this lock, so that decisions
 * about one app come one after the other.
 */
export async function lockApp(tx: Transaction, appId: string): Promise<AppRow | null> {
  const { rows } = await tx.query<AppRow>(`SELECT ${COLUMNS} FROM apps WHERE id = $1 FOR UPDATE`, [appId]);
  return rows[0] ?? null;
}

export async function findApp(db: Queryable, appId: string): Promise<AppRow | null> {
  const { rows } = await db.query<AppRow>(`SELECT ${COLUMNS} FROM apps WHERE id = $1`, [appId]);
  return rows[0] ?? null;
}

/** Apps that have a release, by id, after the one named `after`. */
export async function listApps(db: Queryable, page: { after: string; limit: number }): Promise<readonly AppRow[]> {
  const { rows } = await db.query<AppRow>(
    `SELECT ${COLUMNS} FROM apps
     WHERE id > $1 AND EXISTS (SELECT 1 FROM releases WHERE releases.app_id = apps.id)
     ORDER BY id LIMIT $2`,
    [page.after, page.limit],
  );
  return rows;
}

export async function setTrustLevel(tx: Transaction, appId: string, trustLevel: TrustLevel): Promise<void> {
  await tx.query('UPDATE apps SET trust_level = $2 WHERE id = $1', [appId, trustLevel]);
}

/** The accounts that may upload releases of the app; none where nobody claimed it yet. */
export async function listOwners(db: Queryable, appId: string): Promise<readonly Account[]> {
  const { rows } = await db.query<Account>(
    `SELECT accounts.id, accounts.name FROM app_owners JOIN accounts ON accounts.id = app_owners.account_id
     WHERE app_owners.app_id = $1 ORDER BY app_owners.added_at, accounts.id`,
    [appId],
  );
  return rows;
}

export async function addOwner(tx: Transaction, appId: string, accountId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'INSERT INTO app_owners (app_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [appId, accountId],
  );
  return rowCount === 1;
}

export async function removeOwner(tx: Transaction, appId: string, accountId: number): Promise<boolean> {
  const { rowCount } = await tx.query('DELETE FROM app_owners WHERE app_id = $1 AND account_id = $2', [
    appId,
    accountId,
  ]);
  return rowCount === 1;
}

/** The apps that an account may upload releases of, by id. */
export async function listOwnedApps(db: Queryable, accountId: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ appId: string }>(
    'SELECT app_id AS "appId" FROM app_owners WHERE account_id = $1 ORDER BY app_id LIMIT 1000',
    [accountId],
  );
  return rows.map(({ appId }) => appId);
}

/** Suspends an app, on the word of the account `by`, and remembers the versions that are put under quarantine with it. */
export async function suspendApp(
  tx: Transaction,
  appId: string,
  suspension: { readonly by: number; readonly reason: string; readonly at: Date; readonly versions: readonly string[] },
): Promise<void> {
  await tx.query(
    'UPDATE apps SET suspended_at = $2, suspended_by = $3, suspension_reason = $4, suspended_releases = $5 WHERE id = $1',
    [appId, suspension.at, suspension.by, suspension.reason, suspension.versions],
  );
}

/** Ends the suspension of an app, and returns the versions that were remembered with it. */
export async function reinstateApp(tx: Transaction, appId: string): Promise<readonly string[]> {
  const { rows } = await tx.query<{ versions: readonly string[] }>(
    `SELECT coalesce(suspended_releases, '{}') AS versions FROM apps WHERE id = $1`,
    [appId],
  );
  await tx.query(
    `UPDATE apps SET suspended_at = NULL, suspended_by = NULL, suspension_reason = NULL, suspended_releases = NULL
     WHERE id = $1`,
    [appId],
  );
  return rows[0]?.versions ?? [];
}

/** What may happen to an app. */
export const appEventKinds = [
  'claimed',
  'owner-added',
  'owner-removed',
  'transferred',
  'trust-level',
  'release-status',
  'key-exposed',
  'suspended',
  'reinstated',
  'certificate-requested',
  'certificate-issued',
  'certificate-revoked',
] as const;

/** What happened to an app, who did it and why. Append-only. */
export interface AppEvent {
  readonly appId: string;
  readonly kind: (typeof appEventKinds)[number];
  readonly accountId: number;
  readonly detail: Readonly<Record<string, string>>;
  readonly reason: string;
}

/** Writes down what happened to an app, for its owners and in the audit log. */
export async function appendAppEvent(tx: Transaction, event: AppEvent): Promise<void> {
  // The log has the request itself, with its own event (signing-request-requested).
  if (event.kind !== 'certificate-requested') await appendAuditEntry(tx, auditEntryOf(event));
  await tx.query('INSERT INTO app_events (app_id, kind, account_id, detail, reason) VALUES ($1, $2, $3, $4, $5)', [
    event.appId,
    event.kind,
    event.accountId,
    JSON.stringify(event.detail),
    event.reason,
  ]);
}

function auditEntryOf({ appId, kind, accountId, detail, reason }: AppEvent): NewAuditEntry {
  const { before, after, version, serial, ...others } = detail;
  const common = { accountId, appId, reason };
  switch (kind) {
    case 'release-status':
      return {
        ...common,
        kind: `release-${after === 'published' ? 'restored' : String(after)}`,
        subject: { type: 'release', id: `${appId}@${String(version)}` },
        before: { status: before },
        after: { status: after, ...others, ...(serial !== undefined && { serial }) },
      };
    case 'certificate-issued':
    case 'certificate-revoked':
      return { ...common, kind, subject: { type: 'certificate', id: String(serial) }, after: others };
    case 'trust-level':
      return {
        ...common,
        kind: 'app-trust-level-changed',
        subject: { type: 'app', id: appId },
        before: { trustLevel: before },
        after: { trustLevel: after },
      };
    default:
      return {
        ...common,
        kind: kind.startsWith('certificate-') ? kind : `app-${kind}`,
        subject: { type: 'app', id: appId },
        after: detail,
      };
  }
}

/** An event as it stands in the record. */
export interface AppEventRow extends Pick<AppEvent, 'kind' | 'detail' | 'reason'> {
  /** Grows with every event. */
  readonly id: string;
  /** Who did it. */
  readonly accountName: string;
  readonly happenedAt: Date;
}

/** What happened to an app, the newest first, before the event `before`. */
export async function listAppEvents(
  db: Queryable,
  query: { appId: string; before: string | null; limit: number },
): Promise<readonly AppEventRow[]> {
  const { rows } = await db.query<AppEventRow>(
    `SELECT app_events.id::text AS id, kind, detail, reason, accounts.name AS "accountName", happened_at AS "happenedAt"
     FROM app_events JOIN accounts ON accounts.id = app_events.account_id
     WHERE app_id = $1 AND ($2::bigint IS NULL OR app_events.id < $2::bigint)
     ORDER BY app_events.id DESC LIMIT $3`,
    [query.appId, query.before, query.limit],
  );
  return rows;
}

/**
 * Whether an app was told already that a key got out: proven by this account, or in this archive; what is not proven, by
 * anybody in any.
 */
export async function hasKeyExposure(
  tx: Transaction,
  exposure: { appId: string; key: string; archive: string; accountId: number; proven: boolean },
): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT 1 FROM app_events
     WHERE kind = 'key-exposed' AND app_id = $1 AND detail ->> 'key' = $2
       AND (NOT $5 OR detail ->> 'archive' = $3 OR (account_id = $4 AND detail ->> 'proven' = 'yes')) LIMIT 1`,
    [exposure.appId, exposure.key, exposure.archive, exposure.accountId, exposure.proven],
  );
  return rows.length > 0;
}

/**
 * Whether a private key got out in an upload: proven by anybody for any app, or written down for this one. What is not
 * proven counts for the app itself only, since anybody could have put a public half into an upload of theirs.
 */
export async function isKeyExposed(db: Queryable, key: string, appId: string): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT 1 FROM app_events
     WHERE kind = 'key-exposed' AND detail ->> 'key' = $1 AND (detail ->> 'proven' = 'yes' OR app_id = $2) LIMIT 1`,
    [key, appId],
  );
  return rows.length > 0;
}

/** The part of {@link AppHistory} that stands on the app's own row. */
export function historyOfApp(app: AppRow): Pick<AppHistory, 'trustLevel' | 'firstSigned'> {
  return {
    trustLevel: app.trustLevel,
    firstSigned:
      app.signedSince !== null && app.signedVersion !== null
        ? { version: app.signedVersion, publishedAt: app.signedSince.toISOString() }
        : null,
  };
}
