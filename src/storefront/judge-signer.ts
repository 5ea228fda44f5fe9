import { createHash } from 'node:crypto';
import { parseCertificate, type Certificate } from '../pki/certificate.js';
import { verifyChain, type ChainFault, type ChainFaultKind } from '../pki/chain.js';
import { checkRevocation, type RevocationVerdict } from '../pki/revocation.js';
import type { Trust } from '../pki/trust.js';
import type { StandingCode, StandingLook, StandingLooks } from '../policy/standing.js';

/** What the watch says about signers. */
export const signerCodes = [
  'SIGNER_REVOKED',
  'SIGNER_CHAIN_REVOKED',
  'SIGNER_ROOT_ENDED',
  'SIGNER_NOT_TRUSTED',
] as const satisfies readonly StandingCode[];

/** Of what was published these are no faults: a signature is judged by the time of its upload. */
const ONLY_AT_UPLOAD: ReadonlySet<ChainFaultKind> = new Set(['expired', 'not-yet-valid']);

const FINE: StandingLook = { state: 'fine' };
const found = (detail: string): StandingLook => ({ state: 'found', detail });
const untold = (why: string): StandingLook => ({ state: 'untold', why });

/**
 * Judges the certificates that a release was verified with by the trust of today. What the list of the signer's authority would
 * have to say that isn't to be had, or an authority that is not trusted any more, stays untold: it neither finds nor clears
 * anything. Authorities need no list, here as at the upload: it is used where there is one.
 *
 * @param certificates in DER, the signer's first
 * @throws CertificateError where they can't be read
 */
export function judgeSigner(certificates: readonly Buffer[], trust: Trust, at: Date): StandingLooks {
  const [leaf, ...supplied] = certificates.map((der) => parseCertificate(der));
  if (leaf === undefined) throw new RangeError('A signer without a certificate is not judged.');
  const { path, root, faults } = verifyChain({ leaf, supplied, trust, at });
  if (root === null) {
    const why = 'Its authority is not trusted any more.';
    return looks(untold(why), untold(why), FINE, found(faults[0]?.detail ?? why));
  }
  const sources = { ...trust, lists: trust.revocationLists };
  // Each asked by itself: of a path the first that is revoked would hide the others.
  const ofLeaf = checkRevocation(path.slice(0, 2), sources, at);
  const above = path.slice(1);
  const ofAuthorities = above.length > 1 ? checkRevocation(above, sources, at) : null;
  const sunset = faults.find(({ kind }) => kind === 'root-sunset');
  const fault = faults.find((each) => each !== sunset && !ONLY_AT_UPLOAD.has(each.kind));
  return looks(
    revocationLook(ofLeaf),
    ofAuthorities === null || ofAuthorities.status === 'unavailable' ? FINE : revocationLook(ofAuthorities),
    sunset === undefined ? FINE : found(sunset.detail),
    trustLook(fault, ofLeaf, leaf),
  );
}

function looks(...each: readonly [StandingLook, StandingLook, StandingLook, StandingLook]): StandingLooks {
  return new Map(signerCodes.map((code, index) => [code, each[index] ?? FINE]));
}

function revocationLook(verdict: RevocationVerdict): StandingLook {
  switch (verdict.status) {
    case 'good':
      return FINE;
    case 'revoked': {
      const { certificate, revokedAt, reason } = verdict;
      const why = reason === null ? '' : ` (${reason})`;
      return found(`${certificate.subject}, serial ${certificate.serial}, on ${revokedAt.toISOString()}${why}.`);
    }
    case 'unknown':
      return untold('It is not in the ledger of its authority.');
    case 'unavailable':
      return untold(verdict.why);
  }
}

/** Whoever made a certificate that the ledger doesn't know had the key of its issuer, or the ledger was set back. */
function trustLook(fault: ChainFault | undefined, ofLeaf: RevocationVerdict, leaf: Certificate): StandingLook {
  if (fault !== undefined) return found(fault.detail);
  if (ofLeaf.status !== 'unknown') return FINE;
  return found(`${leaf.subject}, serial ${leaf.serial}, is not in the ledger of its authority.`);
}

/**
 * SHA-256 in hex over all of a trust that {@link judgeSigner} may come to something else by. Unlike the trust's own id it stays
 * the same where a certificate is issued, or a list is renewed that says what the one before did.
 */
export function standingTrustId({ roots, intermediates, revocationLists, ledgers }: Trust, at: Date): string {
  const lines = [
    ...roots.map(({ certificate, generation, enforceTimes, acceptedUntil }) => {
      const isPast = acceptedUntil !== null && acceptedUntil.getTime() < at.getTime();
      return `root ${certificate.fingerprint} ${generation} ${enforceTimes} ${acceptedUntil?.toISOString() ?? ''} ${isPast}`;
    }),
    ...intermediates.map(({ fingerprint }) => `intermediate ${fingerprint}`),
    ...revocationLists.map(({ issuerId, revoked }) => `list ${issuerId} ${[...revoked.keys()].sort().join(',')}`),
    ...ledgers.map(({ issuerKey, certificates }) => {
      const revoked = [...certificates].filter(([, { revocation }]) => revocation !== null).map(([serial]) => serial);
      return `ledger ${issuerKey} ${revoked.sort().join(',')}`;
    }),
  ];
  return createHash('sha256')
    .update([...new Set(lines)].sort().join('\n'))
    .digest('hex');
}
