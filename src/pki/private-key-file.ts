import { TAG } from './der.js';
import { readDerPrivateKey } from './private-key-der.js';
import { unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound } from './private-key-found.js';
import { readPgpPrivateKey, startsSecretKey } from './private-key-pgp.js';
import { readPuttyPrivateKey } from './private-key-ssh.js';

/** How much of its beginning a file of a key is recognised by. Certificates may make the whole of it longer. */
export const KEY_FILE_START_BYTES = 32 * 1024;

/** What a file is known to be from its first bytes, so that it is worth a closer look. */
export type KeyFileStart = 'sequence' | 'keystore' | 'packet' | 'putty';

/** Takes a look at the first few bytes, for nearly all files are told from a key by those. */
export function keyFileStart(bytes: Buffer): KeyFileStart | null {
  const [first = 0] = bytes;
  if (first === 0x30) return isKeyLikeSequence(bytes) ? 'sequence' : null;
  if (first === 0xfe || first === 0xce) return isKeystore(bytes) ? 'keystore' : null;
  if ((first & 0xfc) === 0x94 || first === 0xc5) return startsSecretKey(bytes) ? 'packet' : null;
  return first === 0x50 && bytes.subarray(0, 6).toString('latin1') === 'PuTTY-' ? 'putty' : null;
}

/**
 * Recognises a file that is a private key, or a container of one, by its beginning: DER, PKCS #12, OpenPGP, PuTTY. A
 * Java keystore is only known by its entries, which may lie further back: see {@link KEYSTORE_ENTRY}.
 */
export function readPrivateKeyFile(start: Buffer): PrivateKeyFound | null {
  switch (keyFileStart(start)) {
    case 'sequence':
      return readDerPrivateKey(start) ?? readPkcs12(start);
    case 'packet':
      return readPgpPrivateKey(start);
    case 'putty':
      return readPuttyPrivateKey(start.toString('latin1'));
    case 'keystore':
    case null:
      return null;
  }
}

/**
 * The algorithms (1.3.6.1.4.1.42.2.17.1.1, 1.3.6.1.4.1.42.2.19.1) by which Java encrypts a private key in a keystore, up
 * to where they differ. A keystore of certificates only, which programs do ship, has neither.
 */
export const KEYSTORE_ENTRY = Buffer.from('2b060104012a02', 'hex');

export const keystoreKey: PrivateKeyFound = { format: 'Java keystore', encrypted: true, ...unknownHalf };

/**
 * Every kind of key begins with the number of a version, PKCS #12 with 3, or with an algorithm. A certificate doesn't, nor
 * does text that begins with a zero.
 */
function isKeyLikeSequence(bytes: Buffer): boolean {
  const first = bytes[1] ?? 0;
  const octets = first <= 0x80 ? 0 : first & 0x7f;
  if (octets > 4) return false;
  const [tag, length = 0, version = 0] = bytes.subarray(2 + octets);
  if (tag === TAG.integer) return length === 1 && (version <= 1 || version === 3);
  if (tag !== TAG.sequence) return false;
  const lengthOctets = length < 0x80 ? 0 : length & 0x7f;
  return bytes[4 + octets + lengthOctets] === TAG.oid;
}

function isKeystore(bytes: Buffer): boolean {
  if (bytes.length < 12) return false;
  const magic = bytes.readUInt32BE(0);
  return (magic === 0xfeedfeed || magic === 0xcececece) && bytes.readUInt32BE(4) <= 2;
}

// PFX (RFC 7292 §4): a SEQUENCE of version 3 and a ContentInfo of data or signed data, in hex. Lengths are BER: Windows
// and Firefox write indefinite ones, so this is no work for the strict reader.
const PFX = /^30(?:[0-7].|80|81.{2}|82.{4}|83.{6})02010330(?:[0-7].|80|81.{2}|82.{4}|83.{6})06092a864886f70d01070[12]/;
/** Encrypted and enveloped data: nobody can tell without the password whether keys are inside. */
const SEALED = ['2a864886f70d010706', '2a864886f70d010703'].map((hex) => Buffer.from(hex, 'hex'));
/** A key bag and a shrouded one (RFC 7292 §4.2.1, §4.2.2). */
const KEY_BAGS = ['2a864886f70d010c0a0101', '2a864886f70d010c0a0102'].map((hex) => Buffer.from(hex, 'hex'));

function readPkcs12(start: Buffer): PrivateKeyFound | null {
  if (!PFX.test(start.subarray(0, 32).toString('hex'))) return null;
  const holds = (marks: readonly Buffer[]): boolean => marks.some((mark) => start.includes(mark));
  // Certificates in clear and nothing else are what programs ship to know whom to trust.
  const isWhole = start.length < KEY_FILE_START_BYTES;
  if (isWhole && !holds(SEALED) && !holds(KEY_BAGS)) return null;
  return { format: 'PKCS #12', encrypted: true, ...unknownHalf };
}
