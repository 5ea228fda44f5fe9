import { createHash, verify } from 'node:crypto';
import { CertificateError, parseCertificate } from './certificate.js';
import type { Certificate } from './certificate.js';
import { digestId } from './cms-algorithms.js';
import { ATTRIBUTE, readSignerInfo } from './cms-signer-info.js';
import type { SignerInfo } from './cms-signer-info.js';
import { DerError, TAG, contextTag, readChildren, readDer, readFields } from './der.js';
import type { DerValue } from './der.js';
import { oid, smallInteger } from './der-values.js';
import {
  writeExplicit,
  writeInteger,
  writeOctetString,
  writeOid,
  writeSequence,
  writeSet,
  writeValue,
} from './der-writer.js';
import { isSameKeyPair } from './keys.js';
import { PemError, readDerOrPem, writePem } from './pem.js';
import { signingAlgorithmOf } from './sign-document.js';
import type { Signer } from './signer.js';

/**
 * A signed message that carries its content (CMS SignedData, RFC 5652 §5), read but not verified: isSignedDataOf does.
 */
export interface SignedData {
  readonly content: Buffer;
  /** Those that came along, believed in nothing. */
  readonly certificates: readonly Certificate[];
  readonly signers: readonly SignerInfo[];
}

/** The input is no signed message, or not one of the kind that is taken here. */
export class CmsError extends Error {
  override readonly name = 'CmsError';
}

const maxBytes = 64 * 1024;
const maxSigners = 4;
const maxCertificates = 8;

const idSignedData = '1.2.840.113549.1.7.2';
const idData = '1.2.840.113549.1.7.1';

/** Of openssl cms, of openssl smime, and of the oldest tools. */
const labels = ['CMS', 'PKCS7', 'PKCS #7 SIGNED DATA'] as const;

/**
 * Reads a signed message from DER, or from PEM that holds exactly one. Its content must be plain data, and be inside.
 * Strict DER: the BER that `-stream` makes is refused, for it can say one thing in many ways. Throws CmsError.
 */
export function parseSignedData(input: Buffer | string): SignedData {
  if (input.length > maxBytes) throw new CmsError('The signed message is too large.');
  try {
    const [document, ...others] = readDerOrPem(input, ...labels);
    if (document === undefined || others.length > 0) throw new DerError('exactly one message was expected');
    return readContentInfo(Buffer.from(document));
  } catch (error) {
    const known = error instanceof DerError || error instanceof PemError || error instanceof CertificateError;
    const reason = known ? error.message.replace(/\.$/, '') : 'it can not be read';
    throw new CmsError(`It is no valid signed message: ${reason}.`, { cause: error });
  }
}

/**
 * Whether this signer names this certificate, and its signature over the content was made with the certificate's key
 * (RFC 5652 §5.4 and §5.6). Says nothing about the certificate itself. Never throws: what breaks is no.
 */
export function isSignedDataOf(signer: SignerInfo, { content }: SignedData, certificate: Certificate): boolean {
  const { digest, algorithm, signedAttributes, signature } = signer;
  if (digest === null || algorithm === null || !namesCertificate(signer, certificate)) return false;
  if (certificate.publicKey.asymmetricKeyType !== algorithm.keyType) return false;
  if (signedAttributes === null) {
    // A signature over attributes is as well one over a content of the same bytes, which nobody meant to sign as such.
    if (content[0] === TAG.set) return false;
  } else {
    const { contentType, messageDigest } = signedAttributes;
    if (contentType !== idData || !createHash(digest).update(content).digest().equals(messageDigest)) return false;
  }
  try {
    const key = { key: certificate.publicKey, ...algorithm.pss };
    return verify(digest, signedAttributes?.bytes ?? content, key, signature);
  } catch {
    return false;
  }
}

/**
 * Signs a message with the key of a certificate, content, certificate and all, as `openssl cms -sign -nodetach` does.
 * Gives PEM. Rejects with CmsError when the key is not that of the certificate, RangeError for a key that signs
 * nothing here.
 */
export async function createSignedData(input: {
  readonly content: Buffer;
  readonly certificate: Certificate;
  readonly signer: Signer;
}): Promise<string> {
  const { content, certificate, signer } = input;
  if (!isSameKeyPair(signer.publicKey, certificate.publicKey)) {
    throw new CmsError('The private key is not that of the certificate.');
  }
  const { hash, identifier } = signingAlgorithmOf(signer.publicKey);
  const digestAlgorithm = writeSequence(writeOid(digestId(hash)));
  const messageDigest = createHash(hash).update(content).digest();
  const attributes = writeSet(
    writeSequence(writeOid(ATTRIBUTE.contentType), writeSet(writeOid(idData))),
    writeSequence(writeOid(ATTRIBUTE.messageDigest), writeSet(writeOctetString(messageDigest))),
  );
  const signerInfo = writeSequence(
    writeInteger(1),
    writeSequence(Buffer.from(certificate.issuerId, 'hex'), writeSerial(certificate.serial)),
    digestAlgorithm,
    writeExplicit(0, readDer(attributes).content),
    identifier,
    writeOctetString(await signer.sign(hash, attributes)),
  );
  const message = writeSequence(
    writeInteger(1),
    writeSet(digestAlgorithm),
    writeSequence(writeOid(idData), writeExplicit(0, writeOctetString(content))),
    writeValue(contextTag(0), certificate.der),
    writeSet(signerInfo),
  );
  const der = writeSequence(writeOid(idSignedData), writeExplicit(0, message));
  const readBack = parseSignedData(der);
  if (!readBack.signers.some((each) => isSignedDataOf(each, readBack, certificate))) {
    throw new CmsError('The signature does not verify.');
  }
  return writePem(der, 'CMS');
}

/** Certificate.serial as an INTEGER; negative ones are legal to read, and nothing that we write. */
function writeSerial(serial: string): Buffer {
  if (serial.startsWith('-')) throw new CmsError('The serial of the certificate is negative.');
  return writeInteger(BigInt(`0x${serial}`));
}

/** The certificate is named by the bytes of its issuer and its serial, or by its key identifier. */
function namesCertificate({ identifier }: SignerInfo, certificate: Certificate): boolean {
  if ('subjectKeyId' in identifier) return identifier.subjectKeyId === certificate.subjectKeyId;
  return identifier.issuerId === certificate.issuerId && identifier.serial === certificate.serial;
}

function readContentInfo(der: Buffer): SignedData {
  const fields = readFields(readMessage(der));
  if (oid(fields.take('the type of the message', TAG.oid)) !== idSignedData) throw new DerError('it is not signed');
  const message = readFields(readDer(fields.take('the message', contextTag(0)).content));
  fields.end();

  const version = smallInteger(message.take('the version', TAG.integer));
  if (version !== 1 && version !== 3) throw new DerError('its version is not known');
  message.take('the digest algorithms', TAG.set); // a hint for reading in one go; each signer says its own
  const content = readContent(message.take('the content', TAG.sequence));
  const certificates = message.takeIf(contextTag(0));
  message.takeIf(contextTag(1)); // revocation lists of the sender's choice
  const signers = readChildren(message.take('the signers', TAG.set), maxSigners).map(readSignerInfo);
  message.end();
  if (signers.length === 0) throw new DerError('nobody signed it');
  return { content, certificates: certificates === null ? [] : readCertificates(certificates), signers };
}

function readMessage(der: Buffer): DerValue {
  if (der[0] === TAG.sequence && der[1] === 0x80) {
    throw new DerError('it is written in BER, as openssl does with -stream; without -stream it is DER');
  }
  return readDer(der);
}

function readContent(value: DerValue): Buffer {
  const fields = readFields(value);
  const type = oid(fields.take('the type of the content', TAG.oid));
  const content = fields.takeIf(contextTag(0));
  fields.end();
  if (type !== idData) throw new DerError('its content is no plain data');
  if (content === null) throw new DerError('its content is not inside; openssl puts it there with -nodetach');
  const octets = readDer(content.content);
  if (octets.tag !== TAG.octetString) throw new DerError('its content is not one piece of octets');
  return octets.content;
}

function readCertificates(set: DerValue): readonly Certificate[] {
  return readChildren(set, maxCertificates).map(({ bytes }) => parseCertificate(bytes));
}
