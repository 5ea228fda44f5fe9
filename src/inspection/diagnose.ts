import type { Contents } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import { printable } from '../report/printable.js';
import type { SigningProfile } from '../signature/manifest.js';
import type { SignatureVerdict } from '../signature/verify-signature.js';
import { explainBadSignature } from './explain-bad-signature.js';
import { explainCertificate } from './explain-certificate.js';
import { explainDifferences } from './explain-differences.js';
import { explainSignatureFile } from './explain-signature-file.js';

export interface DiagnosisInput {
  readonly findings: readonly Finding[];
  /** Null where only the signature file is at hand. */
  readonly contents: Contents | null;
  readonly verdict: SignatureVerdict;
  /** The signature file as it stands in the archive. */
  readonly signatureBytes: Buffer;
  readonly profile: SigningProfile;
}

const MAX_TEXT = 1_024;

/**
 * Says of each finding about a signature why it is probably there, and what mends it.
 *
 * The same findings come back in the same order and with the same weight; only `cause` and `fix` are set. Findings
 * with a common cause carry the same sentence, so that a reader can say it once. Whatever is tried here, other
 * signature schemes for instance, is tried to explain and never to accept.
 */
export async function diagnose(input: DiagnosisInput): Promise<readonly Finding[]> {
  const { findings, contents, verdict, signatureBytes } = input;
  const explanations = [
    ...explainSignatureFile(signatureBytes),
    ...explainCertificate(verdict),
    ...explainBadSignature(verdict, findings),
    ...(contents === null ? [] : await explainDifferences(findings, verdict.manifest, contents)),
  ];
  const explained = new Map<Finding, Finding>();
  const explain = (finding: Finding): Finding => {
    const explanation = explanations.find(({ explains }) => explains(finding));
    if (explanation === undefined) return finding;
    const { cause, fix = finding.fix } = explanation;
    // A cause may name a path of the upload, and with it whatever an attacker wrote there.
    const text = { cause: printable(cause, MAX_TEXT), ...(fix !== undefined && { fix: printable(fix, MAX_TEXT) }) };
    return { ...finding, ...text };
  };
  return findings.map((finding) => {
    // Findings without details are one object, tens of thousands of times over.
    const known = explained.get(finding) ?? explain(finding);
    explained.set(finding, known);
    return known;
  });
}
