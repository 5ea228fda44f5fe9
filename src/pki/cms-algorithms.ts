import { constants } from 'node:crypto';
import { DerError, TAG, contextTag, readDer, readFields } from './der.js';
import type { DerValue } from './der.js';
import { oid, smallInteger } from './der-values.js';
import { signatureAlgorithmOf } from './signed.js';

/** The digests that count: collisions of MD5 and SHA-1 are within reach, so they are known by name only. */
export type StrongDigest = 'sha256' | 'sha384' | 'sha512';

/** How the signature of a SignerInfo was made, in the terms of node:crypto. */
export interface CmsSignatureAlgorithm {
  readonly keyType: 'rsa' | 'ec';
  /** For crypto.verify; null for the padding that goes without saying. */
  readonly pss: { readonly padding: number; readonly saltLength: number } | null;
}

/** An AlgorithmIdentifier that does not count, with the reason in words, or one that does. */
export type Judged<T> = { readonly value: T; readonly fault: null } | { readonly value: null; readonly fault: string };

const strongDigests: Readonly<Record<string, StrongDigest>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const digestNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
};

const digestIds: Readonly<Record<StrongDigest, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

const rsaEncryption = '1.2.840.113549.1.1.1';
const rsassaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';

/** The identifier of a digest, dotted. */
export function digestId(digest: StrongDigest): string {
  return digestIds[digest];
}

/** The AlgorithmIdentifier of a digest (RFC 5754 §2: parameters absent, or NULL). Throws DerError. */
export function readDigestAlgorithm(identifier: DerValue): Judged<StrongDigest> {
  const fields = readFields(identifier);
  const id = oid(fields.take('the digest algorithm', TAG.oid));
  fields.takeIf(TAG.null);
  fields.end();
  const value = strongDigests[id];
  return value === undefined
    ? { value: null, fault: `its digest is ${digestNames[id] ?? id}; SHA-256, SHA-384 and SHA-512 count` }
    : { value, fault: null };
}

/**
 * The AlgorithmIdentifier of a signature (RFC 5754 §3, RFC 4056). One that names a digest must name that of the signer:
 * otherwise the attributes would be hashed by one and the content by another, and the weaker one would decide. Throws
 * DerError.
 */
export function readCmsSignatureAlgorithm(identifier: DerValue, digest: StrongDigest): Judged<CmsSignatureAlgorithm> {
  const fields = readFields(identifier);
  const id = oid(fields.take('the signature algorithm', TAG.oid));
  if (id === rsassaPss) {
    const parameters = fields.take('the parameters of RSASSA-PSS', TAG.sequence);
    fields.end();
    return readPssParameters(parameters, digest);
  }
  if (id === rsaEncryption) {
    fields.takeIf(TAG.null);
    fields.end();
    return { value: { keyType: 'rsa', pss: null }, fault: null };
  }
  const { name, strong, hash, keyType } = signatureAlgorithmOf(identifier);
  if (!strong || keyType === null) return { value: null, fault: `it is signed with ${name}` };
  if (hash !== digest) return { value: null, fault: `its digest is ${digest}, but it is signed with ${name}` };
  return { value: { keyType, pss: null }, fault: null };
}

/**
 * RSASSA-PSS-params (RFC 4055 §3.1). What is absent means SHA-1. Both digests must be the signer's: crypto.verify
 * knows no other way, and would silently take the wrong one.
 */
function readPssParameters(parameters: DerValue, digest: StrongDigest): Judged<CmsSignatureAlgorithm> {
  const fields = readFields(parameters);
  const hash = fields.takeIf(contextTag(0));
  const mask = fields.takeIf(contextTag(1));
  const salt = fields.takeIf(contextTag(2));
  const trailer = fields.takeIf(contextTag(3));
  fields.end();
  const hashes = [hash === null ? null : readDigestAlgorithm(readDer(hash.content)).value, maskDigest(mask)];
  if (hashes.some((each) => each !== digest)) {
    return { value: null, fault: `its RSASSA-PSS parameters name other digests than ${digest}` };
  }
  if (trailer !== null && smallInteger(readDer(trailer.content)) !== 1) throw new DerError('a trailer is not known');
  const saltLength = salt === null ? 20 : smallInteger(readDer(salt.content));
  return { value: { keyType: 'rsa', pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }, fault: null };
}

function maskDigest(mask: DerValue | null): StrongDigest | null {
  if (mask === null) return null;
  const fields = readFields(readDer(mask.content));
  const id = oid(fields.take('the mask generation function', TAG.oid));
  const digest = fields.take('the digest of the mask', TAG.sequence);
  fields.end();
  return id === mgf1 ? readDigestAlgorithm(digest).value : null;
}
