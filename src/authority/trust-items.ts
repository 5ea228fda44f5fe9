import { createHash } from 'node:crypto';
import { CertificateError, isSelfSigned, parseCertificates } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { RevocationListError, parseRevocationList } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { listTrustFiles, readTrustFile } from '../pki/trust-folder.js';
import type { TrustFile } from '../pki/trust-folder.js';

/** What a file of a trust folder is. */
export type TrustItemKind = 'root' | 'intermediate' | 'list';

/** One certificate or list that is, or may become, part of a trust folder. */
export type TrustItem =
  | { readonly kind: 'root' | 'intermediate'; readonly certificate: Certificate }
  | { readonly kind: 'list'; readonly list: RevocationList };

/** What was asked of a trust folder must not be done. The message is a sentence for operators. */
export class TrustChangeError extends Error {
  override readonly name = 'TrustChangeError';
}

/** SHA-256 of the DER, lower-case hex: what names an item beyond doubt. */
export function fingerprintOf(item: TrustItem): string {
  return item.kind === 'list' ? createHash('sha256').update(item.list.der).digest('hex') : item.certificate.fingerprint;
}

/**
 * Reads what somebody wants to be trusted: certificates of authorities, in PEM or DER, or one revocation list. A file that
 * holds a private key is refused, whatever else is in it: it was named by mistake, and the key would get around.
 *
 * @throws TrustChangeError saying what it is not
 */
export function readTrustItems(bytes: Buffer): readonly TrustItem[] {
  if (/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(bytes.toString('latin1'))) {
    throw new TrustChangeError('It holds a private key, which has no business in a trust folder.');
  }
  const certificates = attempt(() => parseCertificates(bytes));
  if (!(certificates instanceof Error)) return certificates.map(asItem);
  const list = attempt(() => parseRevocationList(bytes));
  if (!(list instanceof Error)) return [{ kind: 'list', list }];
  throw new TrustChangeError(
    `It is neither a certificate nor a revocation list: ${reasonAmong(bytes, certificates, list)}`,
  );
}

function reasonAmong(bytes: Buffer, asCertificates: Error, asList: Error): string {
  return bytes.includes('BEGIN X509 CRL') ? asList.message : asCertificates.message;
}

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    if (error instanceof CertificateError || error instanceof RevocationListError) return error;
    throw error;
  }
}

function asItem(certificate: Certificate): TrustItem {
  return { kind: isSelfSigned(certificate) ? 'root' : 'intermediate', certificate };
}

/** An item as it stands in a file, and nothing beside it. */
export function asPem(item: TrustItem): string {
  return item.kind === 'list' ? writePem(item.list.der, 'X509 CRL') : writePem(item.certificate.der, 'CERTIFICATE');
}

/** A file of a trust folder, and what it holds; or why it is of no use. */
export interface TrustEntry {
  readonly name: string;
  readonly items: readonly TrustItem[];
  readonly problem: string | null;
}

/** Everything in a trust folder but its settings, also of one that can't be used as it is. @throws TrustChangeError where there is none */
export async function readTrustEntries(folder: string): Promise<readonly TrustEntry[]> {
  const files = await listTrustFiles(folder).catch((error: unknown) => {
    throw new TrustChangeError(error instanceof Error ? error.message : 'It can not be read.', { cause: error });
  });
  return Promise.all(files.filter(({ part }) => part !== 'settings').map(readEntry));
}

async function readEntry(file: TrustFile): Promise<TrustEntry> {
  const entry = { name: file.label, items: [], problem: null };
  try {
    const bytes = await readTrustFile(file);
    if (file.part === 'crl')
      return { ...entry, items: [{ kind: 'list', list: parseRevocationList(bytes, file.label) }] };
    return { ...entry, items: parseCertificates(bytes).map(asItem) };
  } catch (error) {
    return { ...entry, problem: error instanceof Error ? error.message : 'It can not be read.' };
  }
}

/**
 * Finds the one file that is meant: by its name, with or without its folder, by the SHA-256 of what it holds, or by whose
 * certificate it holds; where there is none, by whose list.
 *
 * @throws TrustChangeError where there is none, or more than one
 */
export function findTrustEntry(entries: readonly TrustEntry[], wanted: string): TrustEntry {
  const fingerprint = wanted.replaceAll(':', '').toLowerCase();
  const ways: readonly ((entry: TrustEntry) => boolean)[] = [
    ({ name }) => name === wanted || name.slice(name.indexOf('/') + 1) === wanted,
    ({ items }) => items.some((item) => fingerprintOf(item) === fingerprint),
    ({ items }) => items.some((item) => item.kind !== 'list' && item.certificate.subject === wanted),
    ({ items }) => items.some((item) => item.kind === 'list' && item.list.issuer === wanted),
  ];
  const found = ways.map((isMeant) => entries.filter(isMeant)).find(({ length }) => length > 0) ?? [];
  const [entry, ...others] = found;
  if (entry === undefined) {
    throw new TrustChangeError(
      `There is no ${wanted} in the trust folder: name it by its file, its name or its SHA-256, as it is listed.`,
    );
  }
  if (others.length > 0) {
    throw new TrustChangeError(
      `${wanted} may be any of ${found.map(({ name }) => name).join(', ')}; name one of them.`,
    );
  }
  return entry;
}
