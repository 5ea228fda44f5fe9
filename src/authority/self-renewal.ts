import type { Caller } from '../accounts/caller.js';
import { ensureSystemAccount } from '../accounts/system-account.js';
import { listOwners } from '../database/apps.js';
import { listLiveCertificates } from '../database/certificates.js';
import type { Queryable } from '../database/connect.js';
import { findSigningRequest, isRefusedSinceGranted, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';
import { grantCertificate } from './grant-certificate.js';
import { isManagingOwner } from './signing-request-access.js';

/** With this many certificates that count an app needs no further one without somebody looking at it. */
const MAX_LIVE_CERTIFICATES = 10;

/**
 * Grants a renewal to an owner of an app that has a certificate of this store, without a moderator, where the store allows
 * it. The owner's token must be one that manages the app: what may only upload, a build machine's say, may be stolen and
 * must not yield a certificate. Nor must anything that moderators refused or asked about in vain by being asked for again:
 * after that a moderator decides once more. What is not to be granted so waits for a moderator, as does what fails.
 *
 * @returns the request as it is then; null where it is left as it was
 */
export async function renewByOwner(
  gate: Gate,
  caller: Caller,
  request: SigningRequestRow,
): Promise<SigningRequestRow | null> {
  if (!gate.selfRenewal || !(await mayRenew(gate.database, gate, caller, request))) return null;
  const account = await ensureSystemAccount(gate.database);
  try {
    await grantCertificate(gate, request, {
      requestId: request.id,
      caller,
      account,
      reason: `Renewed by its owner ${caller.accountName}: this store lets owners do so.`,
      require: async (tx, current) => {
        if (await mayRenew(tx, gate, caller, current)) return;
        throw new RequestError('NOT_OWNER', 'The applicant may not renew this by themselves any more.');
      },
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    gate.log.warn(
      { request: request.id, reason: error.code },
      'a renewal by an owner failed; it waits for a moderator',
    );
  }
  return findSigningRequest(gate.database, request.id);
}

async function mayRenew(
  db: Queryable,
  { now }: Gate,
  caller: Caller,
  { id: requestId, appId, purpose, state, accountId }: SigningRequestRow,
): Promise<boolean> {
  // One that a moderator asked about is the moderators'.
  if (purpose !== 'renewal' || state !== 'pending' || accountId !== caller.accountId) return false;
  const owners = await listOwners(db, appId);
  const standing = owners.some(({ id }) => id === accountId) ? 'owner' : 'claimant';
  if (!isManagingOwner(caller, standing) || (await isRefusedSinceGranted(db, appId))) return false;
  const all = await listLiveCertificates(db, appId, now());
  // While it is being issued its own certificate is among them, and must not speak for itself.
  const live = all.filter((certificate) => certificate.requestId !== requestId);
  return live.length < MAX_LIVE_CERTIFICATES && live.some(({ issuedAt }) => issuedAt !== null);
}
