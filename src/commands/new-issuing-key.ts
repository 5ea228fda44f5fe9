import { ensurePassphrase } from '../authority/passphrase.js';
import type { PassphraseSource } from '../authority/passphrase.js';
import { writeEncryptedPrivateKey } from '../pki/encrypted-private-key.js';
import { generateKeyPair } from '../pki/keys.js';
import type { KeyPair } from '../pki/keys.js';
import { inWordsForOperators, warnOn } from './ca-options.js';
import { UsageError } from './command.js';
import type { Terminal } from './command.js';
import { writeOutput } from './write-output.js';

/**
 * Makes a key for the developers' tier in a new file, encrypted with the passphrase of the authority.
 *
 * @throws CommandError where the file is there, or the passphrase is missing or too short
 */
export async function makeIssuingKey(file: string, source: PassphraseSource, terminal: Terminal): Promise<KeyPair> {
  if (file === '-') throw new UsageError('--new-key needs a file.');
  const passphrase = await inWordsForOperators(ensurePassphrase(source, warnOn(terminal)));
  const pair = await generateKeyPair();
  const pem = await writeEncryptedPrivateKey(pair.privateKey, passphrase);
  await writeOutput(file, pem, { mode: 0o600, force: false }, terminal);
  terminal.err(
    `Made the key ${file}, encrypted. A gate finds it in AUTHORITY_DIR as developers.key or developers-N.key.\n`,
  );
  return pair;
}
