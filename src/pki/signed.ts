import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DerError, TAG, readDer, readFields } from './der.js';
import type { DerValue } from './der.js';
import { bitStringOctets, oid } from './der-values.js';

/** How a certificate, a revocation list or a signing request is signed. */
export interface SignatureAlgorithm {
  /** Its name, such as `ecdsa-with-SHA384`; the dotted identifier when it is not one of ours. */
  readonly name: string;
  /** Whether collisions are out of reach today: MD5 and SHA-1 are known so that they can be named, never trusted. */
  readonly strong: boolean;
  readonly hash: string | null;
  readonly keyType: 'rsa' | 'ec' | null;
}

/** What certificates, revocation lists and signing requests have in common: SEQUENCE { body, algorithm, signature }. */
export interface SignedDocument {
  readonly body: DerValue;
  readonly algorithm: SignatureAlgorithm;
  /** The AlgorithmIdentifier as it stands, for comparing with the copy inside the body. */
  readonly algorithmBytes: Buffer;
  readonly signature: Buffer;
}

const algorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': { name: 'md5WithRSAEncryption', strong: false, hash: 'md5', keyType: 'rsa' },
  '1.2.840.113549.1.1.5': { name: 'sha1WithRSAEncryption', strong: false, hash: 'sha1', keyType: 'rsa' },
  '1.2.840.113549.1.1.11': { name: 'sha256WithRSAEncryption', strong: true, hash: 'sha256', keyType: 'rsa' },
  '1.2.840.113549.1.1.12': { name: 'sha384WithRSAEncryption', strong: true, hash: 'sha384', keyType: 'rsa' },
  '1.2.840.113549.1.1.13': { name: 'sha512WithRSAEncryption', strong: true, hash: 'sha512', keyType: 'rsa' },
  '1.2.840.10045.4.1': { name: 'ecdsa-with-SHA1', strong: false, hash: 'sha1', keyType: 'ec' },
  '1.2.840.10045.4.3.2': { name: 'ecdsa-with-SHA256', strong: true, hash: 'sha256', keyType: 'ec' },
  '1.2.840.10045.4.3.3': { name: 'ecdsa-with-SHA384', strong: true, hash: 'sha384', keyType: 'ec' },
  '1.2.840.10045.4.3.4': { name: 'ecdsa-with-SHA512', strong: true, hash: 'sha512', keyType: 'ec' },
};

/** Takes a signed document apart, verifying nothing yet. Throws DerError. */
export function readSigned(der: Buffer): SignedDocument {
  const fields = readFields(readDer(der));
  const body = fields.take('the signed part', TAG.sequence);
  const algorithm = fields.take('the signature algorithm', TAG.sequence);
  const signature = bitStringOctets(fields.take('the signature', TAG.bitString));
  fields.end();
  return { body, algorithm: signatureAlgorithmOf(algorithm), algorithmBytes: algorithm.bytes, signature };
}

/** Whether the signature was made over exactly these bytes by the owner of this key. Never throws: what breaks is no. */
export function isSignedWith(document: SignedDocument, key: KeyObject): boolean {
  const { hash, keyType } = document.algorithm;
  // An id-RSASSA-PSS key is refused with everything else that the algorithm does not name: no authority here uses one.
  if (hash === null || key.asymmetricKeyType !== keyType) return false;
  try {
    return verify(hash, document.body.bytes, key, document.signature);
  } catch {
    return false;
  }
}

/** What an AlgorithmIdentifier of a signature says. Throws DerError. */
export function signatureAlgorithmOf(identifier: DerValue): SignatureAlgorithm {
  const fields = readFields(identifier);
  const id = oid(fields.take('the signature algorithm', TAG.oid));
  const algorithm = algorithms[id];
  if (algorithm === undefined) return { name: id, strong: false, hash: null, keyType: null };
  // RFC 4055 §5 wants a NULL for RSA, RFC 5758 §3.2 nothing at all for ECDSA. Parameters of any other kind mean nothing.
  if (fields.takeIf(TAG.null) !== null && algorithm.keyType === 'ec') {
    throw new DerError('the signature algorithm has parameters that it does not take');
  }
  fields.end();
  return algorithm;
}
