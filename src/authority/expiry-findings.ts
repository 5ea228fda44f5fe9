import type { Trust } from '../pki/trust.js';
import { finding, type Finding } from '../report/finding.js';
import { printable } from '../report/printable.js';
import type { ReportedSignature, ReportedSigner } from '../report/report.js';
import { isIssuedBy, isNearEnd, listsOf, trustedAuthorities } from './expiry.js';
import type { AuthorityLists, TrustedAuthority } from './expiry.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** As signers are described in reports. */
const MAX_NAME = 1_024;

const OURS = 'Nothing for the developers of the app to do: the operators of the store see to it.';

/**
 * Says of a good signature what of that by which it was found good comes to its end soon: the certificate it was made with,
 * those of its authority, and that authority's revocation lists. Notices for an accepted upload; they change no verdict.
 *
 * A report knows the name of the issuer and not its certificate. Where several of that name are trusted, the one that ends
 * last counts, so that nobody is told of an end that was seen to already.
 *
 * @param at the time of the decision
 */
export function expiryFindings(input: {
  readonly signature: ReportedSignature;
  readonly trust: Trust;
  readonly at: Date;
  readonly noticeDays: number;
}): readonly Finding[] {
  const { signature, trust, at, noticeDays } = input;
  if (signature.status !== 'valid' || signature.signer === null) return [];
  const { signer } = signature;
  const path = authoritiesAbove(signer, trust);
  const expected = new Date(at.getTime() + noticeDays * DAY_MS).toISOString();
  return [...signerFindings(), ...path.flatMap(authorityFindings), ...path.flatMap(listFindings)];

  function signerFindings(): readonly Finding[] {
    const lifetime = { from: new Date(signer.notBefore), to: new Date(signer.notAfter) };
    // One that has ended was let pass by a legacy authority's grace, which is a finding of its own.
    if (lifetime.to <= at || !isNearEnd(lifetime, at, noticeDays)) return [];
    const detail = `The certificate of ${signer.commonName}, serial ${signer.serial}, ends on ${signer.notAfter}.`;
    return [finding('CERTIFICATE_EXPIRES_SOON', { detail, expected, actual: signer.notAfter })];
  }

  function authorityFindings(authority: TrustedAuthority): readonly Finding[] {
    if (authority.to <= at || !isNearEnd(authority, at, noticeDays)) return [];
    const end = authority.to.toISOString();
    const detail = `The authority ${authority.certificate.subject} is accepted until ${end}.`;
    return [finding('CERTIFICATE_EXPIRES_SOON', { detail, expected, actual: end, fix: OURS })];
  }

  function listFindings({ certificate }: TrustedAuthority): readonly Finding[] {
    const lists = listsOf(certificate, trust);
    if (lists === null || !isNearEnd(lists, at, noticeDays) || isSaidAlready(lists)) return [];
    const end = lists.to.toISOString();
    const detail = `The revocation list of ${certificate.subject} is to be renewed by ${end}.`;
    return [finding('CRL_EXPIRES_SOON', { detail, expected, actual: end, fix: OURS })];
  }

  /** A list that is past its end is CRL_STALE; but of an issuer whose ledger is at hand no list was asked. */
  function isSaidAlready({ issuer, to }: AuthorityLists): boolean {
    return to <= at && !trust.ledgers.some(({ issuerKey }) => issuerKey === issuer.publicKeyFingerprint);
  }
}

/** The signer's issuer, and what issued that, up to the root. */
function authoritiesAbove(signer: ReportedSigner, trust: Trust): readonly TrustedAuthority[] {
  const all = trustedAuthorities(trust);
  const path: TrustedAuthority[] = [];
  let next = lastToEnd(all.filter(({ certificate }) => printable(certificate.subject, MAX_NAME) === signer.issuer));
  while (next !== null && !path.includes(next)) {
    path.push(next);
    const { certificate } = next;
    next = lastToEnd(all.filter((above) => isIssuedBy(certificate, above.certificate)));
  }
  return path;
}

function lastToEnd(authorities: readonly TrustedAuthority[]): TrustedAuthority | null {
  const [last] = [...authorities].sort((one, other) => other.to.getTime() - one.to.getTime());
  return last ?? null;
}
