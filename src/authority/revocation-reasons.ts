import type { RevocationEntry } from '../pki/issue-revocation-list.js';
import type { Revocation } from '../pki/revocation-list.js';

/** The reasons that say that somebody else has the key, and not only that a certificate is of no use (RFC 5280 §5.3.1). */
const COMPROMISED: ReadonlySet<string | null> = new Set(['keyCompromise', 'cACompromise']);

/** The reasons that say nothing against the key. `unspecified` is none of them: it may have meant anything. */
const HARMLESS: ReadonlySet<string | null> = new Set(['superseded', 'cessationOfOperation', 'affiliationChanged']);

/** Whether a reason says that the key is in wrong hands. */
export function isCompromise(reason: string | null): boolean {
  return COMPROMISED.has(reason);
}

/** Whether a key may have another certificate after one of its certificates was revoked for this reason. */
export function leavesKeyUsable(reason: string | null): boolean {
  return HARMLESS.has(reason);
}

/** Whether a reason says more against a certificate than the one it was revoked for: then it takes that one's place. */
export function isWorse(reason: string | null, than: string | null): boolean {
  return isCompromise(reason) && !isCompromise(than);
}

/** What is said of a revocation in a ledger. */
interface RevocationEvent {
  readonly serial: string;
  readonly at: string;
  readonly reason: string;
}

/**
 * Puts together what lists and a ledger say. A certificate is revoked since the first of them said so, and for the worst
 * reason that any of them gives.
 */
export function mergeRevocations(
  listed: Iterable<readonly [string, Revocation]>,
  events: readonly RevocationEvent[],
): readonly RevocationEntry[] {
  const merged = new Map<string, RevocationEntry>();
  const add = (entry: RevocationEntry): void => {
    const before = merged.get(entry.serial);
    if (before === undefined) merged.set(entry.serial, entry);
    else if (isWorse(entry.reason, before.reason)) merged.set(entry.serial, { ...before, reason: entry.reason });
  };
  for (const [serial, entry] of listed) add({ serial, ...entry });
  for (const { serial, at, reason } of events) {
    add({ serial, revokedAt: new Date(at), reason, invalidityDate: null });
  }
  return [...merged.values()];
}
