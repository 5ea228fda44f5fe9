import { ecHalf, rsaHalf, statedEcHalf, unknownHalf } from './private-key-found.js';
import type { PrivateKeyFound, PublicHalf } from './private-key-found.js';

/** The bytes are not what SSH would have written. */
class SshError extends Error {
  override readonly name = 'SshError';
}

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');

/**
 * Recognises the container of OpenSSH's own keys (PROTOCOL.key in its sources). The public half stands in it in clear
 * also where the private one is encrypted; then nothing proves that they belong together.
 */
export function readOpensshPrivateKey(bytes: Buffer): PrivateKeyFound | null {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  return orNull(() => {
    const reader = sshReader(bytes.subarray(MAGIC.length));
    const encrypted = reader.text() !== 'none';
    reader.string(); // the key derivation, and its options
    reader.string();
    if (reader.number() < 1) return null;
    const stated = reader.string();
    const secrets = reader.string();
    if (secrets.length < 16) return null;
    const half = encrypted ? statedHalf(stated) : (opensshHalf(secrets) ?? statedHalf(stated));
    return { format: 'OpenSSH', encrypted, ...half };
  });
}

/** The list of private keys: two equal numbers, then the fields of the first. */
function opensshHalf(secrets: Buffer): PublicHalf | null {
  return orNull(() => {
    const reader = sshReader(secrets);
    if (reader.number() !== reader.number()) return null;
    const kind = reader.text();
    if (kind === 'ssh-rsa') {
      const [n, e] = [reader.magnitude(), reader.magnitude()];
      reader.magnitude(); // d
      reader.magnitude(); // the inverse of q
      return rsaHalf(n, e, [reader.magnitude(), reader.magnitude()]);
    }
    if (!kind.startsWith('ecdsa-sha2-')) return null;
    const curve = reader.text();
    reader.string(); // the public point
    return ecHalf(curve, reader.magnitude());
  });
}

/** The public half as an SSH public key has it (RFC 4253 §6.6, RFC 5656 §3.1), which proves nothing. */
function statedHalf(blob: Buffer): PublicHalf {
  const half = orNull(() => {
    const reader = sshReader(blob);
    const kind = reader.text();
    if (kind === 'ssh-rsa') {
      const e = reader.magnitude();
      return rsaHalf(reader.magnitude(), e, null);
    }
    return kind.startsWith('ecdsa-sha2-') ? statedEcHalf(reader.text(), reader.string()) : unknownHalf;
  });
  return half ?? unknownHalf;
}

const PUTTY_FIRST_LINE = /^PuTTY-User-Key-File-[123]: ([\w@.-]{1,64})\s*$/;
const MAX_PUTTY_LINES = 2_000;

/** Recognises PuTTY's own format, versions 1 to 3, in text that begins with its first line. */
export function readPuttyPrivateKey(text: string): PrivateKeyFound | null {
  const lines = text.split(/\r\n|\n|\r/, MAX_PUTTY_LINES);
  const kind = PUTTY_FIRST_LINE.exec(lines[0] ?? '')?.[1];
  const stated = puttyBlob(lines, 'Public-Lines');
  const secrets = puttyBlob(lines, 'Private-Lines');
  if (kind === undefined || stated === null || secrets === null || secrets.length < 16) return null;
  const encrypted = !lines.some((line) => /^Encryption: none\s*$/.test(line));
  const half = statedHalf(stated);
  const proven = encrypted ? null : puttyHalf(kind, stated, secrets);
  return { format: 'PuTTY', encrypted, ...(proven ?? half) };
}

function puttyBlob(lines: readonly string[], name: string): Buffer | null {
  const at = lines.findIndex((line) => line.startsWith(`${name}: `));
  const count = Number(lines[at]?.slice(name.length + 2));
  if (at < 0 || !(count >= 1 && count <= MAX_PUTTY_LINES)) return null;
  const base64 = lines.slice(at + 1, at + 1 + count).map((line) => line.trim());
  return base64.every((line) => /^[A-Za-z0-9+/=]{1,128}$/.test(line)) ? Buffer.from(base64.join(''), 'base64') : null;
}

/** What PuTTY writes of the private half: d, p, q and an inverse; or the number of an EC key. */
function puttyHalf(kind: string, stated: Buffer, secrets: Buffer): PublicHalf | null {
  return orNull(() => {
    const reader = sshReader(secrets);
    if (kind === 'ssh-rsa') {
      const open = sshReader(stated);
      open.string();
      const e = open.magnitude();
      reader.magnitude(); // d
      return rsaHalf(open.magnitude(), e, [reader.magnitude(), reader.magnitude()]);
    }
    const curve = /^ecdsa-sha2-(nistp\d{3})$/.exec(kind)?.[1];
    return curve === undefined ? null : ecHalf(curve, reader.magnitude());
  });
}

interface SshReader {
  number(): number;
  string(): Buffer;
  text(): string;
  /** An mpint's octets without leading zeros. */
  magnitude(): Buffer;
}

/** The data types of RFC 4251 §5. Every method throws SshError where the bytes end early. */
function sshReader(bytes: Buffer): SshReader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new SshError('the data ends early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): number => take(4).readUInt32BE(0);
  const string = (): Buffer => take(number());
  return {
    number,
    string,
    text: () => string().subarray(0, 64).toString('latin1'),
    magnitude: () => {
      const octets = string();
      let start = 0;
      while (start < octets.length && octets[start] === 0) start += 1;
      return octets.subarray(start);
    },
  };
}

function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SshError) return null;
    throw error;
  }
}
