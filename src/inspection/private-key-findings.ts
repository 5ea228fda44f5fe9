import type { Finding } from '../report/finding.js';
import { findingList } from '../report/finding-list.js';
import type { ReportedSigner } from '../report/report.js';
import { printable } from '../report/printable.js';
import type { ExposedKey, PrivateKeys } from './private-keys.js';

/** A certificate that a private key in an upload might be the key of. */
export interface KnownCertificate {
  readonly publicKeyFingerprint: string;
  /** Upper-case hex. */
  readonly serial: string;
  readonly commonName: string;
  readonly isRevoked: boolean;
  /** What makes it worth naming, after "which": `signs this archive`. */
  readonly role: string;
}

/** The certificate that an upload is signed with. */
export function asKnownCertificate(signer: ReportedSigner): KnownCertificate {
  const { publicKeyFingerprint, serial, commonName } = signer;
  return { publicKeyFingerprint, serial, commonName, isRevoked: false, role: 'signs this app' };
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
    const detail = 'More places in it look like the beginning of a key than are read, so it may hold others.';
    findings.add('PRIVATE_KEY_IN_ARCHIVE', { path, detail });
  }
  return findings.all;
}

/** `findings` with what is said of private keys put in the place of what was said of them before. */
export function replacePrivateKeyFindings(
  findings: readonly Finding[],
  replacement: readonly Finding[],
): readonly Finding[] {
  return [...replacement, ...findings.filter(({ code }) => code !== 'PRIVATE_KEY_IN_ARCHIVE')];
}

/** The certificates that have the key's public half. */
export function certificatesOf<Certificate extends Pick<KnownCertificate, 'publicKeyFingerprint'>>(
  { publicKeyFingerprint }: ExposedKey,
  certificates: readonly Certificate[],
): readonly Certificate[] {
  if (publicKeyFingerprint === null) return [];
  return certificates.filter((certificate) => certificate.publicKeyFingerprint === publicKeyFingerprint);
}

function describe({ format, encrypted, offset }: ExposedKey): string {
  return `${format}, ${encrypted ? 'encrypted' : 'not encrypted'}, at byte ${offset}.`;
}

function describeMatch({ proven }: ExposedKey, matches: readonly KnownCertificate[]): string {
  const names = matches.slice(0, MAX_NAMED).map(({ serial, commonName, role }) => {
    return `${serial} (CN=${printable(commonName, MAX_NAME)}), which ${role}`;
  });
  const more = matches.length > MAX_NAMED ? `, and of ${matches.length - MAX_NAMED} more` : '';
  const certificates = `the certificate ${names.join(', and of the certificate ')}${more}`;
  if (proven) return `It is the key of ${certificates}.`;
  return `The public key beside it is that of ${certificates}; whether the private one belongs to it can't be seen.`;
}

function remedyFor(matches: readonly KnownCertificate[]): string {
  const afterwards =
    'make a new key outside of the folder (portcullis keygen), request a certificate for it (portcullis csr), and sign again without this file.';
  const valid = matches.filter(({ isRevoked }) => !isRevoked).slice(0, MAX_NAMED);
  const serials = valid.map(({ serial }) => serial);
  if (serials.length === 0) return `Its certificate is revoked already; ${afterwards}`;
  const commands = serials.map((serial) => `portcullis ca revoke ${serial} --reason keyCompromise`).join('; ');
  return (
    `Have the certificate revoked, for whoever has seen this file can sign with it: ask the store, naming the serial ${serials.join(', ')} ` +
    `(the store's operator runs: ${commands}). Then ${afterwards}`
  );
}
