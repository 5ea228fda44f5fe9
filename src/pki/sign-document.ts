import type { KeyObject } from 'node:crypto';
import { writeBitString, writeNull, writeOid, writeSequence } from './der-writer.js';
import type { Signer, SigningHash } from './signer.js';

/** How a key of ours signs certificates, revocation lists and signing requests. */
export interface SigningAlgorithm {
  readonly hash: SigningHash;
  /** The AlgorithmIdentifier, in DER. It stands both inside the signed part and next to the signature. */
  readonly identifier: Buffer;
}

const ecdsa = {
  prime256v1: { hash: 'sha256', id: '1.2.840.10045.4.3.2' },
  secp384r1: { hash: 'sha384', id: '1.2.840.10045.4.3.3' },
  secp521r1: { hash: 'sha512', id: '1.2.840.10045.4.3.4' },
} as const;
const sha256WithRsa = '1.2.840.113549.1.1.11';

/** The algorithm that goes with a key, private or public: ECDSA with a hash as wide as the curve, or RSA with SHA-256. Throws RangeError. */
export function signingAlgorithmOf(key: KeyObject): SigningAlgorithm {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const known = Object.entries(ecdsa).find(([name]) => name === curve)?.[1];
  if (key.asymmetricKeyType === 'ec' && known !== undefined) {
    return { hash: known.hash, identifier: writeSequence(writeOid(known.id)) };
  }
  if (key.asymmetricKeyType !== 'rsa') throw new RangeError('Only RSA and NIST curve keys sign here.');
  return { hash: 'sha256', identifier: writeSequence(writeOid(sha256WithRsa), writeNull()) };
}

/** SEQUENCE { body, algorithm, signature }, signed. Rejects where the key can't be reached. */
export async function signDocument(body: Buffer, signer: Signer): Promise<Buffer> {
  const { hash, identifier } = signingAlgorithmOf(signer.publicKey);
  return writeSequence(body, identifier, writeBitString(await signer.sign(hash, body)));
}

/** The same with an empty signature: for reading back what is about to be signed, before it is. */
export function draftDocument(body: Buffer, { publicKey }: Signer): Buffer {
  return writeSequence(body, signingAlgorithmOf(publicKey).identifier, writeBitString(Buffer.alloc(0)));
}
