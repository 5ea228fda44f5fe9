import { isModerator, type Caller } from '../accounts/caller.js';
import { listLiveCertificates, type CertificateRow, type LeafReason } from '../database/certificates.js';
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
  readonly remaining: readonly CertificateRow[];
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
 * @throws RequestError as {@link previewForCaller}
 */
export async function revokeForCaller(
  parts: AuthorityParts,
  caller: Caller,
  wanted: WantedRevocation & { readonly note: string },
): Promise<CallersRevocation & { readonly list: ListState }> {
  await requireRevoker(parts, caller, wanted);
  const { fingerprint, ...order } = wanted;
  const account = { id: caller.accountId, name: caller.accountName };
  const revoked = await revokeCertificate(parts, { ...order, ...(fingerprint !== null && { fingerprint }), account });
  return { ...(await withRemaining(parts, revoked)), list: revoked.list };
}

async function requireRevoker(
  { database, now }: AuthorityParts,
  caller: Caller,
  { serial, invalidityDate }: WantedRevocation,
): Promise<void> {
  const { appId } = await requireLedgerEntry({ database }, serial);
  if (!isModerator(caller)) await requireOwner(database, caller, appId);
  // A list that names a time to come would tell verifiers that the certificate is good until then.
  if (invalidityDate !== null && invalidityDate > now()) {
    throw new RequestError('INVALID_REQUEST', 'The time since when the key is in wrong hands lies in the future.');
  }
}

async function withRemaining({ database, now }: AuthorityParts, effect: RevocationEffect): Promise<CallersRevocation> {
  const live = await listLiveCertificates(database, effect.certificate.appId, now());
  // One that was only intended signs nothing that would be accepted.
  const remaining = live.filter(({ serial, issuedAt }) => serial !== effect.certificate.serial && issuedAt !== null);
  return { ...effect, remaining };
}
