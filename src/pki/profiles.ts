import type { Certificate } from './certificate.js';
import { CODE_SIGNING } from './extensions.js';
import type { BasicConstraints, KeyUsage } from './extensions.js';
import { findKeyWeakness } from './key-weaknesses.js';

/** What a kind of certificate looks like. Data: issueCertificate writes by it, and checks by it what it wrote. */
export interface CertificateProfile {
  readonly name: 'root' | 'intermediate' | 'leaf';
  readonly basicConstraints: BasicConstraints;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly string[] | null;
  /** How long it is valid at most; never longer than its issuer. */
  readonly years: number;
}

export const rootProfile: CertificateProfile = {
  name: 'root',
  basicConstraints: { ca: true, pathLength: 1 },
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: null,
  years: 25,
};

export const intermediateProfile: CertificateProfile = {
  name: 'intermediate',
  basicConstraints: { ca: true, pathLength: 0 },
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: [CODE_SIGNING],
  years: 10,
};

export const leafProfile: CertificateProfile = {
  name: 'leaf',
  basicConstraints: { ca: false, pathLength: null },
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [CODE_SIGNING],
  years: 2,
};

/** How far a certificate's start lies before its issue, for servers whose clocks run behind. */
export const backdateMs = 5 * 60 * 1000;

/**
 * Says in sentences what keeps a certificate from being one of this profile, issued by this authority (or by itself, for
 * a root). Looks at the certificate as others will read it, not at the wish it was made from.
 */
export function findProfileFaults(
  certificate: Certificate,
  profile: CertificateProfile,
  issuer: Certificate | null,
): readonly string[] {
  const checks: readonly (readonly [boolean, string])[] = [
    [certificate.version === 3, 'its version is not 3'],
    // RFC 5280 §4.1.2.2 for the upper bound; below 64 bits of serial a collision of certificates could be prepared.
    [/^[0-9A-F]{16,40}$/.test(certificate.serial), 'its serial does not have 8 to 20 octets'],
    [certificate.commonNames.length === 1, 'its subject does not have exactly one CN'],
    [
      isSame(certificate.basicConstraints, profile.basicConstraints),
      'its basic constraints are not those of its profile',
    ],
    [isSameSet(certificate.keyUsage, profile.keyUsage), 'its key usage is not that of its profile'],
    [isSameSet(certificate.extendedKeyUsage, profile.extendedKeyUsage), 'its purposes are not those of its profile'],
    [certificate.unknownCriticalExtensions.length === 0, 'it has critical extensions that are not known'],
    [certificate.subjectKeyId !== null, 'it does not identify its key'],
    [certificate.notAfter.getTime() <= latestEnd(certificate.notBefore, profile), 'it is valid for too long'],
    [certificate.notBefore.getTime() < certificate.notAfter.getTime(), 'it ends before it begins'],
    ...(issuer === null ? rootChecks(certificate, profile) : issuerChecks(certificate, profile, issuer)),
  ];
  const weakness = findKeyWeakness(certificate.publicKey);
  return [...checks.filter(([holds]) => !holds).map(([, fault]) => fault), ...(weakness === null ? [] : [weakness])];
}

/** The end of a validity that starts here, in milliseconds, when nothing but the profile bounds it. */
export function latestEnd(notBefore: Date, { years }: CertificateProfile): number {
  const end = new Date(notBefore);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end.getTime();
}

function rootChecks(root: Certificate, profile: CertificateProfile): readonly (readonly [boolean, string])[] {
  return [
    [profile.name === 'root', 'only a root is issued by itself'],
    [root.subjectId === root.issuerId, 'a root names another as its issuer'],
  ];
}

function issuerChecks(
  certificate: Certificate,
  profile: CertificateProfile,
  issuer: Certificate,
): readonly (readonly [boolean, string])[] {
  const room = issuer.basicConstraints?.pathLength ?? Infinity;
  return [
    [profile.name !== 'root', 'a root is issued by nobody else'],
    [certificate.issuerId === issuer.subjectId, 'it names another issuer'],
    [certificate.subjectId !== issuer.subjectId, 'it bears the name of its issuer'],
    [certificate.publicKeyFingerprint !== issuer.publicKeyFingerprint, 'it bears the key of its issuer'],
    [certificate.authorityKeyId === issuer.subjectKeyId, "it does not identify its issuer's key"],
    [certificate.notBefore.getTime() >= issuer.notBefore.getTime(), 'it begins before its issuer'],
    [certificate.notAfter.getTime() <= issuer.notAfter.getTime(), 'it ends after its issuer'],
    [issuer.basicConstraints?.ca === true, 'its issuer is no authority'],
    [issuer.keyUsage?.has('keyCertSign') === true, 'its issuer may not sign certificates'],
    [!profile.basicConstraints.ca || room > 0, 'its issuer may have no authorities below it'],
  ];
}

function isSame(one: BasicConstraints | null, other: BasicConstraints): boolean {
  return one !== null && one.ca === other.ca && one.pathLength === other.pathLength;
}

function isSameSet(one: Iterable<string> | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  return [...one].sort().join() === [...other].sort().join();
}
