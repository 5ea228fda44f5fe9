import { createHash } from 'node:crypto';
import { ensureSystemAccount } from '../accounts/system-account.js';
import { ensureApps } from '../database/apps.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { insertAuthorityCertificate, listAuthorityCertificates } from '../database/authority-certificates.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import { leafReasons } from '../database/certificates.js';
import { insertLedgerRecords, type LedgerRecord } from '../database/ledger.js';
import { inTransaction, type Database, type Transaction } from '../database/connect.js';
import { insertRevocationList } from '../database/revocation-lists.js';
import { isSelfSigned, isSignedBy, type Certificate } from '../pki/certificate.js';
import { isRevocationListOf, type RevocationList } from '../pki/revocation-list.js';
import {
  AuthorityError,
  files,
  readRevocationList,
  tiers,
  type AuthorityFolder,
  type Tier,
} from './authority-folder.js';
import type { LedgerEvent } from './ledger.js';
import { isWorse } from './revocation-reasons.js';
import { readIntermediates } from './root-folder.js';

/**
 * Makes an authority that lies in a folder the store's own: its certificates, its lists and everything it ever issued and
 * revoked go into Postgres, which all replicas share and which counts from then on. Doing so again changes nothing.
 *
 * @param events what the folder's own ledger says; empty where it was adopted before
 * @throws AuthorityError where the store has another authority, or something in the folder is not this authority's
 */
export async function adoptAuthority(
  database: Database,
  folder: AuthorityFolder,
  events: readonly LedgerEvent[],
  at: Date,
): Promise<void> {
  refuseForeignCertificates(folder);
  const lists = await Promise.all(tiers.map(async (tier) => ({ tier, list: await readOwnList(folder, tier) })));
  await inTransaction(database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    await refuseAnother(tx, folder);
    const { root, developers } = folder.certificates;
    const isNew = await addAuthorityCertificate(tx, 'root', root, at);
    const isDevelopersNew = await addAuthorityCertificate(tx, 'developers', developers, at);
    const records = await importLedger(tx, change, events, developers);
    for (const { tier, list } of lists) {
      // The list was signed by what the folder's ledger said, all of which is in this change.
      if (list !== null) await addRevocationList(tx, tier, folder.certificates[tier], list, change);
    }
    if (!isNew && !isDevelopersNew && records.length === 0) return;
    await appendAuditEntry(tx, {
      kind: 'authority-adopted',
      accountId: (await ensureSystemAccount(tx)).id,
      appId: null,
      subject: { type: 'store', id: 'authority' },
      reason: '',
      after: {
        root: root.fingerprint,
        developers: developers.fingerprint,
        certificates: records.length,
        revoked: records.filter(({ revoked }) => revoked !== null).length,
        // Which certificates these are: of a ledger with thousands, only its digest.
        ledger: digestOf(records),
      },
    });
  });
}

/** Files of another authority may have got into the folder: what is in the database counts without being asked again. */
function refuseForeignCertificates({ folder, certificates: { root, developers } }: AuthorityFolder): void {
  const [rootFile, developersFile] = [files.certificate('root'), files.certificate('developers')];
  if (!isSelfSigned(root)) throw new AuthorityError(`${rootFile} in ${folder} is no root: another one issued it.`);
  if (developers.issuerId !== root.subjectId || !isSignedBy(developers, root)) {
    throw new AuthorityError(`${developersFile} in ${folder} is not issued by ${rootFile} beside it.`);
  }
}

/** The list of a tier; null where it is not there, or is that of a developers' key which another took the place of. */
async function readOwnList(authority: AuthorityFolder, tier: Tier): Promise<RevocationList | null> {
  const { folder, certificates } = authority;
  const list = await readRevocationList(authority, tier);
  if (list === null || isRevocationListOf(list, certificates[tier])) return list;
  const earlier = tier === 'root' ? [] : await readIntermediates({ folder, root: certificates.root });
  if (earlier.some((certificate) => isRevocationListOf(list, certificate))) return null;
  const [listFile, file] = [files.revocationList(tier), files.certificate(tier)];
  throw new AuthorityError(
    `${listFile} in ${folder} is not a list of ${file} beside it; put the right one there, or remove it.`,
  );
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

/** So many rows go to the database in one statement. */
const CHUNK = 5000;

async function importLedger(
  tx: Transaction,
  change: number,
  events: readonly LedgerEvent[],
  { publicKeyFingerprint: issuerKey }: Certificate,
): Promise<readonly LedgerRecord[]> {
  const { id: accountId } = await ensureSystemAccount(tx);
  const records = collapse(events, issuerKey);
  await ensureApps(
    tx,
    records.map(({ appId }) => appId),
  );
  for (let start = 0; start < records.length; start += CHUNK) {
    await insertLedgerRecords(tx, change, records.slice(start, start + CHUNK), accountId);
  }
  return records;
}

/** SHA-256 over a line for each certificate, `SERIAL` or `SERIAL revoked`, in the order of their serials. */
function digestOf(records: readonly LedgerRecord[]): string {
  const lines = records.map(({ serial, revoked }) => (revoked === null ? serial : `${serial} revoked`)).sort();
  return createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('hex');
}

/** What the lines say of each certificate, the first that says so, but the worst reason. One that was never intended nobody issued. */
function collapse(events: readonly LedgerEvent[], issuerKey: string): readonly LedgerRecord[] {
  const records = new Map<string, LedgerRecord>();
  for (const event of events) {
    const { serial } = event;
    const known = records.get(serial);
    const at = new Date(event.at);
    if (event.event === 'intended' && known === undefined) {
      const { appId, publicKeyFingerprint: publicKey } = event;
      records.set(serial, { serial, issuerKey, appId, publicKey, intendedAt: at, issued: null, revoked: null });
    }
    if (event.event === 'issued' && known?.issued === null) {
      const { fingerprint, notAfter } = event;
      records.set(serial, { ...known, issued: { fingerprint, notAfter: new Date(notAfter), issuedAt: at } });
    }
    if (event.event === 'revoked' && known !== undefined) {
      const reason = leafReasons.find((each) => each === event.reason) ?? 'unspecified';
      const note = 'From the ledger of the folder that the authority was made in.';
      const { revoked } = known;
      if (revoked === null) records.set(serial, { ...known, revoked: { revokedAt: at, reason, note } });
      else if (isWorse(reason, revoked.reason)) records.set(serial, { ...known, revoked: { ...revoked, reason } });
    }
  }
  return [...records.values()];
}
