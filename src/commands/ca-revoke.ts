import type { AuthorityFolder } from '../authority/authority-folder.js';
import { UnknownSerialError, revokeLeaf } from '../authority/revoke-leaf.js';
import { leafReasons } from '../database/certificates.js';
import { isSignedBy } from '../pki/certificate.js';
import { inWordsForOperators, openNamedAuthority, requireStandalone, whereLists } from './ca-options.js';
import { readSerialOrFile } from './certificate-serial.js';
import { CommandError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet } from './option-values.js';
import { revocationReason } from './revocation-reason.js';
import { isLedgerOfStore } from './store-authority.js';
import { revokeInStore } from './store-authority-revoke.js';
import { pastTimeOption } from './time-option.js';

/** Revokes a certificate that the authority issued. */
export const caRevoke: Command = {
  name: 'ca revoke',
  summary: 'Revokes a certificate; it signs nothing new from then on.',
  usage: '<serial|certificate file> [--reason REASON] [--since TIME] [--preview] [--ca DIR] [--trust DIR]',
  options: {
    reason: { type: 'string' },
    since: { type: 'string' },
    preview: { type: 'boolean' },
    ca: { type: 'string' },
    trust: { type: 'string' },
  },
  optionHelp: {
    reason: `one of ${leafReasons.join(', ')}`,
    since: 'since when the key is in wrong hands: what was published since then is no longer served',
    preview: 'only shows what it would do',
    ca: "the authority's folder (default: authority in DATA_DIR)",
    trust: 'where the new revocation list goes (default: the trust folder the authority was made with)',
  },
  about: `A running gate on the same trust folder goes by the new list from its next upload on.

Where a gate has taken the authority over, the ledger is in the store's database: run it where the gate runs, with the
same DATA_DIR or DATABASE_URL. It is in force at once then, for every gate on that store. Only a store knows the releases
of a certificate: --since and --preview are for those. With the reason keyCompromise releases are quarantined that were
published since that time, or else since the revocation.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [which, surplus] = args.positionals;
  if (which === undefined || surplus !== undefined)
    throw new UsageError('Name one certificate, by its serial or its file.');
  const reason = revocationReason(args) ?? 'unspecified';
  const since = pastTimeOption(args, 'since', terminal.now());
  const isPreview = isSet(args, 'preview');
  if (await isLedgerOfStore(args, terminal)) {
    return revokeInStore(args, terminal, { which, reason, since, isPreview });
  }
  const named = await openNamedAuthority(args, terminal);
  if (since !== null || isPreview) {
    throw new UsageError('--since and --preview are for the authority of a store, which knows the releases.');
  }
  requireStandalone(named);
  const { authority, keys } = named;
  const serial = await readSerial(which, authority, terminal);
  const at = terminal.now();
  const {
    revokedAt,
    reason: inForce,
    renewals,
  } = await inWordsForOperators(revokeLeaf(authority, keys, serial, reason, at).catch(refuseUnknown));
  const isNew = revokedAt.getTime() === at.getTime();
  terminal.out(
    isNew
      ? `Revoked ${serial} (${inForce}).\n`
      : `${serial} was revoked on ${revokedAt.toISOString()} already; its reason is ${inForce}.\n`,
  );
  if (renewals.developers === 'no-key') {
    throw new CommandError('It is in the ledger, but developers.key is not here to sign the revocation list with.');
  }
  terminal.err(whereLists(authority, renewals));
  return 0;
}

/** A serial that is not in the ledger is an answer, and no failure. */
function refuseUnknown(error: unknown): never {
  throw error instanceof UnknownSerialError ? new RefusedError(error.message) : error;
}

async function readSerial(which: string, authority: AuthorityFolder, terminal: Terminal): Promise<string> {
  const { serial, certificate } = await readSerialOrFile(which, terminal);
  const issuer = authority.certificates.developers;
  if (certificate !== null && !(certificate.issuerId === issuer.subjectId && isSignedBy(certificate, issuer))) {
    throw new RefusedError(`${which} was not issued by the authority in ${authority.folder}.`);
  }
  return serial;
}
