import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, wordsOfError } from '../error-words.js';
import { createFile } from '../write-file.js';
import { AuthorityError } from './authority-folder.js';

/**
 * What the authority's private keys are encrypted with: the passphrase itself, or the file that holds it. A file that
 * was chosen must be there; the default one is made where it isn't, together with an authority.
 */
export type PassphraseSource = { readonly value: string } | { readonly file: string; readonly isChosen: boolean };

/** openssl takes no longer one. */
const MAX_BYTES = 1_024;

/** As much randomness as the keys that it protects. */
const MADE_BYTES = 32;

/** How an operator gives a passphrase, for what is said of one that is missing or wrong. */
export const passphraseSettings = 'AUTHORITY_PASSPHRASE or AUTHORITY_PASSPHRASE_FILE';

/**
 * Reads the passphrase. One line end after it is not part of it, since editors put one there.
 *
 * @param warn is told of a file that others on this machine may read
 * @returns null where none was chosen and the default file is not there
 * @throws AuthorityError for one that is empty or too long, and for a chosen file that can't be read; its content is
 *   never in the message
 */
export async function readPassphrase(
  source: PassphraseSource,
  warn: (message: string) => void = () => {},
): Promise<string | null> {
  if ('value' in source) return checked(source.value, 'The passphrase of AUTHORITY_PASSPHRASE');
  const { file, isChosen } = source;
  try {
    return checked(await readSmallFile(file, warn), `The passphrase in ${file}`);
  } catch (error) {
    if (error instanceof AuthorityError) throw error;
    if (hasCode(error, 'ENOENT') && !isChosen) return null;
    throw new AuthorityError(`The passphrase in ${file} can not be read: ${wordsOfError(error)}.`);
  }
}

/**
 * Reads the passphrase, and makes a random one in the default file where there is none: for who makes an authority. Of
 * several processes at once all get the same.
 *
 * @throws AuthorityError as readPassphrase; and where the file can't be written
 */
export async function ensurePassphrase(
  source: PassphraseSource,
  warn: (message: string) => void = () => {},
): Promise<string> {
  const known = await readPassphrase(source, warn);
  if (known !== null) return known;
  if ('file' in source) await makePassphraseFile(source.file);
  const made = await readPassphrase(source, warn);
  if (made === null) throw new AuthorityError('The passphrase that was just made is gone.');
  return made;
}

async function readSmallFile(file: string, warn: (message: string) => void): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new AuthorityError(`${file} is no file; a passphrase was expected in it.`);
    // Windows has no such bits; what stat says of them there is made up.
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      warn(`others on this machine may read the passphrase in ${file}: chmod 600 ${file}`);
    }
    // One byte more than fits, with its line end, shows that it is too long; what lies behind need not be read.
    const buffer = Buffer.alloc(MAX_BYTES + 3);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '');
  } finally {
    await handle.close();
  }
}

function checked(passphrase: string, what: string): string {
  if (passphrase === '') throw new AuthorityError(`${what} is empty.`);
  if (Buffer.byteLength(passphrase) > MAX_BYTES) throw new AuthorityError(`${what} is longer than ${MAX_BYTES} bytes.`);
  return passphrase;
}

/** Written under another name and linked: whoever sees the file sees all of it, and only the first one stays. */
async function makePassphraseFile(file: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await createFile(draft, `${randomBytes(MADE_BYTES).toString('base64url')}\n`, 0o600);
    await link(draft, file);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    throw new AuthorityError(`The passphrase file ${file} can not be made: ${wordsOfError(error)}.`);
  } finally {
    await rm(draft, { force: true });
  }
}
