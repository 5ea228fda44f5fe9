import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.js';
import { DerError, TAG, contextTag, readChildren, readDer, readFields } from './der.js';
import type { DerValue } from './der.js';
import { integerHex, oid, smallInteger } from './der-values.js';
import { EXTENSION, readExtensions } from './extensions.js';
import { publicKeyBits } from './public-key.js';

/** Which certificate is asked about (RFC 6960 §4.1.1): its issuer by the digests of name and key, and its serial. */
export interface OcspCertId {
  /** The bytes as they were asked, for the answer to repeat. */
  readonly der: Buffer;
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Spelt as in Certificate.serial. */
  readonly serial: string;
}

/** What is asked of an OCSP responder, in the order in which it is asked. */
export interface OcspRequest {
  readonly certIds: readonly OcspCertId[];
  /** To be repeated in the answer, so that an old one can't pass for it; null where none was sent. */
  readonly nonce: Buffer | null;
}

/** The input is no OCSP request, or one that asks for more than is answered here. */
export class OcspError extends Error {
  override readonly name = 'OcspError';
}

const maxBytes = 16 * 1024;
const maxCertIds = 10;
/** RFC 9654 §2.1. A longer one is refused, or we would sign whatever somebody wants signed. */
export const maxNonceBytes = 128;

/** SHA-1 serves to name an issuer here, not to prove anything; it is what every client sends. */
const hashes: Readonly<Record<string, OcspCertId['hash']>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const hashBytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/**
 * Reads a request (RFC 6960 §4.1). A signature of whoever asks is not looked at: the answer is the same for everybody.
 * Throws OcspError, which is the answer `malformedRequest`.
 */
export function parseOcspRequest(der: Buffer): OcspRequest {
  if (der.length > maxBytes) throw new OcspError('The OCSP request is too large.');
  try {
    return readRequest(readDer(Buffer.from(der)));
  } catch (error) {
    const reason = error instanceof DerError ? error.message : 'it can not be read';
    throw new OcspError(`It is no valid OCSP request: ${reason}.`, { cause: error });
  }
}

/** Whether a certificate is asked about that this authority issued, going by the digests of its name and its key. */
export function isCertIdOf(certId: OcspCertId, issuer: Certificate): boolean {
  const digest = (bytes: Buffer): Buffer => createHash(certId.hash).update(bytes).digest();
  return (
    certId.issuerNameHash.equals(digest(Buffer.from(issuer.subjectId, 'hex'))) &&
    certId.issuerKeyHash.equals(digest(publicKeyBitsOf(issuer)))
  );
}

/** The BIT STRING of an authority's key, without tag, length and unused bits: what OCSP names it by. */
export function publicKeyBitsOf({ publicKey }: Certificate): Buffer {
  return publicKeyBits(readDer(publicKey.export({ type: 'spki', format: 'der' })));
}

function readRequest(value: DerValue): OcspRequest {
  const fields = readFields(value);
  const body = readFields(fields.take('the request', TAG.sequence));
  fields.takeIf(contextTag(0)); // the signature
  fields.end();

  const version = body.takeIf(contextTag(0));
  if (version !== null && smallInteger(readDer(version.content)) !== 0) throw new DerError('its version is not known');
  body.takeIf(contextTag(1)); // the name of who asks
  const list = body.take('the list of what is asked', TAG.sequence);
  const extensions = body.takeIf(contextTag(2));
  body.end();
  const certIds = readChildren(list, maxCertIds).map(readSingleRequest);
  if (certIds.length === 0) throw new DerError('it asks about nothing');
  return { certIds, nonce: extensions === null ? null : readNonce(extensions) };
}

function readSingleRequest(value: DerValue): OcspCertId {
  const fields = readFields(value);
  const certId = readCertId(fields.take('the certificate that is asked about', TAG.sequence));
  const extensions = fields.takeIf(contextTag(0));
  fields.end();
  if (extensions !== null) refuseCritical(extensions);
  return certId;
}

function readCertId(value: DerValue): OcspCertId {
  const fields = readFields(value);
  const algorithm = readFields(fields.take('the digest algorithm', TAG.sequence));
  const hash = hashes[oid(algorithm.take('the digest algorithm', TAG.oid))];
  algorithm.takeIf(TAG.null);
  algorithm.end();
  const issuerNameHash = fields.take("the digest of the issuer's name", TAG.octetString).content;
  const issuerKeyHash = fields.take("the digest of the issuer's key", TAG.octetString).content;
  const serial = integerHex(fields.take('the serial number', TAG.integer));
  fields.end();
  if (hash === undefined) throw new DerError('a digest algorithm is not known');
  if ([issuerNameHash, issuerKeyHash].some(({ length }) => length !== hashBytes[hash])) {
    throw new DerError('a digest is not as long as its algorithm makes it');
  }
  return { der: value.bytes, hash, issuerNameHash, issuerKeyHash, serial };
}

function readNonce(field: DerValue): Buffer | null {
  const extension = refuseCritical(field).get(EXTENSION.ocspNonce);
  if (extension === undefined) return null;
  const { tag, content } = readDer(extension.value);
  if (tag !== TAG.octetString || content.length < 1 || content.length > maxNonceBytes) {
    throw new DerError(`its nonce does not have 1 to ${maxNonceBytes} octets`);
  }
  return content;
}

/** RFC 6960 §4.4: what is critical and not known may change what is asked. */
function refuseCritical(field: DerValue): ReturnType<typeof readExtensions> {
  const extensions = readExtensions(readDer(field.content));
  for (const { id, critical } of extensions.values()) {
    if (critical && id !== EXTENSION.ocspNonce) throw new DerError(`its critical extension ${id} is not known`);
  }
  return extensions;
}
