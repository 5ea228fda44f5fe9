import { isModerator, isOperator, requireApp, requireScope, type Caller } from '../accounts/caller.js';
import { isAppId } from '../app/app-id.js';
import { findApp, listOwners, type AppRow } from '../database/apps.js';
import type { Queryable } from '../database/connect.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** How a caller stands to an app: its owner, or somebody who may claim it because nobody has. */
export type Standing = 'owner' | 'claimant' | 'operator';

/**
 * Whether the caller may upload releases of an app. Asked twice: before a body is read, to spare both sides the
 * upload, and again under the app's lock, where the answer counts.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER`, `APP_ID_RESERVED`, `APP_SUSPENDED` or `SCOPE_INSUFFICIENT`
 */
export async function requireUploader(db: Queryable, gate: Gate, caller: Caller, appId: string): Promise<Standing> {
  const standing = await requireStanding(db, gate, caller, appId);
  requireScope(caller, 'upload');
  requireApp(caller, appId);
  return standing;
}

/**
 * How the caller stands to an app that may be theirs: they own it, or nobody does and it isn't reserved, or they are an
 * operator; and it isn't suspended. What their token allows is not asked here.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER`, `APP_ID_RESERVED` or `APP_SUSPENDED`
 */
export async function requireStanding(
  db: Queryable,
  { reservedAppIds }: Pick<Gate, 'reservedAppIds'>,
  caller: Caller,
  appId: string,
): Promise<Standing> {
  requireAppId(appId);
  const standing = await standingOf(db, reservedAppIds, caller, appId);
  requireNotSuspended(await findApp(db, appId));
  return standing;
}

async function standingOf(
  db: Queryable,
  reservedAppIds: ReadonlySet<string>,
  caller: Caller,
  appId: string,
): Promise<Standing> {
  const owners = await listOwners(db, appId);
  if (owners.some(({ id }) => id === caller.accountId)) return 'owner';
  if (!isOperator(caller)) {
    if (reservedAppIds.has(appId)) {
      throw new RequestError('APP_ID_RESERVED', `The app id "${appId}" is reserved by this store.`);
    }
    if (owners.length > 0) throw notOwner(appId);
  }
  return owners.length === 0 && !reservedAppIds.has(appId) ? 'claimant' : 'operator';
}

/**
 * Whether anything of the app may be published. Of an app that is locked the answer counts until the transaction ends.
 *
 * @throws RequestError `APP_SUSPENDED` with the reason
 */
export function requireNotSuspended(app: Pick<AppRow, 'id' | 'suspendedAt' | 'suspensionReason'> | null): void {
  const since = app?.suspendedAt ?? null;
  if (app === null || since === null) return;
  const reason = app.suspensionReason ?? '';
  throw new RequestError('APP_SUSPENDED', `The app "${app.id}" is suspended. The reason given: ${reason}`, {
    reason,
    suspendedAt: since.toISOString(),
  });
}

/**
 * Whether the caller may manage an app: its owners, with a token that carries the scope `manage`, and operators.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER` or `SCOPE_INSUFFICIENT`
 */
export async function requireOwner(db: Queryable, caller: Caller, appId: string): Promise<void> {
  requireAppId(appId);
  if (isOperator(caller)) return;
  const owners = await listOwners(db, appId);
  if (!owners.some(({ id }) => id === caller.accountId)) throw notOwner(appId);
  requireScope(caller, 'manage');
  requireApp(caller, appId);
}

/**
 * Whether the caller may read what concerns an app's owners: they, with any token that is made for the app, and moderators.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER` or `SCOPE_INSUFFICIENT`
 */
export async function requireReader(db: Queryable, caller: Caller, appId: string): Promise<void> {
  requireAppId(appId);
  if (isModerator(caller)) return;
  requireApp(caller, appId);
  const owners = await listOwners(db, appId);
  if (!owners.some(({ id }) => id === caller.accountId)) throw notOwner(appId);
}

/** @throws RequestError `APP_ID_INVALID` */
export function requireAppId(appId: string): void {
  if (!isAppId(appId)) {
    throw new RequestError(
      'APP_ID_INVALID',
      'An app id has 3 to 64 of a-z, 0-9, "_" and "-", and starts with a letter or a digit.',
    );
  }
}

function notOwner(appId: string): RequestError {
  return new RequestError('NOT_OWNER', `The app "${appId}" belongs to somebody else.`);
}
