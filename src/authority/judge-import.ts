import { isSignedBy, type Certificate } from '../pki/certificate.js';
import { findProfileFaults, intermediateProfile } from '../pki/profiles.js';
import { isRevocationListOf, type RevocationList } from '../pki/revocation-list.js';
import { readSigned } from '../pki/signed.js';
import { AuthorityError } from './authority-folder.js';
import { isCompromise, isWorse, leavesKeyUsable } from './revocation-reasons.js';

/** What the root revoked: a list, or what is known beside it. */
export type Revoked = Pick<RevocationList, 'revoked'>;

/** What the authority's folder says was revoked. */
export interface RevokedInFolder extends Revoked {
  /** The fingerprints of the keys that get no certificate any more, also where the store has none over them. */
  readonly lostKeys: ReadonlySet<string>;
}

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
  list: Revoked | RevokedInFolder | null,
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
  const reasons = ofKey.flatMap(({ serial }) => list?.revoked.get(serial) ?? []).map(({ reason }) => reason);
  if (reasons.some(isCompromise)) refuse('the root has revoked its key as compromised');
  const isLostInFolder = list !== null && 'lostKeys' in list && list.lostKeys.has(certificate.publicKeyFingerprint);
  if (isLostInFolder || !reasons.every(leavesKeyUsable))
    refuse('the root has revoked its key without saying that the key is safe');
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
 * Refuses a list that is not the root's, does not count now, takes back what is known to be revoked, or leaves a certificate
 * over a compromised key in force.
 *
 * @param known.newest the list that the store has
 * @param known.folder what the authority's folder says was revoked, which the store may not have heard of yet
 * @param known.developers every certificate of the developers' tier that the store has, or is to have
 * @throws AuthorityError saying why
 */
export function refuseRootList(
  list: RevocationList,
  root: Certificate,
  known: {
    readonly newest: RevocationList | null;
    readonly folder: Revoked;
    readonly developers: readonly Certificate[];
  },
  at: Date,
): void {
  const refuse = (because: string): never => {
    throw new AuthorityError(`The revocation list is refused: ${because}.`);
  };
  if (!isRevocationListOf(list, root)) refuse(`the root of this store, ${root.subject}, did not sign it`);
  const { number, nextUpdate, thisUpdate } = list;
  const { newest, folder, developers } = known;
  if (number === null || nextUpdate === null) return refuse('it has no number or no end');
  if (nextUpdate <= at) refuse(`it ended on ${nextUpdate.toISOString()}`);
  if (thisUpdate > at) refuse(`it was made in the future, on ${thisUpdate.toISOString()}`);
  if (newest !== null && BigInt(number) <= BigInt(newest.number ?? '0')) {
    refuse(`its number, ${number}, is not above ${newest.number ?? '0'}, that of the list which the store has`);
  }
  // Made from an older copy of the root's folder: it would bring back what was revoked.
  for (const [before, whose] of [
    [newest, 'the list before it'],
    [folder, "the authority's folder here"],
  ] as const) {
    const revoked = [...(before?.revoked ?? [])];
    const forgotten = revoked.filter(([serial]) => !list.revoked.has(serial)).map(([serial]) => serial);
    if (forgotten.length > 0) refuse(`it lacks ${forgotten.join(', ')}, which ${whose} revokes`);
    // A reason that is taken back would let the key have another certificate.
    const softened = revoked.filter(([serial, { reason }]) =>
      isWorse(reason, list.revoked.get(serial)?.reason ?? null),
    );
    if (softened.length > 0) {
      refuse(`it says nothing of a compromise of ${softened.map(([serial]) => serial).join(', ')}, as ${whose} does`);
    }
  }
  refuseHalfRevokedKeys(list, developers, refuse);
}

/** Whoever has a compromised key issues under every certificate over it that counts: one left in force undoes the others. */
function refuseHalfRevokedKeys(
  list: RevocationList,
  developers: readonly Certificate[],
  refuse: (because: string) => never,
): void {
  const isLost = ({ serial }: Certificate): boolean => isCompromise(list.revoked.get(serial)?.reason ?? null);
  const lostKeys = new Set(developers.filter(isLost).map(({ publicKeyFingerprint }) => publicKeyFingerprint));
  const left = developers.filter(
    ({ serial, publicKeyFingerprint }) => lostKeys.has(publicKeyFingerprint) && !list.revoked.has(serial),
  );
  if (left.length === 0) return;
  const serials = left.map(({ serial }) => serial).join(', ');
  refuse(
    `it revokes a key as compromised, but not ${serials} over the same key; revoke that too (portcullis ca root-crl)`,
  );
}
