import { X509Certificate, createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DerError, TAG, contextTag, readDer, readFields } from './der.js';
import type { DerValue, Fields } from './der.js';
import { integerHex, smallInteger, time } from './der-values.js';
import {
  EXTENSION,
  readAuthorityKeyId,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
  readSubjectKeyId,
} from './extensions.js';
import type { BasicConstraints, Extension, KeyUsage } from './extensions.js';
import { readName } from './names.js';
import { PemError, readDerOrPem } from './pem.js';
import { readPublicKey } from './public-key.js';
import { isSignedWith, readSigned } from './signed.js';
import type { SignedDocument } from './signed.js';

/** An X.509 certificate (RFC 5280 §4.1), read but not judged: nothing here says that it is to be trusted. */
export interface Certificate {
  readonly der: Buffer;
  readonly version: 1 | 2 | 3;
  /** One line for people, escaped; never to be parsed or compared. */
  readonly subject: string;
  readonly issuer: string;
  /** All commonNames of the subject, in order; of a leaf exactly one is expected. */
  readonly commonNames: readonly string[];
  /** Hex of the DER of the names, for matching by bytes. */
  readonly subjectId: string;
  readonly issuerId: string;
  /** Upper-case hex, as `openssl x509 -serial` prints it. */
  readonly serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly publicKeyFingerprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly keyType: 'rsa' | 'ec' | 'other';
  readonly keyBits: number | null;
  /** `P-256`, `P-384`, `P-521`, or openssl's name of another curve; null for what is not an EC key. */
  readonly curve: string | null;
  /** Such as `sha256WithRSAEncryption` or `ecdsa-with-SHA384`; the dotted identifier of one that we don't know. */
  readonly signatureAlgorithm: string;
  /** Of these, null means that the extension is absent. */
  readonly basicConstraints: BasicConstraints | null;
  readonly keyUsage: ReadonlySet<KeyUsage> | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  /** Critical extensions that this reader does not process: who does not understand one must refuse (RFC 5280 §4.2). */
  readonly unknownCriticalExtensions: readonly string[];
}

/** The input is no certificate, not exactly one, or one that its readers would read differently. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** Real certificates take 1 to 3 KiB; what is larger than this is not read at all. */
const maxCertificateBytes = 64 * 1024;
const maxBundleBytes = 1024 * 1024;
const maxBundleCertificates = 100;

const processedExtensions: ReadonlySet<string> = new Set([
  EXTENSION.subjectKeyIdentifier,
  EXTENSION.keyUsage,
  EXTENSION.basicConstraints,
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.extendedKeyUsage,
]);

/**
 * Reads a certificate from DER, or from PEM that holds exactly one; as with openssl, other text around it is passed over.
 * Throws CertificateError, also for two certificates: a bundle is read with parseCertificates.
 */
export function parseCertificate(input: Buffer | string): Certificate {
  const [certificate, ...others] = parseCertificates(input);
  if (certificate === undefined || others.length > 0) {
    throw new CertificateError(`There are ${others.length + 1} certificates where exactly one was expected.`);
  }
  return certificate;
}

/** Reads the certificates of a file, one or more, in their order: PEM, or DER of a single one. Throws CertificateError. */
export function parseCertificates(input: Buffer | string): readonly Certificate[] {
  if (input.length > maxBundleBytes) throw new CertificateError('The certificates are too large.');
  const documents = asCertificateError(() => readDerOrPem(input, 'CERTIFICATE'));
  if (documents.length === 0) throw new CertificateError('There is no certificate.');
  if (documents.length > maxBundleCertificates) throw new CertificateError('There are too many certificates.');
  return documents.map(readCertificate);
}

const issuances = new WeakMap<Certificate, WeakMap<KeyObject, boolean>>();

/** Whether the owner of `issuer`'s key signed `certificate`. Says nothing about whether it was allowed to. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  const known = issuances.get(certificate) ?? new WeakMap<KeyObject, boolean>();
  issuances.set(certificate, known);
  const answer = known.get(issuer.publicKey) ?? isSignedWith(readSigned(certificate.der), issuer.publicKey);
  known.set(issuer.publicKey, answer);
  return answer;
}

/** Whether a certificate names itself as its issuer and was signed with its own key. */
export function isSelfSigned(certificate: Certificate): boolean {
  return certificate.subjectId === certificate.issuerId && isSignedBy(certificate, certificate);
}

function readCertificate(input: Buffer): Certificate {
  if (input.length > maxCertificateBytes) {
    throw new CertificateError(`A certificate has ${input.length} bytes, ${maxCertificateBytes} are the most.`);
  }
  // A copy of our own: a view into a caller's buffer could change after it was judged.
  const der = Buffer.from(input);
  return asCertificateError(() => {
    const document = readSigned(der);
    const certificate = readBody(der, document);
    confirmWithOpenssl(certificate);
    return certificate;
  });
}

function readBody(der: Buffer, document: SignedDocument): Certificate {
  const fields = readFields(document.body);
  const version = readVersion(fields.takeIf(contextTag(0)));
  const serial = integerHex(fields.take('the serial number', TAG.integer));
  const innerAlgorithm = fields.take('the signature algorithm', TAG.sequence);
  const issuer = readName(fields.take('the issuer', TAG.sequence));
  const validity = readFields(fields.take('the validity', TAG.sequence));
  const notBefore = time(validity.take('the start of the validity'));
  const notAfter = time(validity.take('the end of the validity'));
  validity.end();
  const subject = readName(fields.take('the subject', TAG.sequence));
  const publicKey = readPublicKey(fields.take('the public key', TAG.sequence));
  fields.takeIf(0x81); // issuerUniqueID and subjectUniqueID: of no use to anybody, but legal from version 2 on
  fields.takeIf(0x82);
  const extensions = readExtensionsField(fields, version);
  fields.end();

  // RFC 5280 §4.1.1.2. The copy outside the signed part could otherwise be swapped by whoever carries the certificate.
  if (!innerAlgorithm.bytes.equals(document.algorithmBytes)) throw new DerError('its signature algorithms differ');

  const read = <T>(id: string, reader: (extension: Extension) => T): T | null => {
    const extension = extensions.get(id);
    return extension === undefined ? null : reader(extension);
  };
  return {
    der,
    version,
    subject: subject.text,
    issuer: issuer.text,
    commonNames: subject.commonNames,
    subjectId: subject.id,
    issuerId: issuer.id,
    serial,
    fingerprint: createHash('sha256').update(der).digest('hex'),
    publicKeyFingerprint: publicKey.fingerprint,
    notBefore,
    notAfter,
    publicKey: publicKey.key,
    keyType: publicKey.type,
    keyBits: publicKey.bits,
    curve: publicKey.curve,
    signatureAlgorithm: document.algorithm.name,
    basicConstraints: read(EXTENSION.basicConstraints, readBasicConstraints),
    keyUsage: read(EXTENSION.keyUsage, readKeyUsage),
    extendedKeyUsage: read(EXTENSION.extendedKeyUsage, readExtendedKeyUsage),
    subjectKeyId: read(EXTENSION.subjectKeyIdentifier, readSubjectKeyId),
    authorityKeyId: read(EXTENSION.authorityKeyIdentifier, readAuthorityKeyId),
    unknownCriticalExtensions: [...extensions.values()]
      .filter(({ id, critical }) => critical && !processedExtensions.has(id))
      .map(({ id }) => id),
  };
}

function readVersion(field: DerValue | null): 1 | 2 | 3 {
  const version = field === null ? 0 : smallInteger(readDer(field.content));
  if (version !== 0 && version !== 1 && version !== 2) throw new DerError('its version is unknown');
  return version === 0 ? 1 : version === 1 ? 2 : 3;
}

function readExtensionsField(fields: Fields, version: number): ReadonlyMap<string, Extension> {
  const field = fields.takeIf(contextTag(3));
  if (field === null) return new Map();
  // Readers that go by the version would not see the extensions, readers that go by the field would.
  if (version !== 3) throw new DerError('it has extensions, which its version does not know');
  return readExtensions(readDer(field.content));
}

/**
 * Asks openssl for a second opinion. An attacker's best hope is a certificate that two readers read differently; so what
 * both can tell must be the same. (Node looks for PEM inside of DER first: `raw` gives away that it read another one.)
 */
function confirmWithOpenssl(certificate: Certificate): void {
  const other = new X509Certificate(certificate.der);
  const agrees =
    other.raw.equals(certificate.der) &&
    BigInt(`0x${other.serialNumber.replace('-', '')}`) === BigInt(`0x${certificate.serial.replace('-', '')}`) &&
    Date.parse(other.validFrom) === certificate.notBefore.getTime() &&
    Date.parse(other.validTo) === certificate.notAfter.getTime() &&
    other.publicKey.equals(certificate.publicKey);
  if (!agrees) throw new DerError('openssl reads it differently');
}

/** Whatever breaks while reading hostile bytes, openssl's errors and RangeErrors included, comes out as one type. */
function asCertificateError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const known = error instanceof DerError || error instanceof PemError;
    const reason = known ? error.message : 'openssl can not read it';
    throw new CertificateError(`It is no valid certificate: ${reason}.`, { cause: error });
  }
}
