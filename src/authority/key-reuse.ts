import { isKeyExposed } from '../database/apps.js';
import { listAuthorityCertificates } from '../database/authority-certificates.js';
import { findCertificatesByKey } from '../database/certificates.js';
import type { Transaction } from '../database/connect.js';
import { findSigners } from '../database/releases.js';
import { isKeyOfAnotherRequest, type SigningRequestRow } from '../database/signing-requests.js';
import { RequestError } from '../request-error.js';

/** What a certificate is asked for: which app and which key, and what is given up for it. */
export interface KeyUse extends Pick<SigningRequestRow, 'appId' | 'replaces' | 'compromisedSince'> {
  /** The key, and those that whoever has it has as well: see interchangeableKeys. */
  readonly publicKeys: readonly string[];
}

/**
 * Whether an app may have a certificate over a key, by all that the store knows of that key. The same app may have its own
 * key again. The caller holds the authority's lock, so that nothing of this changes before the transaction ends.
 *
 * @throws RequestError `KEY_REFUSED`; it never names the other app
 */
export async function requireUsableKey(tx: Transaction, use: KeyUse): Promise<void> {
  await requireSafeKey(tx, use);
  if (await isKeyOfAnother(tx, use)) throw refused('It is in use for another app, and every app has a key of its own.');
}

/**
 * The least that is asked of a key, also where an operator vouches for it: that it is not known to be in wrong hands, and
 * none of the authority's own.
 *
 * @throws RequestError `KEY_REFUSED`
 */
export async function requireSafeKey(tx: Transaction, use: KeyUse): Promise<void> {
  const { appId, publicKeys } = use;
  const authority = await listAuthorityCertificates(tx);
  if (authority.some(({ keyFingerprint }) => publicKeys.includes(keyFingerprint))) {
    throw refused("It is the key of this store's own authority.");
  }
  const certificates = await findCertificatesByKey(tx, publicKeys);
  const isCompromised = certificates.some(
    ({ serial, revocationReason }) =>
      revocationReason === 'keyCompromise' || (use.compromisedSince !== null && use.replaces.includes(serial)),
  );
  if (isCompromised || (await isAnyExposed(tx, publicKeys, appId))) throw refused('It is known to be in wrong hands.');
  // A revocation for compromise takes all certificates of a key: there must be none of it under another name.
  if (certificates.some(({ publicKey }) => publicKey !== publicKeys[0])) {
    throw refused('It is another one in disguise: the same curve point, negated.');
  }
}

async function isAnyExposed(tx: Transaction, publicKeys: readonly string[], appId: string): Promise<boolean> {
  for (const publicKey of publicKeys) if (await isKeyExposed(tx, publicKey, appId)) return true;
  return false;
}

/** Whether another app has, had or wants a certificate over a key, or is signed with it. */
export async function isKeyOfAnother(
  tx: Transaction,
  { appId, publicKeys }: Pick<KeyUse, 'appId' | 'publicKeys'>,
): Promise<boolean> {
  const certificates = await findCertificatesByKey(tx, publicKeys);
  if (certificates.some((certificate) => certificate.appId !== appId)) return true;
  if (await isKeyOfAnotherRequest(tx, publicKeys, appId)) return true;
  // What certificates of outside authorities signed: one whose name is another app's, or core's, is none of this app's.
  const signers = await findSigners(tx, publicKeys);
  return signers.some((signer) => signer.appId !== appId || signer.commonName !== appId);
}

function refused(reason: string): RequestError {
  return new RequestError('KEY_REFUSED', `This key is refused. ${reason} Make a new one.`);
}
