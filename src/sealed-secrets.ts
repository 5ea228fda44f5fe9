import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import { hasCode, wordsOfError } from './error-words.js';
import { createFile } from './write-file.js';

/**
 * Keeps secrets that the gate must be able to read again (of second factors, of webhooks) so that the database alone does not
 * give them away. What a secret is for is sealed in with it: one that is moved elsewhere does not open there.
 */
export interface SecretSealer {
  seal(secret: string, purpose: string): Buffer;
  /** @throws SealError where it was sealed with another key or for another purpose, or was altered */
  open(sealed: Buffer, purpose: string): string;
  /** The same for the same text and purpose, and without the key no way back: for what is only to be known again. */
  fingerprint(text: string, purpose: string): string;
}

/** A sealed secret does not open, or the key can't be had. Holds nothing secret. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

/** The key itself, or the file that holds it; a file that was not chosen is made where it isn't there. */
export type SecretKeySource = { readonly value: string } | { readonly file: string; readonly isChosen: boolean };

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/** AES-256-GCM (NIST SP 800-38D) under a key derived (HKDF, RFC 5869) from `secretKey`, which is as good as it is random. */
export function createSecretSealer(secretKey: string): SecretSealer {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'portcullis sealed secrets', 32));
  const fingerprintKey = Buffer.from(hkdfSync('sha256', secretKey, '', 'portcullis fingerprints', 32));
  return {
    seal(secret, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(digestOf(purpose));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(FORMAT), nonce, sealed, cipher.getAuthTag()]);
    },
    open(sealed, purpose) {
      if (sealed[0] !== FORMAT || sealed.length < 1 + NONCE_BYTES + TAG_BYTES)
        throw new SealError('Not a sealed secret.');
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(digestOf(purpose)).setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return (
          decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch {
        throw new SealError('A secret was sealed with another SECRET_KEY, or was altered.');
      }
    },
    fingerprint(text, purpose) {
      return createHmac('sha256', fingerprintKey).update(digestOf(purpose)).update(text).digest('hex');
    },
  };
}

function digestOf(purpose: string): Buffer {
  return createHash('sha256').update(purpose).digest();
}

/** Fewer characters could be guessed. */
const MIN_KEY_CHARACTERS = 32;

/**
 * Reads the key that secrets are sealed with; makes a random one where no file was chosen and the default one isn't there. Of
 * several processes at once all get the same.
 *
 * @throws SealError naming the setting, never the key
 */
export async function readSecretKey(source: SecretKeySource): Promise<string> {
  if ('value' in source) return longEnough(source.value, 'SECRET_KEY');
  for (;;) {
    try {
      return longEnough((await readFile(source.file, 'utf8')).trim(), `The secret key in ${source.file}`);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || source.isChosen) {
        if (error instanceof SealError) throw error;
        throw new SealError(`The secret key in ${source.file} can't be read: ${wordsOfError(error)}`, { cause: error });
      }
    }
    await makeKeyFile(source.file).catch((error: unknown) => {
      if (hasCode(error, 'EEXIST')) return;
      throw new SealError(`The secret key can't be written to ${source.file}: ${wordsOfError(error)}`, {
        cause: error,
      });
    });
  }
}

/** Under its name the file is there whole or not at all: whoever reads it at the same moment gets no half of a key. */
async function makeKeyFile(file: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await createFile(temporary, `${randomBytes(32).toString('base64url')}\n`, 0o600);
  try {
    await link(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function longEnough(key: string, what: string): string {
  if (key.length >= MIN_KEY_CHARACTERS) return key;
  throw new SealError(`${what} is shorter than ${MIN_KEY_CHARACTERS} characters.`);
}
