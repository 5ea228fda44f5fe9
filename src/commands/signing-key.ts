import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CertificateError, isSelfSigned, isSignedBy, parseCertificates } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { printable } from '../report/printable.js';
import { PrivateKeyError, isSameKeyPair, readPrivateKey } from '../pki/keys.js';
import { CommandError, RefusedError } from './command.js';
import type { Terminal } from './command.js';
import { KEY_FILE_BYTES, TooLargeError, readWithin } from './read-within.js';
import { reasonOf } from './reason-of.js';

const PASSPHRASE = 'PORTCULLIS_KEY_PASSPHRASE';

/**
 * Reads a private key, with the passphrase of `PORTCULLIS_KEY_PASSPHRASE` where it has one: on the command line
 * everybody on the machine could read it. Warns of a file that others may read.
 *
 * @throws CommandError where it can't be read
 */
export async function readKeyFile(file: string, terminal: Terminal): Promise<KeyObject> {
  const pem = await readNamedFile(file, terminal);
  await warnIfOthersMayRead(file, terminal);
  const passphrase = terminal.environment[PASSPHRASE];
  if (pem.includes('ENCRYPTED') && passphrase === undefined) {
    throw new CommandError(`${file} is encrypted: put its passphrase into the environment variable ${PASSPHRASE}.`);
  }
  try {
    return readPrivateKey(pem, passphrase);
  } catch (error) {
    if (error instanceof PrivateKeyError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

/** A certificate and those between it and the root. */
export interface SigningCertificates {
  readonly leaf: Certificate;
  /** From the leaf's issuer upwards, without the root. */
  readonly chain: readonly Certificate[];
}

/**
 * Reads the certificate that belongs to a key, and its intermediates, from one or several files. The order in them does
 * not matter: the leaf is known by its key, its chain by who signed whom. What belongs to neither is left out.
 *
 * @throws RefusedError where there is no certificate for the key
 */
export async function readSigningCertificates(
  files: readonly string[],
  key: KeyObject,
  terminal: Terminal,
): Promise<SigningCertificates> {
  const all = (await Promise.all(files.map((file) => readCertificateFile(file, terminal)))).flat();
  const leaf = all.find(({ publicKey }) => isSameKeyPair(key, publicKey));
  if (leaf === undefined) {
    const names = all.map(({ subject }) => subject).join('; ');
    throw new RefusedError(`The private key does not belong to the certificate (${names}).`);
  }
  return { leaf, chain: chainAbove(leaf, all) };
}

/**
 * Reads the certificates of a file.
 *
 * @throws CommandError where there are none
 */
export async function readCertificateFile(file: string, terminal: Terminal): Promise<readonly Certificate[]> {
  const bytes = await readNamedFile(file, terminal);
  try {
    return parseCertificates(bytes);
  } catch (error) {
    if (error instanceof CertificateError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
}

/**
 * Reads a file that an option names.
 *
 * @param maxBytes the most that is read of it
 * @throws CommandError where it can't be read, or is larger
 */
export async function readNamedFile(
  file: string,
  { workingFolder }: Terminal,
  maxBytes = KEY_FILE_BYTES,
): Promise<Buffer> {
  try {
    return await readWithin(resolve(workingFolder, file), maxBytes);
  } catch (error) {
    if (error instanceof TooLargeError) throw new CommandError(`${file} is too large: ${error.message}.`);
    throw new CommandError(`${file} can not be read: ${reasonOf(error)}.`);
  }
}

function chainAbove(leaf: Certificate, all: readonly Certificate[]): readonly Certificate[] {
  const chain: Certificate[] = [];
  for (let last: Certificate | undefined = leaf; last !== undefined; last = chain.at(chain.length - 1)) {
    const below: Certificate = last;
    const issuer = all.find((each) => each.subjectId === below.issuerId && isSignedBy(below, each));
    // Whoever checks the signature has the root, or else doesn't believe it.
    if (issuer === undefined || isSelfSigned(issuer) || chain.includes(issuer)) break;
    chain.push(issuer);
  }
  return chain;
}

async function warnIfOthersMayRead(file: string, { workingFolder, err }: Terminal): Promise<void> {
  // Windows has no such bits; what stat says of them there is made up.
  if (process.platform === 'win32') return;
  const { mode } = await stat(resolve(workingFolder, file));
  const shown = printable(file, 4_096);
  if ((mode & 0o077) !== 0) err(`Warning: others on this machine may read ${shown}: chmod 600 ${shown}\n`);
}
