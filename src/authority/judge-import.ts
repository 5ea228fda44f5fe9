import { isSignedBy, type Certificate } from '../pki/certificate.js';
import { findProfileFaults, intermediateProfile } from '../pki/profiles.js';
import { isRevocationListOf, type RevocationList } from '../pki/revocation-list.js';
import { readSigned } from '../pki/signed.js';
import { AuthorityError } from './authority-folder.js';

/** The reasons after which a key, and not only a certificate over it, is never used again. */
const KEY_IS_LOST: ReadonlySet<string | null> = new Set(['keyCompromise', 'cACompromise']);

/**
 * Refuses a certificate that must not issue for the store: one that its root did not issue, that does not fit its profile,
 * does not count now, or contradicts those that the store has.
 *
 * @param others every certificate of the developers' tier that the store has
 * @param list what the root revoked
 * @throws AuthorityError saying why
 */
export function refuseIntermediate(
  certificate: Certificate,
  root: Certificate,
  others: readonly Certificate[],
  list: RevocationList | null,
  at: Date,
): void {
  const what = `The certificate ${certificate.serial} (${certificate.subject})`;
  const refuse = (because: string): never => {
    throw new AuthorityError(`${what} is refused: ${because}.`);
  };
  if (certificate.issuerId !== root.subjectId || !isSignedBy(certificate, root)) {
    refuse(`the root of this store, ${root.subject}, did not issue it`);
  }
  const { algorithm } = readSigned(certificate.der);
  if (!algorithm.strong) refuse(`it is signed with ${algorithm.name}`);
  const faults = findProfileFaults(certificate, intermediateProfile, root);
  if (faults.length > 0) refuse(faults.join('; '));
  if (certificate.notAfter <= at) refuse(`it ended on ${certificate.notAfter.toISOString()}`);
  if (certificate.notBefore > at) refuse(`it does not begin before ${certificate.notBefore.toISOString()}`);
  if (list?.revoked.has(certificate.serial) === true) refuse('the root has revoked it');
  if (others.some(({ serial }) => serial === certificate.serial)) refuse('another one has the same serial');

  const isSameKey = (each: Certificate): boolean => each.publicKeyFingerprint === certificate.publicKeyFingerprint;
  const ofKey = others.filter(isSameKey);
  // Another certificate over the key would undo the revocation.
  const isKeyLost = ofKey.some(({ serial }) => KEY_IS_LOST.has(list?.revoked.get(serial)?.reason ?? null));
  if (isKeyLost) refuse('the root has revoked its key as compromised');
  // Who is below a key finds it by name and key identifier: both must be those that stand in what it issued.
  const differs = ofKey.some(
    ({ subjectId, subjectKeyId }) => subjectId !== certificate.subjectId || subjectKeyId !== certificate.subjectKeyId,
  );
  if (differs) refuse('its key has another name in this store');
  if (others.some((each) => each.subjectId === certificate.subjectId && !isSameKey(each))) {
    refuse('another key has its name in this store');
  }
}

/**
 * Refuses a list that is not the root's, does not count now, or takes back what the list before it says.
 *
 * @param newest the list that the store has
 * @throws AuthorityError saying why
 */
export function refuseRootList(list: RevocationList, root: Certificate, newest: RevocationList | null, at: Date): void {
  const refuse = (because: string): never => {
    throw new AuthorityError(`The revocation list is refused: ${because}.`);
  };
  if (!isRevocationListOf(list, root)) refuse(`the root of this store, ${root.subject}, did not sign it`);
  const { number, nextUpdate, thisUpdate } = list;
  if (number === null || nextUpdate === null) return refuse('it has no number or no end');
  if (nextUpdate <= at) refuse(`it ended on ${nextUpdate.toISOString()}`);
  if (thisUpdate > at) refuse(`it was made in the future, on ${thisUpdate.toISOString()}`);
  if (newest === null) return;
  if (BigInt(number) <= BigInt(newest.number ?? '0')) {
    refuse(`its number, ${number}, is not above ${newest.number ?? '0'}, that of the list which the store has`);
  }
  // Made from an older copy of the root's folder: it would bring back what was revoked.
  const forgotten = [...newest.revoked.keys()].filter((serial) => !list.revoked.has(serial));
  if (forgotten.length > 0) refuse(`it lacks ${forgotten.join(', ')}, which the list before it revokes`);
}
