import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { DerError, TAG, contextTag, readChildren, readDer } from './der.js';
import type { DerValue } from './der.js';
import { oid, smallInteger } from './der-values.js';
import { ecHalf, rsaHalf, unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound, PublicHalf } from './private-key-found.js';

const ALGORITHM = {
  rsa: '1.2.840.113549.1.1.1',
  rsaPss: '1.2.840.113549.1.1.10',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  ed448: '1.3.101.113',
} as const;

/** Password-based encryption: PKCS #5, and that of PKCS #12. A DigestInfo has the same shape with other algorithms. */
const ENCRYPTIONS = ['1.2.840.113549.1.5.', '1.2.840.113549.1.12.1.'];

/** No key has more: one of RSA with several primes has ten (RFC 8017 §A.1.2). What has is not read on. */
const MOST_PARTS = 12;

const LEAST_SECRET_BYTES = 16;
const LEAST_CIPHERTEXT_BYTES = 32;
const LEAST_MODULUS_BYTES = 32;

/**
 * Recognises a private key at the beginning of `bytes` by its structure: PKCS #8 (RFC 5958), encrypted PKCS #8, PKCS #1
 * (RFC 8017 §A.1.2), SEC 1 (RFC 5915), and openssl's DSA. What follows it is not looked at. Throws nothing.
 *
 * openssl is asked about nothing that could make it compute with numbers of any size.
 *
 * @param isCalledKey true where a label says that this is a key, so that an encryption nobody knows counts too
 */
export function readDerPrivateKey(bytes: Buffer, isCalledKey = false): PrivateKeyFound | null {
  try {
    const value = firstSequence(bytes);
    if (value === null) return null;
    const parts = readChildren(value, MOST_PARTS);
    return (
      readRsa(parts) ??
      readDsa(parts) ??
      readSec1(parts, null) ??
      readPkcs8(parts, value) ??
      readEncrypted(parts, isCalledKey)
    );
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** The SEQUENCE that `bytes` begin with, cut to its own length; null where there is no whole one. */
function firstSequence(bytes: Buffer): DerValue | null {
  const [tag, first = 0] = bytes;
  if (tag !== TAG.sequence) return null;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4 || bytes.length < 2 + octets) return null;
  const length = octets === 0 ? first : bytes.readUIntBE(2, octets);
  const end = 2 + octets + length;
  return end > bytes.length ? null : readDer(bytes.subarray(0, end));
}

type Parts = readonly DerValue[];

function readRsa(parts: Parts): PrivateKeyFound | null {
  const numbers = parts.slice(0, 9).map(magnitudeOf);
  const [version, n, e, d, p, q] = numbers;
  if (numbers.length < 9 || numbers.includes(null)) return null;
  if (!version || !n || !e || !d || !p || !q) return null;
  if (version.length > 1 || (version[0] ?? 0) > 1 || n.length < LEAST_MODULUS_BYTES) return null;
  return { format: 'PKCS #1', encrypted: false, ...rsaHalf(n, e, [p, q]) };
}

/** openssl's own form: version 0, p, q, g, y, x. Nothing of ours is signed with such a key, so no half is computed. */
function readDsa(parts: Parts): PrivateKeyFound | null {
  const numbers = parts.map(magnitudeOf);
  const [version, p] = numbers;
  if (numbers.length !== 6 || numbers.includes(null) || !version || !p) return null;
  if (version.length > 0 || p.length < LEAST_MODULUS_BYTES) return null;
  return { format: 'DSA', encrypted: false, ...unknownHalf };
}

/** @param curve of the surrounding PKCS #8; null where there is none, and the key must name it itself */
function readSec1([version, secret, ...rest]: Parts, curve: string | null): PrivateKeyFound | null {
  if (version?.tag !== TAG.integer || secret?.tag !== TAG.octetString) return null;
  if (smallInteger(version) !== 1 || secret.content.length < LEAST_SECRET_BYTES) return null;
  const parameters = rest.find(({ tag }) => tag === contextTag(0));
  const isKnownShape = rest.every(({ tag }) => tag === contextTag(0) || tag === contextTag(1));
  // By itself, a number and some octets may be anything.
  if (!isKnownShape || (curve === null && rest.length === 0)) return null;
  const named = curve ?? (parameters === undefined ? null : curveOf(readDer(parameters.content)));
  return { format: 'SEC 1', encrypted: false, ...(named === null ? unknownHalf : ecHalf(named, secret.content)) };
}

function readPkcs8([version, algorithm, secret, ...rest]: Parts, whole: DerValue): PrivateKeyFound | null {
  if (version?.tag !== TAG.integer || algorithm?.tag !== TAG.sequence || secret?.tag !== TAG.octetString) return null;
  if (smallInteger(version) > 1 || rest.some(({ tag }) => tag !== contextTag(0) && tag !== 0x81)) return null;
  const [name, parameters] = readChildren(algorithm, MOST_PARTS);
  if (name?.tag !== TAG.oid || secret.content.length < LEAST_SECRET_BYTES) return null;
  const half = halfOfPkcs8(oid(name), parameters ?? null, secret.content, whole);
  return { ...half, format: 'PKCS #8', encrypted: false };
}

/** The key inside is read as its algorithm has it; one that can't be read is still a key. */
function halfOfPkcs8(algorithm: string, parameters: DerValue | null, secret: Buffer, whole: DerValue): PublicHalf {
  try {
    switch (algorithm) {
      case ALGORITHM.rsa:
      case ALGORITHM.rsaPss:
        return readRsa(readChildren(readDer(secret), MOST_PARTS)) ?? unknownHalf;
      case ALGORITHM.ec: {
        const curve = parameters === null ? null : curveOf(parameters);
        return curve === null
          ? unknownHalf
          : (readSec1(readChildren(readDer(secret), MOST_PARTS), curve) ?? unknownHalf);
      }
      case ALGORITHM.ed25519:
      case ALGORITHM.ed448:
        return edwardsHalf(whole.bytes);
      default:
        return unknownHalf;
    }
  } catch (error) {
    if (error instanceof DerError) return unknownHalf;
    throw error;
  }
}

/** openssl computes the public half of these from their 32 or 57 octets, and loads none of another length. */
function edwardsHalf(pkcs8: Buffer): PublicHalf {
  try {
    const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
    const info = key.export({ type: 'spki', format: 'der' });
    const publicKeyFingerprint = createHash('sha256').update(info).digest('hex');
    return { publicKeyFingerprint, otherFingerprints: [], proven: true };
  } catch {
    return unknownHalf;
  }
}

function readEncrypted([algorithm, ciphertext, ...rest]: Parts, isCalledKey: boolean): PrivateKeyFound | null {
  if (algorithm?.tag !== TAG.sequence || ciphertext?.tag !== TAG.octetString || rest.length > 0) return null;
  const [name] = readChildren(algorithm, MOST_PARTS);
  if (name?.tag !== TAG.oid || ciphertext.content.length < LEAST_CIPHERTEXT_BYTES) return null;
  const id = oid(name);
  if (!isCalledKey && !ENCRYPTIONS.some((prefix) => id.startsWith(prefix))) return null;
  return { format: 'PKCS #8', encrypted: true, ...unknownHalf };
}

function curveOf(parameters: DerValue): string | null {
  return parameters.tag === TAG.oid ? oid(parameters) : null;
}

/** The octets of a non-negative INTEGER without leading zeros; null for anything else. */
function magnitudeOf({ tag, content }: DerValue): Buffer | null {
  const [first] = content;
  if (tag !== TAG.integer || first === undefined || first >= 0x80) return null;
  let start = 0;
  while (start < content.length && content[start] === 0) start += 1;
  return content.subarray(start);
}
