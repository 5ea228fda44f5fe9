import type { Certificate } from './certificate.js';
import type { Revocation } from './revocation-list.js';

/** What an issuer's own record says of a certificate. */
export interface LedgerEntry {
  /** SHA-256 of the DER, lower-case hex; null where nobody wrote down that it was issued. */
  readonly fingerprint: string | null;
  readonly revocation: Revocation | null;
}

/**
 * An issuer's own record of everything it issued. Whoever has it needs no revocation list of that issuer, and knows a
 * certificate that was never issued, though the issuer's key signed it.
 */
export interface IssuerLedger {
  /** The key that signs: SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKey: string;
  /** Differs where anything in the ledger does. */
  readonly id: string;
  /** By serial, spelt as in Certificate.serial. */
  readonly certificates: ReadonlyMap<string, LedgerEntry>;
}

export type LedgerVerdict =
  | { readonly status: 'known' }
  | { readonly status: 'revoked'; readonly revocation: Revocation }
  /** Not in the ledger, or under its serial there is another one. */
  | { readonly status: 'unknown' };

/**
 * Asks the ledger of the issuer's key about a certificate: by serial and fingerprint. A serial that is revoked is revoked,
 * whatever certificate bears it; one that was only intended is unknown, since what was handed out is in the ledger.
 */
export function askLedger(certificate: Certificate, { certificates }: IssuerLedger): LedgerVerdict {
  const entry = certificates.get(certificate.serial);
  if (entry === undefined) return { status: 'unknown' };
  if (entry.revocation !== null) return { status: 'revoked', revocation: entry.revocation };
  return entry.fingerprint === certificate.fingerprint ? { status: 'known' } : { status: 'unknown' };
}
