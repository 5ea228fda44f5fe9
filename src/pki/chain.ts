import type { Certificate } from './certificate.js';
import { judgePath } from './judge-path.js';
import { findPaths } from './path.js';
import type { CertificationPath, DeadEnd } from './path.js';
import type { Trust, TrustRoot } from './trust.js';

export type ChainFaultKind =
  | 'untrusted'
  | 'self-signed'
  | 'bad-signature'
  | 'weak-signature'
  | 'weak-key'
  | 'critical-extension'
  | 'issuer-not-ca'
  | 'issuer-not-for-code-signing'
  | 'path-length'
  | 'expired'
  | 'not-yet-valid'
  | 'leaf-is-ca'
  | 'no-digital-signature'
  | 'no-code-signing'
  | 'root-sunset';

/** One reason why a chain is not valid. */
export interface ChainFault {
  readonly kind: ChainFaultKind;
  /** A sentence for people, with everything from certificates escaped. */
  readonly detail: string;
  readonly certificate: Certificate;
}

/** Something that would be a fault, let pass until a day that is known. */
export interface ChainGrace {
  readonly detail: string;
  readonly until: Date;
}

export interface ChainVerdict {
  /** Leaf first, root last; as far as it got when there is no root. */
  readonly path: readonly Certificate[];
  /** The root that this very path ends in, which decides the generation; null when it ends in none. */
  readonly root: TrustRoot | null;
  /** None means that the leaf is valid, its revocation aside. */
  readonly faults: readonly ChainFault[];
  readonly graces: readonly ChainGrace[];
}

/**
 * Judges whether a leaf may sign an app, by RFC 5280 §6.1 as far as code signing needs it, and by the generation of the
 * root. A leaf is judged by the rules of a root that its own path ends in and no other. Where it has several paths, one
 * with the fewest faults counts; but a legacy root counts only for a leaf that has no path to a current one, or a
 * cross-certified authority would lend the old leniency to new leaves. Revocation is checkRevocation's business. Throws
 * RangeError if `at` is no valid date, for against such a date nothing would ever have expired.
 */
export function verifyChain(input: {
  readonly leaf: Certificate;
  /** Intermediates that came along with the leaf. */
  readonly supplied: readonly Certificate[];
  readonly trust: Trust;
  readonly at: Date;
}): ChainVerdict {
  const { leaf, supplied, trust, at } = input;
  if (Number.isNaN(at.getTime())) throw new RangeError('A chain is judged at a valid time only.');
  const { paths, deadEnds } = findPaths(leaf, supplied, trust);
  const toCurrentRoots = paths.filter(({ root }) => root.generation === 'current');
  const verdicts = (toCurrentRoots.length > 0 ? toCurrentRoots : paths).map((path) => verdictOn(path, at));
  const [best] = verdicts.sort(byPreference);
  return best ?? verdictOnDeadEnds(leaf, deadEnds);
}

function verdictOn(path: CertificationPath, at: Date): ChainVerdict {
  return { path: path.certificates, root: path.root, ...judgePath(path, at) };
}

function byPreference(one: ChainVerdict, other: ChainVerdict): number {
  return one.faults.length - other.faults.length || one.graces.length - other.graces.length;
}

function verdictOnDeadEnds(leaf: Certificate, deadEnds: readonly DeadEnd[]): ChainVerdict {
  const [furthest] = [...deadEnds].sort((one, other) => other.certificates.length - one.certificates.length);
  const path = furthest?.certificates ?? [leaf];
  const last = path.at(-1) ?? leaf;
  return { path, root: null, faults: [deadEndFault(last, furthest?.reason ?? 'no-issuer', path.length)], graces: [] };
}

function deadEndFault(certificate: Certificate, reason: DeadEnd['reason'], length: number): ChainFault {
  const { subject, issuer } = certificate;
  switch (reason) {
    case 'self-signed':
      return length === 1
        ? { kind: 'self-signed', detail: `${subject} is signed with its own key, by no authority.`, certificate }
        : { kind: 'untrusted', detail: `The authority ${subject} is not trusted here.`, certificate };
    case 'bad-signature':
      return {
        kind: 'bad-signature',
        detail: `${subject} says that ${issuer} issued it, but was not signed with that authority's key.`,
        certificate,
      };
    case 'supplied-for-legacy':
      return {
        kind: 'untrusted',
        detail: `Below the legacy root ${subject} only the authorities installed here count, none that an upload brings.`,
        certificate,
      };
    case 'too-long':
      return { kind: 'untrusted', detail: `${subject} is too many steps away from a root.`, certificate };
    case 'no-issuer':
      return { kind: 'untrusted', detail: `${issuer}, which issued ${subject}, is not trusted here.`, certificate };
  }
}
