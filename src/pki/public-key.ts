import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DerError, TAG, readFields } from './der.js';
import type { DerValue } from './der.js';
import { bitStringOctets, oid } from './der-values.js';

/** A subject's key and what a policy wants to know of it. */
export interface PublicKey {
  readonly key: KeyObject;
  readonly type: 'rsa' | 'ec' | 'other';
  /** Of the modulus, or of the curve's order; null for other keys. */
  readonly bits: number | null;
  /** `P-256`, `P-384`, `P-521`, or openssl's name of another curve; null for what is not an EC key. */
  readonly curve: string | null;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly fingerprint: string;
}

const nistCurves: Readonly<Record<string, { readonly name: string; readonly bits: number }>> = {
  prime256v1: { name: 'P-256', bits: 256 },
  secp384r1: { name: 'P-384', bits: 384 },
  secp521r1: { name: 'P-521', bits: 521 },
};

const ecPublicKey = '1.2.840.10045.2.1';

/** Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Throws DerError, also for a key that openssl will not load. */
export function readPublicKey(info: DerValue): PublicKey {
  refuseExplicitCurve(info);
  return describePublicKey(loadKey(info.bytes), info.bytes);
}

/** The key itself, without its algorithm: what key identifiers are made from. Throws DerError. */
export function publicKeyBits(info: DerValue): Buffer {
  const fields = readFields(info);
  fields.take('the algorithm of a key', TAG.sequence);
  return bitStringOctets(fields.take('the key', TAG.bitString));
}

/**
 * Says what is wrong with the strength of a key, or null. RSA of 2048 to 8192 bits with an odd exponent from 3, or one
 * of the NIST curves. The upper bound averts keys whose only purpose is to make each verification slow.
 */
export function weaknessOf(subject: {
  readonly publicKey: KeyObject;
  readonly keyType: PublicKey['type'];
  readonly keyBits: number | null;
  readonly curve: string | null;
}): string | null {
  const { publicKey, keyType, keyBits, curve } = subject;
  if (keyType === 'ec') return ecWeakness(curve);
  if (keyType !== 'rsa' || keyBits === null) return 'its key is neither RSA nor EC';
  if (keyBits < 2048) return `its RSA key has only ${keyBits} bits, 2048 is the least`;
  if (keyBits > 8192) return `its RSA key has ${keyBits} bits, 8192 is the most`;
  const exponent = publicKey.asymmetricKeyDetails?.publicExponent ?? 0n;
  return exponent >= 3n && exponent % 2n === 1n ? null : `its RSA key has the exponent ${exponent}`;
}

function ecWeakness(curve: string | null): string | null {
  const known = Object.values(nistCurves).some(({ name }) => name === curve);
  return known ? null : `its key is on the curve ${curve ?? 'of no name'}; P-256, P-384 and P-521 are accepted`;
}

function describePublicKey(key: KeyObject, info: Buffer): PublicKey {
  const fingerprint = createHash('sha256').update(info).digest('hex');
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    return { key, type: 'rsa', bits: details?.modulusLength ?? null, curve: null, fingerprint };
  }
  if (key.asymmetricKeyType === 'ec') {
    const name = details?.namedCurve ?? 'unknown';
    const curve = nistCurves[name];
    return { key, type: 'ec', bits: curve?.bits ?? null, curve: curve?.name ?? name, fingerprint };
  }
  return { key, type: 'other', bits: null, curve: null, fingerprint };
}

/**
 * RFC 5480 §2.1.1: a curve is named, never spelt out. Spelt-out parameters let a forger choose a generator under which
 * somebody else's public key is his own (CVE-2020-0601), so such a key does not even reach openssl.
 */
function refuseExplicitCurve(info: DerValue): void {
  const algorithm = readFields(readFields(info).take('the algorithm of a key', TAG.sequence));
  const isEc = oid(algorithm.take('the algorithm of a key', TAG.oid)) === ecPublicKey;
  if (isEc && algorithm.takeIf(TAG.oid) === null) throw new DerError('the curve of a key is not given by its name');
}

function loadKey(info: Buffer): KeyObject {
  try {
    return createPublicKey({ key: info, format: 'der', type: 'spki' });
  } catch {
    throw new DerError('the public key can not be loaded');
  }
}
