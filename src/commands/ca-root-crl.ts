import { intermediateReasons, signRootList } from '../authority/root-folder.js';
import type { IntermediateReason } from '../authority/root-folder.js';
import { isSignedBy } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { inWordsForOperators } from './ca-options.js';
import { openNamedRoot } from './ca-root.js';
import type { NamedRoot } from './ca-root.js';
import { readSerialOrFile } from './certificate-serial.js';
import type { NamedSerial } from './certificate-serial.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { writeOutput } from './write-output.js';

/** Signs the root's revocation list, and revokes an intermediate if told to. */
export const caRootCrl: Command = {
  name: 'ca root-crl',
  summary: "Signs the root's revocation list anew, and revokes an intermediate.",
  usage: '[--ca DIR] [--revoke FILE|SERIAL [--reason REASON]] [--out FILE] [--force]',
  options: {
    ca: { type: 'string' },
    revoke: { type: 'string' },
    reason: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
  },
  optionHelp: {
    ca: "the root's folder (default: authority in DATA_DIR)",
    revoke: 'an intermediate that counts no more, by its file or its serial',
    reason: `one of ${intermediateReasons.join(', ')}`,
    out: 'the file for the list, beside root.crl in the folder; - for the standard output',
    force: 'overwrites the file of --out',
  },
  about: `The list counts for a year. It works on a machine that is kept off the network, from a folder with root.crt,
root.key, developers.crt and ledger.jsonl. A gate learns of the new list by portcullis ca import FILE.

With an intermediate, everything below it counts no more: every certificate that it issued. With a reason of compromise
(keyCompromise, cACompromise) that is so for every certificate over the same key, and the key gets no other one; it may
also be given later for one that was revoked before. After superseded, cessationOfOperation and affiliationChanged the key
may be certified again, after unspecified not.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0)
    throw new UsageError('The folder is named with --ca, an intermediate with --revoke.');
  const which = textOption(args, 'revoke');
  const reason = readReason(args);
  if (which === undefined && textOption(args, 'reason') !== undefined) throw new UsageError('--reason needs --revoke.');
  const root = await openNamedRoot(args, terminal);
  const at = terminal.now();
  const revoke = which === undefined ? null : { ...(await readSerial(which, root, terminal)), reason };
  const signed = await inWordsForOperators(signRootList(root.folder, root.authority, at, revoke));
  const { list, revokedAt, alsoRevoked } = signed;
  const until = list.nextUpdate?.toISOString().slice(0, 10) ?? '';
  terminal.err(`Signed root.crl, number ${list.number ?? ''}, ${list.revoked.size} revoked, until ${until}.\n`);
  if (revoke !== null && revokedAt !== null) {
    // The reason on the list, which for one that was revoked before may be a worse one than was given now.
    const inForce = list.revoked.get(revoke.serial)?.reason ?? 'unspecified';
    terminal.err(`${revoke.serial} is revoked since ${revokedAt.toISOString()}, reason ${inForce}.\n`);
    for (const serial of alsoRevoked) terminal.err(`${serial} is over the same key, and is revoked with it.\n`);
  }
  const out = textOption(args, 'out');
  if (out !== undefined) {
    await writeOutput(out, writePem(list.der, 'X509 CRL'), { mode: 0o644, force: isSet(args, 'force') }, terminal);
  }
  return 0;
}

function readReason(args: Arguments): IntermediateReason {
  const text = textOption(args, 'reason') ?? 'unspecified';
  const reason = intermediateReasons.find((each) => each.toLowerCase() === text.toLowerCase());
  if (reason === undefined) throw new UsageError(`--reason is one of ${intermediateReasons.join(', ')}.`);
  return reason;
}

async function readSerial(which: string, { folder }: NamedRoot, terminal: Terminal): Promise<NamedSerial> {
  const found = await readSerialOrFile(which, terminal);
  if (found.certificate !== null && !isSignedBy(found.certificate, folder.root)) {
    throw new CommandError(`${which} was not issued by the root in ${folder.folder}.`);
  }
  if (found.serial === folder.root.serial) throw new CommandError('A root can not revoke itself.');
  return found;
}
