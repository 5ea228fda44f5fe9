import { createHash, publicDecrypt, verify, constants } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Finding } from '../report/finding.js';
import { fitsKey } from '../signature/algorithms.js';
import { legacyMessage, legacyOrder, plainMessage, unsortedLegacyMessage } from '../signature/legacy-message.js';
import { canonicalManifest } from '../signature/manifest.js';
import { LEGACY_PSS, verifyPss } from '../signature/rsa-pss.js';
import type { PssDigest, PssParameters } from '../signature/rsa-pss.js';
import type { SignatureFile } from '../signature/signature-file.js';
import type { SignatureVerdict } from '../signature/verify-signature.js';
import { SIGN_COMMAND, type Explanation } from './explanation.js';

/** Bytes that a signer might have signed instead of the right ones, and how it came to. */
interface Candidate {
  readonly message: Buffer;
  /** Null for the right ones. */
  readonly mistake: string | null;
}

interface Scheme {
  /** Null for the right one. */
  readonly mistake: string | null;
  readonly verify: (key: KeyObject, message: Buffer, signature: Buffer) => boolean;
}

/** What all attempts together may hash, the likely ones first: enough for every attempt there is on an ordinary app. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;
/** Larger messages, of some 25,000 files, are not put together in other layouts: that takes longer than hashing them. */
const MAX_LAYOUT_BYTES = 4 * 1024 * 1024;
const ORDINARY_MODULUS_BITS = 4_096;
const ORDINARY_EXPONENT = 65_537n;

const DIGESTS: readonly PssDigest[] = ['sha1', 'sha256', 'sha384', 'sha512'];
const DIGEST_BYTES: Readonly<Record<PssDigest, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

const CURRENT_PSS: PssParameters = { digest: 'sha384', maskDigest: 'sha384', saltLength: 48 };

/**
 * Looks for what a signature that does not verify was made over, and how: other parameters, another padding, hashes
 * in another order or layout. What is found here explains the refusal and changes nothing about it.
 */
export function explainBadSignature(verdict: SignatureVerdict, findings: readonly Finding[]): readonly Explanation[] {
  const { file, leaf, message } = verdict.parsed;
  if (file === null || leaf === null || message === null) return [];
  if (!findings.some(({ code }) => code === 'BAD_SIGNATURE')) return [];
  const cause = findMistake(file, message, leaf.publicKey) ?? whoseSignature(file, leaf.publicKey);
  if (cause === null) return [];
  return [{ explains: ({ code }) => code === 'BAD_SIGNATURE', cause, fix: `Sign again: ${SIGN_COMMAND}` }];
}

function findMistake(file: SignatureFile, rightMessage: Buffer, key: KeyObject): string | null {
  const right: Candidate = { message: rightMessage, mistake: null };
  const otherMessages = otherCandidates(file, rightMessage);
  const [usual, ...otherSchemes] = schemesFor(file, key);
  if (usual === undefined) return null;
  const attempts: (readonly [Candidate, Scheme])[] = otherMessages.map((message) => [message, usual]);
  if (isQuick(key)) {
    for (const message of [right, ...otherMessages]) {
      attempts.push(...otherSchemes.map((scheme) => [message, scheme] as const));
    }
  }
  const hit = withinBudget(attempts).find(([{ message }, scheme]) =>
    succeeds(() => scheme.verify(key, message, file.signature)),
  );
  if (hit === undefined) return null;
  const mistakes = hit.map(({ mistake }) => mistake).filter((mistake) => mistake !== null);
  return `The signature was made by this key, but ${mistakes.join(' and ')}.`;
}

/** As many of the attempts, from the first, as {@link MAX_HASHED_BYTES} allows. */
function withinBudget<T extends readonly [Candidate, Scheme]>(attempts: readonly T[]): readonly T[] {
  let hashed = 0;
  return attempts.filter(([{ message }]) => (hashed += message.length) <= MAX_HASHED_BYTES);
}

/** A key made to be slow, of 16,384 bits or with a huge exponent, must not buy a minute of arithmetic. */
function isQuick(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  return modulusLength <= ORDINARY_MODULUS_BITS && publicExponent <= ORDINARY_EXPONENT;
}

function otherCandidates(file: SignatureFile, right: Buffer): readonly Candidate[] {
  if (right.length > MAX_LAYOUT_BYTES) return [];
  const { hashes } = file;
  const order = legacyOrder(hashes);
  const isComplete = [...hashes.values()].every((hash) => hash !== false);
  const canonical = isComplete ? [{ message: canonicalManifest(hashes), layout: 'with the layout of format 2' }] : [];
  const shared = [
    { message: unsortedLegacyMessage(hashes), layout: 'with the hashes in another order than the sorted one' },
    { message: plainMessage(hashes, order), layout: 'with the hashes as a JSON text without escaped slashes' },
    { message: prettyMessage(hashes), layout: 'with the hashes as an indented JSON text' },
  ];
  const others =
    file.format === 1
      ? [...shared, ...canonical]
      : [
          ...canonical.map(({ message }) => ({ message, layout: REFORMATTED })),
          { message: legacyMessage(hashes, order), layout: 'with the layout of format 1' },
          ...shared,
        ];
  return others
    .filter(({ message }) => !message.equals(right))
    .map(({ message, layout }) => ({ message, mistake: layout === REFORMATTED ? layout : `over a text ${layout}` }));
}

const REFORMATTED = 'the signature file was reformatted afterwards: format 2 covers the hashes byte for byte';

function prettyMessage(hashes: SignatureFile['hashes']): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries(hashes), null, 4));
}

function schemesFor(file: SignatureFile, key: KeyObject): readonly Scheme[] {
  if (key.asymmetricKeyType === 'ec') return ecSchemes();
  const right = pssScheme(file.format === 1 ? LEGACY_PSS : CURRENT_PSS, null);
  return [
    right,
    ...DIGESTS.map(pkcs1Scheme),
    // One digest for both, as every library has it by default.
    ...DIGESTS.flatMap((digest) => pssSchemes(digest, [digest], file.format, key)),
    ...DIGESTS.flatMap((digest) => {
      const others = DIGESTS.filter((maskDigest) => maskDigest !== digest);
      return pssSchemes(digest, others, file.format, key);
    }),
  ];
}

function pssSchemes(
  digest: PssDigest,
  maskDigests: readonly PssDigest[],
  format: 1 | 2,
  key: KeyObject,
): readonly Scheme[] {
  const wanted =
    format === 1 ? 'SHA-1, MGF1 with SHA-512, salt of 0 bytes' : 'SHA-384, MGF1 with SHA-384, salt of 48 bytes';
  return maskDigests.flatMap((maskDigest) =>
    usualSaltLengths(digest, key).map((saltLength) => {
      const found = `${digest.toUpperCase()}, MGF1 with ${maskDigest.toUpperCase()}, salt of ${saltLength} bytes`;
      const mistake = `with other PSS parameters (${found}) than format ${format} asks for (${wanted})`;
      return pssScheme({ digest, maskDigest, saltLength }, mistake);
    }),
  );
}

/** None, as long as some digest, or as long as fits, which is what most libraries take unless told otherwise. */
function usualSaltLengths(digest: PssDigest, key: KeyObject): readonly number[] {
  const modulusBytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const longest = modulusBytes - DIGEST_BYTES[digest] - 2;
  return [0, ...Object.values(DIGEST_BYTES), longest];
}

function pssScheme(parameters: PssParameters, mistake: string | null): Scheme {
  return { mistake, verify: (key, message, signature) => verifyPss(key, message, signature, parameters) };
}

function pkcs1Scheme(digest: PssDigest): Scheme {
  return {
    mistake: `with PKCS#1 v1.5 padding and ${digest.toUpperCase()} instead of RSASSA-PSS`,
    verify: (key, message, signature) =>
      verify(digest, message, { key, padding: constants.RSA_PKCS1_PADDING }, signature),
  };
}

function ecSchemes(): readonly Scheme[] {
  return [
    ecScheme('sha384', 'der', null),
    ecScheme('sha384', 'ieee-p1363', 'with r and s side by side (IEEE P1363, as in JWS) instead of in DER'),
    ecScheme('sha256', 'der', 'with SHA-256 instead of SHA-384'),
    ecScheme('sha512', 'der', 'with SHA-512 instead of SHA-384'),
  ];
}

function ecScheme(digest: string, dsaEncoding: 'der' | 'ieee-p1363', mistake: string | null): Scheme {
  return { mistake, verify: (key, message, signature) => verify(digest, message, { key, dsaEncoding }, signature) };
}

/** Tells whether the key made this signature over something else, which an RSA signature gives away. */
function whoseSignature(file: SignatureFile, key: KeyObject): string | null {
  if (file.format !== 1 || !fitsKey('rsa-pss-sha1', key)) return null;
  return succeeds(() => isLegacyPssOfKey(key, file.signature))
    ? 'The signature was made by this key, but over other hashes: the signature file was changed after signing.'
    : 'The signature was not made with the key of this certificate, or was damaged.';
}

/**
 * Whether the encoded message (RFC 8017 §9.1.2) inside the signature has the shape of format 1, whatever it was made
 * over: with another key it would be noise.
 */
function isLegacyPssOfKey(key: KeyObject, signature: Buffer): boolean {
  const encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  const masked = encoded.subarray(0, -DIGEST_BYTES.sha1 - 1);
  const mask = mgf1Sha512(encoded.subarray(-DIGEST_BYTES.sha1 - 1, -1), masked.length);
  const block = masked.map((byte, index) => byte ^ (mask[index] ?? 0));
  // The highest bit is none of the message's: it is one bit shorter than the modulus.
  block[0] = (block[0] ?? 0) & 0x7f;
  return encoded.at(-1) === 0xbc && block.at(-1) === 1 && block.subarray(0, -1).every((byte) => byte === 0);
}

function mgf1Sha512(seed: Buffer, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, counter) => {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    return createHash('sha512').update(seed).update(suffix).digest();
  });
  return Buffer.concat(blocks);
}

/** OpenSSL throws at some of what it is asked to try here; then it was not that. */
function succeeds(attempt: () => boolean): boolean {
  try {
    return attempt();
  } catch {
    return false;
  }
}
