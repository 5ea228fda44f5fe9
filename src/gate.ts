import type { Limits } from './archive/limits.js';
import type { IssuedCertificate } from './authority/issued-certificates.js';
import type { Database } from './database/connect.js';
import type { Trust } from './pki/trust.js';
import type { StoreRules } from './policy/rules.js';
import type { ArchiveStore } from './storage/archive-store.js';

/** Everything a use-case may need of the running gate; wired in `compose.ts`, and nowhere else. */
export interface Gate {
  readonly database: Database;
  readonly archives: ArchiveStore;
  readonly trust: { current(): Promise<Trust> };
  /** The certificates of the store's own authority over any of these public keys; none where it has no authority. */
  readonly issuedCertificates: (publicKeyFingerprints: readonly string[]) => Promise<readonly IssuedCertificate[]>;
  readonly limits: Limits;
  readonly rules: StoreRules;
  /** App ids that nobody can claim; `core` is always among them. */
  readonly reservedAppIds: ReadonlySet<string>;
  readonly now: () => Date;
  /** For what operators should know and callers should not. */
  readonly log: { warn(details: object, message: string): void };
  /** The address under which others reach the gate, without a closing slash. */
  readonly baseUrl: string;
  /** The version of this software, for reports. */
  readonly version: string;
  /** A folder for uploads under way, on the same file system as the archives. */
  readonly temporaryFolder: string;
}
