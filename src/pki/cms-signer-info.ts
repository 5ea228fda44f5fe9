import { DerError, TAG, contextTag, readChildren, readFields } from './der.js';
import type { DerValue } from './der.js';
import { integerHex, oid, smallInteger } from './der-values.js';
import { readCmsSignatureAlgorithm, readDigestAlgorithm } from './cms-algorithms.js';
import type { CmsSignatureAlgorithm, StrongDigest } from './cms-algorithms.js';
import { readName } from './names.js';

/** How a SignerInfo names its certificate. All spelt as in Certificate. */
export type SignerIdentifier =
  { readonly issuerId: string; readonly serial: string } | { readonly subjectKeyId: string };

/** One signature of a SignedData (RFC 5652 §5.3), read but not verified. */
export interface SignerInfo {
  readonly identifier: SignerIdentifier;
  /** Null for a digest that does not count, such as SHA-1. */
  readonly digest: StrongDigest | null;
  /** Null for an algorithm that does not count. */
  readonly algorithm: CmsSignatureAlgorithm | null;
  /** Why this signature can not count, whoever made it: half a sentence for people. Null where it can. */
  readonly fault: string | null;
  /** Null where the signature is over the content itself. */
  readonly signedAttributes: SignedAttributes | null;
  readonly signature: Buffer;
}

/** What is signed along with, and in place of, the content (RFC 5652 §11). */
export interface SignedAttributes {
  /** As they are signed: a SET OF, not the `[0]` that stands in the message (RFC 5652 §5.4). */
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly messageDigest: Buffer;
}

export const ATTRIBUTE = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
} as const;

const maxAttributes = 32;

/** Reads a SignerInfo. Throws DerError. */
export function readSignerInfo(value: DerValue): SignerInfo {
  const fields = readFields(value);
  const version = smallInteger(fields.take('the version of a signer', TAG.integer));
  const identifier = readIdentifier(fields.take('the name of a signer'), version);
  const digest = readDigestAlgorithm(fields.take('the digest algorithm', TAG.sequence));
  const attributes = fields.takeIf(contextTag(0));
  const signatureAlgorithm = fields.take('the signature algorithm', TAG.sequence);
  const signature = fields.take('the signature', TAG.octetString).content;
  fields.takeIf(contextTag(1)); // unsigned attributes, such as time stamps: anybody can add them, so they say nothing
  fields.end();
  const algorithm = digest.value === null ? null : readCmsSignatureAlgorithm(signatureAlgorithm, digest.value);
  return {
    identifier,
    digest: digest.value,
    algorithm: algorithm?.value ?? null,
    fault: digest.fault ?? algorithm?.fault ?? null,
    signedAttributes: attributes === null ? null : readSignedAttributes(attributes),
    signature,
  };
}

/** RFC 5652 §5.3: version 1 goes with issuer and serial, version 3 with the key identifier. */
function readIdentifier(value: DerValue, version: number): SignerIdentifier {
  const keyIdentifierTag = contextTag(0) & ~0x20;
  if (version === 3 && value.tag === keyIdentifierTag) return { subjectKeyId: value.content.toString('hex') };
  if (version !== 1 || value.tag !== TAG.sequence) throw new DerError('a signer is named in a way that is not known');
  const fields = readFields(value);
  const issuerId = readName(fields.take('the issuer', TAG.sequence)).id;
  const serial = integerHex(fields.take('the serial number', TAG.integer));
  fields.end();
  return { issuerId, serial };
}

/** No attribute comes twice or has two values: readers that take the first and the last would see different things. */
function readSignedAttributes(value: DerValue): SignedAttributes {
  const attributes = new Map<string, DerValue>();
  for (const attribute of readChildren(value, maxAttributes)) {
    const fields = readFields(attribute);
    const id = oid(fields.take('the type of an attribute', TAG.oid));
    const values = fields.take('the values of an attribute', TAG.set);
    fields.end();
    if (attributes.has(id)) throw new DerError(`the attribute ${id} comes twice`);
    attributes.set(id, values);
  }
  const contentType = onlyValue(attributes.get(ATTRIBUTE.contentType), TAG.oid);
  const messageDigest = onlyValue(attributes.get(ATTRIBUTE.messageDigest), TAG.octetString);
  const bytes = Buffer.from(value.bytes);
  bytes[0] = TAG.set;
  return { bytes, contentType: oid(contentType), messageDigest: messageDigest.content };
}

function onlyValue(values: DerValue | undefined, tag: number): DerValue {
  const [value, ...others] = values === undefined ? [] : readChildren(values);
  if (value?.tag !== tag || others.length > 0) {
    throw new DerError('the signed attributes do not tell the type and the digest of the content');
  }
  return value;
}
