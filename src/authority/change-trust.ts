import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { weaknessOf } from '../pki/public-key.js';
import { isRevocationListOf } from '../pki/revocation-list.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { TrustError, emptyTrust, loadTrust } from '../pki/trust.js';
import type { Trust } from '../pki/trust.js';
import { replaceFile } from '../write-file.js';
import { readIfThere } from './authority-folder.js';
import { isIssuedBy } from './expiry.js';
import { hasTrust } from './trust-folder.js';
import { TrustChangeError, asPem, readTrustEntries } from './trust-items.js';
import type { TrustEntry, TrustItem, TrustItemKind } from './trust-items.js';

/** How something is added. */
export interface AdditionOptions {
  /** For roots: by the rules of format 1, as ownCloud's first authority (see rootSettings). */
  readonly legacy: boolean;
  readonly at: Date;
}

/** What was added, and under which name, relative to the folder. */
export interface Addition {
  readonly item: TrustItem;
  readonly name: string;
  /** Whether it is an authority of which the folder has no list to go by. */
  readonly lacksList: boolean;
  /** Other authorities in the folder that bear its name, over other keys. */
  readonly namesakes: readonly Certificate[];
}

/**
 * Adds authorities or a list to a trust folder, which is made where it isn't there: each under a name of its own, whole or not
 * at all. A list takes the place of an earlier one that was added for the same key. A running gate goes by it from its next
 * upload on.
 *
 * @throws TrustChangeError where one of them must not be trusted, is there already, or the folder would be of no use with it;
 *   then nothing has changed
 */
export async function addToTrust(
  folder: string,
  items: readonly TrustItem[],
  options: AdditionOptions,
): Promise<readonly Addition[]> {
  const before = (await hasTrust(folder)) ? await load(folder) : emptyTrust;
  const authorities = [
    ...before.roots.map(({ certificate }) => certificate),
    ...before.intermediates,
    ...items.flatMap((item) => (item.kind === 'list' ? [] : [item.certificate])),
  ];
  for (const item of items) judge(item, before, authorities, options.at);
  const lists = [...before.revocationLists, ...items.flatMap((item) => (item.kind === 'list' ? [item.list] : []))];
  // Roots first, since without one a folder is not used at all.
  const order: readonly TrustItemKind[] = ['root', 'intermediate', 'list'];
  const additions = [...items]
    .sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind))
    .map((item) => ({
      item,
      name: fileName(item, authorities, options.legacy),
      lacksList: item.kind !== 'list' && !lists.some((list) => isUsableListOf(list, item.certificate, options.at)),
      namesakes: item.kind === 'list' ? [] : authorities.filter((each) => isNamesake(each, item.certificate)),
    }));
  await changeFiles(
    folder,
    additions.map(({ item, name }) => ({ name, content: asPem(item) })),
  );
  return additions;
}

function isUsableListOf(list: RevocationList, issuer: Certificate, at: Date): boolean {
  return list.thisUpdate <= at && isRevocationListOf(list, issuer);
}

function isNamesake(one: Certificate, other: Certificate): boolean {
  return one.subjectId === other.subjectId && one.publicKeyFingerprint !== other.publicKeyFingerprint;
}

function judge(item: TrustItem, before: Trust, authorities: readonly Certificate[], at: Date): void {
  if (item.kind === 'list') judgeList(item.list, before, authorities, at);
  else judgeAuthority(item, before, authorities);
}

function judgeAuthority(
  { kind, certificate }: Exclude<TrustItem, { kind: 'list' }>,
  before: Trust,
  authorities: readonly Certificate[],
): void {
  const { subject, fingerprint, basicConstraints, keyUsage, unknownCriticalExtensions } = certificate;
  const known = [...before.roots.map((root) => root.certificate), ...before.intermediates];
  if (known.some((each) => each.fingerprint === fingerprint))
    throw new TrustChangeError(`${subject} is trusted already.`);
  if (basicConstraints?.ca !== true) throw new TrustChangeError(`${subject} is no authority (CA:TRUE).`);
  if (keyUsage !== null && !keyUsage.has('keyCertSign')) {
    throw new TrustChangeError(`${subject} may not sign certificates (keyCertSign).`);
  }
  if (unknownCriticalExtensions.length > 0) {
    throw new TrustChangeError(
      `${subject} has critical extensions that are not known: ${unknownCriticalExtensions.join(', ')}.`,
    );
  }
  const weakness = weaknessOf(certificate);
  if (weakness !== null) throw new TrustChangeError(`${subject} must not be trusted: ${weakness}.`);
  if (kind === 'intermediate' && !authorities.some((issuer) => isIssuedBy(certificate, issuer))) {
    throw new TrustChangeError(
      `${subject} was not issued by an authority that is trusted; add ${certificate.issuer} first.`,
    );
  }
}

function judgeList(list: RevocationList, before: Trust, authorities: readonly Certificate[], at: Date): void {
  const issuer = authorities.find((authority) => isRevocationListOf(list, authority));
  if (issuer === undefined) throw new TrustChangeError(`No authority that is trusted signed it (${list.issuer}).`);
  if (list.thisUpdate > at) throw new TrustChangeError(`It is dated in the future: ${list.thisUpdate.toISOString()}.`);
  const others = before.revocationLists.filter((each) => isRevocationListOf(each, issuer));
  if (others.some(({ der }) => der.equals(list.der))) throw new TrustChangeError('It is there already.');
  const newer = others.find((other) => !isAfter(list, other));
  if (newer !== undefined) {
    const [made, known] = [list, newer].map(
      ({ thisUpdate, number }) => `${thisUpdate.toISOString()}, number ${number ?? 'none'}`,
    );
    throw new TrustChangeError(`It is older (${made}) than ${newer.file ?? 'the one'} that is there (${known}).`);
  }
}

/** Of two lists of the same second the number tells which came later (RFC 5280 §5.2.3); one without a number came before. */
function isAfter(list: RevocationList, other: RevocationList): boolean {
  const difference = list.thisUpdate.getTime() - other.thisUpdate.getTime();
  return difference === 0 ? BigInt(list.number ?? -1) > BigInt(other.number ?? -1) : difference > 0;
}

/** A name of letters that mean nothing to anybody but people, and never one by which a root would become legacy unasked. */
function fileName(item: TrustItem, authorities: readonly Certificate[], legacy: boolean): string {
  if (item.kind === 'list') {
    const issuer = authorities.find((authority) => isRevocationListOf(item.list, authority));
    return `crl/list-${slug(issuer)}-${issuer?.publicKeyFingerprint.slice(0, 16) ?? ''}.crl`;
  }
  const name = `${slug(item.certificate)}-${item.certificate.fingerprint.slice(0, 16)}.crt`;
  if (item.kind === 'intermediate') return `intermediates/authority-${name}`;
  return `roots/${legacy ? 'root-g1' : 'authority'}-${name}`;
}

function slug(certificate: Certificate | undefined): string {
  const [name = ''] = certificate?.commonNames ?? [];
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return plain.slice(0, 40).replace(/^-+|-+$/g, '') || 'unnamed';
}

/** Where the store's own authority lies, and whether the operator insists. */
export interface RemovalOptions {
  readonly authorityFolder: string;
  readonly force: boolean;
}

/**
 * Removes a file from a trust folder. A running gate goes by it from its next upload on.
 *
 * @throws TrustChangeError for the last root and for what is the store's own authority, unless forced; and where the folder
 *   would be of no use without it: then nothing has changed
 */
export async function removeFromTrust(folder: string, entry: TrustEntry, options: RemovalOptions): Promise<void> {
  const rest = (await readTrustEntries(folder)).filter(({ name }) => name !== entry.name);
  const isLastRoot =
    entry.name.startsWith('roots/') && !rest.some(({ items }) => items.some(({ kind }) => kind === 'root'));
  if (!options.force) {
    if (isLastRoot) {
      throw new TrustChangeError(
        'It holds the last root: without one the gate starts no more and accepts nothing (--force).',
      );
    }
    if (await isOwn(entry, options.authorityFolder)) {
      throw new TrustChangeError(
        "It is of the store's own authority, and uploads that it signed would be refused (--force).",
      );
    }
  }
  if (isLastRoot) await rm(join(folder, entry.name));
  else await changeFiles(folder, [{ name: entry.name, content: null }]);
}

async function isOwn({ name, items }: TrustEntry, authorityFolder: string): Promise<boolean> {
  if (/^[a-z]+\/portcullis-/.test(name)) return true;
  const own = await ownCertificates(authorityFolder);
  return items.some((item) =>
    item.kind === 'list'
      ? own.some((each) => isRevocationListOf(item.list, each))
      : own.some(({ publicKeyFingerprint }) => publicKeyFingerprint === item.certificate.publicKeyFingerprint),
  );
}

async function ownCertificates(authorityFolder: string): Promise<readonly Certificate[]> {
  const names = await readdir(authorityFolder).catch(() => []);
  const certificates = await Promise.allSettled(
    names
      .filter((name) => name.endsWith('.crt'))
      .map(async (name) => parseCertificate(await readFile(join(authorityFolder, name)))),
  );
  return certificates.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

interface FileChange {
  readonly name: string;
  /** Null removes it. */
  readonly content: string | null;
}

/** Changes files, sees whether the folder can still be used, and takes all back where it can't. */
async function changeFiles(folder: string, changes: readonly FileChange[]): Promise<void> {
  const undo: FileChange[] = [];
  try {
    for (const part of ['roots', 'intermediates', 'crl']) await mkdir(join(folder, part), { recursive: true });
    for (const change of changes) {
      const before = await readIfThere(join(folder, change.name));
      undo.unshift({ name: change.name, content: before?.toString('latin1') ?? null });
      await write(folder, change);
    }
    await load(folder);
  } catch (error) {
    for (const change of undo) await write(folder, change);
    throw error;
  }
}

async function write(folder: string, { name, content }: FileChange): Promise<void> {
  if (content === null) await rm(join(folder, name), { force: true });
  else await replaceFile(join(folder, name), Buffer.from(content, 'latin1'));
}

async function load(folder: string): Promise<Trust> {
  try {
    return await loadTrust(folder);
  } catch (error) {
    if (error instanceof TrustError) throw new TrustChangeError(error.message, { cause: error });
    throw error;
  }
}
