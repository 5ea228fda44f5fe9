import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DerError, TAG, contextTag, readFields } from './der.js';
import { smallInteger } from './der-values.js';
import { writeExplicit, writeInteger, writeSequence } from './der-writer.js';
import { findKeyWeakness, findKindWeakness } from './key-weaknesses.js';
import { readName, writeName } from './names.js';
import { PemError, readDerOrPem, writePem } from './pem.js';
import { readPublicKey } from './public-key.js';
import { signDocument } from './sign-document.js';
import { isSignedWith, readSigned } from './signed.js';
import type { Signer } from './signer.js';

/** A request for a certificate (PKCS #10, RFC 2986), read but not judged. */
export interface SigningRequest {
  readonly der: Buffer;
  /** One line for people, escaped. */
  readonly subject: string;
  readonly commonNames: readonly string[];
  readonly publicKey: KeyObject;
  readonly keyType: 'rsa' | 'ec' | 'other';
  readonly keyBits: number | null;
  readonly curve: string | null;
  readonly publicKeyFingerprint: string;
  readonly signatureAlgorithm: string;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
}

/** The input is no signing request. */
export class SigningRequestError extends Error {
  override readonly name = 'SigningRequestError';
}

export interface SigningRequestFault {
  readonly kind: 'no-proof-of-possession' | 'weak-signature' | 'weak-key' | 'common-name';
  readonly detail: string;
}

const maxBytes = 64 * 1024;

/**
 * Reads a signing request from DER, or from PEM that holds exactly one. The extensions that it asks for are not read: an
 * authority issues by its own profile, never by the wishes of the applicant. Throws SigningRequestError.
 */
export function parseSigningRequest(input: Buffer | string): SigningRequest {
  if (input.length > maxBytes) throw new SigningRequestError('The signing request is too large.');
  try {
    // The second label is that of older tools, Microsoft's among them.
    const [document, ...others] = readDerOrPem(input, 'CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
    if (document === undefined || others.length > 0) throw new DerError('exactly one request was expected');
    return readRequest(Buffer.from(document));
  } catch (error) {
    const known = error instanceof DerError || error instanceof PemError;
    const reason = known ? error.message : 'it can not be read';
    throw new SigningRequestError(`It is no valid signing request: ${reason}.`, { cause: error });
  }
}

/**
 * What keeps a request from being granted: no proof that the applicant holds the private key (somebody else's public key
 * would be certified under their name), a weak key or signature, not exactly one CN, or another CN than is expected.
 * A key is looked at closely, which takes long, only where it is proven to be the applicant's.
 */
export function findRequestFaults(request: SigningRequest, commonName: string): readonly SigningRequestFault[] {
  const faults = findQuickFaults(request, commonName);
  if (faults.some(({ kind }) => kind !== 'common-name')) return faults;
  const weakness = findKeyWeakness(request.publicKey);
  return weakness === null ? faults : [...faults, weakKey(weakness)];
}

/**
 * The faults of {@link findRequestFaults} that show at once. Where there are none, how strong the key is remains to be asked
 * (findKeyWeaknessInTurns).
 */
export function findQuickFaults(request: SigningRequest, commonName: string): readonly SigningRequestFault[] {
  const faults: SigningRequestFault[] = [];
  const document = readSigned(request.der);
  if (!document.algorithm.strong) {
    faults.push({ kind: 'weak-signature', detail: `The request is signed with ${document.algorithm.name}.` });
  } else if (!isSignedWith(document, request.publicKey)) {
    faults.push({
      kind: 'no-proof-of-possession',
      detail: 'The request is not signed with the private key that belongs to its public key.',
    });
  }
  const weakness = findKindWeakness(request.publicKey);
  if (weakness !== null) faults.push(weakKey(weakness));
  if (request.commonNames.length !== 1 || request.commonNames[0] !== commonName) {
    faults.push({ kind: 'common-name', detail: `The request is for "${request.subject}", expected was one CN alone.` });
  }
  return faults;
}

function weakKey(weakness: string): SigningRequestFault {
  return { kind: 'weak-key', detail: `The request: ${weakness}.` };
}

/** Makes a signing request for a key, with a CN and nothing else in it. Gives PEM. Rejects with RangeError for a bad CN. */
export async function createSigningRequest(input: {
  readonly signer: Signer;
  readonly commonName: string;
}): Promise<string> {
  const { signer, commonName } = input;
  const publicKey = signer.publicKey.export({ type: 'spki', format: 'der' });
  const body = writeSequence(writeInteger(0), writeName({ commonName }), publicKey, writeExplicit(0));
  return writePem(await signDocument(body, signer), 'CERTIFICATE REQUEST');
}

function readRequest(der: Buffer): SigningRequest {
  const document = readSigned(der);
  const fields = readFields(document.body);
  if (smallInteger(fields.take('the version', TAG.integer)) !== 0) throw new DerError('its version is unknown');
  const subject = readName(fields.take('the subject', TAG.sequence));
  const publicKey = readPublicKey(fields.take('the public key', TAG.sequence));
  fields.takeIf(contextTag(0));
  fields.end();
  return {
    der,
    subject: subject.text,
    commonNames: subject.commonNames,
    publicKey: publicKey.key,
    keyType: publicKey.type,
    keyBits: publicKey.bits,
    curve: publicKey.curve,
    publicKeyFingerprint: publicKey.fingerprint,
    signatureAlgorithm: document.algorithm.name,
    fingerprint: createHash('sha256').update(der).digest('hex'),
  };
}
