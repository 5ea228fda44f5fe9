import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readTier } from '../authority/authority-folder.js';
import { bundleOf } from '../authority/issue-certificate.js';
import { certificateBundle, issueLeaf } from '../authority/issue-leaf.js';
import type { Certificate } from '../pki/certificate.js';
import { IssueError } from '../pki/issue.js';
import { SigningRequestError, findRequestFaults, parseSigningRequest } from '../pki/signing-request.js';
import type { SigningRequest } from '../pki/signing-request.js';
import { inWordsForOperators, openNamedAuthority, requireStandalone } from './ca-options.js';
import { readCertifiableId } from './certifiable-id.js';
import { fetchCommand, orElsewhere } from './certificate-elsewhere.js';
import { makeKeyFile, requireKeyPlace } from './certificate-files.js';
import { CommandError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { readKeyFile, readNamedFile } from './signing-key.js';
import { isLedgerOfStore } from './store-authority.js';
import { issueInStore } from './store-authority-issue.js';
import { requireWritable, writeOutput } from './write-output.js';

/** Issues a certificate to the developers of an app. */
export const caIssue: Command = {
  name: 'ca issue',
  summary: 'Issues a certificate for an app.',
  usage: '--app-id ID (--csr FILE | --key FILE | --new-key FILE) [--ca DIR] [--out FILE] [--days N] [--force]',
  options: {
    'app-id': { type: 'string' },
    csr: { type: 'string' },
    key: { type: 'string' },
    'new-key': { type: 'string' },
    ca: { type: 'string' },
    out: { type: 'string' },
    days: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    'app-id': 'the app that it is for; its common name',
    csr: 'a signing request for that app (portcullis csr, or openssl req)',
    key: 'the private key that it is for',
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
  const source = readSource(args);
  const out = textOption(args, 'out') ?? `${appId}.crt`;
  const force = isSet(args, 'force');
  const isOfStore = await isLedgerOfStore(args, terminal);
  const named = isOfStore ? null : await openNamedAuthority(args, terminal);
  // Before anything is issued: a certificate that can't be handed over would have to be revoked.
  await requireWritable(out, { force, keyFiles: [source.file] }, terminal);
  if (source.option === 'new-key') await requireKeyPlace(source.file, terminal);

  const deliver = async (leaf: Certificate, bundle: string, elsewhere: string): Promise<void> => {
    await orElsewhere(writeOutput(out, bundle, { mode: 0o644, force }, terminal), leaf, elsewhere);
    tellIssued(leaf, { appId, out, days }, terminal);
  };
  const openKey = () => readKey(source, appId, terminal);
  if (named === null) {
    const csr = source.option === 'csr' ? await readNamedFile(source.file, terminal) : null;
    const key = csr === null ? { open: openKey } : { csr, file: source.file };
    return issueInStore(args, terminal, { appId, days, key }, (issued) =>
      deliver(issued.leaf, bundleOf(issued), fetchCommand(issued.leaf)),
    );
  }
  requireStandalone(named);
  const { authority, keys } = named;
  try {
    // Its key first: where that can't be had, no key is made for nothing.
    if ((await inWordsForOperators(readTier(authority, 'developers', keys))) === null) {
      throw new CommandError(`The key of its developers' certificate is not in ${authority.folder}.`);
    }
    const publicKey = await openKey();
    const context = { now: terminal.now(), randomBytes };
    const leaf = await inWordsForOperators(issueLeaf(authority, keys, { appId, publicKey, days, ...context }));
    const bundle = certificateBundle(leaf, authority);
    // Nobody else keeps it: in the ledger of a folder there is the serial alone.
    await deliver(leaf, bundle, `This is it:\n${bundle}`);
    return 0;
  } catch (error) {
    if (!(error instanceof IssueError)) throw error;
    terminal.err(`${error.message}\n`);
    return 1;
  }
}

/** Where the key comes from that the certificate is for. */
interface KeySource {
  readonly option: 'csr' | 'key' | 'new-key';
  readonly file: string;
}

function readSource(args: Arguments): KeySource {
  const [source, ...more] = (['csr', 'key', 'new-key'] as const).flatMap((option) => {
    const file = textOption(args, option);
    return file === undefined ? [] : [{ option, file }];
  });
  if (source === undefined || more.length > 0) throw new UsageError('Give one of --csr, --key and --new-key.');
  return source;
}

/** @throws RefusedError where a request must not be granted; CommandError where there is no key to be had */
async function readKey({ option, file }: KeySource, appId: string, terminal: Terminal): Promise<KeyObject> {
  if (option === 'csr') return readKeyOfRequest(file, appId, terminal);
  return option === 'key'
    ? createPublicKey(await readKeyFile(file, terminal))
    : (await makeKeyFile(file, terminal)).publicKey;
}

interface Issued {
  readonly appId: string;
  readonly out: string;
  readonly days: number | null;
}

function tellIssued(leaf: Certificate, { appId, out, days }: Issued, terminal: Terminal): void {
  const until = leaf.notAfter.toISOString().slice(0, 10);
  const wanted = days === null ? null : terminal.now().getTime() + days * DAY_MS;
  // A certificate's times are in whole seconds.
  if (wanted !== null && leaf.notAfter.getTime() < wanted - DAY_MS) {
    terminal.err(`It is valid until ${until} and no longer: that is the most that can be.\n`);
  }
  if (out !== '-') terminal.out(`Issued ${out} for CN=${appId}, serial ${leaf.serial}, valid until ${until}.\n`);
}

const DAY_MS = 24 * 60 * 60 * 1000;

function readDays(args: Arguments): number | null {
  const text = textOption(args, 'days');
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--days is a whole number from 1 on.');
  return Number(text);
}

/** The key of a request. @throws RefusedError where it must not be granted */
async function readKeyOfRequest(file: string, appId: string, terminal: Terminal): Promise<KeyObject> {
  const request = readRequest(await readNamedFile(file, terminal), file);
  const faults = findRequestFaults(request, appId);
  if (faults.length > 0)
    throw new RefusedError(faults.map(({ kind, detail }) => `${file}: ${kind}: ${detail}`).join('\n'));
  return createPublicKey(request.publicKey.export({ type: 'spki', format: 'pem' }));
}

function readRequest(bytes: Buffer, file: string): SigningRequest {
  try {
    return parseSigningRequest(bytes);
  } catch (error) {
    if (error instanceof SigningRequestError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}
