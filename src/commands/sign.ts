import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { KnownCertificate } from '../inspection/private-key-findings.js';
import { isExcluded, buildManifest, SIGNATURE_PATH } from '../signature/manifest.js';
import type { Manifest, SigningProfile } from '../signature/manifest.js';
import { SigningError, signManifest } from '../signature/sign-manifest.js';
import { printable } from '../report/printable.js';
import { replaceFile } from '../write-file.js';
import { CommandError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { printFaults, readOwnInfo, readOwnTree } from './own-tree.js';
import type { OwnTree } from './own-tree.js';
import { reasonOf } from './reason-of.js';
import { readKeyFile, readSigningCertificates } from './signing-key.js';
import type { SigningCertificates } from './signing-key.js';

/** How much of a name or a path is shown. */
const MAX_NAME = 200;
const MAX_PATH = 4_096;

/** Signs an app's folder, or that of a core release. */
export const sign: Command = {
  name: 'sign',
  summary: 'Signs an app: writes appinfo/signature.json.',
  usage: '--path DIR --key FILE --cert FILE [--chain FILE] [--format 1|2] [--core] [--out FILE] [--dry-run]',
  options: {
    path: { type: 'string' },
    key: { type: 'string' },
    privateKey: { type: 'string' },
    cert: { type: 'string' },
    certificate: { type: 'string' },
    chain: { type: 'string' },
    format: { type: 'string' },
    core: { type: 'boolean' },
    out: { type: 'string' },
    'dry-run': { type: 'boolean' },
  },
  optionHelp: {
    path: "the app's folder, which holds appinfo/info.xml",
    key: 'the private key, PEM',
    privateKey: 'the same, under the name that occ integrity:sign-app has for it',
    cert: 'the certificate, PEM; intermediates may follow in the same file',
    certificate: 'the same, under the name that occ integrity:sign-app has for it',
    chain: 'a file with the intermediates, where they are in one of their own',
    format: '2 (the default; EC P-384 or RSA), or 1 for ownCloud servers that know no other (RSA)',
    core: 'signs the ownCloud server itself: writes core/signature.json',
    out: 'where to write the signature file, - for the standard output',
    'dry-run': 'prints what would be signed, as sha512sum does, and writes nothing',
  },
  about: `Sign last: whatever changes in the folder afterwards breaks the signature. Version control data (.git and the
like) is left out, as portcullis pack leaves it out. A folder that holds a private key is not signed.

An encrypted key is opened with the passphrase in the environment variable PORTCULLIS_KEY_PASSPHRASE.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { folder, keyFile, certificateFiles, format, profile } = readOptions(args, terminal);
  const privateKey = await readKeyFile(keyFile, terminal);
  const certificates = await readSigningCertificates(certificateFiles, privateKey, terminal);
  const isForeign = (path: string): boolean => profile === 'core' && isExcluded(path, profile);
  const tree = await readOwnTree(folder, isForeign, [ofThisSignature(certificates)]);

  const refusals = [...(await scopeFaults(tree, certificates, profile, terminal)), ...emptyFaults(tree)];
  printFaults(tree.faults, terminal);
  for (const refusal of refusals) terminal.err(`${refusal}\n`);
  if (tree.faults.length > 0 || refusals.length > 0) return 1;
  warn(tree, certificates, terminal);

  const manifest = await buildManifest(tree.contents, profile);
  const { leaf: certificate, chain } = certificates;
  const signatureFile = signOrExplain({ manifest, privateKey, certificate, chain, format });
  if (isSet(args, 'dry-run')) {
    printManifest(manifest, terminal);
    return 0;
  }
  const out = textOption(args, 'out');
  if (out === '-') {
    terminal.out(signatureFile.toString('utf8'));
    return 0;
  }
  const target = out === undefined ? join(folder, SIGNATURE_PATH[profile]) : resolve(terminal.workingFolder, out);
  await write(target, signatureFile);
  const count = `${manifest.size} ${manifest.size === 1 ? 'file' : 'files'}`;
  const signer = printable(certificate.commonNames.join(', CN='), MAX_NAME);
  terminal.out(`Signed ${count} as CN=${signer}, in format ${format}: ${printable(target, MAX_PATH)}\n`);
  return 0;
}

/** The key that is signed with must not lie in the folder, of all things. */
function ofThisSignature({ leaf }: SigningCertificates): KnownCertificate {
  const { publicKeyFingerprint, serial, commonNames } = leaf;
  const role = 'this would be signed with';
  return {
    publicKeyFingerprint,
    serial,
    commonName: commonNames.join(', CN='),
    isRevoked: false,
    voucher: 'another',
    role,
  };
}

interface SignOptions {
  readonly folder: string;
  readonly keyFile: string;
  readonly certificateFiles: readonly string[];
  readonly format: 1 | 2;
  readonly profile: SigningProfile;
}

function readOptions(args: Arguments, terminal: Terminal): SignOptions {
  const [surplus] = args.positionals;
  if (surplus !== undefined)
    throw new UsageError(`"${surplus}" is one word too many; the folder is named with --path.`);
  const oneOf = (name: string, otherName: string): string => {
    const [value, other] = [textOption(args, name), textOption(args, otherName)];
    if (value !== undefined && other !== undefined) throw new UsageError(`--${name} and --${otherName} are the same.`);
    return required(value ?? other, name);
  };
  const format = textOption(args, 'format') ?? '2';
  if (format !== '1' && format !== '2') throw new UsageError('--format is 1 or 2.');
  const chain = textOption(args, 'chain');
  return {
    folder: resolve(terminal.workingFolder, required(textOption(args, 'path'), 'path')),
    keyFile: oneOf('key', 'privateKey'),
    certificateFiles: [oneOf('cert', 'certificate'), ...(chain === undefined ? [] : [chain])],
    format: format === '1' ? 1 : 2,
    profile: isSet(args, 'core') ? 'core' : 'app',
  };
}

function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new UsageError(`--${name} is needed.`);
  return value;
}

/** A certificate of another app would only be found out at the gate. */
async function scopeFaults(
  { contents }: OwnTree,
  { leaf }: SigningCertificates,
  profile: SigningProfile,
  terminal: Terminal,
): Promise<readonly string[]> {
  const commonName = leaf.commonNames.join(', CN=');
  const shown = printable(commonName, MAX_NAME);
  if (profile === 'core') {
    return commonName === 'core' ? [] : [`The certificate is for CN=${shown}; a core release is signed by CN=core.`];
  }
  const { id } = await readOwnInfo(contents);
  if (id === null) {
    terminal.err('Warning: appinfo/info.xml does not tell the app id, so it was not compared with the certificate.\n');
    return [];
  }
  if (commonName === id) return [];
  return [`The certificate is for CN=${shown}, but <id> in appinfo/info.xml is ${printable(id, MAX_NAME)}.`];
}

function emptyFaults({ contents }: OwnTree): readonly string[] {
  return contents.files.size === 0 ? ['There is nothing in the folder to sign.'] : [];
}

function warn({ leftOut }: OwnTree, { leaf }: SigningCertificates, { now, err }: Terminal): void {
  if (leftOut.length > 0) err(`Left out: ${leftOut.map((path) => printable(path, MAX_NAME)).join(', ')}\n`);
  if (leaf.notAfter < now()) err(`Warning: the certificate expired on ${leaf.notAfter.toISOString()}.\n`);
  if (leaf.notBefore > now()) err(`Warning: the certificate is not valid before ${leaf.notBefore.toISOString()}.\n`);
}

function signOrExplain(input: Parameters<typeof signManifest>[0]): Buffer {
  try {
    return signManifest(input);
  } catch (error) {
    if (error instanceof SigningError) throw new RefusedError(error.message);
    throw error;
  }
}

function printManifest(manifest: Manifest, terminal: Terminal): void {
  for (const [path, hash] of manifest) terminal.out(`${hash || '-'}  ${printable(path, MAX_PATH)}\n`);
}

async function write(target: string, content: Buffer): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await replaceFile(target, content);
  } catch (error) {
    throw new CommandError(`${target} can not be written: ${reasonOf(error)}.`);
  }
}
