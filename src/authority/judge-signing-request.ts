import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { findKeyWeaknessInTurns, findKindWeakness } from '../pki/key-weaknesses.js';
import { keyFingerprint } from '../pki/keys.js';
import { findQuickFaults, parseSigningRequest, SigningRequestError } from '../pki/signing-request.js';
import type { SigningRequest, SigningRequestFault } from '../pki/signing-request.js';
import { RequestError } from '../request-error.js';

/** A signing request with proof of possession, the right name, and a key of a kind that is certified. */
export interface ProvenSigningRequest {
  readonly der: Buffer;
  /** Encoded in the usual way, however the request had it. */
  readonly publicKey: KeyObject;
  /** SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  readonly keyFingerprint: string;
  /** For people: `RSA 3072`, `EC P-384`. */
  readonly keyKind: string;
}

/** One thing that is wrong with a signing request, and how to mend it. */
interface Fault {
  readonly kind: SigningRequestFault['kind'];
  readonly message: string;
}

/** Longer names than this are shown by their beginning: they are the applicant's to choose. */
const MAX_SHOWN = 200;

/**
 * Reads a PKCS #10 request in PEM (RFC 2986) or DER, and judges what can be judged by it alone.
 *
 * @throws RequestError `CSR_INVALID` with the faults, or `KEY_REFUSED` where nothing but the key is wrong
 */
export async function requireGoodRequest(csr: string | Buffer, appId: string): Promise<ProvenSigningRequest> {
  const proven = requireProvenRequest(csr, appId);
  await requireStrongKey(proven.publicKey);
  return proven;
}

/**
 * The part of {@link requireGoodRequest} that costs next to nothing. Whether the key is strong is left to
 * {@link requireStrongKey}.
 *
 * @throws RequestError `CSR_INVALID` with every fault, or `KEY_REFUSED` where nothing but the key is wrong
 */
export function requireProvenRequest(csr: string | Buffer, appId: string): ProvenSigningRequest {
  const request = parseOrExplain(csr, appId);
  const faults = [...formFaults(request, appId), ...keyFaults(findKindWeakness(request.publicKey))];
  if (faults.length > 0) {
    const code = faults.every(({ kind }) => kind === 'weak-key') ? 'KEY_REFUSED' : 'CSR_INVALID';
    throw refused(code, faults);
  }
  const publicKey = usuallyEncoded(request.publicKey);
  return {
    der: request.der,
    publicKey,
    keyFingerprint: keyFingerprint(publicKey),
    keyKind: request.keyType === 'rsa' ? `RSA ${request.keyBits ?? '?'}` : `EC ${request.curve ?? '?'}`,
  };
}

/**
 * Looks at the numbers of a key, for up to a tenth of a second: to be asked last, of whoever may ask at all.
 *
 * @throws RequestError `KEY_REFUSED`
 */
export async function requireStrongKey(publicKey: KeyObject): Promise<void> {
  const faults = keyFaults(await findKeyWeaknessInTurns(publicKey));
  if (faults.length > 0) throw refused('KEY_REFUSED', faults);
}

function refused(code: 'CSR_INVALID' | 'KEY_REFUSED', faults: readonly Fault[]): RequestError {
  return new RequestError(code, faults.map(({ message }) => message).join(' '), { errors: faults });
}

function parseOrExplain(csr: string | Buffer, appId: string): SigningRequest {
  if (typeof csr === 'string' && /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(csr)) {
    throw new RequestError(
      'CSR_INVALID',
      'The text holds a private key. It has left your machine now, so make a new one, and send the signing request alone.',
    );
  }
  try {
    return parseSigningRequest(csr);
  } catch (error) {
    if (!(error instanceof SigningRequestError)) throw error;
    throw new RequestError('CSR_INVALID', `${error.message} Make one: ${opensslCommand(appId)}`);
  }
}

function formFaults(request: SigningRequest, appId: string): readonly Fault[] {
  return findQuickFaults(request, appId).flatMap(({ kind }): readonly Fault[] => {
    switch (kind) {
      case 'weak-key':
        return [];
      case 'weak-signature':
        // Whoever has another kind of key has another kind of signature with it: that is said of the key.
        if (request.keyType === 'other') return [];
        return [{ kind, message: `It is signed with ${request.signatureAlgorithm}; make it again with -sha256.` }];
      case 'no-proof-of-possession':
        return [
          { kind, message: 'It is not signed with the private key of its public key; make it again with that key.' },
        ];
      case 'common-name': {
        const subject = request.subject.slice(0, MAX_SHOWN);
        return [
          { kind, message: `It is for "${subject}"; make it again with -subj "/CN=${appId}", the id of the app.` },
        ];
      }
    }
  });
}

function keyFaults(weakness: string | null): readonly Fault[] {
  if (weakness === null) return [];
  const message = `Its key is refused: ${weakness}. Make a new one, RSA of 3072 bits or EC on P-384.`;
  return [{ kind: 'weak-key', message }];
}

/**
 * A key can be encoded in several ways (a point compressed or not, parameters absent or NULL), and would have another
 * fingerprint in each: a key that is known, or known to be bad, must be recognised in all of them.
 */
function usuallyEncoded(publicKey: KeyObject): KeyObject {
  return createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' });
}

function opensslCommand(appId: string): string {
  return `openssl req -nodes -newkey rsa:3072 -keyout ${appId}.key -out ${appId}.csr -subj "/CN=${appId}"`;
}
