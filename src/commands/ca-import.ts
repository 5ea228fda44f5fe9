import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AuthorityError } from '../authority/authority-folder.js';
import { importFromRoot, type FromRoot } from '../authority/import-from-root.js';
import { tendOwnAuthority } from '../authority/tend-authority.js';
import { issuingCertificate, openKey, readStoreAuthority } from '../authority/store-authority.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import { CertificateError, parseCertificates, type Certificate } from '../pki/certificate.js';
import { PemError, readDerOrPem, readPem } from '../pki/pem.js';
import { parseRevocationList, RevocationListError, type RevocationList } from '../pki/revocation-list.js';
import { printable } from '../report/printable.js';
import { RefusedError, UsageError, type Command, type Terminal } from './command.js';
import { ABOUT_OPERATORS } from './operator.js';
import { LIST_FILE_BYTES } from './read-within.js';
import { readNamedFile } from './signing-key.js';
import { onStoreAuthority, type AuthorityOperator } from './store-authority.js';

/** `portcullis ca import`: takes over what the root signed elsewhere. */
export const caImport: Command = {
  name: 'ca import',
  summary: "Takes over what the root signed elsewhere: a developers' certificate, or the root's list.",
  usage: 'FILE... [--ca DIR] [--trust DIR]',
  options: { ca: { type: 'string' }, trust: { type: 'string' } },
  optionHelp: {
    ca: "the folder of the store's authority (default: authority in DATA_DIR)",
    trust: 'the trust folder to refresh (default: the one that the gate uses)',
  },
  about: `For what portcullis ca renew-intermediate and portcullis ca root-crl made on the machine with the root's key. What the
root of the store did not sign is refused, and so is what would take back something that it said before; of several
files all are taken, or none. The gate issues with the newest key from then on, and needs that key itself: in Vault, or as
developers.key or developers-N.key in AUTHORITY_DIR.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length === 0) throw new UsageError('Name the files: FILE...');
    const given = await readFiles(args.positionals, terminal);
    return onStoreAuthority(args, terminal, async (operator) => {
      const { parts, config } = operator;
      const { certificates, list } = await refusing(importFromRoot(parts, config.authorityDir, given));
      for (const { subject, serial, notAfter } of certificates) {
        terminal.out(`Took over ${printable(subject, 200)}, serial ${serial}, until ${day(notAfter)}.\n`);
      }
      if (list !== null) {
        terminal.out(
          `Took over the root's list ${list.number ?? ''}, ${list.revoked.size} revoked, until ${day(list.nextUpdate)}.\n`,
        );
      }
      if (certificates.length === 0 && list === null) terminal.out('The store had all of it already.\n');
      await tendOwnAuthority(parts, config);
      await warnOfIssuer(operator, terminal);
      return 0;
    });
  },
};

/** A new key issues from now on, and below a revoked certificate nothing counts: an operator has to know. */
async function warnOfIssuer({ parts, config }: AuthorityOperator, terminal: Terminal): Promise<void> {
  const authority = await readStoreAuthority(parts.database);
  if (authority === null) return;
  const { certificate } = issuingCertificate(authority);
  const who = `${printable(certificate.subject, 200)}, serial ${certificate.serial}, which issues now,`;
  const lists = await listNewestRevocationLists(parts.database);
  const list = lists.find(({ tier }) => tier === 'root');
  if (list !== undefined && parseRevocationList(list.der).revoked.has(certificate.serial)) {
    terminal.err(`Warning: ${who} is revoked: what it issued counts no more. Import another one.\n`);
  } else if ((await openKey(parts, certificate)) === null) {
    const file = await freeKeyFile(config.authorityDir);
    terminal.err(`Warning: the key of ${who} is not to be had here; the gate needs it: in Vault, or as ${file}.\n`);
  }
}

/** The place for a key of the developers' tier: developers.key, or the first developers-N.key that is free. */
async function freeKeyFile(authorityDir: string): Promise<string> {
  const taken = new Set(await readdir(authorityDir).catch(() => []));
  let name = 'developers.key';
  for (let number = 2; taken.has(name); number++) name = `developers-${number}.key`;
  return join(authorityDir, name);
}

async function readFiles(names: readonly string[], terminal: Terminal): Promise<FromRoot> {
  const certificates = new Map<string, Certificate>();
  let list: RevocationList | null = null;
  for (const name of names) {
    const found = readSigned(await readNamedFile(name, terminal, LIST_FILE_BYTES), name);
    for (const certificate of found.certificates) certificates.set(certificate.fingerprint, certificate);
    if (found.list !== null && list !== null) throw new UsageError('One revocation list at a time: the newest.');
    list ??= found.list;
  }
  return { certificates: [...certificates.values()], list };
}

/** @throws RefusedError for a file that holds neither, or anything that can't be read */
function readSigned(bytes: Buffer, name: string): FromRoot {
  if (bytes.includes('PRIVATE KEY-----'))
    throw new RefusedError(`${name} holds a private key, which nobody needs here.`);
  try {
    const [hasList, hasCertificates] = contentOf(bytes);
    if (!hasList && !hasCertificates)
      throw new RefusedError(`${name} holds neither a certificate nor a revocation list.`);
    return {
      certificates: hasCertificates ? parseCertificates(bytes) : [],
      list: hasList ? parseRevocationList(bytes, name) : null,
    };
  } catch (error) {
    if (error instanceof CertificateError || error instanceof RevocationListError || error instanceof PemError) {
      throw new RefusedError(`${name}: ${error.message}`);
    }
    throw error;
  }
}

/** Whether there is a revocation list in a file, and whether there are certificates. DER says of itself what it is. */
function contentOf(bytes: Buffer): readonly [boolean, boolean] {
  // Without any label of PEM only DER gives a document.
  const isDer = readDerOrPem(bytes).length === 1;
  if (isDer) return isList(bytes) ? [true, false] : [false, true];
  const text = bytes.toString('latin1');
  return [readPem(text, 'X509 CRL').length > 0, readPem(text, 'CERTIFICATE').length > 0];
}

function isList(der: Buffer): boolean {
  try {
    parseRevocationList(der);
    return true;
  } catch {
    return false;
  }
}

/** What is not the root's is refused, like any other thing that must not be used. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AuthorityError) throw new RefusedError(error.message);
    throw error;
  }
}

function day(time: Date | null): string {
  return time?.toISOString().slice(0, 10) ?? '';
}
