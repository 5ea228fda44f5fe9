import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { algorithmFor, signBytes, verifyBytes } from './algorithms.js';
import { hasOneLegacyOrder, legacyMessage } from './legacy-message.js';
import { canonicalManifest } from './manifest.js';
import type { Manifest } from './manifest.js';
import { serializeSignatureFile } from './signature-file.js';

/** Why a manifest can't be signed as asked; the message is for the person who asked. */
export class SigningError extends Error {
  override readonly name = 'SigningError';
}

export interface SigningInput {
  readonly manifest: Manifest;
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  /** From the certificate's issuer upwards, the root left out. Format 1 has no place for it. */
  readonly chain: readonly Certificate[];
  readonly format: 1 | 2;
}

/**
 * Signs a manifest and gives the bytes of the signature file.
 *
 * @throws SigningError where the key does not belong to the certificate, or the format has no algorithm for it
 *   (format 1 knows RSA only; RSA from 2,048 bits; EC on P-384 only).
 */
export function signManifest(input: SigningInput): Buffer {
  const { privateKey, certificate, format } = input;
  const publicKey = createPublicKey(privateKey);
  if (!publicKey.equals(certificate.publicKey)) {
    throw new SigningError('The private key does not belong to the certificate.');
  }
  const algorithm = algorithmFor(format, privateKey);
  if (algorithm === null) throw new SigningError(unsuitableKey(format));

  if (format === 1 && !hasOneLegacyOrder(input.manifest)) {
    throw new SigningError('PHP can order these file names in several ways, as some look like numbers: use format 2.');
  }
  const message = format === 1 ? legacyMessage(input.manifest) : canonicalManifest(input.manifest);
  const signature = signBytes(algorithm, privateKey, message);
  // Nothing leaves here that would not verify: a fault in memory while signing can otherwise give away an RSA key.
  if (!verifyBytes(algorithm, publicKey, message, signature)) throw new SigningError('The new signature is wrong.');

  const common = { hashes: input.manifest, signature };
  const leaf = writePem(certificate.der, 'CERTIFICATE');
  if (algorithm === 'rsa-pss-sha1') {
    const certificate = leaf.trimEnd().replaceAll('\n', '\r\n');
    return serializeSignatureFile({ format: 1, ...common, certificate });
  }
  const chain = input.chain.map(({ der }) => writePem(der, 'CERTIFICATE'));
  return serializeSignatureFile({ format: 2, ...common, algorithm, signedBytes: message, leaf, chain });
}

function unsuitableKey(format: 1 | 2): string {
  return format === 1
    ? 'Format 1 is signed with an RSA key of 2,048 bits or more; for another key choose format 2.'
    : 'Format 2 is signed with an EC key on P-384 or an RSA key of 2,048 bits or more.';
}
