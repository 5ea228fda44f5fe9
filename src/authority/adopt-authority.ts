import { ensureSystemAccount } from '../accounts/system-account.js';
import { ensureApp } from '../database/apps.js';
import { insertAuthorityCertificate, listAuthorityCertificates } from '../database/authority-certificates.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import {
  findCertificate,
  insertIntendedCertificate,
  leafReasons,
  setCertificateIssued,
  setCertificateRevoked,
} from '../database/certificates.js';
import { inTransaction, type Database, type Transaction } from '../database/connect.js';
import { insertRevocationList } from '../database/revocation-lists.js';
import type { Certificate } from '../pki/certificate.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { AuthorityError, readRevocationList, tiers, type AuthorityFolder, type Tier } from './authority-folder.js';
import type { LedgerEvent } from './ledger.js';

/**
 * Makes an authority that lies in a folder the store's own: its certificates, its lists and everything it ever issued and
 * revoked go into Postgres, which all replicas share and which counts from then on. Doing so again changes nothing.
 *
 * @param events what the folder's own ledger says; empty where it was adopted before
 * @throws AuthorityError where the store has another authority
 */
export async function adoptAuthority(
  database: Database,
  folder: AuthorityFolder,
  events: readonly LedgerEvent[],
  at: Date,
): Promise<void> {
  const lists = await Promise.all(tiers.map(async (tier) => ({ tier, list: await readRevocationList(folder, tier) })));
  await inTransaction(database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    await refuseAnother(tx, folder);
    const { root, developers } = folder.certificates;
    await addAuthorityCertificate(tx, 'root', root, at);
    await addAuthorityCertificate(tx, 'developers', developers, at);
    const { id: accountId } = await ensureSystemAccount(tx);
    for (const event of events) await importEvent(tx, change, event, developers, accountId);
    for (const { tier, list } of lists) {
      // The list was signed by what the folder's ledger said, all of which is in this change.
      if (list !== null) await addRevocationList(tx, tier, folder.certificates[tier], list, change);
    }
  });
}

async function refuseAnother(tx: Transaction, { folder, certificates }: AuthorityFolder): Promise<void> {
  const root = (await listAuthorityCertificates(tx)).find(({ tier }) => tier === 'root');
  if (root === undefined || root.fingerprint === certificates.root.fingerprint) return;
  throw new AuthorityError(`The store has another authority than the one in ${folder}.`);
}

/**
 * Adds a certificate of the authority to the store: the first over its key begins a new generation. The caller has begun an
 * authority change, and has made sure that the root issued it.
 *
 * @returns false where it was there already
 */
export async function addAuthorityCertificate(
  tx: Transaction,
  tier: Tier,
  certificate: Certificate,
  at: Date,
): Promise<boolean> {
  const known = (await listAuthorityCertificates(tx)).filter((each) => each.tier === tier);
  if (known.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) return false;
  const sameKey = known.find(({ keyFingerprint }) => keyFingerprint === certificate.publicKeyFingerprint);
  const generation = sameKey?.generation ?? Math.max(0, ...known.map((each) => each.generation)) + 1;
  const { fingerprint, publicKeyFingerprint: keyFingerprint, der, notBefore, notAfter } = certificate;
  await insertAuthorityCertificate(tx, {
    fingerprint,
    tier,
    keyFingerprint,
    generation,
    der,
    notBefore,
    notAfter,
    addedAt: at,
  });
  return true;
}

/** Adds a list that was signed elsewhere. @returns false where it was there already */
export async function addRevocationList(
  tx: Transaction,
  tier: Tier,
  { publicKeyFingerprint: issuerKey }: Certificate,
  { number, thisUpdate, nextUpdate, der }: RevocationList,
  ledgerChange: number,
): Promise<boolean> {
  if (number === null || nextUpdate === null) {
    throw new AuthorityError('A list of the authority has no number or no end: it was not made by portcullis.');
  }
  return insertRevocationList(tx, { issuerKey, tier, number, thisUpdate, nextUpdate, der, ledgerChange });
}

async function importEvent(
  tx: Transaction,
  change: number,
  event: LedgerEvent,
  issuer: Certificate,
  accountId: number,
): Promise<void> {
  const { serial } = event;
  const known = await findCertificate(tx, serial);
  const at = new Date(event.at);
  if (event.event === 'intended' && known === null) {
    const { appId, publicKeyFingerprint: publicKey } = event;
    await ensureApp(tx, appId);
    const issuerKey = issuer.publicKeyFingerprint;
    const contact = { requestId: null, contact: null };
    await insertIntendedCertificate(tx, change, {
      serial,
      issuerKey,
      appId,
      publicKey,
      ...contact,
      intendedAt: at,
      accountId,
    });
  }
  if (event.event === 'issued' && known?.issuedAt === null) {
    const { fingerprint, notAfter } = event;
    const issued = { serial, fingerprint, der: null, notBefore: null, notAfter: new Date(notAfter), issuedAt: at };
    await setCertificateIssued(tx, change, issued);
  }
  if (event.event === 'revoked' && known?.revokedAt === null) {
    const reason = leafReasons.find((each) => each === event.reason) ?? 'unspecified';
    const note = 'From the ledger of the folder that the authority was made in.';
    await setCertificateRevoked(tx, change, { serial, revokedAt: at, reason, invalidityDate: null, accountId, note });
  }
}
