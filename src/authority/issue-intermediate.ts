import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../pki/certificate.js';
import { IssueError, SERIAL_BYTES, issueCertificate, serialOf } from '../pki/issue.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { keyFingerprint } from '../pki/keys.js';
import { intermediateProfile } from '../pki/profiles.js';
import { appendToLedger } from './ledger.js';

/**
 * Issues a certificate of the developers' tier with the root's key. As with leaves, the serial is in the ledger before
 * the key signs anything. Whoever calls it holds the folder's lock, or is alone with the folder.
 *
 * @param input.ledger the file of the folder's ledger
 * @throws IssueError where the certificate does not fit its profile, RangeError for a name that can't be written
 */
export async function issueIntermediate(
  input: {
    readonly ledger: string;
    readonly root: Authority;
    readonly commonName: string;
    readonly publicKey: KeyObject;
    /** Where the root's revocation list can be fetched; null where it can't. */
    readonly revocationListUrl: string | null;
  } & IssueContext,
): Promise<Certificate> {
  const { ledger, root, commonName, publicKey, revocationListUrl, now, randomBytes } = input;
  const serialBytes = randomBytes(SERIAL_BYTES);
  const serial = serialOf(serialBytes);
  const at = now.toISOString();
  await appendToLedger(ledger, {
    event: 'intermediate-intended',
    at,
    serial,
    commonName,
    publicKeyFingerprint: keyFingerprint(publicKey),
  });
  const certificate = await issueCertificate({
    profile: intermediateProfile,
    subject: { commonName },
    publicKey,
    authority: root,
    ...(revocationListUrl !== null && { revocationListUrl }),
    now,
    randomBytes: () => serialBytes,
  });
  if (certificate.serial !== serial) throw new IssueError(['its serial is not the one in the ledger']);
  const { fingerprint, notAfter } = certificate;
  await appendToLedger(ledger, {
    event: 'intermediate-issued',
    at,
    serial,
    fingerprint,
    notAfter: notAfter.toISOString(),
  });
  return certificate;
}
