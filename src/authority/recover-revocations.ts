import { ensureSystemAccount } from '../accounts/system-account.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import { leafReasons } from '../database/certificates.js';
import { findUnrevoked } from '../database/ledger.js';
import { inTransaction } from '../database/connect.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import type { Certificate } from '../pki/certificate.js';
import { isRevocationListOf, parseRevocationList } from '../pki/revocation-list.js';
import type { Revocation, RevocationList } from '../pki/revocation-list.js';
import type { AuthorityParts } from './authority-parts.js';
import { importFromRoot } from './import-from-root.js';
import type { OwnAuthoritySettings } from './own-authority.js';
import { revokeInTransaction } from './revoke-certificate.js';
import { newestRootList, type StoreAuthority } from './store-authority.js';
import { readPublishedLists } from './trust-folder.js';

/**
 * A database that was set back to a backup has forgotten what was revoked since. The lists in the trust folder, which this
 * authority has signed, have not: what they revoke is revoked again, before they are overwritten.
 *
 * @throws RevocationListError where one can't be read; AuthorityError where one of the root contradicts the store's
 */
export async function recoverRevocations(
  parts: AuthorityParts,
  authority: StoreAuthority,
  { trustDir, authorityDir }: Pick<OwnAuthoritySettings, 'trustDir' | 'authorityDir'>,
): Promise<void> {
  const { root, developers } = authority;
  const known = (await listNewestRevocationLists(parts.database)).map(({ der }) => der);
  const lists = (await readPublishedLists(trustDir)).map((bytes) => parseRevocationList(bytes));
  for (const list of lists.filter(({ der }) => !known.some((each) => each.equals(der)))) {
    if (isRevocationListOf(list, root)) await recoverFromRoot(parts, authority, list, authorityDir);
    const issuers = developers.map(({ certificate }) => certificate);
    if (issuers.some((issuer) => isRevocationListOf(list, issuer))) await recoverFromDevelopers(parts, list, issuers);
  }
}

async function recoverFromRoot(
  parts: AuthorityParts,
  authority: StoreAuthority,
  list: RevocationList,
  authorityDir: string,
): Promise<void> {
  const newest = await newestRootList(parts.database, authority);
  if (BigInt(list.number ?? '0') <= BigInt(newest?.number ?? '0')) return;
  await importFromRoot(parts, authorityDir, { certificates: [], list });
  parts.log.warn(
    { number: list.number },
    'the trust folder had a newer list of the root than the database; it has it now',
  );
}

async function recoverFromDevelopers(
  parts: AuthorityParts,
  list: RevocationList,
  issuers: readonly Certificate[],
): Promise<void> {
  const keys = issuers
    .filter((issuer) => isRevocationListOf(list, issuer))
    .map((issuer) => issuer.publicKeyFingerprint);
  const forgotten = (await findUnrevoked(parts.database, [...list.revoked.keys()])).filter(({ issuerKey }) =>
    keys.includes(issuerKey),
  );
  for (const { serial } of forgotten) {
    const revocation = list.revoked.get(serial);
    if (revocation !== undefined) await revokeAgain(parts, serial, revocation);
  }
}

async function revokeAgain(parts: AuthorityParts, serial: string, revocation: Revocation): Promise<void> {
  const reason = leafReasons.find((each) => each === revocation.reason) ?? 'unspecified';
  await inTransaction(parts.database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    await revokeInTransaction(tx, change, parts, {
      serial,
      reason,
      // Since then at the latest, and not only since the database came back.
      invalidityDate: revocation.invalidityDate ?? (reason === 'keyCompromise' ? revocation.revokedAt : null),
      note: `A list of this authority says that it was revoked on ${revocation.revokedAt.toISOString()}.`,
      account: await ensureSystemAccount(tx),
    });
  });
  parts.log.warn({ serial, reason }, 'the database had forgotten a revocation: was it set back?');
}
