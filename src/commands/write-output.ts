import { createPrivateKey } from 'node:crypto';
import { lstat, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hasCode } from '../error-words.js';
import { createFile, replaceFile } from '../write-file.js';
import { CommandError } from './command.js';
import type { Terminal } from './command.js';
import { KEY_FILE_BYTES, TooLargeError, readWithin } from './read-within.js';
import { reasonOf } from './reason-of.js';

/** How an output is to be written. */
export interface OutputOptions {
  /** Permissions, such as 0o600 for what is secret. */
  readonly mode: number;
  /** Whether it may take the place of what is there; of a private key only another one may. */
  readonly force: boolean;
}

/**
 * Writes what a command made: to the file, or to the standard output for `-`.
 *
 * @throws CommandError where it can't be written, would overwrite something without being told to, or a private key by
 *   what is none: that would be gone for good, and nobody means it
 */
export async function writeOutput(
  file: string,
  content: Buffer | string,
  { mode, force }: OutputOptions,
  terminal: Terminal,
): Promise<void> {
  if (file === '-') {
    terminal.out(content.toString());
    return;
  }
  const place = resolve(terminal.workingFolder, file);
  if (force && !isPrivateKey(Buffer.from(content))) await refuseKeyAt(place, file);
  try {
    await (force ? replaceFile : createFile)(place, content, mode);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new CommandError(`${file} exists already; nothing was written.`);
    throw new CommandError(`${file} can not be written: ${reasonOf(error)}.`);
  }
}

/** What is asked of the place for an output before anything is done. */
export interface OutputPlace {
  readonly force: boolean;
  /** Files that the command reads a key from, or makes: none of them can be the place. */
  readonly keyFiles: readonly string[];
  /** Whether something may be in the place now: where it is not sure yet that there will be anything to write. */
  readonly mayExist?: boolean;
}

/**
 * Asks before anything is done whether its result can be written: a certificate that can't be would have been for nothing.
 * By writing there for a moment, since nothing else tells for sure.
 *
 * @throws CommandError where it can't be, something is in its place that may not be overwritten, or it is the file of a key
 */
export async function requireWritable(
  out: string,
  { force, keyFiles, mayExist = false }: OutputPlace,
  { workingFolder }: Terminal,
): Promise<void> {
  if (out === '-') return;
  const place = await realPlace(workingFolder, out);
  for (const key of keyFiles) {
    if ((await realPlace(workingFolder, key)) === place) {
      throw new CommandError(
        `${out} is the file of the key, or of its signing request: the certificate needs another one (--out).`,
      );
    }
  }
  const found = await lstat(place).catch(() => null);
  if (found !== null) {
    if (!force && !mayExist) {
      throw new CommandError(`${out} exists already; name another file with --out, or say --force.`);
    }
    if (found.isDirectory()) throw new CommandError(`${out} can not be written: it is a folder.`);
    if (force) await refuseKeyAt(place, out);
  }
  const trial = found === null ? place : join(dirname(place), `.portcullis-${process.pid}.tmp`);
  try {
    await createFile(trial, '');
    await rm(trial, { force: true });
  } catch (error) {
    throw new CommandError(`${out} can not be written: ${reasonOf(error)}.`);
  }
}

/** Where a file really is, through whatever links its folder is named; the file itself need not be there. */
async function realPlace(workingFolder: string, file: string): Promise<string> {
  const place = resolve(workingFolder, file);
  return realpath(dirname(place)).then(
    (folder) => join(folder, basename(place)),
    () => place,
  );
}

async function refuseKeyAt(place: string, file: string): Promise<void> {
  // A pipe or a device holds nothing, and might never end.
  const isFile = await stat(place).then(
    (found) => found.isFile(),
    () => true,
  );
  if (!isFile) return;
  const there = await readWithin(place, KEY_FILE_BYTES).catch((error: unknown) => {
    // Nothing there, or a link to nothing; or more than any key.
    if (hasCode(error, 'ENOENT') || error instanceof TooLargeError) return null;
    throw new CommandError(`${file} is not overwritten: whether it holds a private key can not be told.`);
  });
  if (there !== null && isPrivateKey(there)) {
    throw new CommandError(`${file} holds a private key, which is never overwritten; nothing was written.`);
  }
}

function isPrivateKey(content: Buffer): boolean {
  if (/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(content.toString('latin1'))) return true;
  // RFC 5958 §2, RFC 8017 §A.1.2 and RFC 5915 §3: what openssl writes with -outform DER. All are ASN.1 sequences.
  if (content[0] !== 0x30) return false;
  return (['pkcs8', 'pkcs1', 'sec1'] as const).some((type) => isKeyInDer(content, type));
}

function isKeyInDer(content: Buffer, type: 'pkcs8' | 'pkcs1' | 'sec1'): boolean {
  try {
    createPrivateKey({ key: content, format: 'der', type });
    return true;
  } catch {
    return false;
  }
}
