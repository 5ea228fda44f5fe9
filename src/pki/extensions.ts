import { DerError, TAG, contextTag, readChildren, readDer, readFields } from './der.js';
import type { DerValue } from './der.js';
import { boolean, namedBits, oid, smallInteger } from './der-values.js';

/** One entry of an Extensions list (RFC 5280 §4.2), its value still encoded. */
export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
} as const;

/** The purpose that makes a certificate one for signing code (RFC 5280 §4.2.1.12). */
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

/** The purposes of RFC 5280 §4.2.1.3, by their ASN.1 names, in the order of their bits. */
const keyUsageNames = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsageNames)[number];

/** The number of the bit that stands for a purpose. */
export function keyUsageBit(name: KeyUsage): number {
  return keyUsageNames.indexOf(name);
}

/** An authority's licence: whether it is one, and how many authorities may stand between it and a leaf. */
export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | null;
}

/**
 * Reads an Extensions list. Throws DerError, also when an extension comes twice (RFC 5280 §4.2): readers that take the
 * first and readers that take the last would then disagree about what the certificate is for.
 */
export function readExtensions(list: DerValue): ReadonlyMap<string, Extension> {
  if (list.tag !== TAG.sequence) throw new DerError('a list of extensions was expected');
  const extensions = new Map<string, Extension>();
  for (const entry of readChildren(list)) {
    const fields = readFields(entry);
    const id = oid(fields.take('the identifier of an extension', TAG.oid));
    const criticality = fields.takeIf(TAG.boolean);
    const value = fields.take('the value of an extension', TAG.octetString).content;
    fields.end();
    if (extensions.has(id)) throw new DerError(`the extension ${id} comes twice`);
    extensions.set(id, { id, critical: criticality !== null && boolean(criticality), value });
  }
  return extensions;
}

/** RFC 5280 §4.2.1.9. Throws DerError. */
export function readBasicConstraints(extension: Extension): BasicConstraints {
  const fields = readFields(readDer(extension.value));
  const flag = fields.takeIf(TAG.boolean);
  const length = fields.takeIf(TAG.integer);
  fields.end();
  return { ca: flag !== null && boolean(flag), pathLength: length === null ? null : smallInteger(length) };
}

/** RFC 5280 §4.2.1.3. Throws DerError. */
export function readKeyUsage(extension: Extension): ReadonlySet<KeyUsage> {
  const names = namedBits(readDer(extension.value)).map((bit) => keyUsageNames[bit]);
  return new Set(names.filter((name) => name !== undefined));
}

/** RFC 5280 §4.2.1.12: the purposes as dotted identifiers. Throws DerError. */
export function readExtendedKeyUsage(extension: Extension): readonly string[] {
  const list = readDer(extension.value);
  if (list.tag !== TAG.sequence) throw new DerError('a list of purposes was expected');
  return readChildren(list).map(oid);
}

/** RFC 5280 §4.2.1.2: the identifier in lower-case hex. Throws DerError. */
export function readSubjectKeyId(extension: Extension): string {
  const value = readDer(extension.value);
  if (value.tag !== TAG.octetString) throw new DerError('a key identifier was expected');
  return value.content.toString('hex');
}

/** RFC 5280 §4.2.1.1: the keyIdentifier in lower-case hex, null if the authority is told in another way. Throws DerError. */
export function readAuthorityKeyId(extension: Extension): string | null {
  const keyIdentifierTag = contextTag(0) & ~0x20;
  return readFields(readDer(extension.value)).takeIf(keyIdentifierTag)?.content.toString('hex') ?? null;
}
