import {
  writeEnumerated,
  writeExplicit,
  writeGeneralizedTime,
  writeInteger,
  writeSequence,
  writeTime,
} from './der-writer.js';
import { EXTENSION } from './extensions.js';
import { IssueError, writeAuthorityKeyId, writeExtension } from './issue.js';
import type { Authority } from './issue.js';
import { isSameKeyPair } from './keys.js';
import { isRevocationListOf, parseRevocationList, reasonCode } from './revocation-list.js';
import type { Revocation, RevocationList } from './revocation-list.js';
import { draftDocument, signDocument, signingAlgorithmOf } from './sign-document.js';

/** A line for a revocation list that is to be issued. */
export interface RevocationEntry extends Revocation {
  /** As in Certificate.serial. */
  readonly serial: string;
}

/**
 * Issues a complete revocation list (RFC 5280 §5, version 2). `number` must be larger than that of every list the
 * authority issued before; keeping count is the caller's part. What is about to be signed is read back first, and every
 * entry must be found in it. Rejects with IssueError, and then nothing was signed.
 */
export async function issueRevocationList(input: {
  readonly authority: Authority;
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly RevocationEntry[];
}): Promise<RevocationList> {
  const { authority, thisUpdate, nextUpdate, revoked } = input;
  const faults = findInputFaults(input);
  if (faults.length > 0) throw new IssueError(faults);

  const body = writeBody(input);
  const draft = parseRevocationList(draftDocument(body, authority.signer));
  const complete =
    draft.revoked.size === revoked.length &&
    revoked.every(({ serial, reason }) => draft.revoked.get(serial)?.reason === writtenReason(reason)) &&
    draft.thisUpdate.getTime() <= thisUpdate.getTime() &&
    draft.nextUpdate !== null &&
    draft.nextUpdate.getTime() <= nextUpdate.getTime();
  if (!complete) throw new IssueError(['the list does not say what it should']);

  const list = parseRevocationList(await signDocument(body, authority.signer));
  if (!isRevocationListOf(list, authority.certificate)) throw new IssueError(['the signature does not verify']);
  return list;
}

function findInputFaults(input: Parameters<typeof issueRevocationList>[0]): readonly string[] {
  const { authority, number, thisUpdate, nextUpdate, revoked } = input;
  const { certificate, signer } = authority;
  const checks: readonly (readonly [boolean, string])[] = [
    [
      isSameKeyPair(signer.publicKey, certificate.publicKey),
      "the private key is not that of the authority's certificate",
    ],
    [certificate.keyUsage?.has('cRLSign') === true, 'the authority may not sign revocation lists'],
    [number > 0n && number < 1n << 159n, 'the number of the list is out of range'],
    [thisUpdate.getTime() < nextUpdate.getTime(), 'the next list would be due before this one'],
    [revoked.every(({ serial }) => /^([0-9A-F]{2}){1,20}$/.test(serial)), 'a serial is not spelt as in certificates'],
    [new Set(revoked.map(({ serial }) => serial)).size === revoked.length, 'a serial is listed twice'],
    [
      revoked.every(({ reason }) => reason === null || reasonCode(reason) !== null),
      'a reason is not one of the standard',
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

function writeBody(input: Parameters<typeof issueRevocationList>[0]): Buffer {
  const { authority, number, thisUpdate, nextUpdate, revoked } = input;
  const { certificate, signer } = authority;
  const keyId = certificate.subjectKeyId;
  return writeSequence(
    writeInteger(1),
    signingAlgorithmOf(signer.publicKey).identifier,
    Buffer.from(certificate.subjectId, 'hex'),
    writeTime(thisUpdate),
    writeTime(nextUpdate),
    // RFC 5280 §5.1.2.6: where nothing is revoked the list is absent, not empty.
    ...(revoked.length === 0 ? [] : [writeSequence(...revoked.map(writeEntry))]),
    writeExplicit(
      0,
      writeSequence(
        ...(keyId === null
          ? []
          : [writeExtension(EXTENSION.authorityKeyIdentifier, writeAuthorityKeyId(Buffer.from(keyId, 'hex')))]),
        writeExtension(EXTENSION.crlNumber, writeInteger(number)),
      ),
    ),
  );
}

function writeEntry({ serial, revokedAt, reason, invalidityDate }: RevocationEntry): Buffer {
  const written = writtenReason(reason);
  const code = written === null ? null : reasonCode(written);
  const extensions = [
    ...(code === null ? [] : [writeExtension(EXTENSION.reasonCode, writeEnumerated(code))]),
    ...(invalidityDate === null
      ? []
      : [writeExtension(EXTENSION.invalidityDate, writeGeneralizedTime(invalidityDate))]),
  ];
  return writeSequence(
    writeInteger(BigInt(`0x${serial}`)),
    writeTime(revokedAt),
    ...(extensions.length === 0 ? [] : [writeSequence(...extensions)]),
  );
}

/** RFC 5280 §5.3.1: `unspecified` is said by saying nothing. */
function writtenReason(reason: string | null): string | null {
  return reason === 'unspecified' ? null : reason;
}
