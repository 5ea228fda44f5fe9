import type { KeyObject } from 'node:crypto';
import type { Certificate } from './certificate.js';
import { DerError, TAG, contextTag, readChildren, readDer, readFields } from './der.js';
import type { DerValue, Fields } from './der.js';
import { integerHex, smallInteger, time } from './der-values.js';
import { EXTENSION, readExtensions } from './extensions.js';
import type { Extension } from './extensions.js';
import { readName } from './names.js';
import { PemError, readDerOrPem } from './pem.js';
import { isSignedWith, readSigned } from './signed.js';
import type { SignedDocument } from './signed.js';

/** One line of a revocation list. */
export interface Revocation {
  readonly revokedAt: Date;
  /** The CRLReason by its ASN.1 name, such as `keyCompromise`; null where the list gives none. */
  readonly reason: string | null;
  /** Since when the key is thought to have been in wrong hands. */
  readonly invalidityDate: Date | null;
}

/** A complete X.509 revocation list (RFC 5280 §5), read but not judged: whose it is, isRevocationListOf tells. */
export interface RevocationList {
  readonly der: Buffer;
  /** Where it was read from, for people. */
  readonly file: string | null;
  readonly issuer: string;
  /** Hex of the DER of the issuer's name. */
  readonly issuerId: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  /** The CRL number in decimal; null in version 1 lists, which have none. */
  readonly number: string | null;
  readonly signatureAlgorithm: string;
  /** By serial, spelt as in Certificate.serial. */
  readonly revoked: ReadonlyMap<string, Revocation>;
}

/** The input is no revocation list, or not one that speaks for all certificates of its issuer. */
export class RevocationListError extends Error {
  override readonly name = 'RevocationListError';
}

/** Half a million entries take about 20 MiB. */
const maxBytes = 32 * 1024 * 1024;

/** The names of RFC 5280 §5.3.1; 7 was never given out. */
const reasonNames: readonly (string | null)[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  null,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

/** The number of a reason, or null if a complete list can't give it. */
export function reasonCode(reason: string): number | null {
  const code = reasonNames.indexOf(reason);
  return code < 0 || reason === 'removeFromCRL' ? null : code;
}

/**
 * Extensions that change what a list, or an entry, speaks for: delta lists, lists of one distribution point or of other
 * authorities. Who does not process them must not use the list (RFC 5280 §5.2), whatever their criticality says.
 */
const partialListExtensions: ReadonlySet<string> = new Set(['2.5.29.27', '2.5.29.28', '2.5.29.29']);

const processedExtensions: ReadonlySet<string> = new Set([
  EXTENSION.authorityKeyIdentifier,
  EXTENSION.crlNumber,
  EXTENSION.reasonCode,
  EXTENSION.invalidityDate,
]);

/**
 * Reads a revocation list from DER, or from PEM that holds exactly one. `file` is kept for messages. Throws
 * RevocationListError, also for delta, indirect and partitioned lists and for critical extensions that are not processed.
 */
export function parseRevocationList(input: Buffer | string, file: string | null = null): RevocationList {
  if (input.length > maxBytes) throw new RevocationListError('The revocation list is too large.');
  try {
    const [document, ...others] = readDerOrPem(input, 'X509 CRL');
    if (document === undefined || others.length > 0) throw new DerError('exactly one list was expected');
    const der = Buffer.from(document);
    return { ...readBody(readSigned(der)), der, file };
  } catch (error) {
    const known = error instanceof DerError || error instanceof PemError;
    const reason = known ? error.message : 'it can not be read';
    throw new RevocationListError(`It is no usable revocation list: ${reason}.`, { cause: error });
  }
}

const signatures = new WeakMap<RevocationList, WeakMap<KeyObject, boolean>>();

/** Whether the list bears this authority's name and signature, and the authority may sign lists (RFC 5280 §6.3.3). */
export function isRevocationListOf(list: RevocationList, issuer: Certificate): boolean {
  if (list.issuerId !== issuer.subjectId) return false;
  if (issuer.keyUsage !== null && !issuer.keyUsage.has('cRLSign')) return false;
  const known = signatures.get(list) ?? new WeakMap<KeyObject, boolean>();
  signatures.set(list, known);
  const answer = known.get(issuer.publicKey) ?? isStronglySigned(list, issuer.publicKey);
  known.set(issuer.publicKey, answer);
  return answer;
}

function isStronglySigned(list: RevocationList, key: KeyObject): boolean {
  const document = readSigned(list.der);
  return document.algorithm.strong && isSignedWith(document, key);
}

function readBody(document: SignedDocument): Omit<RevocationList, 'der' | 'file'> {
  const fields = readFields(document.body);
  const version = fields.takeIf(TAG.integer);
  if (version !== null && smallInteger(version) !== 1) throw new DerError('its version is unknown');
  const innerAlgorithm = fields.take('the signature algorithm', TAG.sequence);
  if (!innerAlgorithm.bytes.equals(document.algorithmBytes)) throw new DerError('its signature algorithms differ');
  const issuer = readName(fields.take('the issuer', TAG.sequence));
  const thisUpdate = time(fields.take('the time of issue'));
  const nextUpdate = fields.takeIf(TAG.utcTime, TAG.generalizedTime);
  const entries = fields.takeIf(TAG.sequence);
  const extensions = readListExtensions(fields, version !== null);
  fields.end();

  const number = extensions.get(EXTENSION.crlNumber);
  return {
    issuer: issuer.text,
    issuerId: issuer.id,
    thisUpdate,
    nextUpdate: nextUpdate === null ? null : time(nextUpdate),
    number: number === undefined ? null : BigInt(`0x${integerHex(readDer(number.value))}`).toString(),
    signatureAlgorithm: document.algorithm.name,
    revoked: readEntries(entries),
  };
}

function readListExtensions(fields: Fields, isVersion2: boolean): ReadonlyMap<string, Extension> {
  const field = fields.takeIf(contextTag(0));
  if (field === null) return new Map();
  if (!isVersion2) throw new DerError('it has extensions, which its version does not know');
  return refuseUnprocessed(readExtensions(readDer(field.content)));
}

function readEntries(list: DerValue | null): ReadonlyMap<string, Revocation> {
  const revoked = new Map<string, Revocation>();
  if (list === null) return revoked;
  for (const entry of readChildren(list)) {
    const fields = readFields(entry);
    const serial = integerHex(fields.take('a serial number', TAG.integer));
    const revokedAt = time(fields.take('the time of a revocation'));
    const details = readEntryExtensions(fields.takeIf(TAG.sequence));
    fields.end();
    // Only a delta list may say this. It takes a certificate off a list that we would have to know, so it revokes nothing.
    if (details.reason === 'removeFromCRL') continue;
    if (!revoked.has(serial)) revoked.set(serial, { revokedAt, ...details });
  }
  return revoked;
}

function readEntryExtensions(list: DerValue | null): Omit<Revocation, 'revokedAt'> {
  if (list === null) return { reason: null, invalidityDate: null };
  const extensions = refuseUnprocessed(readExtensions(list));
  const reason = extensions.get(EXTENSION.reasonCode);
  const invalidityDate = extensions.get(EXTENSION.invalidityDate);
  return {
    reason: reason === undefined ? null : (reasonNames[smallInteger(readDer(reason.value))] ?? null),
    invalidityDate: invalidityDate === undefined ? null : time(readDer(invalidityDate.value)),
  };
}

function refuseUnprocessed(extensions: ReadonlyMap<string, Extension>): ReadonlyMap<string, Extension> {
  for (const { id, critical } of extensions.values()) {
    if (partialListExtensions.has(id)) throw new DerError('it does not speak for all certificates of its issuer');
    if (critical && !processedExtensions.has(id)) throw new DerError(`its critical extension ${id} is not known`);
  }
  return extensions;
}
