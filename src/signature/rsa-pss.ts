import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type PssDigest = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** RSASSA-PSS as RFC 8017 §8.1 parametrises it. */
export interface PssParameters {
  readonly digest: PssDigest;
  /** The digest inside MGF1, which need not be the one of the message. */
  readonly maskDigest: PssDigest;
  /** In bytes. */
  readonly saltLength: number;
}

/** What format 1 uses: the defaults of the library that ownCloud signed with in 2015, and a salt of length 0. */
export const LEGACY_PSS: PssParameters = { digest: 'sha1', maskDigest: 'sha512', saltLength: 0 };

/**
 * Verifies an RSASSA-PSS signature made with exactly `parameters`.
 *
 * Node's `crypto.verify` has no setting for the MGF1 digest and takes the message's. So the key is wrapped into an
 * id-RSASSA-PSS key whose parameters (RFC 4055 §3.1) name both digests: OpenSSL then takes them from the key and
 * refuses any other. The salt length in a key is a lower bound only; the exact one is passed beside it.
 *
 * @param publicKey an RSA key with no restrictions of its own.
 * @returns false for a signature that is wrong in any way, of the wrong length included.
 */
export function verifyPss(
  publicKey: KeyObject,
  message: Buffer,
  signature: Buffer,
  parameters: PssParameters = LEGACY_PSS,
): boolean {
  const key = createPublicKey({ key: restrictedSpki(publicKey, parameters), format: 'der', type: 'spki' });
  return verify(parameters.digest, message, { key, saltLength: parameters.saltLength }, signature);
}

/**
 * Makes an RSASSA-PSS signature with exactly `parameters`.
 *
 * @param privateKey an RSA key with no restrictions of its own.
 */
export function signPss(privateKey: KeyObject, message: Buffer, parameters: PssParameters = LEGACY_PSS): Buffer {
  const key = createPrivateKey({ key: restrictedPkcs8(privateKey, parameters), format: 'der', type: 'pkcs8' });
  return sign(parameters.digest, message, { key, saltLength: parameters.saltLength });
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1) with id-RSASSA-PSS in place of rsaEncryption. */
function restrictedSpki(publicKey: KeyObject, parameters: PssParameters): Buffer {
  const rsaPublicKey = publicKey.export({ format: 'der', type: 'pkcs1' });
  return sequence(algorithmIdentifier(parameters), der(0x03, Buffer.of(0), rsaPublicKey));
}

/** PrivateKeyInfo (RFC 5208 §5), likewise. */
function restrictedPkcs8(privateKey: KeyObject, parameters: PssParameters): Buffer {
  const rsaPrivateKey = privateKey.export({ format: 'der', type: 'pkcs1' });
  return sequence(INTEGER_0, algorithmIdentifier(parameters), der(0x04, rsaPrivateKey));
}

/** RSASSA-PSS-params (RFC 4055 §3.1): any salt length, since that is said elsewhere, and the default trailer field. */
function algorithmIdentifier({ digest, maskDigest }: PssParameters): Buffer {
  return sequence(
    ID_RSASSA_PSS,
    sequence(
      der(0xa0, sequence(DIGEST_OID[digest], NULL)),
      der(0xa1, sequence(ID_MGF1, sequence(DIGEST_OID[maskDigest], NULL))),
      der(0xa2, INTEGER_0),
    ),
  );
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.from(length.toString(16).padStart(8, '0'), 'hex');
  const significant = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | significant.length), significant]);
}

const NULL = Buffer.from('0500', 'hex');
const INTEGER_0 = Buffer.from('020100', 'hex');
/** 1.2.840.113549.1.1.10 */
const ID_RSASSA_PSS = Buffer.from('06092a864886f70d01010a', 'hex');
/** 1.2.840.113549.1.1.8 */
const ID_MGF1 = Buffer.from('06092a864886f70d010108', 'hex');
const DIGEST_OID: Readonly<Record<PssDigest, Buffer>> = {
  /** 1.3.14.3.2.26 */
  sha1: Buffer.from('06052b0e03021a', 'hex'),
  /** 2.16.840.1.101.3.4.2.1 */
  sha256: Buffer.from('0609608648016503040201', 'hex'),
  /** 2.16.840.1.101.3.4.2.2 */
  sha384: Buffer.from('0609608648016503040202', 'hex'),
  /** 2.16.840.1.101.3.4.2.3 */
  sha512: Buffer.from('0609608648016503040203', 'hex'),
};
