import { isSameKeyPair } from '../pki/keys.js';
import type { KeyObject } from 'node:crypto';
import { printable } from '../report/printable.js';
import { readHandedOver } from './certificate-answers.js';
import { CommandError, type Terminal } from './command.js';
import type { Store } from './store-client-address.js';
import { writeOutput } from './write-output.js';

/** Where a certificate goes that the store hands over. */
export interface Delivery {
  /** `-` for the standard output. */
  readonly out: string;
  readonly force: boolean;
  /** The file of its key, where the command was told of one. */
  readonly keyFile: string | null;
  /** The key that it must be over, where that is known. */
  readonly key: KeyObject | null;
}

/**
 * Writes a certificate with its intermediate, and says how to sign with it.
 *
 * @throws CommandError where it isn't one for the app and the key, or the file can't be written
 */
export async function deliver(
  answer: { readonly appId: string; readonly leaf: string; readonly chain: readonly string[] },
  store: Store,
  { out, force, keyFile, key }: Delivery,
  terminal: Terminal,
): Promise<void> {
  const { leaf, bundle } = readHandedOver(answer, store);
  if (key !== null && !isSameKeyPair(key, leaf.publicKey)) {
    throw new CommandError('The certificate that the store sent is over another key.');
  }
  await writeOutput(out, bundle, { mode: 0o644, force }, terminal);
  if (out === '-') return;
  const { appId } = answer;
  const until = leaf.notAfter.toISOString().slice(0, 10);
  terminal.out(`Wrote ${printable(out, 4_096)}: CN=${appId}, serial ${leaf.serial}, valid until ${until}.\n`);
  terminal.out(`Sign with:\n  ${signCommand(appId, keyFile ?? `${appId}.key`, out)}\n`);
}

function signCommand(appId: string, key: string, certificate: string): string {
  return `portcullis sign --path ${appId} --key ${quoted(key)} --cert ${quoted(certificate)}`;
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  const shown = printable(word, 4_096);
  return /^[\w./@%+,:=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
