import type { SignatureStatus } from '../report/report.js';
import type { TrustLevel } from './trust-level.js';

export type ReleaseStatus = 'published' | 'withdrawn' | 'quarantined';

/** What the rules need to know of an upload. */
export interface UploadFacts {
  readonly appId: string;
  /** Null where the metadata didn't tell. */
  readonly version: string | null;
  readonly archiveSha256: string;
  readonly signature: SignatureStatus;
  /** {@link ReportedSigner.publicKeyFingerprint}, null where the signature named none. */
  readonly signerKey: string | null;
}

/** A release as the history remembers it. */
export interface PastRelease {
  readonly version: string;
  readonly archiveSha256: string;
  readonly status: ReleaseStatus;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

/**
 * What the rules need to know of the app's past, read under the lock on the app's row.
 *
 * "Past" goes by time of publication, never by version number, and whatever became of a release afterwards:
 * withdrawn and quarantined ones count like any other.
 */
export interface AppHistory {
  readonly trustLevel: TrustLevel;
  /** The first signed release ever published; once set it stays, whatever happens to that release. */
  readonly firstSigned: { readonly version: string; readonly publishedAt: string } | null;
  /** The signer of the signed release published last. */
  readonly lastSigner: { readonly version: string; readonly signerKey: string } | null;
  /** The release that has the upload's version. */
  readonly sameVersion: PastRelease | null;
  /** The published release with the highest version. */
  readonly newest: { readonly version: string } | null;
}

/** The history of an app nobody has uploaded yet. */
export const noHistory: AppHistory = {
  trustLevel: 'experimental',
  firstSigned: null,
  lastSigner: null,
  sameVersion: null,
  newest: null,
};
