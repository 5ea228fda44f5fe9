import { join } from 'node:path';
import { files } from './authority-folder.js';
import { readLedger } from './ledger.js';

/** A certificate that an authority issued, or was about to. */
export interface IssuedCertificate {
  readonly serial: string;
  readonly appId: string;
  readonly publicKeyFingerprint: string;
  readonly isRevoked: boolean;
}

/**
 * The certificates over one of these public keys that the authority in a folder ever issued; none where there is no
 * authority. An intention counts: the certificate may have got out although nobody wrote down that it was made.
 *
 * @throws where the ledger can't be read
 */
export async function findIssuedCertificates(
  folder: string,
  publicKeyFingerprints: readonly string[],
): Promise<readonly IssuedCertificate[]> {
  const events = await readLedger(join(folder, files.ledger));
  const revoked = new Set(events.flatMap((entry) => (entry.event === 'revoked' ? [entry.serial] : [])));
  return events.flatMap((entry) => {
    if (entry.event !== 'intended' || !publicKeyFingerprints.includes(entry.publicKeyFingerprint)) return [];
    const { serial, appId, publicKeyFingerprint } = entry;
    return [{ serial, appId, publicKeyFingerprint, isRevoked: revoked.has(serial) }];
  });
}
