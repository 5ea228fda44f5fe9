import { createHash } from 'node:crypto';
import { contextTag, readDer } from './der.js';
import {
  writeEnumerated,
  writeExplicit,
  writeGeneralizedTime,
  writeOctetString,
  writeOid,
  writeSequence,
  writeValue,
} from './der-writer.js';
import { EXTENSION } from './extensions.js';
import { IssueError, writeExtension } from './issue.js';
import type { Authority } from './issue.js';
import { isSameKeyPair } from './keys.js';
import { isCertIdOf, maxNonceBytes, publicKeyBitsOf } from './ocsp-request.js';
import type { OcspCertId } from './ocsp-request.js';
import { reasonCode } from './revocation-list.js';
import { signDocument } from './sign-document.js';
import { isSignedWith, readSigned } from './signed.js';

/** What is known of a certificate. */
export type OcspStatus = 'good' | 'unknown' | { readonly revokedAt: Date; readonly reason: string | null };

/** The answer about one certificate (RFC 6960 §4.2.1). */
export interface OcspSingleResponse {
  /** As in the request. */
  readonly certId: OcspCertId;
  readonly status: OcspStatus;
  /** When this was known to be so, and when it will be told anew. */
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

const idOcspBasic = '1.3.6.1.5.5.7.48.1.1';

/** OCSPResponseStatus (RFC 6960 §4.2.1), as far as a responder that never asks for signatures gives it. */
const failures = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;

/**
 * Answers about certificates, signed by the authority that issued them (RFC 6960 §4.2.2.2). Gives the whole
 * OCSPResponse in DER. `good` and `revoked` are said of the authority's own certificates only. Rejects with IssueError
 * where something does not fit, and then nothing was signed, or with the signer's error.
 */
export async function issueOcspResponse(input: {
  readonly authority: Authority;
  readonly responses: readonly OcspSingleResponse[];
  readonly producedAt: Date;
  /** That of the request, null if it had none. */
  readonly nonce: Buffer | null;
}): Promise<Buffer> {
  const { authority } = input;
  const faults = findFaults(input);
  if (faults.length > 0) throw new IssueError(faults);

  const signed = await signDocument(writeResponseData(input), authority.signer);
  // A signature that does not verify may come of a fault that gives the key away: it must not get out.
  if (!isSignedWith(readSigned(signed), authority.certificate.publicKey)) {
    throw new IssueError(['the signature does not verify']);
  }
  const certificates = writeExplicit(0, writeSequence(authority.certificate.der));
  const basic = writeSequence(readDer(signed).content, certificates);
  return writeResponse(0, writeExplicit(0, writeSequence(writeOid(idOcspBasic), writeOctetString(basic))));
}

/** The answer that there is none, and why. It is not signed (RFC 6960 §2.3). */
export function ocspFailure(reason: keyof typeof failures): Buffer {
  return writeResponse(failures[reason]);
}

function writeResponse(status: number, ...bytes: readonly Buffer[]): Buffer {
  return writeSequence(writeEnumerated(status), ...bytes);
}

function findFaults(input: Parameters<typeof issueOcspResponse>[0]): readonly string[] {
  const { responses, nonce } = input;
  const { certificate, signer } = input.authority;
  const checks: readonly (readonly [boolean, string])[] = [
    [
      isSameKeyPair(signer.publicKey, certificate.publicKey),
      "the private key is not that of the authority's certificate",
    ],
    [certificate.basicConstraints?.ca === true, 'only an authority answers for its certificates'],
    [responses.length > 0, 'there is nothing to answer'],
    [nonce === null || (nonce.length > 0 && nonce.length <= maxNonceBytes), 'the nonce is out of range'],
    [
      responses.every(({ thisUpdate, nextUpdate }) => thisUpdate.getTime() < nextUpdate.getTime()),
      'the next answer would be due before this one',
    ],
    [
      responses.every(({ certId, status }) => status === 'unknown' || isCertIdOf(certId, certificate)),
      'a certificate is of another authority',
    ],
    [
      responses.every(({ status }) => typeof status === 'string' || isKnownReason(status.reason)),
      'a reason is not one of the standard',
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

function isKnownReason(reason: string | null): boolean {
  return reason === null || reasonCode(reason) !== null;
}

/** RFC 6960 §4.2.1: the responder by its key, since a name alone would not tell which of several keys signed. */
function writeResponseData(input: Parameters<typeof issueOcspResponse>[0]): Buffer {
  const { authority, responses, producedAt, nonce } = input;
  const keyHash = createHash('sha1').update(publicKeyBitsOf(authority.certificate)).digest();
  return writeSequence(
    writeExplicit(2, writeOctetString(keyHash)),
    writeGeneralizedTime(producedAt),
    writeSequence(...responses.map(writeSingleResponse)),
    ...(nonce === null
      ? []
      : [writeExplicit(1, writeSequence(writeExtension(EXTENSION.ocspNonce, writeOctetString(nonce))))]),
  );
}

function writeSingleResponse({ certId, status, thisUpdate, nextUpdate }: OcspSingleResponse): Buffer {
  return writeSequence(
    certId.der,
    writeStatus(status),
    writeGeneralizedTime(thisUpdate),
    writeExplicit(0, writeGeneralizedTime(nextUpdate)),
  );
}

function writeStatus(status: OcspStatus): Buffer {
  const implicit = (number: number): number => contextTag(number) & ~0x20;
  if (status === 'good') return writeValue(implicit(0));
  if (status === 'unknown') return writeValue(implicit(2));
  const { revokedAt, reason } = status;
  // As in revocation lists, `unspecified` is said by saying nothing (RFC 5280 §5.3.1).
  const code = reason === null || reason === 'unspecified' ? null : reasonCode(reason);
  return writeValue(
    contextTag(1),
    writeGeneralizedTime(revokedAt),
    ...(code === null ? [] : [writeExplicit(0, writeEnumerated(code))]),
  );
}
