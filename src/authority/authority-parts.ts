import type { Database } from '../database/connect.js';
import type { Signer } from '../pki/signer.js';

/** Where the key comes from that issues to developers: an encrypted file, or a key service. */
export interface IssuingKeySource {
  /**
   * The signer of the key with this fingerprint (as in Certificate.publicKeyFingerprint), or without one of the key in use.
   * Null where this machine has no such key. Rejects where there is one that can't be opened, in words for operators.
   */
  signer(publicKeyFingerprint?: string | null): Promise<Signer | null>;
}

/** What a revocation for a compromised key does to releases: those since the compromise, or all, are quarantined. */
export type QuarantineRule = 'compromised' | 'all';

/** What the use-cases of the store's own authority need; a running gate has it, and so has an operator's command. */
export interface AuthorityParts {
  readonly database: Database;
  readonly now: () => Date;
  /** Like node:crypto's randomBytes. */
  readonly randomBytes: (size: number) => Buffer;
  readonly issuingKey: IssuingKeySource;
  /** The address under which others reach the gate, without a closing slash: where revocation lists are fetched. */
  readonly baseUrl: string;
  readonly quarantineOnRevocation: QuarantineRule;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
}
