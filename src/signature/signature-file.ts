import { finding } from '../report/finding.js';
import type { Finding } from '../report/finding.js';
import { readManifest, serializeLegacyHashes } from './hashes-member.js';
import { canonicalManifest } from './manifest.js';
import type { Manifest } from './manifest.js';
import { JsonError, parseJsonObject } from './strict-json.js';
import type { JsonDocument, JsonObject, JsonValue } from './strict-json.js';

/** ownCloud's first format: one RSA signature over PHP's encoding of the hashes. */
export interface LegacySignatureFile {
  readonly format: 1;
  readonly hashes: Manifest;
  readonly signature: Buffer;
  /** PEM, unchecked. */
  readonly certificate: string;
}

/** The second format: the signature is over the bytes of the hashes as they stand in the file. */
export interface CurrentSignatureFile {
  readonly format: 2;
  readonly algorithm: CurrentAlgorithm;
  readonly hashes: Manifest;
  /** The `hashes` value as it stands in the file. */
  readonly signedBytes: Buffer;
  readonly signature: Buffer;
  /** PEM, unchecked. */
  readonly leaf: string;
  /** PEM, unchecked; from the leaf's issuer upwards. */
  readonly chain: readonly string[];
}

export type SignatureFile = LegacySignatureFile | CurrentSignatureFile;

export type CurrentAlgorithm = 'rsa-pss-sha384' | 'ecdsa-p384-sha384';

/** What became of a file: never both null and without findings. */
export interface ParsedSignatureFile {
  readonly file: SignatureFile | null;
  readonly findings: readonly Finding[];
}

const LEGACY_MEMBERS = ['hashes', 'signature', 'certificate'];
/** Some signers add it; no verifier reads it, and neither does the gate. */
const LEGACY_EXTRA_MEMBERS = ['certificateChain'];
const CURRENT_MEMBERS = ['v', 'alg', 'hashes', 'signature', 'certificates'];
const CERTIFICATES_MEMBERS = ['leaf', 'chain'];

/** A path has three certificates in practice; each costs a signature check. */
const MAX_CHAIN = 8;
/** Twice what an archive may hold unless its store says otherwise: for whoever reads a signature file by itself. */
const DEFAULT_MAX_FILES = 100_000;
/** What a signature file may hold beside its hashes: a dozen members, and a list of certificates. */
const OTHER_VALUES = 100;
/** An RSA key of 16,384 bits makes a signature of 2,048 bytes. */
const MAX_SIGNATURE_BYTES = 2_048;

/** Collects what is wrong, so that one reading reports all of it. */
type Complaints = string[];

/**
 * Reads a signature file of either format. Checks its shape and nothing of what it claims: no certificate is looked
 * into, no signature verified.
 *
 * Members that no verifier reads are refused: the signature file is the one file of an app that no signature covers,
 * so whatever rides along in it could be changed without anybody noticing.
 *
 * @param maxFiles how many files it may list, give or take a hundred: more than an archive may hold can't all be there.
 */
export function parseSignatureFile(bytes: Buffer, maxFiles = DEFAULT_MAX_FILES): ParsedSignatureFile {
  let document: JsonDocument;
  try {
    document = parseJsonObject(bytes, maxFiles + OTHER_VALUES);
  } catch (error) {
    if (error instanceof JsonError) return malformed([`It can't be read as JSON: ${error.message}.`]);
    throw error;
  }
  const complaints: Complaints = [];
  const file = isCurrentFormat(document.members)
    ? readCurrent(document, complaints)
    : readLegacy(document.members, complaints);
  return complaints.length > 0 ? malformed(complaints) : { file, findings: [] };
}

/**
 * The bytes of a signature file, laid out as the reference signer of each format does.
 *
 * Format 1 is PHP's pretty print, format 2 one line with {@link CurrentSignatureFile.signedBytes} as they are.
 */
export function serializeSignatureFile(file: SignatureFile): Buffer {
  return file.format === 1 ? serializeLegacy(file) : serializeCurrent(file);
}

function malformed(complaints: Complaints): ParsedSignatureFile {
  return { file: null, findings: complaints.map((detail) => finding('SIGNATURE_FILE_MALFORMED', { detail })) };
}

/** As ownCloud's verifier decides it; a file with members of both is refused by either reading. */
function isCurrentFormat(members: JsonObject): boolean {
  return members.has('v') || members.has('alg') || members.has('certificates');
}

function readLegacy(members: JsonObject, complaints: Complaints): LegacySignatureFile | null {
  refuseUnknown(members, [...LEGACY_MEMBERS, ...LEGACY_EXTRA_MEMBERS], '', complaints);
  const hashes = readManifest(members.get('hashes'), 1, complaints);
  const signature = readSignature(members.get('signature'), complaints);
  const certificate = readText(members.get('certificate'), '"certificate"', complaints);
  if (hashes === null || signature === null || certificate === null) return null;
  return { format: 1, hashes, signature, certificate };
}

function readCurrent(document: JsonDocument, complaints: Complaints): CurrentSignatureFile | null {
  const { members } = document;
  refuseUnknown(members, CURRENT_MEMBERS, '', complaints);
  // The text rather than the value, since `2.0` and `2e0` are not 2 to every reader.
  if (document.rawValue('v')?.toString() !== '2') complaints.push('"v" must be the number 2.');
  const algorithm = readAlgorithm(members.get('alg'), complaints);
  const hashes = readManifest(members.get('hashes'), 2, complaints);
  const signedBytes = document.rawValue('hashes');
  const signature = readSignature(members.get('signature'), complaints);
  const certificates = readCertificates(members.get('certificates'), complaints);
  if (algorithm === null || hashes === null || signedBytes === null) return null;
  if (signature === null || certificates === null) return null;
  return { format: 2, algorithm, hashes, signedBytes, signature, ...certificates };
}

function readAlgorithm(value: JsonValue | undefined, complaints: Complaints): CurrentAlgorithm | null {
  if (value === 'rsa-pss-sha384' || value === 'ecdsa-p384-sha384') return value;
  complaints.push('"alg" must be "ecdsa-p384-sha384" or "rsa-pss-sha384".');
  return null;
}

function readCertificates(
  value: JsonValue | undefined,
  complaints: Complaints,
): Pick<CurrentSignatureFile, 'leaf' | 'chain'> | null {
  if (!(value instanceof Map)) {
    complaints.push('"certificates" must be an object with "leaf" and "chain".');
    return null;
  }
  const members: JsonObject = value;
  refuseUnknown(members, CERTIFICATES_MEMBERS, ' in "certificates"', complaints);
  const leaf = readText(members.get('leaf'), '"certificates.leaf"', complaints);
  const chain = readChain(members.get('chain') ?? [], complaints);
  return leaf === null || chain === null ? null : { leaf, chain };
}

function readChain(value: JsonValue, complaints: Complaints): readonly string[] | null {
  const isChain = Array.isArray(value) && value.length <= MAX_CHAIN && value.every((item) => typeof item === 'string');
  if (isChain) return value;
  complaints.push(`"certificates.chain" must be a list of at most ${MAX_CHAIN} PEM texts.`);
  return null;
}

function readText(value: JsonValue | undefined, name: string, complaints: Complaints): string | null {
  if (typeof value === 'string') return value;
  complaints.push(value === undefined ? `The member ${name} is missing.` : `${name} must be a text.`);
  return null;
}

function readSignature(value: JsonValue | undefined, complaints: Complaints): Buffer | null {
  const base64 = readText(value, '"signature"', complaints);
  if (base64 === null) return null;
  const signature = Buffer.from(base64, 'base64');
  // Buffer.from skips whatever it does not know; only what encodes back to itself is base64 (RFC 4648 §3.3, §3.5).
  if (signature.length > 0 && signature.length <= MAX_SIGNATURE_BYTES && signature.toString('base64') === base64) {
    return signature;
  }
  const isWrapped = /\s/.test(base64.slice(0, 2 * MAX_SIGNATURE_BYTES));
  complaints.push(
    isWrapped
      ? '"signature" must be base64 on one line, without line breaks or spaces (base64 -w0).'
      : `"signature" must be the padded base64 of a signature of 1 to ${MAX_SIGNATURE_BYTES} bytes.`,
  );
  return null;
}

function refuseUnknown(members: JsonObject, known: readonly string[], place: string, complaints: Complaints): void {
  const unknown = [...members.keys()].filter((name) => !known.includes(name));
  const [first] = unknown;
  if (first === undefined) return;
  const others = unknown.length > 1 ? ` and ${unknown.length - 1} more` : '';
  complaints.push(`The member ${JSON.stringify(first.slice(0, 80))}${others}${place} has no place in it.`);
}

/** The layout that `occ integrity:sign-app` writes: PHP's pretty print, four spaces, no newline at the end. */
function serializeLegacy({ hashes, signature, certificate }: LegacySignatureFile): Buffer {
  const phpText = (text: string): string => JSON.stringify(text).replaceAll('/', '\\/');
  return Buffer.from(
    [
      '{',
      `    "hashes": ${serializeLegacyHashes(hashes)},`,
      `    "signature": ${phpText(signature.toString('base64'))},`,
      `    "certificate": ${phpText(certificate)}`,
      '}',
    ].join('\n'),
  );
}

function serializeCurrent({ algorithm, hashes, signedBytes, signature, leaf, chain }: CurrentSignatureFile): Buffer {
  if (!signedBytes.equals(canonicalManifest(hashes))) throw new RangeError('the signed bytes are not of these hashes');
  const after = JSON.stringify({ signature: signature.toString('base64'), certificates: { leaf, chain } });
  return Buffer.concat([
    Buffer.from(`{"v":2,"alg":${JSON.stringify(algorithm)},"hashes":`),
    signedBytes,
    Buffer.from(`,${after.slice(1)}`),
  ]);
}
