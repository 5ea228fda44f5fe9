import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AuthorityError } from '../authority/authority-folder.js';
import type { AuthorityFolder } from '../authority/authority-folder.js';
import { leafReasons, revokeLeaf } from '../authority/revoke-leaf.js';
import type { LeafReason } from '../authority/revoke-leaf.js';
import { isSignedBy } from '../pki/certificate.js';
import { openNamedAuthority, whereLists } from './ca-options.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { textOption } from './option-values.js';
import { readCertificateFile } from './signing-key.js';

/** Revokes a certificate that the authority issued. */
export const caRevoke: Command = {
  name: 'ca revoke',
  summary: 'Revokes a certificate; it signs nothing new from then on.',
  usage: '<serial|certificate file> [--reason REASON] [--ca DIR] [--trust DIR]',
  options: {
    reason: { type: 'string' },
    ca: { type: 'string' },
    trust: { type: 'string' },
  },
  optionHelp: {
    reason: `one of ${leafReasons.join(', ')}`,
    ca: "the authority's folder (default: authority in DATA_DIR)",
    trust: 'where the new revocation list goes (default: the trust folder the authority was made with)',
  },
  about: 'A running gate on the same trust folder goes by the new list from its next upload on.',
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [which, surplus] = args.positionals;
  if (which === undefined || surplus !== undefined)
    throw new UsageError('Name one certificate, by its serial or its file.');
  const reason = readReason(args);
  const authority = await openNamedAuthority(args, terminal);
  const serial = await readSerial(which, authority, terminal);
  const at = terminal.now();
  try {
    const { revokedAt, renewals } = await revokeLeaf(authority, serial, reason, at);
    const isNew = revokedAt.getTime() === at.getTime();
    terminal.out(
      isNew ? `Revoked ${serial} (${reason}).\n` : `${serial} was revoked on ${revokedAt.toISOString()} already.\n`,
    );
    if (renewals.developers === 'no-key') {
      throw new CommandError('It is in the ledger, but developers.key is not here to sign the revocation list with.');
    }
    terminal.err(whereLists(authority, renewals));
    return 0;
  } catch (error) {
    if (error instanceof AuthorityError) throw new CommandError(error.message);
    throw error;
  }
}

function readReason(args: Arguments): LeafReason {
  const text = textOption(args, 'reason') ?? 'unspecified';
  const reason = leafReasons.find((each) => each.toLowerCase() === text.toLowerCase());
  if (reason === undefined) throw new UsageError(`--reason is one of ${leafReasons.join(', ')}.`);
  return reason;
}

/** A file that is there is read; anything else must be a serial, as openssl prints it or with colons. */
async function readSerial(which: string, authority: AuthorityFolder, terminal: Terminal): Promise<string> {
  const isFile = await access(resolve(terminal.workingFolder, which)).then(
    () => true,
    () => false,
  );
  if (!isFile) return spellSerial(which);
  const [leaf] = await readCertificateFile(which, terminal);
  const issuer = authority.certificates.developers;
  if (leaf?.issuerId !== issuer.subjectId || !isSignedBy(leaf, issuer)) {
    throw new CommandError(`${which} was not issued by the authority in ${authority.folder}.`);
  }
  return leaf.serial;
}

function spellSerial(text: string): string {
  const digits = text
    .replace(/^serial=/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  if (!/^([0-9A-F]{2}){1,20}$/.test(digits)) throw new UsageError(`"${text}" is neither a file nor a serial in hex.`);
  return digits;
}
