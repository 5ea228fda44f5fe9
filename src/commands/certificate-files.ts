import { generateKeyPair, writePrivateKey, type KeyPair } from '../pki/keys.js';
import { UsageError, type Terminal } from './command.js';
import { requireWritable, writeOutput } from './write-output.js';

/**
 * Makes an EC key in a file that only its owner can read.
 *
 * @throws CommandError where there is something in its place: a key is never overwritten
 */
export async function makeKeyFile(file: string, terminal: Terminal): Promise<KeyPair> {
  requireKeyFileName(file);
  const pair = await generateKeyPair();
  await writeOutput(file, writePrivateKey(pair.privateKey), { mode: 0o600, force: false }, terminal);
  terminal.err(`Made the key ${file}. Keep it where only you can read it.\n`);
  return pair;
}

/** Asks whether a key can be made in a file, before anything is done. @throws UsageError, CommandError */
export async function requireKeyPlace(file: string, terminal: Terminal): Promise<void> {
  requireKeyFileName(file);
  await requireWritable(file, { force: false, keyFiles: [] }, terminal);
}

function requireKeyFileName(file: string): void {
  if (file === '-') throw new UsageError('--new-key needs a file.');
}
