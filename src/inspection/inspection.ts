import type { Limits } from '../archive/limits.js';
import type { SigningProfile } from '../signature/manifest.js';
import type { AppInfo } from '../app/info-xml.js';
import type { Trust } from '../pki/trust.js';
import type { FileFacts } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import type { PrivateKeys } from './private-keys.js';
import type { ReportedApp, ReportedArchive, ReportedSignature } from '../report/report.js';

/** What is true of an upload, whatever the store makes of it. */
export interface Inspection {
  /** False where the reading was cut short; then a finding of severity `error` says why. */
  readonly complete: boolean;
  readonly app: ReportedApp | null;
  /** Everything `appinfo/info.xml` says; null for a core release and where it can't be read. */
  readonly info: AppInfo | null;
  /** What its `CHANGELOG.md` says of this version, as it stands there; null where it says nothing, or there is none. */
  readonly changelog: string | null;
  readonly archive: ReportedArchive | null;
  readonly signature: ReportedSignature;
  /** The certificates by which the signature stands, in DER, the signer's first and without the root; none where it doesn't. */
  readonly signerChain: readonly Buffer[];
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly findings: readonly Finding[];
  /** What the findings say of private keys, as data, for whoever knows more certificates than that of the signature. */
  readonly privateKeys: PrivateKeys;
  readonly inspectedAt: Date;
  /** {@link Trust.id} of the trust it was judged by. */
  readonly trustId: string;
}

/** What an inspection goes by. */
export interface InspectionRequest {
  /** The app it must be; null takes the archive's own word for it (on the command line). */
  readonly appId: string | null;
  readonly profile: SigningProfile;
  readonly trust: Trust;
  readonly limits: Limits;
  /** The time that certificates are judged at. */
  readonly at: Date;
}

export const noSignature: ReportedSignature = { status: 'absent', format: null, algorithm: null, signer: null };
