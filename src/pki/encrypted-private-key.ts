import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { writeInteger, writeNull, writeOctetString, writeOid, writeSequence } from './der-writer.js';
import { writePem } from './pem.js';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_WITH_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

/**
 * How often a guess must be hashed. Node writes keys with openssl's 2048, which is little for a passphrase that a
 * person thought of; this many are OWASP's advice for PBKDF2 with SHA-256, and take a sixth of a second.
 */
const ITERATIONS = 600_000;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 16;

const derive = promisify(pbkdf2);

/**
 * A private key as encrypted PKCS #8 PEM (RFC 5958 §3) under PBES2 (RFC 8018 §6.2): PBKDF2 with HMAC-SHA-256, and
 * AES-256-CBC. openssl and node read it. Rejects with RangeError for an empty passphrase, which would protect nothing.
 */
export async function writeEncryptedPrivateKey(key: KeyObject, passphrase: string | Buffer): Promise<string> {
  if (passphrase.length === 0) throw new RangeError('A passphrase is not empty.');
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const cipher = createCipheriv('aes-256-cbc', await derive(passphrase, salt, ITERATIONS, KEY_BYTES, 'sha256'), iv);
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  plain.fill(0);
  const derivation = writeSequence(
    writeOid(PBKDF2),
    writeSequence(
      writeOctetString(salt),
      writeInteger(ITERATIONS),
      writeSequence(writeOid(HMAC_WITH_SHA256), writeNull()),
    ),
  );
  const scheme = writeSequence(writeOid(AES_256_CBC), writeOctetString(iv));
  const algorithm = writeSequence(writeOid(PBES2), writeSequence(derivation, scheme));
  return writePem(writeSequence(algorithm, writeOctetString(encrypted)), 'ENCRYPTED PRIVATE KEY');
}
