import { tendOwnAuthority } from '../authority/tend-authority.js';
import { normalizeSerial } from '../authority/read-ledger.js';
import { previewForCaller, revokeForCaller, type WantedRevocation } from '../authority/revoke-as-caller.js';
import type { CertificateSummary, LeafReason } from '../database/certificates.js';
import { readSerialOrFile } from './certificate-serial.js';
import type { Arguments, ExitCode, Terminal } from './command.js';
import { printRevocationEffect } from './revocation-effect.js';
import { onStoreAuthority } from './store-authority.js';

/** A revocation that an operator wants. */
export interface StoreRevocation {
  /** A serial, or the file of the certificate. */
  readonly which: string;
  readonly reason: LeafReason;
  readonly since: Date | null;
  readonly isPreview: boolean;
}

/**
 * `ca revoke` where the ledger is the store's. In force with the ledger, for every gate on that store; the list in the trust
 * folder follows at once where the key is here.
 *
 * @returns 1 where the ledger has no such certificate
 * @throws CommandError where the store or its authority is not to be had
 */
export async function revokeInStore(
  args: Arguments,
  terminal: Terminal,
  { which, reason, since, isPreview }: StoreRevocation,
): Promise<ExitCode> {
  const named = await readSerialOrFile(which, terminal);
  const serial = normalizeSerial(named.serial) ?? named.serial;
  const wanted = { serial, fingerprint: named.certificate?.fingerprint ?? null, reason, invalidityDate: since };
  return onStoreAuthority(args, terminal, async ({ parts, caller, config }) => {
    const before = await previewForCaller(parts, caller, wanted);
    if (isPreview) {
      printRevocationEffect(terminal, before, false);
      terminal.out('\nNothing was changed.\n');
      return 0;
    }
    const effect = await revokeForCaller(parts, caller, { ...wanted, note: 'By an operator, on the command line.' });
    terminal.out(wordsOf(before.certificate, effect.certificate, wanted));
    printRevocationEffect(terminal, effect, true);
    if (effect.list === 'pending') {
      terminal.err(
        'It is in force. The key is not here: the gate that has it signs the revocation list within a minute.\n',
      );
    }
    await tendOwnAuthority(parts, config);
    return 0;
  });
}

/** That it is revoked; of one that was so before, whether the order changed anything, and what stays where it did not. */
function wordsOf(
  before: CertificateSummary,
  after: CertificateSummary,
  { serial, reason, invalidityDate }: Pick<WantedRevocation, 'serial' | 'reason' | 'invalidityDate'>,
): string {
  if (before.revokedAt === null) return `Revoked ${serial} (${reason}).\n`;
  const known = `${serial} was revoked on ${before.revokedAt.toISOString()} already.\n`;
  const since = after.invalidityDate;
  const isLater = invalidityDate !== null && since !== null && since < invalidityDate;
  const staysSince = isLater
    ? `That its key is in wrong hands since ${since.toISOString()} stays: it is earlier.\n`
    : '';
  const staysWhy =
    after.revocationReason === reason
      ? ''
      : `The reason stays as it was: ${after.revocationReason ?? 'unspecified'}.\n`;
  return `${known}${staysSince}${staysWhy}`;
}
