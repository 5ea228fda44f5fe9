import { isModerator, type Caller } from '../accounts/caller.js';
import { requireLiveToken } from '../accounts/tokens.js';
import { lockApp } from '../database/apps.js';
import { listLiveCertificates, type CertificateSummary, type LeafReason } from '../database/certificates.js';
import type { Transaction } from '../database/connect.js';
import { requireOwner } from '../releases/ownership.js';
import { RequestError } from '../request-error.js';
import type { AuthorityParts } from './authority-parts.js';
import { requireLedgerEntry } from './read-ledger.js';
import type { RevocationEffect } from './plan-revocation.js';
import { previewRevocation, revokeCertificate, type ListState } from './revoke-certificate.js';

/** A revocation that somebody with an account wants. */
export interface WantedRevocation {
  readonly serial: string;
  /** Of the certificate that is meant, where it is said. */
  readonly fingerprint: string | null;
  readonly reason: LeafReason;
  readonly invalidityDate: Date | null;
}

/** What a revocation does, and what the app has left. */
export type CallersRevocation = RevocationEffect & {
  /** The other certificates of the app that count. */
  readonly remaining: readonly CertificateSummary[];
};

/**
 * What a revocation would do, for whoever may order it: moderators, and the owners of the certificate's app.
 *
 * @throws RequestError `NOT_FOUND` where the ledger has no such certificate, `NOT_OWNER` or `SCOPE_INSUFFICIENT`,
 *   `INVALID_REQUEST` for a time that is not there yet
 */
export async function previewForCaller(
  parts: AuthorityParts,
  caller: Caller,
  wanted: WantedRevocation,
): Promise<CallersRevocation> {
  await requireRevoker(parts, caller, wanted);
  const { fingerprint, ...order } = wanted;
  return withRemaining(
    parts,
    await previewRevocation(parts, { ...order, ...(fingerprint !== null && { fingerprint }) }),
  );
}

/**
 * Revokes a certificate for a moderator, or for an owner of its app. Revoking again is no fault, and tells how it
 * stands.
 *
 * @throws RequestError as {@link previewForCaller}; `UNAUTHENTICATED` where the token was taken back meanwhile
 */
export async function revokeForCaller(
  parts: AuthorityParts,
  caller: Caller,
  wanted: WantedRevocation & { readonly note: string },
): Promise<CallersRevocation & { readonly list: ListState }> {
  const appId = await requireRevoker(parts, caller, wanted);
  const { fingerprint, ...order } = wanted;
  const account = { id: caller.accountId, name: caller.accountName };
  const revoked = await revokeCertificate(
    parts,
    { ...order, ...(fingerprint !== null && { fingerprint }), account },
    (tx) => requireRevokerStill(tx, parts, caller, appId),
  );
  return { ...(await withRemaining(parts, revoked)), list: revoked.list };
}

/** Asked before anything waits; returns the certificate's app. */
async function requireRevoker(
  { database, now }: AuthorityParts,
  caller: Caller,
  { serial, invalidityDate }: WantedRevocation,
): Promise<string> {
  const { appId } = await requireLedgerEntry({ database }, serial);
  if (!isModerator(caller)) await requireOwner(database, caller, appId);
  // A list that names a time to come would tell verifiers that the certificate is good until then.
  if (invalidityDate !== null && invalidityDate > now()) {
    throw new RequestError('INVALID_REQUEST', 'The time since when the key is in wrong hands lies in the future.');
  }
  return appId;
}

/**
 * Asked again in the transaction that revokes: whoever waited for the authority's lock may have lost their token or their
 * app since. The app is locked, which nobody who has the authority's lock waits for in another order.
 */
async function requireRevokerStill(
  tx: Transaction,
  { now }: Pick<AuthorityParts, 'now'>,
  caller: Caller,
  appId: string,
): Promise<void> {
  if (!isModerator(caller)) {
    await lockApp(tx, appId);
    await requireOwner(tx, caller, appId);
  }
  await requireLiveToken(tx, caller, now());
}

async function withRemaining({ database, now }: AuthorityParts, effect: RevocationEffect): Promise<CallersRevocation> {
  const live = await listLiveCertificates(database, effect.certificate.appId, now());
  // One that was only intended signs nothing that would be accepted.
  const gone = new Set([effect.certificate, ...effect.alsoRevoked].map(({ serial }) => serial));
  const remaining = live.filter(({ serial, issuedAt }) => !gone.has(serial) && issuedAt !== null);
  return { ...effect, remaining };
}
