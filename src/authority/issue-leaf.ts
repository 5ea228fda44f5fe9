import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { Certificate } from '../pki/certificate.js';
import { IssueError, issueCertificate } from '../pki/issue.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { writePem } from '../pki/pem.js';
import { leafProfile } from '../pki/profiles.js';
import { AuthorityError, files, readTier } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { appendToLedger } from './ledger.js';
import { withLock } from './lock.js';

const SERIAL_BYTES = 16;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Issues a certificate to the developers of an app. Its serial is in the ledger before the key signs anything, so that
 * whatever happens in between, no certificate exists that could not be revoked.
 *
 * @param input.days how long it is valid; null for as long as the profile allows
 * @throws AuthorityError where the key is not there; IssueError where the certificate does not fit its profile
 */
export async function issueLeaf(
  authority: AuthorityFolder,
  input: { readonly appId: string; readonly publicKey: KeyObject; readonly days: number | null } & IssueContext,
): Promise<Certificate> {
  const { appId, publicKey, days, now, randomBytes } = input;
  const issuer = await readTier(authority, 'developers');
  if (issuer === null) throw new AuthorityError(`The key ${files.key('developers')} is not in ${authority.folder}.`);
  const serialBytes = randomBytes(SERIAL_BYTES);
  const serial = `01${serialBytes.toString('hex')}`.toUpperCase();
  const ledger = join(authority.folder, files.ledger);
  const at = now.toISOString();

  return withLock(join(authority.folder, files.lock), async () => {
    await appendToLedger(ledger, {
      event: 'intended',
      at,
      serial,
      appId,
      publicKeyFingerprint: publicKeyFingerprint(publicKey),
    });
    const certificate = issueWith(issuer, serialBytes);
    if (certificate.serial !== serial) throw new IssueError(['its serial is not the one in the ledger']);
    const { fingerprint, notAfter } = certificate;
    await appendToLedger(ledger, { event: 'issued', at, serial, fingerprint, notAfter: notAfter.toISOString() });
    return certificate;
  });

  function issueWith(signing: Authority, serialOctets: Buffer): Certificate {
    return issueCertificate({
      profile: leafProfile,
      subject: { commonName: appId },
      publicKey,
      authority: signing,
      ...(days !== null && { notAfter: new Date(now.getTime() + days * DAY_MS) }),
      now,
      randomBytes: () => serialOctets,
    });
  }
}

function publicKeyFingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** A certificate and the one that issued it, as PEM: what `sign --cert` takes. */
export function certificateBundle(leaf: Certificate, { certificates }: AuthorityFolder): string {
  return [leaf, certificates.developers].map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
}
