import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { generateKeyPair, writePrivateKey, type KeyPair } from '../pki/keys.js';
import { CommandError, UsageError, type Terminal } from './command.js';
import { writeOutput } from './write-output.js';

/**
 * Makes an EC key in a file that only its owner can read.
 *
 * @throws CommandError where there is something in its place: a key is never overwritten
 */
export async function makeKeyFile(file: string, terminal: Terminal): Promise<KeyPair> {
  if (file === '-') throw new UsageError('--new-key needs a file.');
  const pair = await generateKeyPair();
  await writeOutput(file, writePrivateKey(pair.privateKey), { mode: 0o600, force: false }, terminal);
  terminal.err(`Made the key ${file}. Keep it where only you can read it.\n`);
  return pair;
}

/**
 * Asks before anything is done whether its result can be written: a certificate that can't be would have been for nothing.
 *
 * @throws CommandError where there is something in its place, and it may not be overwritten
 */
export async function refuseExisting(out: string, force: boolean, { workingFolder }: Terminal): Promise<void> {
  if (out === '-' || force) return;
  const isThere = await access(resolve(workingFolder, out)).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CommandError(`${out} exists already; name another file with --out, or say --force.`);
}
