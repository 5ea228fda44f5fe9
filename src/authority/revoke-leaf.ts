import type { LeafReason } from '../database/certificates.js';
import { AuthorityError } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { withFileLedger } from './file-ledger.js';
import type { AuthorityKeys } from './issuing-key.js';
import { appendToLedger, isOfLeaf, readLedger } from './ledger.js';
import { renewRevocationLists } from './revocation-lists.js';
import type { Renewals } from './revocation-lists.js';
import { isWorse, mergeRevocations } from './revocation-reasons.js';

/** The authority never issued a certificate with that serial. */
export class UnknownSerialError extends AuthorityError {}

/** A revocation, and what became of the lists. */
export interface LeafRevocation {
  /** For one that was revoked before it is then. */
  readonly revokedAt: Date;
  /** The reason in force: the worst that was given. */
  readonly reason: string | null;
  readonly renewals: Renewals;
}

/**
 * Revokes a certificate: into the ledger first, then onto a new revocation list, then into the trust folder.
 *
 * @param serial as in Certificate.serial
 * @throws UnknownSerialError where this authority never issued such a certificate; AuthorityError where the ledger is a
 *   store's, or a list could not be signed, after everything else was done
 */
export async function revokeLeaf(
  authority: AuthorityFolder,
  keys: AuthorityKeys,
  serial: string,
  reason: LeafReason,
  at: Date,
): Promise<LeafRevocation> {
  const revocation = await withFileLedger(authority, async (ledger) => {
    const known = (await readLedger(ledger)).filter((entry) => isOfLeaf(entry) && entry.serial === serial);
    // An intention counts: the certificate may have got out although nobody wrote down that it was made.
    if (known.length === 0) throw new UnknownSerialError(`No certificate with the serial ${serial} was issued here.`);
    const [before] = mergeRevocations(
      [],
      known.filter((entry) => entry.event === 'revoked'),
    );
    // A key that turns out to be in wrong hands is so whatever its certificate was revoked for.
    const isNews = before === undefined || isWorse(reason, before.reason);
    if (isNews) await appendToLedger(ledger, { event: 'revoked', at: at.toISOString(), serial, reason });
    return { revokedAt: before?.revokedAt ?? at, reason: isNews ? reason : before.reason };
  });
  try {
    return { ...revocation, renewals: await renewRevocationLists(authority, keys, at) };
  } catch (error) {
    if (!(error instanceof AuthorityError)) throw error;
    throw new AuthorityError(`${serial} is revoked in the ledger. ${error.message}`);
  }
}
