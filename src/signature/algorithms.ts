import { constants, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SignatureAlgorithm } from '../report/report.js';
import { signPss, verifyPss } from './rsa-pss.js';

/** In bits. Real leaves begin here. */
const SMALLEST_RSA_KEY = 2_048;

const RSA_PSS_SHA384 = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 } as const;

/**
 * Whether signatures of this algorithm are made with keys of this kind: plain RSA of 2,048 bits or more, or EC on
 * P-384.
 *
 * @param key public or private.
 */
export function fitsKey(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  return algorithm === 'ecdsa-p384-sha384' ? isP384(key) : isLargeRsa(key);
}

/** The algorithm that `format` prescribes for this kind of key, or null where it has none. */
export function algorithmFor(format: 1 | 2, key: KeyObject): SignatureAlgorithm | null {
  const candidates: readonly SignatureAlgorithm[] =
    format === 1 ? ['rsa-pss-sha1'] : ['ecdsa-p384-sha384', 'rsa-pss-sha384'];
  return candidates.find((algorithm) => fitsKey(algorithm, key)) ?? null;
}

function isP384(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
}

/** An id-RSASSA-PSS key is another type: it brings parameters of its own, which would override those of the format. */
function isLargeRsa(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= SMALLEST_RSA_KEY;
}

/**
 * Verifies the signature of a manifest.
 *
 * @param signature for EC a DER ECDSA-Sig-Value (RFC 3279 §2.2.3); OpenSSL refuses any encoding of it but the canonical
 *   one, and anything behind it.
 * @returns false also where the key is not of the kind that {@link fitsKey} asks for.
 */
export function verifyBytes(
  algorithm: SignatureAlgorithm,
  publicKey: KeyObject,
  message: Buffer,
  signature: Buffer,
): boolean {
  if (!fitsKey(algorithm, publicKey)) return false;
  switch (algorithm) {
    case 'rsa-pss-sha1':
      return verifyPss(publicKey, message, signature);
    case 'rsa-pss-sha384':
      return verify('sha384', message, { key: publicKey, ...RSA_PSS_SHA384 }, signature);
    case 'ecdsa-p384-sha384':
      return verify('sha384', message, { key: publicKey, dsaEncoding: 'der' }, signature);
  }
}

/**
 * Signs a manifest.
 *
 * @param privateKey must {@link fitsKey fit} the algorithm.
 */
export function signBytes(algorithm: SignatureAlgorithm, privateKey: KeyObject, message: Buffer): Buffer {
  switch (algorithm) {
    case 'rsa-pss-sha1':
      return signPss(privateKey, message);
    case 'rsa-pss-sha384':
      return sign('sha384', message, { key: privateKey, ...RSA_PSS_SHA384 });
    case 'ecdsa-p384-sha384':
      return sign('sha384', message, { key: privateKey, dsaEncoding: 'der' });
  }
}
