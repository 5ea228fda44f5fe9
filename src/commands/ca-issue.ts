import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { bundleOf } from '../authority/issue-certificate.js';
import { certificateBundle, issueLeaf } from '../authority/issue-leaf.js';
import type { Certificate } from '../pki/certificate.js';
import { IssueError } from '../pki/issue.js';
import { SigningRequestError, findRequestFaults, parseSigningRequest } from '../pki/signing-request.js';
import type { SigningRequest } from '../pki/signing-request.js';
import { inWordsForOperators, openNamedAuthority, requireStandalone } from './ca-options.js';
import { readCertifiableId } from './certifiable-id.js';
import { makeKeyFile, refuseExisting } from './certificate-files.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { readNamedFile } from './signing-key.js';
import { isLedgerOfStore } from './store-authority.js';
import { issueInStore } from './store-authority-issue.js';
import { writeOutput } from './write-output.js';

/** Issues a certificate to the developers of an app. */
export const caIssue: Command = {
  name: 'ca issue',
  summary: 'Issues a certificate for an app.',
  usage: '--app-id ID (--csr FILE | --new-key FILE) [--ca DIR] [--out FILE] [--days N] [--force]',
  options: {
    'app-id': { type: 'string' },
    csr: { type: 'string' },
    'new-key': { type: 'string' },
    ca: { type: 'string' },
    out: { type: 'string' },
    days: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    'app-id': 'the app that it is for; its common name',
    csr: 'a signing request for that app (portcullis csr, or openssl req)',
    'new-key': 'makes an EC key too, in this file',
    ca: "the authority's folder (default: authority in DATA_DIR)",
    out: 'the file for the certificate and its intermediate (default: ID.crt)',
    days: 'how long it is valid (default, and at most: two years)',
    force: 'overwrites the file for the certificate; never that of a key',
  },
  about: `The certificate's serial is in the authority's ledger before it is signed. Nothing that a request asks for is
granted but its key: what a certificate may do is the authority's to say.

Where a gate has taken the authority over, the ledger is in the store's database: run it where the gate runs, with the
same DATA_DIR or DATABASE_URL. Keys that are weak, or known to be in wrong hands, are refused there.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const appId = readCertifiableId(args);
  const days = readDays(args);
  const [csrFile, newKey] = [textOption(args, 'csr'), textOption(args, 'new-key')];
  if ((csrFile === undefined) === (newKey === undefined)) throw new UsageError('Give one of --csr and --new-key.');
  const out = textOption(args, 'out') ?? `${appId}.crt`;
  const force = isSet(args, 'force');
  const deliver = async (leaf: Certificate, bundle: string): Promise<void> => {
    await writeOutput(out, bundle, { mode: 0o644, force }, terminal);
    if (out === '-') return;
    const until = leaf.notAfter.toISOString().slice(0, 10);
    terminal.out(`Issued ${out} for CN=${appId}, serial ${leaf.serial}, valid until ${until}.\n`);
  };
  const isOfStore = await isLedgerOfStore(args, terminal);
  const named = isOfStore ? null : await openNamedAuthority(args, terminal);
  // Before anything is issued: a certificate that can't be handed over would have to be revoked.
  await refuseExisting(out, force, terminal);

  const publicKey =
    csrFile === undefined
      ? (await makeKeyFile(newKey ?? '', terminal)).publicKey
      : await readKey(csrFile, appId, terminal);
  if (publicKey === null) return 1;
  if (named === null) {
    const key = csrFile === undefined ? { publicKey } : { csr: await readNamedFile(csrFile, terminal) };
    return issueInStore(args, terminal, { appId, days, key }, (issued) => deliver(issued.leaf, bundleOf(issued)));
  }
  requireStandalone(named);
  const { authority, keys } = named;
  try {
    const context = { now: terminal.now(), randomBytes };
    const leaf = await inWordsForOperators(issueLeaf(authority, keys, { appId, publicKey, days, ...context }));
    await deliver(leaf, certificateBundle(leaf, authority));
    return 0;
  } catch (error) {
    if (!(error instanceof IssueError)) throw error;
    terminal.err(`${error.message}\n`);
    return 1;
  }
}

function readDays(args: Arguments): number | null {
  const text = textOption(args, 'days');
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--days is a whole number from 1 on.');
  return Number(text);
}

/** The key of a request; null, and words, where the request must not be granted. */
async function readKey(file: string, appId: string, terminal: Terminal): Promise<KeyObject | null> {
  const request = readRequest(await readNamedFile(file, terminal), file);
  const faults = findRequestFaults(request, appId);
  for (const { kind, detail } of faults) terminal.err(`${file}: ${kind}: ${detail}\n`);
  return faults.length > 0 ? null : createPublicKey(request.publicKey.export({ type: 'spki', format: 'pem' }));
}

function readRequest(bytes: Buffer, file: string): SigningRequest {
  try {
    return parseSigningRequest(bytes);
  } catch (error) {
    if (error instanceof SigningRequestError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}
