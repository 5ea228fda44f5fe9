import { isKeyExposed } from '../database/apps.js';
import { listAuthorityCertificates } from '../database/authority-certificates.js';
import { findCertificatesByKey } from '../database/certificates.js';
import type { Transaction } from '../database/connect.js';
import { findSigners } from '../database/releases.js';
import { isKeyOfAnotherRequest, type SigningRequestRow } from '../database/signing-requests.js';
import { RequestError } from '../request-error.js';

/** What a certificate is asked for: which app and which key, and what is given up for it. */
export type KeyUse = Pick<SigningRequestRow, 'appId' | 'publicKey' | 'replaces' | 'compromisedSince'>;

/**
 * Whether an app may have a certificate over a key, by all that the store knows of that key. The same app may have its own
 * key again. The caller holds the authority's lock, so that nothing of this changes before the transaction ends.
 *
 * @throws RequestError `KEY_REFUSED`; it never names the other app
 */
export async function requireUsableKey(tx: Transaction, use: KeyUse): Promise<void> {
  const { appId, publicKey } = use;
  const authority = await listAuthorityCertificates(tx);
  if (authority.some(({ keyFingerprint }) => keyFingerprint === publicKey)) {
    throw refused("It is the key of this store's own authority.");
  }
  const certificates = await findCertificatesByKey(tx, [publicKey]);
  const isCompromised = certificates.some(
    ({ serial, revocationReason }) =>
      revocationReason === 'keyCompromise' || (use.compromisedSince !== null && use.replaces.includes(serial)),
  );
  if (isCompromised || (await isKeyExposed(tx, publicKey, appId))) throw refused('It is known to be in wrong hands.');
  if (certificates.some((certificate) => certificate.appId !== appId)) throw refusedAsAnothers();
  if (await isKeyOfAnotherRequest(tx, publicKey, appId)) throw refusedAsAnothers();
  // What certificates of outside authorities signed: one whose name is another app's, or core's, is none of this app's.
  const signers = await findSigners(tx, [publicKey]);
  if (signers.some((signer) => signer.appId !== appId || signer.commonName !== appId)) throw refusedAsAnothers();
}

function refusedAsAnothers(): RequestError {
  return refused('It is in use for another app, and every app has a key of its own.');
}

function refused(reason: string): RequestError {
  return new RequestError('KEY_REFUSED', `This key is refused. ${reason} Make a new one.`);
}
