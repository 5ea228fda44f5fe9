import { createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** The digests that authorities sign with here. */
export type SigningHash = 'sha256' | 'sha384' | 'sha512';

/** Whoever holds a private key: this process, or a key service that signs on its behalf and never gives the key away. */
export interface Signer {
  readonly publicKey: KeyObject;
  /**
   * Signs a message, hashed with this digest: RSASSA-PKCS1-v1_5 with an RSA key, ECDSA in DER with an EC key. Rejects where
   * the key can't be reached. What comes back is to be verified before it is used.
   */
  readonly sign: (hash: SigningHash, message: Buffer) => Promise<Buffer>;
}

/** Signs with a key that is in this process. */
export function keySigner(privateKey: KeyObject): Signer {
  return {
    publicKey: createPublicKey(privateKey),
    sign: async (hash, message) => sign(hash, message, privateKey),
  };
}
