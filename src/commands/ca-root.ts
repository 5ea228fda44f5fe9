import { resolve } from 'node:path';
import { createIssuingKeySource } from '../authority/issuing-key.js';
import { passphraseBeside } from '../authority/passphrase.js';
import type { PassphraseSource } from '../authority/passphrase.js';
import { openRootFolder } from '../authority/root-folder.js';
import type { RootFolder } from '../authority/root-folder.js';
import { readConfig } from '../config.js';
import type { Authority } from '../pki/issue.js';
import { inWordsForOperators, warnOn } from './ca-options.js';
import { CommandError } from './command.js';
import type { Arguments, Terminal } from './command.js';
import { textOption } from './option-values.js';

/** The folder of a root with its key: what `ca renew-intermediate` and `ca root-crl` work from. */
export interface NamedRoot {
  readonly folder: RootFolder;
  readonly authority: Authority;
  /** What a key that is made here is encrypted with. */
  readonly authorityPassphrase: PassphraseSource;
}

/**
 * Opens the root in the folder that `--ca` names, or in the gate's own.
 *
 * @throws CommandError where there is none, or its key is not there or can't be opened
 */
export async function openNamedRoot(args: Arguments, terminal: Terminal): Promise<NamedRoot> {
  const config = readConfig(terminal.environment, terminal.workingFolder);
  const named = textOption(args, 'ca');
  const authorityDir = named === undefined ? config.authorityDir : resolve(terminal.workingFolder, named);
  const folder = await inWordsForOperators(openRootFolder(authorityDir));
  // The root's key is never in a key service.
  const source = config.authorityPassphrase;
  const authorityPassphrase = named === undefined ? source : passphraseBeside(source, authorityDir);
  const keys = createIssuingKeySource({ authorityDir, authorityPassphrase, vault: null }, warnOn(terminal));
  const signer = await inWordsForOperators(keys.root());
  if (signer === null) throw new CommandError(`root.key is not in ${authorityDir}; this command works where it is.`);
  return { folder, authority: { certificate: folder.root, signer }, authorityPassphrase };
}
