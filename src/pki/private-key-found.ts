import { createECDH, createHash } from 'node:crypto';
import { writeBitString, writeInteger, writeNull, writeOid, writeSequence } from './der-writer.js';

/** The ways to write down a private key that are told apart. */
export type PrivateKeyFormat =
  | 'PKCS #1'
  | 'PKCS #8'
  | 'PKCS #12'
  | 'SEC 1'
  | 'DSA'
  | 'PEM'
  | 'OpenSSH'
  | 'PuTTY'
  | 'OpenPGP'
  | 'Java keystore'
  | 'JWK';

/** A private key that was found somewhere, and nothing of the key itself. */
export interface PrivateKeyFound {
  readonly format: PrivateKeyFormat;
  readonly encrypted: boolean;
  /** SHA-256 of the SubjectPublicKeyInfo of its public half, lower-case hex; null where that can't be told. */
  readonly publicKeyFingerprint: string | null;
  /** The same of an EC key whose point is written compressed, or hybrid (SEC 1 §2.3.3), as a certificate may have it. */
  readonly otherFingerprints: readonly string[];
  /**
   * True where the private half was seen to belong to that public half. Anybody can put the public half of somebody
   * else's certificate beside numbers, or beside ciphertext, that have nothing to do with it.
   */
  readonly proven: boolean;
}

/** The public half of a key, as far as it is known. */
export type PublicHalf = Pick<PrivateKeyFound, 'publicKeyFingerprint' | 'otherFingerprints' | 'proven'>;

export const unknownHalf: PublicHalf = { publicKeyFingerprint: null, otherFingerprints: [], proven: false };

/** Every fingerprint that a certificate over the key's public half may have; none where that can't be told. */
export function fingerprintsOf(half: Omit<PublicHalf, 'proven'>): readonly string[] {
  return half.publicKeyFingerprint === null ? [] : [half.publicKeyFingerprint, ...half.otherFingerprints];
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** The curves that a certificate of an app may be on, and the one that is most often met beside them. */
const CURVES: readonly { readonly oid: string; readonly openssl: string; readonly names: readonly string[] }[] = [
  { oid: '1.2.840.10045.3.1.7', openssl: 'prime256v1', names: ['P-256', 'nistp256'] },
  { oid: '1.3.132.0.34', openssl: 'secp384r1', names: ['P-384', 'nistp384'] },
  { oid: '1.3.132.0.35', openssl: 'secp521r1', names: ['P-521', 'nistp521'] },
  { oid: '1.3.132.0.10', openssl: 'secp256k1', names: ['secp256k1'] },
];

/** RSA keys of up to 16,384 bits are computed with; hostile numbers of any length are not. */
const MAX_RSA_BYTES = 2_048;

/**
 * The public half of an RSA key. It is proven by the factors: who has those of a modulus has the key.
 *
 * @param factors big-endian; null where they are not at hand
 */
export function rsaHalf(modulus: Buffer, exponent: Buffer, factors: readonly [Buffer, Buffer] | null): PublicHalf {
  if (modulus.length > MAX_RSA_BYTES + 1 || exponent.length > MAX_RSA_BYTES + 1) return unknownHalf;
  const n = numberOf(modulus);
  const key = writeSequence(writeInteger(n), writeInteger(numberOf(exponent)));
  const publicKeyFingerprint = fingerprintOf(writeSequence(writeOid(RSA_ENCRYPTION), writeNull()), key);
  return { publicKeyFingerprint, otherFingerprints: [], proven: factors !== null && isProduct(n, factors) };
}

function isProduct(n: bigint, [first, second]: readonly [Buffer, Buffer]): boolean {
  if (first.length > MAX_RSA_BYTES || second.length > MAX_RSA_BYTES) return false;
  const [p, q] = [numberOf(first), numberOf(second)];
  return p > 1n && q > 1n && p * q === n;
}

/**
 * The public half of an EC key, computed from the private one. A public point that is written beside it is not looked
 * at: openssl takes it as it stands, so it could be anybody's.
 *
 * @param curve its OID, or its name in a JWK or an SSH key
 */
export function ecHalf(curve: string, secret: Buffer): PublicHalf {
  const known = CURVES.find(({ oid, names }) => oid === curve || names.includes(curve));
  if (known === undefined || secret.length > 67) return unknownHalf;
  try {
    const ecdh = createECDH(known.openssl);
    ecdh.setPrivateKey(secret);
    return pointHalf(known.oid, ecdh.getPublicKey(), true);
  } catch {
    return unknownHalf; // not a number of this curve
  }
}

/** The public half as an EC key states it, which proves nothing. */
export function statedEcHalf(curve: string, point: Buffer): PublicHalf {
  const known = CURVES.find(({ names }) => names.includes(curve));
  if (known === undefined || point.length > 140) return unknownHalf;
  return pointHalf(known.oid, point, false);
}

const UNCOMPRESSED = 4;

function pointHalf(curve: string, point: Buffer, proven: boolean): PublicHalf {
  const algorithm = writeSequence(writeOid(EC_PUBLIC_KEY), writeOid(curve));
  const publicKeyFingerprint = fingerprintOf(algorithm, point);
  if (point[0] !== UNCOMPRESSED) return { publicKeyFingerprint, otherFingerprints: [], proven };
  const isOdd = (point.at(-1) ?? 0) & 1;
  const x = point.subarray(1, (point.length + 1) / 2);
  const compressed = Buffer.concat([Buffer.from([2 | isOdd]), x]);
  const hybrid = Buffer.concat([Buffer.from([6 | isOdd]), point.subarray(1)]);
  const otherFingerprints = [compressed, hybrid].map((form) => fingerprintOf(algorithm, form));
  return { publicKeyFingerprint, otherFingerprints, proven };
}

function fingerprintOf(algorithm: Buffer, key: Buffer): string {
  return createHash('sha256')
    .update(writeSequence(algorithm, writeBitString(key)))
    .digest('hex');
}

function numberOf(magnitude: Buffer): bigint {
  return magnitude.length === 0 ? 0n : BigInt(`0x${magnitude.toString('hex')}`);
}
