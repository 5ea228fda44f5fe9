import { keySigner } from '../pki/signer.js';
import { createSigningRequest } from '../pki/signing-request.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { readCertifiableId } from './certifiable-id.js';
import { readKeyFile } from './signing-key.js';
import { writeOutput } from './write-output.js';

/** Makes a signing request, for a store's authority to issue a certificate on. */
export const csr: Command = {
  name: 'csr',
  summary: 'Makes a signing request (CSR) for an app, to send to a store.',
  usage: '--key FILE --app-id ID [--out FILE] [--force]',
  options: {
    key: { type: 'string' },
    'app-id': { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    key: 'the private key, PEM; it stays where it is',
    'app-id': 'the app that the certificate shall be for; its common name',
    out: 'the file for the request (default: the standard output)',
    force: 'overwrites the file',
  },
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const keyFile = textOption(args, 'key');
  if (keyFile === undefined) throw new UsageError('Name the private key: --key FILE');
  if (args.positionals.length > 0) throw new UsageError('Everything is named with options.');
  const commonName = readCertifiableId(args);
  const signer = keySigner(await readKeyFile(keyFile, terminal));
  const request = await createSigningRequest({ signer, commonName });
  const out = textOption(args, 'out') ?? '-';
  await writeOutput(out, request, { mode: 0o644, force: isSet(args, 'force') }, terminal);
  if (out !== '-') terminal.out(`Made ${out} for CN=${commonName}.\n`);
  return 0;
}
