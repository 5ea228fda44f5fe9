import { createIssuingKeySource } from '../authority/issuing-key.js';
import type { AuthorityKeySettings } from '../authority/issuing-key.js';
import { keySigner } from '../pki/signer.js';
import type { Signer } from '../pki/signer.js';
import { createSigningRequest } from '../pki/signing-request.js';
import { inWordsForOperators, keySettings, warnOn } from './ca-options.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { makeIssuingKey } from './new-issuing-key.js';
import { isSet, textOption } from './option-values.js';
import { writeOutput } from './write-output.js';

/** The root gives the certificate a name of its own; this one is for whoever looks at the request. */
const COMMON_NAME = 'Developers';

/** Makes a signing request for the issuing key, to be taken to the root. */
export const caCsr: Command = {
  name: 'ca csr',
  summary: "Makes a signing request for the developers' tier, to take to the root.",
  usage: '[--ca DIR] [--new-key FILE] [--out FILE] [--force]',
  options: {
    ca: { type: 'string' },
    'new-key': { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    ca: "the authority's folder (default: authority in DATA_DIR)",
    'new-key':
      'makes another key in this file, encrypted with the passphrase of the authority, as developers-2.key in its folder',
    out: 'the file for the request (default: the standard output)',
    force: 'overwrites the file',
  },
  about: `It is for the newest version of the key that VAULT_TRANSIT_KEY names, or else for developers.key in the
folder. Where the root's key is, portcullis ca renew-intermediate --csr FILE issues a certificate on it. With --new-key it is
for another key, which is made here and never leaves this machine: the gate issues with it from portcullis ca import on.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --ca.');
  const settings = keySettings(args, terminal);
  const newKey = textOption(args, 'new-key');
  const signer =
    newKey === undefined
      ? await openSigner(settings, terminal)
      : keySigner((await makeIssuingKey(newKey, settings.authorityPassphrase, terminal)).privateKey);
  const request = await inWordsForOperators(createSigningRequest({ signer, commonName: COMMON_NAME }));
  const out = textOption(args, 'out') ?? '-';
  await writeOutput(out, request, { mode: 0o644, force: isSet(args, 'force') }, terminal);
  if (out !== '-') terminal.err(`Made ${out}.\n`);
  return 0;
}

async function openSigner(settings: AuthorityKeySettings, terminal: Terminal): Promise<Signer> {
  const signer = await inWordsForOperators(createIssuingKeySource(settings, warnOn(terminal)).signer());
  if (signer !== null) return signer;
  throw new CommandError(
    `There is no developers.key in ${settings.authorityDir}, and VAULT_TRANSIT_KEY names no key in Vault.`,
  );
}
