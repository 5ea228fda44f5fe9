import type { Certificate } from '../pki/certificate.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import { isIssuedBy } from './expiry.js';
import type { TrustEntry, TrustItem } from './trust-items.js';

/**
 * What of a folder counts no more once an entry is gone: intermediates that no other authority there issued, and the lists
 * that nobody there signed.
 */
export function findOrphans(entries: readonly TrustEntry[], removed: TrustEntry): readonly TrustEntry[] {
  const rest = entries.filter(({ name }) => name !== removed.name);
  const hadIssuer = believed(entries);
  const hasIssuer = believed(rest);
  return rest.filter(({ items }) => items.some((item) => isBelow(item, hadIssuer) && !isBelow(item, hasIssuer)));
}

/** Roots, and the intermediates that lead to one. */
function believed(entries: readonly TrustEntry[]): readonly Certificate[] {
  const certificates = entries.flatMap(({ items }) => items.flatMap((item) => (item.kind === 'list' ? [] : [item])));
  const found = certificates.flatMap(({ kind, certificate }) => (kind === 'root' ? [certificate] : []));
  for (let before = -1; before < found.length;) {
    before = found.length;
    for (const { certificate } of certificates) {
      if (!found.includes(certificate) && found.some((issuer) => isIssuedBy(certificate, issuer)))
        found.push(certificate);
    }
  }
  return found;
}

function isBelow(item: TrustItem, authorities: readonly Certificate[]): boolean {
  return authorities.some((issuer) =>
    item.kind === 'list' ? isRevocationListOf(item.list, issuer) : isIssuedBy(item.certificate, issuer),
  );
}
