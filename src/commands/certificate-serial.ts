import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Certificate } from '../pki/certificate.js';
import { UsageError } from './command.js';
import type { Terminal } from './command.js';
import { readCertificateFile } from './signing-key.js';

/** What names a certificate on the command line came to; of a serial alone there is no certificate. */
export interface NamedSerial {
  /** As in Certificate.serial. */
  readonly serial: string;
  readonly certificate: Certificate | null;
}

/**
 * A file that is there is read, for the first certificate in it; anything else must be a serial, as openssl prints it
 * or with colons.
 *
 * @throws UsageError for what is neither; CommandError for a file without a certificate
 */
export async function readSerialOrFile(which: string, terminal: Terminal): Promise<NamedSerial> {
  const isFile = await access(resolve(terminal.workingFolder, which)).then(
    () => true,
    () => false,
  );
  const [certificate] = isFile ? await readCertificateFile(which, terminal) : [];
  return { serial: certificate?.serial ?? spellSerial(which), certificate: certificate ?? null };
}

function spellSerial(text: string): string {
  const digits = text
    .replace(/^serial=/i, '')
    .replaceAll(':', '')
    .toUpperCase();
  if (!/^([0-9A-F]{2}){1,20}$/.test(digits)) throw new UsageError(`"${text}" is neither a file nor a serial in hex.`);
  return digits;
}
