import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { revocationListUrl } from '../authority/authority-folder.js';
import { renewIntermediate } from '../authority/renew-intermediate.js';
import { IssueError } from '../pki/issue.js';
import { writePem } from '../pki/pem.js';
import { SigningRequestError, findRequestFaults, parseSigningRequest } from '../pki/signing-request.js';
import { inWordsForOperators, readBaseUrl } from './ca-options.js';
import { openNamedRoot } from './ca-root.js';
import { CommandError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { makeIssuingKey } from './new-issuing-key.js';
import { isSet, textOption } from './option-values.js';
import { readNamedFile } from './signing-key.js';
import { writeOutput } from './write-output.js';

/** Issues a new certificate to the developers' tier, with the root's key. */
export const caRenewIntermediate: Command = {
  name: 'ca renew-intermediate',
  summary: "Issues a new certificate for the developers' tier, with the root's key.",
  usage: '[--ca DIR] [--csr FILE | --new-key FILE] [--base-url URL] [--out FILE] [--force]',
  options: {
    ca: { type: 'string' },
    csr: { type: 'string' },
    'new-key': { type: 'string' },
    'base-url': { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    ca: "the root's folder (default: authority in DATA_DIR)",
    csr: 'a signing request for another key, as of a key service (portcullis ca csr)',
    'new-key': 'makes another key in this file, encrypted with the passphrase of the authority',
    'base-url': "where the gate serves the root's list, if that has changed (default: as in the certificate before)",
    out: 'the file for the new certificate, beside the one in the folder; - for the standard output',
    force: 'overwrites the file of --out',
  },
  about: `It works on a machine that is kept off the network, from a folder with root.crt, root.key, developers.crt and
ledger.jsonl; developers.key is not needed. Without further options the key stays the same, and so does the name: the
new certificate takes the place of the old one, which is kept beside it as developers-N.crt. Another key gets the name
with the next number; a folder that issues by itself goes on with the key that it has. A gate learns of the new
certificate by portcullis ca import FILE.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --ca.');
  const [csrFile, newKey] = [textOption(args, 'csr'), textOption(args, 'new-key')];
  if (csrFile !== undefined && newKey !== undefined) throw new UsageError('Give one of --csr and --new-key.');
  const baseUrl = readBaseUrl(args);
  const root = await openNamedRoot(args, terminal);
  const publicKey =
    csrFile !== undefined
      ? await readKey(csrFile, terminal)
      : newKey !== undefined
        ? (await makeIssuingKey(newKey, root.authorityPassphrase, terminal)).publicKey
        : null;
  const folder = baseUrl === null ? root.folder : { ...root.folder, rootListUrl: revocationListUrl(baseUrl, 'root') };
  const context = { now: terminal.now(), randomBytes };
  const renewed = await refusing(
    inWordsForOperators(renewIntermediate(folder, root.authority, { publicKey, ...context })),
  );
  const { certificate, file, kept } = renewed;
  terminal.err(`Issued ${file} to ${certificate.subject}, serial ${certificate.serial}, \
valid until ${certificate.notAfter.toISOString().slice(0, 10)}.\n`);
  if (kept !== null) terminal.err(`The one before is kept as ${kept}.\n`);
  const out = textOption(args, 'out');
  if (out !== undefined) {
    const pem = writePem(certificate.der, 'CERTIFICATE');
    await writeOutput(out, pem, { mode: 0o644, force: isSet(args, 'force') }, terminal);
  }
  return 0;
}

/** The key of a request. Its name does not count: the authority gives its own. */
async function readKey(file: string, terminal: Terminal): Promise<KeyObject> {
  const bytes = await readNamedFile(file, terminal);
  try {
    const request = parseSigningRequest(bytes);
    const faults = findRequestFaults(request, '').filter(({ kind }) => kind !== 'common-name');
    if (faults.length > 0) throw new RefusedError(faults.map(({ detail }) => `${file}: ${detail}`).join('\n'));
    return createPublicKey(request.publicKey.export({ type: 'spki', format: 'pem' }));
  } catch (error) {
    if (error instanceof SigningRequestError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof IssueError) throw new RefusedError(error.message);
    throw error;
  }
}
