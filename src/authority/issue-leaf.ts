import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../pki/certificate.js';
import { IssueError, SERIAL_BYTES, issueCertificate, serialOf } from '../pki/issue.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { keyFingerprint } from '../pki/keys.js';
import { writePem } from '../pki/pem.js';
import { leafProfile } from '../pki/profiles.js';
import { AuthorityError, files, readTier, revocationListUrl } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { withFileLedger } from './file-ledger.js';
import type { AuthorityKeys } from './issuing-key.js';
import { appendToLedger } from './ledger.js';
import { readIntermediateRevocations } from './root-folder.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Issues a certificate to the developers of an app. Its serial is in the ledger before the key signs anything, so that
 * whatever happens in between, no certificate exists that could not be revoked.
 *
 * @param input.days how long it is valid; null for as long as the profile allows
 * @throws AuthorityError where the key is not there, the root has revoked its certificate, or the ledger is a store's; IssueError where the certificate does
 *   not fit its profile
 */
export async function issueLeaf(
  authority: AuthorityFolder,
  keys: AuthorityKeys,
  input: { readonly appId: string; readonly publicKey: KeyObject; readonly days: number | null } & IssueContext,
): Promise<Certificate> {
  const { appId, publicKey, days, now, randomBytes } = input;
  const issuer = await readTier(authority, 'developers', keys);
  if (issuer === null)
    throw new AuthorityError(
      `The key of its developers' certificate (${files.key('developers')}) is not in ${authority.folder}.`,
    );
  const serialBytes = randomBytes(SERIAL_BYTES);
  const serial = serialOf(serialBytes);
  const at = now.toISOString();

  return withFileLedger(authority, async (ledger) => {
    await refuseRevoked(issuer.certificate);
    await appendToLedger(ledger, {
      event: 'intended',
      at,
      serial,
      appId,
      publicKeyFingerprint: keyFingerprint(publicKey),
    });
    const certificate = await issueWith(issuer, serialBytes);
    if (certificate.serial !== serial) throw new IssueError(['its serial is not the one in the ledger']);
    const { fingerprint, notAfter } = certificate;
    await appendToLedger(ledger, { event: 'issued', at, serial, fingerprint, notAfter: notAfter.toISOString() });
    return certificate;
  });

  /** What it would issue counts nowhere; and an issuer that goes on makes whoever revoked it believe in nothing. */
  async function refuseRevoked({ serial }: Certificate): Promise<void> {
    const place = { folder: authority.folder, root: authority.certificates.root };
    const revoked = (await readIntermediateRevocations(place)).find((each) => each.serial === serial);
    if (revoked === undefined) return;
    throw new AuthorityError(
      `The root has revoked ${files.certificate('developers')} in ${authority.folder} (${revoked.reason ?? 'unspecified'}); \
nothing can be issued below it. Make another one: portcullis ca renew-intermediate`,
    );
  }

  async function issueWith(signing: Authority, serialOctets: Buffer): Promise<Certificate> {
    return issueCertificate({
      profile: leafProfile,
      subject: { commonName: appId },
      publicKey,
      authority: signing,
      ...(authority.baseUrl !== null && { revocationListUrl: revocationListUrl(authority.baseUrl, 'developers') }),
      ...(days !== null && { notAfter: new Date(now.getTime() + days * DAY_MS) }),
      now,
      randomBytes: () => serialOctets,
    });
  }
}

/** A certificate and the one that issued it, as PEM: what `sign --cert` takes. */
export function certificateBundle(leaf: Certificate, { certificates }: AuthorityFolder): string {
  return [leaf, certificates.developers].map(({ der }) => writePem(der, 'CERTIFICATE')).join('');
}
