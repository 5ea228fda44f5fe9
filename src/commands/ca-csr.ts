import { createIssuingKeySource } from '../authority/issuing-key.js';
import { createSigningRequest } from '../pki/signing-request.js';
import { inWordsForOperators, readAuthorityFolders, warnOn } from './ca-options.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { writeOutput } from './write-output.js';

/** The root gives the certificate a name of its own; this one is for whoever looks at the request. */
const COMMON_NAME = 'Developers';

/** Makes a signing request for the issuing key, to be taken to the root. */
export const caCsr: Command = {
  name: 'ca csr',
  summary: "Makes a signing request for the developers' tier, to take to the root.",
  usage: '[--ca DIR] [--out FILE] [--force]',
  options: { ca: { type: 'string' }, out: { type: 'string' }, force: { type: 'boolean' } },
  optionHelp: {
    ca: "the authority's folder (default: authority in DATA_DIR)",
    out: 'the file for the request (default: the standard output)',
    force: 'overwrites the file',
  },
  about: `It is for the newest version of the key that VAULT_TRANSIT_KEY names, or else for developers.key in the
folder. Where the root's key is, portcullis ca renew-intermediate --csr FILE issues a certificate on it.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --ca.');
  const { folder, config } = readAuthorityFolders(args, 'ca', terminal);
  const keys = createIssuingKeySource({ ...config, authorityDir: folder }, warnOn(terminal));
  const signer = await inWordsForOperators(keys.signer());
  if (signer === null) {
    throw new CommandError(`There is no developers.key in ${folder}, and VAULT_TRANSIT_KEY names no key in Vault.`);
  }
  const request = await inWordsForOperators(createSigningRequest({ signer, commonName: COMMON_NAME }));
  const out = textOption(args, 'out') ?? '-';
  await writeOutput(out, request, { mode: 0o644, force: isSet(args, 'force') }, terminal);
  if (out !== '-') terminal.err(`Made ${out}.\n`);
  return 0;
}
