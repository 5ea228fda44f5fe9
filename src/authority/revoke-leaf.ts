import type { LeafReason } from '../database/certificates.js';
import { AuthorityError } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { withFileLedger } from './file-ledger.js';
import type { AuthorityKeys } from './issuing-key.js';
import { appendToLedger, isOfLeaf, readLedger } from './ledger.js';
import { renewRevocationLists } from './revocation-lists.js';
import type { Renewals } from './revocation-lists.js';

/**
 * Revokes a certificate: into the ledger first, then onto a new revocation list, then into the trust folder.
 *
 * @param serial as in Certificate.serial
 * @returns when it was revoked, which for one that was revoked before is then; and what became of the lists
 * @throws AuthorityError where this authority never issued such a certificate, or the ledger is a store's
 */
export async function revokeLeaf(
  authority: AuthorityFolder,
  keys: AuthorityKeys,
  serial: string,
  reason: LeafReason,
  at: Date,
): Promise<{ readonly revokedAt: Date; readonly renewals: Renewals }> {
  const revokedAt = await withFileLedger(authority, async (ledger) => {
    const known = (await readLedger(ledger)).filter((entry) => isOfLeaf(entry) && entry.serial === serial);
    // An intention counts: the certificate may have got out although nobody wrote down that it was made.
    if (known.length === 0) throw new AuthorityError(`No certificate with the serial ${serial} was issued here.`);
    const before = known.find(({ event }) => event === 'revoked');
    if (before !== undefined) return new Date(before.at);
    await appendToLedger(ledger, { event: 'revoked', at: at.toISOString(), serial, reason });
    return at;
  });
  return { revokedAt, renewals: await renewRevocationLists(authority, keys, at) };
}
