import type { Certificate } from './certificate.js';
import type { ChainFault, ChainFaultKind, ChainGrace } from './chain.js';
import { CODE_SIGNING } from './extensions.js';
import type { CertificationPath } from './path.js';
import { weaknessOf } from './public-key.js';
import { readSigned } from './signed.js';
import type { TrustRoot } from './trust.js';

/** What the rules make of a path whose links are known to hold. */
export interface PathJudgement {
  readonly faults: readonly ChainFault[];
  readonly graces: readonly ChainGrace[];
}

/** Judges a path by RFC 5280 §6.1 and the generation of its root. Never throws for what certificates hold. */
export function judgePath({ certificates, root }: CertificationPath, at: Date): PathJudgement {
  const [leaf, ...authorities] = certificates;
  if (leaf === undefined) return { faults: [], graces: [] };
  const times = judgeTimes(certificates, root, at);
  const faults = [
    ...certificates.flatMap((certificate) => judgeStrength(certificate, root)),
    ...authorities.flatMap((authority, below) => judgeAuthority(authority, authorities.slice(0, below), root)),
    ...judgeLeaf(leaf, root),
    ...times.faults,
  ];
  return { faults, graces: times.graces };
}

/** What holds for every certificate, leaf or authority. */
function judgeStrength(certificate: Certificate, root: TrustRoot): readonly ChainFault[] {
  const { subject, signatureAlgorithm, unknownCriticalExtensions: unknown } = certificate;
  const faults: ChainFault[] = [];
  // A root's signature over itself proves nothing, so its strength is of no interest; its key is.
  const isRoot = certificate.fingerprint === root.certificate.fingerprint;
  if (!isRoot && !readSigned(certificate.der).algorithm.strong) {
    faults.push(fault('weak-signature', `${subject} was signed with ${signatureAlgorithm}.`, certificate));
  }
  const weakness = weaknessOf(certificate);
  if (weakness !== null) faults.push(fault('weak-key', `${subject}: ${weakness}.`, certificate));
  if (unknown.length > 0) {
    const detail = `${subject} has critical extensions that are not known here: ${unknown.join(', ')}.`;
    faults.push(fault('critical-extension', detail, certificate));
  }
  return faults;
}

/** RFC 5280 §6.1.4 (k) to (n). `below` are the authorities between this one and the leaf. */
function judgeAuthority(authority: Certificate, below: readonly Certificate[], root: TrustRoot): readonly ChainFault[] {
  const { subject, basicConstraints, extendedKeyUsage } = authority;
  const isRoot = authority.fingerprint === root.certificate.fingerprint;
  const faults: ChainFault[] = [];
  if (!mayIssue(authority, root.generation === 'current' && !isRoot)) {
    faults.push(fault('issuer-not-ca', `${subject} is no authority and may not issue certificates.`, authority));
  }
  const length = below.filter(({ subjectId, issuerId }) => subjectId !== issuerId).length;
  const allowed = basicConstraints?.pathLength ?? null;
  if (allowed !== null && length > allowed) {
    const detail = `${subject} allows ${allowed} authorities below it, there are ${length}.`;
    faults.push(fault('path-length', detail, authority));
  }
  if (!isRoot && extendedKeyUsage !== null && !extendedKeyUsage.includes(CODE_SIGNING)) {
    const detail = `${subject} is an authority for other purposes than code signing.`;
    faults.push(fault('issuer-not-for-code-signing', detail, authority));
  }
  return faults;
}

/** A certificate without these extensions, as all of version 1 are, is never an authority. */
function mayIssue({ basicConstraints, keyUsage }: Certificate, keyUsageRequired: boolean): boolean {
  if (basicConstraints?.ca !== true) return false;
  return keyUsage === null ? !keyUsageRequired : keyUsage.has('keyCertSign');
}

/**
 * A current leaf must be for signing code and say so. A legacy leaf need not say anything, but what it does say counts:
 * one made for something else signs no apps (RFC 5280 §4.2.1.3 and §4.2.1.12).
 */
function judgeLeaf(leaf: Certificate, { generation }: TrustRoot): readonly ChainFault[] {
  const { subject, basicConstraints, keyUsage, extendedKeyUsage } = leaf;
  const mustSay = generation === 'current';
  const faults: ChainFault[] = [];
  if (basicConstraints?.ca === true || keyUsage?.has('keyCertSign') === true) {
    faults.push(fault('leaf-is-ca', `${subject} is the certificate of an authority (CA:TRUE).`, leaf));
  }
  if (keyUsage === null ? mustSay : !keyUsage.has('digitalSignature')) {
    faults.push(fault('no-digital-signature', `${subject} is not for digital signatures.`, leaf));
  }
  if (extendedKeyUsage === null ? mustSay : !extendedKeyUsage.includes(CODE_SIGNING)) {
    faults.push(fault('no-code-signing', `${subject} is not for code signing.`, leaf));
  }
  return faults;
}

/**
 * Where a root's times are enforced, those of the whole path are. Where they are not, the authorities' dates don't count,
 * and a leaf that has expired is let pass until the root's sunset. After it, what is below that root is past its time,
 * whatever its own dates say, and nothing else needs to be said of them.
 */
function judgeTimes(path: readonly Certificate[], root: TrustRoot, at: Date): PathJudgement {
  const { acceptedUntil, enforceTimes, certificate } = root;
  if (acceptedUntil !== null && !(at.getTime() <= acceptedUntil.getTime())) {
    const detail = `The root ${certificate.subject} was accepted until ${acceptedUntil.toISOString()}.`;
    return { faults: [fault('root-sunset', detail, certificate)], graces: [] };
  }
  if (enforceTimes) return { faults: path.flatMap((each) => judgeValidity(each, at)), graces: [] };
  const leafFaults = path.slice(0, 1).flatMap((leaf) => judgeValidity(leaf, at));
  // Without a sunset there is no grace either: forgiving without end would be a way to live on for every stolen key.
  const forgiven = acceptedUntil === null ? [] : leafFaults.filter(({ kind }) => kind === 'expired');
  return {
    faults: leafFaults.filter((each) => !forgiven.includes(each)),
    graces: acceptedUntil === null ? [] : forgiven.map(({ detail }) => ({ detail, until: acceptedUntil })),
  };
}

function judgeValidity(certificate: Certificate, at: Date): readonly ChainFault[] {
  const { subject, notBefore, notAfter } = certificate;
  if (at.getTime() < notBefore.getTime()) {
    return [fault('not-yet-valid', `${subject} is valid from ${notBefore.toISOString()} only.`, certificate)];
  }
  if (at.getTime() > notAfter.getTime()) {
    return [fault('expired', `${subject} has expired on ${notAfter.toISOString()}.`, certificate)];
  }
  return [];
}

function fault(kind: ChainFaultKind, detail: string, certificate: Certificate): ChainFault {
  return { kind, detail, certificate };
}
