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
const LEAST_SECRET_BYTES = 16;

/**
 * Recognises an OpenPGP secret key (RFC 9580 §5.5.3) that begins at the first byte. No app is signed with one, so its
 * public half is not computed.
 */
export function readPgpPrivateKey(bytes: Buffer): PrivateKeyFound | null {
  const packet = bodyOfSecretKey(bytes);
  if (packet === null) return null;
  const version = packet[0] ?? 0;
  // Version 3 has two octets more, of validity; version 6 four, of length.
  const algorithmAt = version === 3 ? 7 : 5;
  if (version < 3 || version > 6 || packet.length < algorithmAt + 1) return null;
  const algorithm = ALGORITHMS.get(packet[algorithmAt] ?? 0);
  if (algorithm === undefined) return null;
  const publicStart = algorithmAt + 1 + (version === 5 || version === 6 ? 4 : 0);
  const publicEnd = endOfPublicPart(packet, publicStart, algorithm, packet[algorithmAt] === 18);
  if (publicEnd === null || packet.length < publicEnd + 1 + LEAST_SECRET_BYTES) return null;
  return { format: 'OpenPGP', encrypted: packet[publicEnd] !== 0, ...unknownHalf };
}

/** The body of the first packet, where that is a secret key of a definite length (RFC 9580 §4.2). */
function bodyOfSecretKey(bytes: Buffer): Buffer | null {
  const [head = 0, first = 0, second = 0] = bytes;
  const cut = (start: number, length: number): Buffer | null =>
    length > 0 && start + length <= bytes.length ? bytes.subarray(start, start + length) : null;
  if (head === (0xc0 | SECRET_KEY)) {
    if (first < 192) return cut(2, first);
    if (first < 224) return cut(3, (first - 192) * 256 + second + 192);
    return first === 255 && bytes.length > 6 ? cut(6, bytes.readUInt32BE(2)) : null;
  }
  if ((head & 0xfc) !== (0x80 | (SECRET_KEY << 2))) return null;
  const octets = [1, 2, 4][head & 3];
  if (octets === undefined || bytes.length < 1 + octets) return null;
  return cut(1 + octets, bytes.readUIntBE(1, octets));
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
