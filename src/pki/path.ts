import { isSelfSigned, isSignedBy } from './certificate.js';
import type { Certificate } from './certificate.js';
import type { Trust, TrustRoot } from './trust.js';

/** A way from a leaf to a trusted root, every link confirmed by name and by signature. Not yet judged. */
export interface CertificationPath {
  /** Leaf first, root last. */
  readonly certificates: readonly Certificate[];
  readonly root: TrustRoot;
}

/** Why a way from a leaf ended before a trusted root. */
export interface DeadEnd {
  readonly certificates: readonly Certificate[];
  readonly reason: 'self-signed' | 'bad-signature' | 'no-issuer' | 'supplied-for-legacy' | 'too-long';
}

export interface PathSearch {
  readonly paths: readonly CertificationPath[];
  /** The ways that led nowhere, for saying how far the best one got. */
  readonly deadEnds: readonly DeadEnd[];
}

/** Leaf and root included. Real paths have 3 certificates. */
const maxPathLength = 6;
/** Certificates taken from an upload; the format has room for any number, a real path needs one. */
const maxSupplied = 8;
/** An upload full of authorities that share a name must not buy minutes of arithmetic. */
const maxSignatureChecks = 64;

/**
 * Finds every way from a leaf to a root of the trust. A link needs both the issuer's name, byte for byte, and its
 * signature, so that a self-made authority under a trusted name leads nowhere. `supplied` certificates may stand between
 * leaf and root, but are no roots, and are not taken on a way to a legacy root.
 */
export function findPaths(leaf: Certificate, supplied: readonly Certificate[], trust: Trust): PathSearch {
  const paths: CertificationPath[] = [];
  const deadEnds: DeadEnd[] = [];
  const roots = new Map(trust.roots.map((root) => [root.certificate.fingerprint, root]));
  const trusted = new Set([...trust.roots.map(({ certificate }) => certificate), ...trust.intermediates]);
  const trustedFingerprints = new Set([...trusted].map(({ fingerprint }) => fingerprint));
  const strangers = supplied
    .slice(0, maxSupplied)
    .filter((candidate) => !trustedFingerprints.has(candidate.fingerprint) && !isSelfSigned(candidate));
  // The operator's certificates come first: what an upload brings can't use up the checks before they had their turn.
  const authorities = [...trusted, ...strangers];
  let checksLeft = maxSignatureChecks;

  const follow = (way: readonly Certificate[], last: Certificate): void => {
    const root = way.length > 1 ? roots.get(last.fingerprint) : undefined;
    if (root !== undefined) {
      const usesSupplied = way.slice(1).some(({ fingerprint }) => !trustedFingerprints.has(fingerprint));
      if (usesSupplied && root.generation === 'legacy') {
        deadEnds.push({ certificates: way, reason: 'supplied-for-legacy' });
      } else {
        paths.push({ certificates: way, root });
      }
      return;
    }
    if (isSelfSigned(last)) {
      deadEnds.push({ certificates: way, reason: 'self-signed' });
      return;
    }
    const namesakes = authorities.filter((candidate) => isNextStep(way, last, candidate));
    if (namesakes.length > 0 && way.length >= maxPathLength) {
      deadEnds.push({ certificates: way, reason: 'too-long' });
      return;
    }
    const issuers = namesakes.filter((candidate) => {
      checksLeft -= 1;
      return checksLeft >= 0 && isSignedBy(last, candidate);
    });
    if (issuers.length === 0) {
      deadEnds.push({ certificates: way, reason: namesakes.length > 0 ? 'bad-signature' : 'no-issuer' });
    }
    for (const issuer of issuers) follow([...way, issuer], issuer);
  };

  follow([leaf], leaf);
  return { paths, deadEnds };
}

/** Names fit, and the same authority is not walked through twice, however many certificates it has. */
function isNextStep(way: readonly Certificate[], last: Certificate, candidate: Certificate): boolean {
  return (
    candidate.subjectId === last.issuerId &&
    !way.some(
      ({ subjectId, publicKeyFingerprint }) =>
        subjectId === candidate.subjectId && publicKeyFingerprint === candidate.publicKeyFingerprint,
    )
  );
}
