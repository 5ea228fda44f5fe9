import type { Finding } from '../report/finding.js';
import { findingList } from '../report/finding-list.js';
import type { ReportedSigner } from '../report/report.js';
import { printable } from '../report/printable.js';
import { fingerprintsOf } from '../pki/private-key-found.js';
import type { ExposedKey, PrivateKeys } from './private-keys.js';

/** A certificate that a private key in an upload might be the key of. */
export interface KnownCertificate {
  readonly publicKeyFingerprint: string;
  /** Upper-case hex. */
  readonly serial: string;
  readonly commonName: string;
  readonly isRevoked: boolean;
  /**
   * Who stands for it: this store's own authority, which has this serial with this public key in its ledger; another that is
   * trusted; or nobody, and then its serial and name are what its maker wrote and may be another certificate's.
   */
  readonly voucher: 'this store' | 'another' | 'nobody';
  /** What makes it worth naming, after "which": `signs this archive`. */
  readonly role: string;
}

/**
 * The certificate that an upload is signed with.
 *
 * @param findings about the signature: whether its chain is trusted
 */
export function asKnownCertificate(signer: ReportedSigner, findings: readonly Finding[]): KnownCertificate {
  const { publicKeyFingerprint, serial, commonName } = signer;
  const voucher = findings.some(({ code }) => code === 'BAD_CHAIN') ? 'nobody' : 'another';
  return { publicKeyFingerprint, serial, commonName, isRevoked: false, voucher, role: 'signs this app' };
}

const MAX_NAMED = 3;
const MAX_NAME = 100;

/**
 * Says of every private key what it is and where, and of which certificate it is the key; those that are the key of one
 * come first. Nothing of a key itself is in a finding.
 */
export function privateKeyFindings(
  { keys, unexamined }: PrivateKeys,
  certificates: readonly KnownCertificate[],
): readonly Finding[] {
  const findings = findingList();
  const matched = keys.map((key) => ({ key, matches: certificatesOf(key, certificates) }));
  const first = matched.filter(({ matches }) => matches.length > 0);
  for (const { key, matches } of first) {
    const detail = `${describe(key)} ${describeMatch(key, matches)}`;
    findings.add('PRIVATE_KEY_IN_ARCHIVE', { path: key.path, detail, fix: remedyFor(matches) });
  }
  for (const { key, matches } of matched) {
    if (matches.length === 0) findings.add('PRIVATE_KEY_IN_ARCHIVE', { path: key.path, detail: describe(key) });
  }
  for (const path of unexamined) {
    findings.add('PRIVATE_KEY_SEARCH_INCOMPLETE', { path });
  }
  return findings.all;
}

const CODES: readonly string[] = ['PRIVATE_KEY_IN_ARCHIVE', 'PRIVATE_KEY_SEARCH_INCOMPLETE'];

/** `findings` with what is said of private keys put in the place of what was said of them before. */
export function replacePrivateKeyFindings(
  findings: readonly Finding[],
  replacement: readonly Finding[],
): readonly Finding[] {
  return [...replacement, ...findings.filter(({ code }) => !CODES.includes(code))];
}

/** The certificates that have the key's public half. */
export function certificatesOf<Certificate extends Pick<KnownCertificate, 'publicKeyFingerprint'>>(
  key: ExposedKey,
  certificates: readonly Certificate[],
): readonly Certificate[] {
  const fingerprints = fingerprintsOf(key);
  return certificates.filter(({ publicKeyFingerprint }) => fingerprints.includes(publicKeyFingerprint));
}

function describe({ format, encrypted, offset }: ExposedKey): string {
  return `${format}, ${encrypted ? 'encrypted' : 'not encrypted'}, at byte ${offset}.`;
}

function describeMatch({ proven }: ExposedKey, all: readonly KnownCertificate[]): string {
  const matches = all.filter(isVouchedFor);
  if (matches.length === 0) {
    const signer = "the certificate in the archive's signature, which no trusted authority vouches for";
    return proven
      ? `It is the key of ${signer}.`
      : `The public key beside it is that of ${signer}; whether the private one belongs to it can't be seen.`;
  }
  const names = matches.slice(0, MAX_NAMED).map(({ serial, commonName, role }) => {
    // A common name is free text, which might say something else about the key.
    return `${serial} (CN=${JSON.stringify(printable(commonName, MAX_NAME))}), which ${role}`;
  });
  const more = matches.length > MAX_NAMED ? `, and of ${matches.length - MAX_NAMED} more` : '';
  const certificates = `the certificate ${names.join(', and of the certificate ')}${more}`;
  if (proven) return `It is the key of ${certificates}.`;
  return `The public key beside it is that of ${certificates}; whether the private one belongs to it can't be seen.`;
}

function isVouchedFor({ voucher }: KnownCertificate): boolean {
  return voucher !== 'nobody';
}

function remedyFor(matches: readonly KnownCertificate[]): string {
  const afterwards =
    'make a new key outside of the folder (portcullis keygen), request a certificate for it (portcullis csr), and sign again without this file.';
  const known = matches.filter(isVouchedFor);
  if (known.length === 0) return `Use the key no longer; ${afterwards}`;
  const valid = known.filter(({ isRevoked }) => !isRevoked).slice(0, MAX_NAMED);
  if (valid.length === 0) return `Its certificate is revoked already; ${afterwards}`;
  const serialsOf = (voucher: KnownCertificate['voucher']): readonly string[] =>
    valid.filter((certificate) => certificate.voucher === voucher).map(({ serial }) => serial);
  const [own, others] = [serialsOf('this store'), serialsOf('another')];
  const commands = own.map((serial) => `portcullis certificate revoke ${serial} --reason keyCompromise`).join('; ');
  const requests = [
    ...(own.length > 0
      ? [`${commands}; or without an account, signed with the key itself: POST /api/v1/revocations of the store`]
      : []),
    ...(others.length > 0 ? [`ask whoever issued it, naming the serial ${others.join(', ')}`] : []),
  ].join('; ');
  return `Have the certificate revoked, for whoever has seen this file can sign with it: ${requests}. Then ${afterwards}`;
}
