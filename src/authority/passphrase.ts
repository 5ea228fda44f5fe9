import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, wordsOfError } from '../error-words.js';
import { createFile } from '../write-file.js';
import { AuthorityError } from './authority-folder.js';

/**
 * What the authority's private keys are encrypted with: the passphrase itself, or the file that holds it. A file that
 * was chosen must be there; the default one is made where it isn't, together with an authority.
 */
export type PassphraseSource =
  | { readonly value: string }
  | {
      readonly file: string;
      readonly isChosen: boolean;
      /** Where it is looked for before the default file: beside an authority that was named. */
      readonly beside?: string;
    };

/** The longest one that `openssl -passin file:` reads; what lies behind it would not count there. */
const MAX_BYTES = 1_023;

/** Whoever names a longer file has named the wrong one. */
const MAX_FILE_BYTES = 4_096;

/** Fewer can be tried out on a key that got into wrong hands, however long each try takes. */
const MIN_CHARACTERS = 8;

/** As much randomness as the keys that it protects. */
const MADE_BYTES = 32;

/** How an operator gives a passphrase, for what is said of one that is missing or wrong. */
export const passphraseSettings = 'AUTHORITY_PASSPHRASE or AUTHORITY_PASSPHRASE_FILE';

/** The default passphrase file of an authority that was named by its folder: beside it, as in DATA_DIR. */
export function passphraseBeside(source: PassphraseSource, authorityDir: string): PassphraseSource {
  if ('value' in source || source.isChosen) return source;
  const beside = join(dirname(authorityDir), basename(source.file));
  return beside === source.file ? source : { ...source, beside };
}

/** Where a passphrase is looked for that nobody chose a place for; null where one was chosen. */
export function passphrasePlaces(source: PassphraseSource): readonly string[] | null {
  if ('value' in source || source.isChosen) return null;
  return source.beside === undefined ? [source.file] : [source.beside, source.file];
}

/**
 * Reads the passphrase, byte for byte. One line end after it is not part of it, since editors put one there; further ones,
 * and what `openssl -passin file:` would read in another way, are refused.
 *
 * @param warn is told of a file that others on this machine may read
 * @returns null where none was chosen and the default file is not there
 * @throws AuthorityError for one that is empty or too long, and for a chosen file that can't be read; its content is
 *   never in the message
 */
export async function readPassphrase(
  source: PassphraseSource,
  warn: (message: string) => void = () => {},
): Promise<Buffer | null> {
  if ('value' in source) return readValue(source.value);
  for (const file of passphrasePlaces(source) ?? [source.file]) {
    try {
      return checked(await readSmallFile(file, warn), `The passphrase in ${file}`);
    } catch (error) {
      if (error instanceof AuthorityError) throw error;
      if (hasCode(error, 'ENOENT', 'ENOTDIR') && !source.isChosen) continue;
      throw new AuthorityError(`The passphrase in ${file} can not be read: ${wordsOfError(error)}.`);
    }
  }
  return null;
}

/**
 * Reads the passphrase to encrypt a key with it, and makes a random one in the default file where there is none: for who
 * makes an authority. Of several processes at once all get the same.
 *
 * @throws AuthorityError as readPassphrase; for one that is too short; and where the file can't be written
 */
export async function ensurePassphrase(
  source: PassphraseSource,
  warn: (message: string) => void = () => {},
): Promise<Buffer> {
  const known = await readPassphrase(source, warn);
  if (known !== null) return longEnough(known);
  if ('file' in source) await makePassphraseFile(source.file);
  const made = await readPassphrase(source, warn);
  if (made === null) throw new AuthorityError('The passphrase that was just made is gone.');
  return made;
}

function readValue(value: string): Buffer {
  const what = 'The passphrase of AUTHORITY_PASSPHRASE';
  // What Node.js makes of bytes that are no UTF-8: any other such bytes would open the key as well.
  if (value.includes('\uFFFD')) {
    throw new AuthorityError(`${what} is not UTF-8; give it in a file, with AUTHORITY_PASSPHRASE_FILE.`);
  }
  return checked(Buffer.from(value, 'utf8'), what);
}

async function readSmallFile(file: string, warn: (message: string) => void): Promise<Buffer> {
  // A pipe without a writer would hold up whoever opens it; this way what it is can be seen first.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new AuthorityError(`${file} is no file; a passphrase was expected in it.`);
    if (status.size > MAX_FILE_BYTES) {
      throw new AuthorityError(`${file} has more than ${MAX_FILE_BYTES} bytes; a passphrase was expected in it.`);
    }
    // Windows has no such bits; what stat says of them there is made up.
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      warn(`others on this machine may read the passphrase in ${file}: chmod 600 ${file}`);
    }
    // One byte more than fits, with its line end, shows that it is too long; what lies behind need not be read.
    const buffer = Buffer.alloc(MAX_BYTES + 3);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return withoutLineEnd(buffer.subarray(0, bytesRead), `The passphrase in ${file}`);
  } finally {
    await handle.close();
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

function withoutLineEnd(bytes: Buffer, what: string): Buffer {
  const line = bytes.at(-1) === LINE_FEED ? bytes.subarray(0, -1) : bytes;
  const isOfWindows = line.length < bytes.length && line.at(-1) === CARRIAGE_RETURN;
  // There openssl takes both as one line end; elsewhere the first of them is a part of the passphrase to it.
  const passphrase = isOfWindows && process.platform === 'win32' ? line.subarray(0, -1) : line;
  if ([0, LINE_FEED, CARRIAGE_RETURN].some((byte) => passphrase.includes(byte))) {
    throw new AuthorityError(`${what} must be one line, ended as on Unix: openssl would read another one from it.`);
  }
  return passphrase;
}

function checked(passphrase: Buffer, what: string): Buffer {
  if (passphrase.length === 0) throw new AuthorityError(`${what} is empty.`);
  if (passphrase.length > MAX_BYTES) throw new AuthorityError(`${what} is longer than ${MAX_BYTES} bytes.`);
  return passphrase;
}

function longEnough(passphrase: Buffer): Buffer {
  if ([...passphrase.toString('utf8')].length >= MIN_CHARACTERS) return passphrase;
  throw new AuthorityError(
    `The passphrase has fewer than ${MIN_CHARACTERS} characters, too few to protect a key: give another one (${passphraseSettings}).`,
  );
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
