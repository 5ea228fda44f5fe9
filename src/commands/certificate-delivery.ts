import type { KeyObject } from 'node:crypto';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseCertificates, type Certificate } from '../pki/certificate.js';
import { isSameKeyPair, readPrivateKey } from '../pki/keys.js';
import { printable } from '../report/printable.js';
import { readHandedOver } from './certificate-answers.js';
import { CommandError, type Terminal } from './command.js';
import { KEY_FILE_BYTES, readWithin } from './read-within.js';
import type { Store } from './store-client-address.js';
import { writeOutput } from './write-output.js';

/** Where a certificate goes that the store hands over. */
export interface Delivery {
  /** `-` for the standard output; null where nobody named a file, for one that is called after the app. */
  readonly out: string | null;
  readonly force: boolean;
  /** Whether the command line names the file, or the app after which it is called: only then it is overwritten. */
  readonly isNamed: boolean;
  /** The file of its key, where the command was told of one. */
  readonly keyFile: string | null;
  /** The key that it must be over, where that is known. */
  readonly key: KeyObject | null;
}

/** A certificate as the store hands it over. */
interface Delivered {
  readonly appId: string;
  readonly serial: string;
  readonly leaf: string;
  readonly chain: readonly string[];
}

/**
 * Writes a certificate with its intermediate, and says how to sign with it.
 *
 * @throws CommandError where it isn't one for the app and the key, or the file can't be written; nothing is written then
 */
export async function deliver(
  answer: Delivered,
  store: Store,
  { out: named, force, isNamed, keyFile, key }: Delivery,
  terminal: Terminal,
): Promise<void> {
  const { leaf, bundle } = readHandedOver(answer, store);
  if (key !== null && !isSameKeyPair(key, leaf.publicKey)) {
    throw new CommandError('The certificate that the store sent is over another key.');
  }
  const { appId } = answer;
  const out = named ?? `${appId}.crt`;
  if (force) await refuseOthers(out, appId, isNamed, terminal);
  await writeOutput(out, bundle, { mode: 0o644, force }, terminal);
  if (out === '-') return;
  const until = leaf.notAfter.toISOString().slice(0, 10);
  terminal.out(`Wrote ${printable(out, 4_096)}: CN=${appId}, serial ${leaf.serial}, valid until ${until}.\n`);
  const signingKey = keyFile ?? (await findKey(leaf, [`${appId}.key`, out.replace(/(\.[^./]*)?$/, '.key')], terminal));
  terminal.out(`Sign with:\n  ${signCommand(appId, signingKey, out)}\n`);
}

/**
 * A store says what a certificate is for: that must not lead to the file of another app, of all those that lie there, nor to
 * one that nobody named.
 */
async function refuseOthers(out: string, appId: string, isNamed: boolean, { workingFolder }: Terminal): Promise<void> {
  const place = resolve(workingFolder, out);
  const isThere = await access(place).then(
    () => true,
    () => false,
  );
  if (out === '-' || !isThere) return;
  if (!isNamed) throw new CommandError(`${out} exists already; to overwrite it, name it: --out ${quoted(out)} --force`);
  const found = await readWithin(place, KEY_FILE_BYTES)
    .then((bytes) => parseCertificates(bytes))
    .catch(() => []);
  const other = found[0]?.commonNames[0];
  if (other === undefined || other === appId) return;
  throw new CommandError(
    `${out} holds a certificate for ${printable(other, 100)}, not for ${appId}; it is not overwritten.`,
  );
}

/** The file of the key, among those that it may be in; a word that stands for it where none of them is known to be it. */
async function findKey(leaf: Certificate, files: readonly string[], { workingFolder }: Terminal): Promise<string> {
  for (const file of files) {
    const pem = await readWithin(resolve(workingFolder, file), KEY_FILE_BYTES).catch(() => null);
    if (pem !== null && isKeyOf(pem, leaf)) return file;
  }
  return 'KEY-FILE';
}

/** An encrypted key does not tell whose it is, so its name has to do. */
function isKeyOf(pem: Buffer, leaf: Certificate): boolean {
  if (pem.includes('ENCRYPTED')) return true;
  try {
    return isSameKeyPair(readPrivateKey(pem), leaf.publicKey);
  } catch {
    return false;
  }
}

function signCommand(appId: string, key: string, certificate: string): string {
  return `portcullis sign --path ${appId} --key ${quoted(key)} --cert ${quoted(certificate)}`;
}

/** As a POSIX shell takes it for one word. */
export function quoted(word: string): string {
  const shown = printable(word, 4_096);
  return /^[\w./@%+,:=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
