import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { findKeyWeakness } from '../pki/key-weaknesses.js';
import { findRequestFaults, parseSigningRequest, SigningRequestError } from '../pki/signing-request.js';
import type { SigningRequest, SigningRequestFault } from '../pki/signing-request.js';
import { RequestError } from '../request-error.js';

/** A signing request with nothing wrong in itself: proof of possession, the right name, a key that is strong enough. */
export interface GoodSigningRequest {
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
 * @throws RequestError `CSR_INVALID` with every fault, or `KEY_REFUSED` where nothing but the key is wrong
 */
export function requireGoodRequest(csr: string | Buffer, appId: string): GoodSigningRequest {
  const request = parseOrExplain(csr, appId);
  const faults = [...formFaults(request, appId), ...keyFaults(request)];
  if (faults.length > 0) {
    const code = faults.every(({ kind }) => kind === 'weak-key') ? 'KEY_REFUSED' : 'CSR_INVALID';
    throw new RequestError(code, faults.map(({ message }) => message).join(' '), { errors: faults });
  }
  const publicKey = usuallyEncoded(request.publicKey);
  return {
    der: request.der,
    publicKey,
    keyFingerprint: createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    keyKind: request.keyType === 'rsa' ? `RSA ${request.keyBits ?? '?'}` : `EC ${request.curve ?? '?'}`,
  };
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
  return findRequestFaults(request, appId).flatMap(({ kind }): readonly Fault[] => {
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

function keyFaults({ publicKey }: SigningRequest): readonly Fault[] {
  const weakness = findKeyWeakness(publicKey);
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
