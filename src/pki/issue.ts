import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isSignedBy, parseCertificate } from './certificate.js';
import type { Certificate } from './certificate.js';
import { readDer } from './der.js';
import {
  writeBoolean,
  writeExplicit,
  writeInteger,
  writeNamedBits,
  writeOctetString,
  writeOid,
  writeSequence,
  writeTime,
  writeValue,
} from './der-writer.js';
import { EXTENSION, keyUsageBit } from './extensions.js';
import { isSameKeyPair } from './keys.js';
import { writeName } from './names.js';
import type { SubjectName } from './names.js';
import { backdateMs, findProfileFaults, latestEnd, rootProfile } from './profiles.js';
import type { CertificateProfile } from './profiles.js';
import { publicKeyBits } from './public-key.js';
import { draftDocument, signDocument, signingAlgorithmOf } from './sign-document.js';
import type { Signer } from './signer.js';

/** An authority that we can sign for. */
export interface Authority {
  readonly certificate: Certificate;
  readonly signer: Signer;
}

/** Time and randomness come from outside, so that an issue can be repeated in a test. */
export interface IssueContext {
  readonly now: Date;
  /** Like node:crypto's randomBytes. */
  readonly randomBytes: (size: number) => Buffer;
}

/** What was to be signed does not fit its profile. Nothing was signed. */
export class IssueError extends Error {
  override readonly name = 'IssueError';
  constructor(readonly faults: readonly string[]) {
    super(`Refused to sign: ${faults.join('; ')}.`);
  }
}

/** Issues a root to itself. Rejects with IssueError. */
export async function issueRoot(
  input: { readonly subject: SubjectName; readonly signer: Signer } & IssueContext,
): Promise<Certificate> {
  const { subject, signer } = input;
  return issue(rootProfile, { subject, publicKey: signer.publicKey, signer, issuer: null }, input);
}

/**
 * Issues a certificate by a profile, valid from five minutes ago until the profile's years are over or its issuer ends.
 * The finished bytes are read back and checked against the profile before the authority's key touches them. Rejects
 * with IssueError when they don't fit, with RangeError when the name or the key can't be written at all.
 */
export async function issueCertificate(
  input: {
    readonly profile: CertificateProfile;
    readonly subject: SubjectName;
    readonly publicKey: KeyObject;
    readonly authority: Authority;
    /** Where the authority's revocation list can be fetched, to be named in the certificate. */
    readonly revocationListUrl?: string;
    /** An end sooner than the profile's; a later one changes nothing. */
    readonly notAfter?: Date;
  } & IssueContext,
): Promise<Certificate> {
  const { profile, subject, publicKey, authority, revocationListUrl, notAfter } = input;
  if (!isSameKeyPair(authority.signer.publicKey, authority.certificate.publicKey)) {
    throw new IssueError(["the private key is not that of the authority's certificate"]);
  }
  const parties = { subject, publicKey, signer: authority.signer, issuer: authority.certificate };
  const wishes = {
    ...(revocationListUrl !== undefined && { revocationListUrl }),
    ...(notAfter !== undefined && { notAfter }),
  };
  return issue(profile, { ...parties, ...wishes }, input);
}

/** 128 random bits, so that nobody can foresee what will be signed, nor meet a serial of another certificate. */
export const SERIAL_BYTES = 16;

/** The serial that comes of these random octets, as Certificate.serial spells it: a 1 before them keeps it positive and long. */
export function serialOf(octets: Buffer): string {
  return `01${octets.toString('hex')}`.toUpperCase();
}

/** A serial as it goes into a certificate. */
export function randomSerial(randomBytes: (size: number) => Buffer): bigint {
  return BigInt(`0x${serialOf(randomBytes(SERIAL_BYTES))}`);
}

interface Parties {
  readonly subject: SubjectName;
  readonly publicKey: KeyObject;
  readonly signer: Signer;
  /** Null for a root, which is its own. */
  readonly issuer: Certificate | null;
  readonly revocationListUrl?: string;
  readonly notAfter?: Date;
}

async function issue(profile: CertificateProfile, parties: Parties, context: IssueContext): Promise<Certificate> {
  const { issuer, signer } = parties;
  const body = writeBody(profile, parties, context);

  const draft = parseCertificate(draftDocument(body, signer));
  const faults = findProfileFaults(draft, profile, issuer);
  if (faults.length > 0) throw new IssueError(faults);

  const certificate = parseCertificate(await signDocument(body, signer));
  // A fault in the machine can make a signature that gives the key away (Boneh, DeMillo, Lipton 1997): it must not get out.
  if (!isSignedBy(certificate, issuer ?? certificate)) throw new IssueError(['the signature does not verify']);
  return certificate;
}

function writeBody(profile: CertificateProfile, parties: Parties, { now, randomBytes }: IssueContext): Buffer {
  const { subject, publicKey, signer, issuer } = parties;
  const name = writeName(subject);
  const notBefore = new Date(
    Math.max(wholeSeconds(now.getTime() - backdateMs), issuer?.notBefore.getTime() ?? -Infinity),
  );
  const ends = [latestEnd(notBefore, profile), issuer?.notAfter.getTime(), parties.notAfter?.getTime()];
  const notAfter = new Date(Math.min(...ends.map((end) => end ?? Infinity)));
  return writeSequence(
    writeExplicit(0, writeInteger(2)),
    writeInteger(randomSerial(randomBytes)),
    signingAlgorithmOf(signer.publicKey).identifier,
    issuer === null ? name : Buffer.from(issuer.subjectId, 'hex'),
    writeSequence(writeTime(notBefore), writeTime(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    writeExplicit(3, writeSequence(...writeExtensions(profile, parties))),
  );
}

function writeExtensions(profile: CertificateProfile, parties: Parties): readonly Buffer[] {
  const { publicKey, issuer, revocationListUrl } = parties;
  const { basicConstraints, keyUsage, extendedKeyUsage } = profile;
  const { ca, pathLength } = basicConstraints;
  const keyId = keyIdentifier(publicKey);
  const issuerKeyId = issuer === null ? keyId : Buffer.from(issuer.subjectKeyId ?? '', 'hex');
  return [
    writeExtension(
      EXTENSION.basicConstraints,
      // CA:FALSE is the default, and DER leaves defaults out: an empty SEQUENCE says it.
      writeSequence(...(ca ? [writeBoolean(true)] : []), ...(pathLength === null ? [] : [writeInteger(pathLength)])),
      true,
    ),
    writeExtension(EXTENSION.keyUsage, writeNamedBits(keyUsage.map(keyUsageBit)), true),
    ...(extendedKeyUsage === null
      ? []
      : [writeExtension(EXTENSION.extendedKeyUsage, writeSequence(...extendedKeyUsage.map(writeOid)))]),
    writeExtension(EXTENSION.subjectKeyIdentifier, writeOctetString(keyId)),
    writeExtension(EXTENSION.authorityKeyIdentifier, writeAuthorityKeyId(issuerKeyId)),
    ...(revocationListUrl === undefined
      ? []
      : [writeExtension(EXTENSION.crlDistributionPoints, writeDistributionPoint(revocationListUrl))]),
  ];
}

/** One entry of an Extensions list (RFC 5280 §4.2). */
export function writeExtension(id: string, value: Buffer, critical = false): Buffer {
  return writeSequence(writeOid(id), ...(critical ? [writeBoolean(true)] : []), writeOctetString(value));
}

/** The value of an authorityKeyIdentifier that names the key alone (RFC 5280 §4.2.1.1). */
export function writeAuthorityKeyId(keyId: Buffer): Buffer {
  return writeSequence(writeValue(0x80, keyId));
}

/** RFC 5280 §4.2.1.13: one distribution point, its full name a URI. */
function writeDistributionPoint(url: string): Buffer {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(url)) throw new RangeError('A revocation list is fetched from an http(s) URL.');
  const fullName = writeValue(0xa0, writeValue(0x86, Buffer.from(url, 'ascii')));
  return writeSequence(writeSequence(writeExplicit(0, fullName)));
}

/** RFC 7093 §2, method 1: the leftmost 160 bits of the SHA-256 of the key. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const bits = publicKeyBits(readDer(publicKey.export({ type: 'spki', format: 'der' })));
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
