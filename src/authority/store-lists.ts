import { beginAuthorityChange, readAuthorityState } from '../database/authority-state.js';
import { lastRevocationChange, listRevoked } from '../database/ledger.js';
import { inTransaction } from '../database/connect.js';
import {
  findNewestRevocationList,
  forgetOldRevocationLists,
  insertRevocationList,
  type RevocationListRow,
} from '../database/revocation-lists.js';
import { wordsOfError } from '../error-words.js';
import type { Certificate } from '../pki/certificate.js';
import { issueRevocationList } from '../pki/issue-revocation-list.js';
import type { AuthorityParts } from './authority-parts.js';
import { LIST_RENEWAL_MS, listValidityMs, nextListNumber } from './list-terms.js';
import { certificateOfKey, openKey, readStoreAuthority } from './store-authority.js';

/** Enough to look back a while; what is revoked stays in the ledger. */
const KEPT_LISTS = 10;

/** How often a list is tried, where others sign and revoke at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Signs the developers' lists anew where they are due: a day after the last, and at once where a revocation is not on it. Any
 * number of replicas may do so at a time. A list that can't be signed leaves every revocation in force: it only tells others.
 *
 * @param always signs them whether they are due or not
 * @returns `pending` where a list that is due could not be signed here, which is logged
 */
export async function renewStoreLists(parts: AuthorityParts, always = false): Promise<'signed' | 'pending'> {
  try {
    const authority = await readStoreAuthority(parts.database);
    if (authority === null) return 'signed';
    const keys = new Set(authority.developers.map(({ certificate }) => certificate.publicKeyFingerprint));
    const states = [];
    for (const key of keys) {
      const certificate = certificateOfKey(authority, key);
      // After its end nobody asks for the list of a key any more.
      if (certificate !== null && certificate.notAfter > parts.now())
        states.push(await renew(parts, certificate, always));
    }
    return states.includes('pending') ? 'pending' : 'signed';
  } catch (error) {
    parts.log.warn({ reason: wordsOfError(error) }, 'the revocation list could not be signed');
    return 'pending';
  }
}

async function renew(parts: AuthorityParts, certificate: Certificate, always: boolean): Promise<'signed' | 'pending'> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const newest = await findNewestRevocationList(parts.database, certificate.publicKeyFingerprint);
    const isWanted = always && attempt === 1;
    if (!isWanted && !(await isDue(parts, certificate, newest))) return 'signed';
    if (!(await signList(parts, certificate, newest))) return 'pending';
  }
  return 'pending';
}

async function isDue(
  { database, now }: AuthorityParts,
  { publicKeyFingerprint }: Certificate,
  newest: RevocationListRow | null,
): Promise<boolean> {
  if (newest === null) return true;
  // Of a list from the future, which a clock set back leaves behind, no verifier would make use.
  const isFresh = Math.abs(now().getTime() - newest.thisUpdate.getTime()) < LIST_RENEWAL_MS;
  return !isFresh || (await lastRevocationChange(database, publicKeyFingerprint)) > newest.ledgerChange;
}

/** Signs a list and keeps it; false where the key is not to be had here. */
async function signList(
  parts: AuthorityParts,
  certificate: Certificate,
  previous: RevocationListRow | null,
): Promise<boolean> {
  const authority = await openKey(parts, certificate);
  if (authority === null) {
    parts.log.warn({ issuer: certificate.subject }, 'a revocation list is due, but the key to sign it is not here');
    return false;
  }
  const { database, now } = parts;
  const issuerKey = certificate.publicKeyFingerprint;
  // Read first: what is revoked in between is on the list perhaps, and then the list is signed once too often.
  const { change: ledgerChange } = await readAuthorityState(database);
  const revoked = await listRevoked(database, issuerKey);
  const at = now();
  const end = Math.min(at.getTime() + listValidityMs.developers, certificate.notAfter.getTime());
  const list = await issueRevocationList({
    authority,
    number: nextListNumber(previous?.number ?? null, at),
    thisUpdate: at,
    nextUpdate: new Date(end),
    revoked: revoked.map(({ revocationReason: reason, ...entry }) => ({ ...entry, reason })),
  });
  await inTransaction(database, async (tx) => {
    await beginAuthorityChange(tx);
    const newest = await findNewestRevocationList(tx, issuerKey);
    // Somebody else signed meanwhile, and knew more: a higher number must not bring back what was known before.
    if (newest !== null && newest.ledgerChange > ledgerChange) return;
    const { der, number, thisUpdate, nextUpdate } = list;
    if (number === null || nextUpdate === null) throw new Error('A list was signed without its number or its end');
    await insertRevocationList(tx, {
      issuerKey,
      tier: 'developers',
      number,
      thisUpdate,
      nextUpdate,
      der,
      ledgerChange,
    });
    await forgetOldRevocationLists(tx, KEPT_LISTS);
  });
  return true;
}
