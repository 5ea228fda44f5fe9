import type { FindingCode } from './catalogue.js';
import type { Finding } from './finding.js';

/** What becomes of an upload. */
export type Outcome = 'accepted' | 'held' | 'refused';

/** Whether there was a signature, and whether it stands. An invalid one is never treated as absent. */
export type SignatureStatus = 'absent' | 'invalid' | 'valid';

export type SignatureAlgorithm = 'rsa-pss-sha1' | 'rsa-pss-sha384' | 'ecdsa-p384-sha384';

/** The app as `appinfo/info.xml` names it. */
export interface ReportedApp {
  readonly id: string;
  readonly version: string;
  readonly name: string;
}

/** The archive in figures. */
export interface ReportedArchive {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly entries: number;
  readonly files: number;
  readonly inflatedBytes: number;
}

/** The certificate that a signature was made with. */
export interface ReportedSigner {
  readonly commonName: string;
  /** Upper-case hex without separators, as `openssl x509 -serial` prints it. */
  readonly serial: string;
  /** SHA-256 of the DER certificate, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the DER SubjectPublicKeyInfo, lower-case hex: the same for a renewed certificate over the same key. */
  readonly publicKeyFingerprint: string;
  /** The issuer's distinguished name (RFC 4514 order as Node prints it, on one line). */
  readonly issuer: string;
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
}

export interface ReportedSignature {
  readonly status: SignatureStatus;
  readonly format: 1 | 2 | null;
  readonly algorithm: SignatureAlgorithm | null;
  readonly signer: ReportedSigner | null;
}

/** Everything the gate found out about one upload and made of it. Stored verbatim, never edited. */
export interface Report {
  readonly schema: 1;
  readonly app: ReportedApp | null;
  readonly archive: ReportedArchive | null;
  readonly signature: ReportedSignature;
  readonly findings: readonly Finding[];
  /** How many findings of a code were left out beyond the {@link MAX_FINDINGS_PER_CODE} listed. */
  readonly omittedFindings: Readonly<Partial<Record<FindingCode, number>>>;
  readonly outcome: Outcome;
  /** ISO 8601, UTC. */
  readonly inspectedAt: string;
  readonly gate: { readonly version: string; readonly trust: string };
}

export const MAX_FINDINGS_PER_CODE = 100;

/** The worst finding decides: an error refuses, a hold waits for a moderator, anything else passes. */
export function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.some(({ severity }) => severity === 'error')) return 'refused';
  if (findings.some(({ severity }) => severity === 'hold')) return 'held';
  return 'accepted';
}

/**
 * The first {@link MAX_FINDINGS_PER_CODE} findings of each code, in order, and how many of each were left out, so
 * that an archive with 50,000 faults can't fill the database.
 */
export function listFindings(findings: readonly Finding[]): Pick<Report, 'findings' | 'omittedFindings'> {
  const counts = new Map<FindingCode, number>();
  const listed = findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= MAX_FINDINGS_PER_CODE;
  });
  const omitted: Partial<Record<FindingCode, number>> = {};
  for (const [code, count] of counts) {
    if (count > MAX_FINDINGS_PER_CODE) omitted[code] = count - MAX_FINDINGS_PER_CODE;
  }
  return { findings: listed, omittedFindings: omitted };
}
