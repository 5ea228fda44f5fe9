import type { Caller } from '../accounts/caller.js';
import { listOwnedApps } from '../database/apps.js';
import { listCertificatesOfOwner, type CertificateSummary } from '../database/certificates.js';
import { listSigningRequestsOfAccount, type SigningRequestRow } from '../database/signing-requests.js';
import type { Gate } from '../gate.js';
import { requireReader } from '../releases/ownership.js';
import { readCertificateChain, type CertificateChain } from './issue-certificate.js';
import { requireLedgerEntry } from './read-ledger.js';
import { readStoreAuthority } from './store-authority.js';

/** What somebody's apps have of certificates, and what is asked for. */
export interface OwnCertificates {
  /** False where the store issues none. */
  readonly isIssuer: boolean;
  /** The apps that the caller owns, by id. */
  readonly appIds: readonly string[];
  /** The newest first. */
  readonly certificates: readonly CertificateSummary[];
  /** By the caller, or for an app of theirs; the newest first. */
  readonly requests: readonly SigningRequestRow[];
}

const SHOWN = { certificates: 200, requests: 100 };

/** The certificates of the caller's apps, and the requests for them. */
export async function readOwnCertificates(
  { database }: Pick<Gate, 'database'>,
  { accountId, appIds: reach }: Caller,
): Promise<OwnCertificates> {
  const isWithin = (appId: string): boolean => reach === null || reach.includes(appId);
  const certificates = await listCertificatesOfOwner(database, accountId, SHOWN.certificates);
  const requests = await listSigningRequestsOfAccount(database, accountId, SHOWN.requests);
  return {
    isIssuer: (await readStoreAuthority(database)) !== null,
    appIds: (await listOwnedApps(database, accountId)).filter(isWithin),
    certificates: certificates.filter(({ appId }) => isWithin(appId)),
    requests: requests.filter(({ appId }) => isWithin(appId)),
  };
}

/** A certificate of the ledger, and its bytes with the chain where they are kept. */
export interface OwnCertificate {
  readonly certificate: CertificateSummary;
  readonly issued: CertificateChain | null;
}

/**
 * A certificate of an app of the caller's, for its owners and moderators.
 *
 * @throws RequestError `NOT_FOUND`, `NOT_OWNER`, `SCOPE_INSUFFICIENT`
 */
export async function readOwnCertificate(gate: Gate, caller: Caller, serial: string): Promise<OwnCertificate> {
  const certificate = await requireLedgerEntry(gate, serial);
  await requireReader(gate.database, caller, certificate.appId);
  const issued = certificate.der === null ? null : await readCertificateChain(gate, certificate);
  return { certificate, issued };
}
