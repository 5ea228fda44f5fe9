import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyFingerprint } from './keys.js';

/** The prime of the field of P-384 (SP 800-186 §3.2.1.4). */
const P384_PRIME = (1n << 384n) - (1n << 128n) - (1n << 96n) + (1n << 32n) - 1n;
const P384_OCTETS = 48;

/**
 * The fingerprints (as of keyFingerprint) of a key and of the others that whoever has its private half has as well, its own
 * first. On an elliptic curve with the point Q goes -Q: with d the private key of one, n - d is that of the other. So a key
 * that got out would come back under another name. RSA has such companions too, with other exponents over the same modulus;
 * these are not certified at all (findKeyWeakness).
 */
export function interchangeableKeys(publicKey: KeyObject): readonly string[] {
  const own = keyFingerprint(publicKey);
  const { crv, x, y } = publicKey.export({ format: 'jwk' });
  if (crv !== 'P-384' || x === undefined || y === undefined) return [own];
  const negated = P384_PRIME - BigInt(`0x${Buffer.from(y, 'base64url').toString('hex')}`);
  const octets = Buffer.from(negated.toString(16).padStart(2 * P384_OCTETS, '0'), 'hex');
  const jwk = { kty: 'EC', crv, x, y: octets.toString('base64url') };
  return [own, keyFingerprint(createPublicKey({ key: jwk, format: 'jwk' }))];
}
