import type { Certificate } from '../pki/certificate.js';
import { CommandError } from './command.js';

/** The command that gets a certificate of the store's ledger. */
export function fetchCommand({ serial }: Pick<Certificate, 'serial'>): string {
  return `Fetch it with: portcullis certificate get ${serial} --out FILE`;
}

/**
 * Waits until a certificate is written. It is issued all the same where it can't be: then somebody must be told of it, and
 * where it is to be had.
 *
 * @throws CommandError what kept it from being written, its serial, and `elsewhere`
 */
export async function orElsewhere(
  writing: Promise<void>,
  { serial }: Pick<Certificate, 'serial'>,
  elsewhere: string,
): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`${error.message}\nThe certificate is issued, with the serial ${serial}. ${elsewhere}`);
  }
}
