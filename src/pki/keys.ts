import { createHash, createPrivateKey, createPublicKey, generateKeyPair as generate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The kinds of key that are made here: what the formats of a signature can be signed with. */
export type KeyKind = 'ec-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The text holds no private key, or one that can't be opened. */
export class PrivateKeyError extends Error {
  override readonly name = 'PrivateKeyError';
}

const generateAsync = promisify(generate);

/** Makes a key pair from the system's randomness, off the main thread: a large RSA key takes seconds. */
export async function generateKeyPair(kind: KeyKind = 'ec-p384'): Promise<KeyPair> {
  if (kind === 'ec-p384') return generateAsync('ec', { namedCurve: 'P-384' });
  return generateAsync('rsa', { modulusLength: Number(kind.slice('rsa-'.length)), publicExponent: 0x10001 });
}

/** A private key as PKCS #8 PEM, not encrypted: keep it where only its owner reads. */
export function writePrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A public key as SubjectPublicKeyInfo PEM. */
export function writePublicKey(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/**
 * Reads a private key from PEM of any of the usual kinds (PKCS #8, PKCS #1, SEC 1), with its passphrase if it has one.
 * Throws PrivateKeyError, whose message never quotes the text.
 */
export function readPrivateKey(pem: Buffer | string, passphrase?: string | Buffer): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    const encrypted = pem.toString().includes('ENCRYPTED');
    // Without the cause: openssl's errors are of no use to the reader, and a key's surroundings are none of theirs.
    throw new PrivateKeyError(
      encrypted ? 'The private key is encrypted, and the passphrase does not open it.' : 'It is no private key in PEM.',
    );
  }
}

/**
 * The SHA-256 of the SubjectPublicKeyInfo of a key, private or public, in lower-case hex: as in
 * Certificate.publicKeyFingerprint.
 */
export function keyFingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(publicHalf(key).export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** Whether two keys, private or public, belong together. */
export function isSameKeyPair(one: KeyObject, other: KeyObject): boolean {
  return publicHalf(one).equals(publicHalf(other));
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}
