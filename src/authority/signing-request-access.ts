import { isModerator, isOperator, NO_TOKEN, requireApp, requireScope, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { findApp, listOwners } from '../database/apps.js';
import type { Queryable, Transaction } from '../database/connect.js';
import {
  findSigningRequest,
  lockSigningRequest,
  openStates,
  type SigningRequestRow,
} from '../database/signing-requests.js';
import { lockToken } from '../database/tokens.js';
import type { Gate } from '../gate.js';
import { requireNotSuspended, requireStanding, type Standing } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';

/** What these use-cases need of a gate to know who may do what. */
type Access = Pick<Gate, 'database' | 'now' | 'reservedAppIds'>;

/**
 * Whether the caller may ask for a certificate of an app: its owners, anybody where nobody owns it and its id isn't reserved,
 * and operators; with a token that may upload or manage.
 *
 * @throws RequestError `APP_ID_INVALID`, `NOT_OWNER`, `APP_ID_RESERVED` or `SCOPE_INSUFFICIENT`
 */
export async function requireApplicant(
  db: Queryable,
  gate: Pick<Gate, 'reservedAppIds'>,
  caller: Caller,
  appId: string,
): Promise<Standing> {
  const standing = await requireStanding(db, gate, caller, appId);
  requireApplicantScope(caller);
  requireApp(caller, appId);
  return standing;
}

/** @throws RequestError `SCOPE_INSUFFICIENT` */
function requireApplicantScope(caller: Caller): void {
  if (!caller.scopes.includes('manage')) requireScope(caller, 'upload');
}

/**
 * How whoever made a request stands to its app now. Their right to ask is asked again when it is granted: an app changes
 * hands, and an id gets reserved. A token that expired since spoke for its account when it was used; one that was revoked was
 * perhaps somebody else's hand. It can't be revoked until the transaction ends.
 *
 * @throws RequestError `APPLICANT_TOKEN_REVOKED`, `NOT_OWNER`, `APP_ID_RESERVED`, `APP_SUSPENDED`, or `VERDICT_UNFIT` where the
 *   account is suspended
 */
export async function requireStillEntitled(
  tx: Transaction,
  { reservedAppIds, now }: Access,
  { appId, accountId, tokenId }: SigningRequestRow,
): Promise<Standing> {
  const token = tokenId === NO_TOKEN ? null : await lockToken(tx, tokenId);
  if (tokenId !== NO_TOKEN && token?.revokedAt !== null) {
    throw new RequestError(
      'APPLICANT_TOKEN_REVOKED',
      'The token that asked for this certificate has been revoked since. Decline the request; the applicant asks again.',
    );
  }
  if (token !== null && token.accountSuspension !== null) {
    throw new RequestError('VERDICT_UNFIT', `The account "${token.accountName}", which asked for it, is suspended.`);
  }
  const app = await findApp(tx, appId);
  if (app !== null) requireNotSuspended(app);
  const owners = await listOwners(tx, appId);
  if (owners.some(({ id }) => id === accountId)) return 'owner';
  if (owners.length === 0 && !reservedAppIds.has(appId)) return 'claimant';
  // What was asked for on the machine itself is asked for by whoever runs the store.
  if (tokenId === NO_TOKEN) return 'operator';
  const counts = token !== null && (token.expiresAt === null || token.expiresAt > now());
  if (counts && token.appIds === null && token.scopes.includes('operate')) return 'operator';
  if (owners.length > 0) throw new RequestError('NOT_OWNER', `The app "${appId}" is not the applicant's any more.`);
  throw new RequestError('APP_ID_RESERVED', `The app id "${appId}" is reserved by this store.`);
}

/** Whether whoever made a request could still be granted it, see {@link requireStillEntitled}. */
export async function isStillEntitled(tx: Transaction, gate: Access, request: SigningRequestRow): Promise<boolean> {
  try {
    await requireStillEntitled(tx, gate, request);
    return true;
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}

/**
 * A signing request, for whoever made it, the owners of the app and moderators.
 *
 * @throws RequestError `NOT_FOUND`, also where it is none of the caller's business
 */
export async function requireReadableRequest(db: Queryable, caller: Caller, id: string): Promise<SigningRequestRow> {
  const request = await findSigningRequest(db, id);
  if (request !== null && (await mayReadRequest(db, caller, request))) return request;
  throw noSuchRequest();
}

/** Whether a request is the caller's business. */
export async function mayReadRequest(db: Queryable, caller: Caller, request: SigningRequestRow): Promise<boolean> {
  if (isModerator(caller)) return true;
  if (caller.appIds !== null && !caller.appIds.includes(request.appId)) return false;
  if (request.accountId === caller.accountId) return true;
  return (await listOwners(db, request.appId)).some(({ id }) => id === caller.accountId);
}

/**
 * Whether the caller may see what is only the applicant's own and the moderators' to know: with which token it was asked for,
 * and what proves control of a repository, which is worth something until it is published.
 */
export function maySeeConfidences(caller: Caller, request: SigningRequestRow): boolean {
  return isModerator(caller) || request.accountId === caller.accountId;
}

/**
 * Locks a request that is not decided, for its own applicant to act on.
 *
 * @throws RequestError `NOT_FOUND`, `NOT_OWNER` where it is somebody else's, `SCOPE_INSUFFICIENT`, `UNAUTHENTICATED` or
 *   `REQUEST_DECIDED`
 */
export async function lockOwnRequest(
  tx: Transaction,
  gate: Access,
  caller: Caller,
  id: string,
): Promise<SigningRequestRow> {
  const request = await requireReadableRequest(tx, caller, id);
  if (request.accountId !== caller.accountId) {
    throw new RequestError('NOT_OWNER', 'This signing request is somebody else’s to act on.');
  }
  requireApplicantScope(caller);
  requireApp(caller, request.appId);
  return lockOpenRequest(tx, gate, caller, id);
}

/**
 * Locks a request that is not decided, and the caller's token with it. Who may is asked by whoever calls this.
 *
 * @throws RequestError `NOT_FOUND`, `UNAUTHENTICATED` or `REQUEST_DECIDED`
 */
export async function lockOpenRequest(
  tx: Transaction,
  { now }: Pick<Gate, 'now'>,
  caller: Caller,
  id: string,
): Promise<SigningRequestRow> {
  const request = await lockSigningRequest(tx, id);
  if (request === null) throw noSuchRequest();
  await requireLiveToken(tx, caller, now());
  requireOpen(request);
  return request;
}

/** @throws RequestError `REQUEST_DECIDED` */
export function requireOpen({ state }: SigningRequestRow): void {
  if (isOpen(state)) return;
  throw new RequestError('REQUEST_DECIDED', `This signing request is ${state} already.`, { state });
}

/** Whether anything can still become of a request in this state. */
export function isOpen(state: SigningRequestRow['state']): boolean {
  return openStates.some((open) => open === state);
}

/** Whether the caller owns the app and may manage it, by an account of their own and not as an operator. */
export function isManagingOwner(caller: Caller, standing: Standing): boolean {
  return standing === 'owner' && (isOperator(caller) || caller.scopes.includes('manage'));
}

function noSuchRequest(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such signing request.');
}
