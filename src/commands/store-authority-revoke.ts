import { tendOwnAuthority } from '../authority/own-authority.js';
import { normalizeSerial } from '../authority/read-ledger.js';
import { previewForCaller, revokeForCaller } from '../authority/revoke-as-caller.js';
import type { LeafReason } from '../database/certificates.js';
import { RequestError } from '../request-error.js';
import { readSerialOrFile } from './certificate-serial.js';
import { CommandError, type Arguments, type ExitCode, type Terminal } from './command.js';
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
 * @throws CommandError where the ledger has no such certificate, or the store or its authority is not to be had
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
    const before = await known(previewForCaller(parts, caller, wanted));
    if (isPreview) {
      printRevocationEffect(terminal, before, false);
      terminal.out('\nNothing was changed.\n');
      return 0;
    }
    const effect = await known(
      revokeForCaller(parts, caller, { ...wanted, note: 'By an operator, on the command line.' }),
    );
    const { revokedAt } = before.certificate;
    terminal.out(
      revokedAt === null
        ? `Revoked ${serial} (${reason}).\n`
        : `${serial} was revoked on ${revokedAt.toISOString()} already.\n`,
    );
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

/** For an operator a serial that is not there is a slip, and no verdict. */
async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof RequestError && error.code === 'NOT_FOUND') throw new CommandError(error.message);
    throw error;
  }
}
