import { unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound } from './private-key-found.js';

/** Of each public-key algorithm (RFC 9580 §9.1), what stands before the secret part. */
type PublicPart = 'numbers' | 'point' | 'octets';
const ALGORITHMS: ReadonlyMap<number, readonly [PublicPart, number]> = new Map([
  [1, ['numbers', 2]], // RSA
  [2, ['numbers', 2]],
  [3, ['numbers', 2]],
  [16, ['numbers', 3]], // Elgamal
  [17, ['numbers', 4]], // DSA
  [18, ['point', 1]], // ECDH
  [19, ['point', 1]], // ECDSA
  [22, ['point', 1]], // EdDSA
  [25, ['octets', 32]], // X25519
  [26, ['octets', 56]], // X448
  [27, ['octets', 32]], // Ed25519
  [28, ['octets', 57]], // Ed448
]);

const SECRET_KEY = 5;
const SECRET_SUBKEY = 7;
const LEAST_SECRET_BYTES = 16;
/** A key with more subkeys, names and signatures before the first secret is none that is shipped by accident. */
const MAX_PACKETS = 200;

/**
 * Recognises an OpenPGP secret key (RFC 9580 §5.5.3, §10.2) that begins at the first byte. Where its secret is left out,
 * as gpg --export-secret-subkeys does, that of a subkey counts. No app is signed with one, so no public half is computed.
 */
export function readPgpPrivateKey(bytes: Buffer): PrivateKeyFound | null {
  let packet = packetAt(bytes, 0);
  if (packet?.tag !== SECRET_KEY || publicEndOf(packet.body) === null) return null;
  for (let count = 0; packet !== null && count < MAX_PACKETS; count += 1) {
    const { tag, body, end }: Packet = packet;
    const key = tag === SECRET_KEY || tag === SECRET_SUBKEY ? readSecretKey(body) : null;
    if (key !== null) return key;
    packet = packetAt(bytes, end);
  }
  return null;
}

/** Whether the first bytes are those of a packet of a secret key, of a version that there is. */
export function startsSecretKey(bytes: Buffer): boolean {
  const header = headerAt(bytes, 0);
  if (header?.tag !== SECRET_KEY || header.length === 0) return false;
  const version = bytes[header.start] ?? 0;
  return version >= 3 && version <= 6;
}

function readSecretKey(packet: Buffer): PrivateKeyFound | null {
  const publicEnd = publicEndOf(packet);
  if (publicEnd === null || packet.length < publicEnd + 1 + LEAST_SECRET_BYTES) return null;
  if (isLeftOut(packet.subarray(publicEnd))) return null;
  return { format: 'OpenPGP', encrypted: packet[publicEnd] !== 0, ...unknownHalf };
}

const GNU_S2K = 101;

/** What gpg puts in a secret's place: one that is elsewhere, or on a card (doc/DETAILS in its sources). */
function isLeftOut(secret: Buffer): boolean {
  const [usage = 0, , s2k] = secret;
  return usage >= 253 && s2k === GNU_S2K && secret.toString('latin1', 4, 7) === 'GNU';
}

/** Where the public part of a key ends; null where the packet holds none that is known. */
function publicEndOf(packet: Buffer): number | null {
  const version = packet[0] ?? 0;
  // Version 3 has two octets more, of validity; version 6 four, of length.
  const algorithmAt = version === 3 ? 7 : 5;
  if (version < 3 || version > 6 || packet.length < algorithmAt + 1) return null;
  const algorithm = ALGORITHMS.get(packet[algorithmAt] ?? 0);
  if (algorithm === undefined) return null;
  const publicStart = algorithmAt + 1 + (version === 5 || version === 6 ? 4 : 0);
  return endOfPublicPart(packet, publicStart, algorithm, packet[algorithmAt] === 18);
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** The packet at `at`; null where there is no whole one of a definite length. */
function packetAt(bytes: Buffer, at: number): Packet | null {
  const header = headerAt(bytes, at);
  if (header === null) return null;
  const { tag, start, length } = header;
  const end = start + length;
  return end > bytes.length ? null : { tag, body: bytes.subarray(start, end), end };
}

interface PacketHeader {
  readonly tag: number;
  /** Of the body. */
  readonly start: number;
  readonly length: number;
}

/** The header of a packet (RFC 9580 §4.2); null for a length that is partial or indeterminate, which keys don't have. */
function headerAt(bytes: Buffer, at: number): PacketHeader | null {
  const [head = 0, first = 0, second = 0] = bytes.subarray(at, at + 3);
  if (bytes.length < at + 6 || (head & 0x80) === 0) return null;
  if ((head & 0x40) === 0) {
    const octets = [1, 2, 4][head & 3];
    if (octets === undefined) return null;
    return { tag: (head >> 2) & 0x0f, start: at + 1 + octets, length: bytes.readUIntBE(at + 1, octets) };
  }
  const tag = head & 0x3f;
  if (first < 192) return { tag, start: at + 2, length: first };
  if (first < 224) return { tag, start: at + 3, length: (first - 192) * 256 + second + 192 };
  return first === 255 ? { tag, start: at + 6, length: bytes.readUInt32BE(at + 2) } : null;
}

function endOfPublicPart(
  packet: Buffer,
  start: number,
  [part, count]: readonly [PublicPart, number],
  hasDerivation: boolean,
): number | null {
  if (part === 'octets') return start + count;
  let at = part === 'point' ? start + 1 + (packet[start] ?? 0) : start;
  for (let number = 0; number < count; number += 1) {
    if (at + 2 > packet.length) return null;
    const bits = packet.readUInt16BE(at);
    // The first bit that an MPI counts is set (RFC 9580 §3.2).
    const top = packet[at + 2] ?? 0;
    if (bits === 0 || 32 - Math.clz32(top) !== ((bits - 1) & 7) + 1) return null;
    at += 2 + Math.ceil(bits / 8);
  }
  return hasDerivation ? at + 1 + (packet[at] ?? 0) : at;
}
