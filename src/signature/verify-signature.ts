import { CertificateError, parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { verifyChain } from '../pki/chain.js';
import type { ChainFault, ChainVerdict } from '../pki/chain.js';
import { checkRevocation } from '../pki/revocation.js';
import type { Trust } from '../pki/trust.js';
import { finding } from '../report/finding.js';
import type { Finding } from '../report/finding.js';
import { printable } from '../report/printable.js';
import type { ReportedSignature, ReportedSigner, SignatureAlgorithm } from '../report/report.js';
import { fitsKey, verifyBytes } from './algorithms.js';
import { legacyMessage } from './legacy-message.js';
import type { Manifest } from './manifest.js';
import { parseSignatureFile } from './signature-file.js';
import type { SignatureFile } from './signature-file.js';

export interface SignatureInput {
  /** The signature file as it stands in the archive. */
  readonly bytes: Buffer;
  /** The app id that the certificate must be for, or `core`; null where nobody knows, which only a tool may not. */
  readonly scope: string | null;
  readonly trust: Trust;
  readonly at: Date;
  /** How many files it may list; the store's limit on entries where there is one. */
  readonly maxFiles?: number;
}

export interface SignatureVerdict {
  /** `valid` only where no finding is an error. Whether the files are those that were signed is not in it. */
  readonly signature: ReportedSignature;
  readonly findings: readonly Finding[];
  /** What the signature file says was signed, also where the signature does not stand; null where it can't be read. */
  readonly manifest: Manifest | null;
  /** What was understood on the way, for whoever explains the findings. */
  readonly parsed: {
    readonly scope: string | null;
    readonly file: SignatureFile | null;
    readonly leaf: Certificate | null;
    readonly chain: ChainVerdict | null;
    /** The bytes that the signature must be over; null where there is no key of the right kind to verify it with. */
    readonly message: Buffer | null;
  };
}

/** The common name whose certificate signs the server itself. */
const CORE = 'core';

const MAX_NAME = 1_024;

/**
 * Verifies a signature file in everything but the files: its form, the chain to an authority the store trusts, the
 * algorithm, the signature over the exact bytes, the app it is for, and revocation. All findings at once.
 *
 * Only what an upload can do wrong becomes a finding. Whatever breaks beyond that is thrown, so that a check which
 * could not be made is never a check that passed.
 */
export function verifySignature({ bytes, scope, trust, at, maxFiles }: SignatureInput): SignatureVerdict {
  const { file, findings: malformed } = parseSignatureFile(bytes, maxFiles);
  if (file === null) {
    return verdict(malformed, { scope, file: null, leaf: null, chain: null, message: null });
  }
  const { leaf, supplied, findings: unreadable } = readCertificates(file);
  if (leaf === null) return verdict(unreadable, { scope, file, leaf: null, chain: null, message: null });

  const chain = verifyChain({ leaf, supplied, trust, at });
  const message = messageFor(file, leaf);
  const findings = [
    ...unreadable,
    ...judgeChain(chain),
    ...judgeAlgorithm(file, leaf, chain),
    ...judgeSignature(file, leaf, message),
    ...judgeScope(leaf, scope, trust),
    ...judgeRevocation(chain, trust, at),
  ];
  return verdict(findings, { scope, file, leaf, chain, message });
}

interface SuppliedCertificates {
  readonly leaf: Certificate | null;
  readonly supplied: readonly Certificate[];
  readonly findings: readonly Finding[];
}

function readCertificates(file: SignatureFile): SuppliedCertificates {
  const findings: Finding[] = [];
  const read = (pem: string, name: string): Certificate | null => {
    try {
      return parseCertificate(pem);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      findings.push(finding('BAD_CHAIN', { detail: `"${name}" can't be read: ${error.message}` }));
      return null;
    }
  };
  if (file.format === 1) {
    // `certificateChain` is not read: for a legacy root nothing that comes with an upload is an intermediate.
    return { leaf: read(file.certificate, 'certificate'), supplied: [], findings };
  }
  const leaf = read(file.leaf, 'certificates.leaf');
  const supplied = file.chain
    .map((pem, index) => read(pem, `certificates.chain[${index}]`))
    .filter((certificate) => certificate !== null);
  return { leaf, supplied, findings };
}

function judgeChain({ faults, graces }: ChainVerdict): readonly Finding[] {
  return [
    ...faults.map(chainFinding),
    ...graces.map(({ detail, until }) =>
      finding('LEGACY_ACCEPTED_WARN', { detail: `${detail} Accepted until ${until.toISOString()}.` }),
    ),
  ];
}

/** A root past its sunset is no broken chain: its certificates are fine, its algorithm no longer is. */
function chainFinding({ kind, detail }: ChainFault): Finding {
  return finding(kind === 'root-sunset' ? 'BAD_ALGORITHM' : 'BAD_CHAIN', { detail });
}

function judgeAlgorithm(file: SignatureFile, leaf: Certificate, { root }: ChainVerdict): readonly Finding[] {
  const algorithm = algorithmOf(file);
  const findings: Finding[] = [];
  if (!fitsKey(algorithm, leaf.publicKey)) {
    findings.push(finding('BAD_ALGORITHM', { detail: `${algorithm} is not made with the certificate's kind of key.` }));
  }
  if (root !== null && !root.algorithms.includes(algorithm)) {
    const allowed = root.algorithms.join(', ');
    const detail = `The authority allows ${allowed}; the signature claims ${algorithm}.`;
    findings.push(finding('BAD_ALGORITHM', { expected: allowed, actual: algorithm, detail }));
  }
  return findings;
}

function messageFor(file: SignatureFile, leaf: Certificate): Buffer | null {
  if (!fitsKey(algorithmOf(file), leaf.publicKey)) return null;
  return file.format === 1 ? legacyMessage(file.hashes) : file.signedBytes;
}

function judgeSignature(file: SignatureFile, leaf: Certificate, message: Buffer | null): readonly Finding[] {
  // Said as BAD_ALGORITHM; there is no signature of this algorithm to be wrong.
  if (message === null) return [];
  return verifyBytes(algorithmOf(file), leaf.publicKey, message, file.signature) ? [] : [finding('BAD_SIGNATURE')];
}

function judgeScope({ commonNames }: Certificate, scope: string | null, trust: Trust): readonly Finding[] {
  const [name, ...others] = commonNames;
  if (name === undefined || others.length > 0) {
    // Which of several names a reader takes, the first or the last, would decide what the certificate is for.
    const detail = 'The certificate must have exactly one common name.';
    return [finding('CN_MISMATCH', { expected: scope ?? '', actual: commonNames.join(', CN='), detail })];
  }
  if (scope === null || name === scope) return [];
  if (name === CORE && trust.coreMaySignApps) return [];
  return [finding('CN_MISMATCH', { expected: scope, actual: name })];
}

function judgeRevocation({ path, root }: ChainVerdict, trust: Trust, at: Date): readonly Finding[] {
  // Without a trusted root nobody's list could say anything about these certificates.
  if (root === null) return [];
  const revocation = checkRevocation(path, { ...trust, lists: trust.revocationLists }, at);
  switch (revocation.status) {
    case 'good':
      return revocation.stale.map(({ issuer, since }) =>
        finding('CRL_STALE', { detail: `The list of ${issuer} was to be renewed by ${since.toISOString()}.` }),
      );
    case 'revoked': {
      const { certificate, revokedAt, reason } = revocation;
      const why = reason === null ? '' : ` (${reason})`;
      const detail = `Serial ${certificate.serial}, on ${revokedAt.toISOString()}${why}.`;
      return [finding('REVOKED', { actual: certificate.serial, detail })];
    }
    case 'unknown': {
      // Whoever made it had the issuer's key, or the ledger was set back: neither may be believed.
      const { subject, serial } = revocation.certificate;
      const detail = `${subject}, serial ${serial}, is not in the ledger of the authority that is said to have issued it.`;
      return [finding('BAD_CHAIN', { detail })];
    }
    case 'unavailable':
      return [finding('CRL_UNAVAILABLE', { detail: `For ${revocation.certificate.subject}: ${revocation.why}` })];
  }
}

function verdict(findings: readonly Finding[], parsed: SignatureVerdict['parsed']): SignatureVerdict {
  const { file, leaf } = parsed;
  const stands = file !== null && leaf !== null && findings.every(({ severity }) => severity !== 'error');
  return {
    signature: {
      status: stands ? 'valid' : 'invalid',
      format: file?.format ?? null,
      algorithm: file === null ? null : algorithmOf(file),
      signer: leaf === null ? null : describeSigner(leaf),
    },
    findings,
    manifest: file?.hashes ?? null,
    parsed,
  };
}

function algorithmOf(file: SignatureFile): SignatureAlgorithm {
  return file.format === 1 ? 'rsa-pss-sha1' : file.algorithm;
}

/** Names are the signer's own words: one may hold NUL, which no database stores, or what draws over a verdict. */
function describeSigner(leaf: Certificate): ReportedSigner {
  return {
    commonName: printable(leaf.commonNames.join(', CN='), MAX_NAME),
    serial: leaf.serial,
    fingerprint: leaf.fingerprint,
    publicKeyFingerprint: leaf.publicKeyFingerprint,
    issuer: printable(leaf.issuer, MAX_NAME),
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
  };
}
