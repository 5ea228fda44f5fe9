import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../error-words.js';
import { parseCertificate } from '../pki/certificate.js';
import type { Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import { replaceFile } from '../write-file.js';
import { files, readIfThere, tiers } from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';

/** Where an authority lies, and where it is made known. */
type Places = Pick<AuthorityFolder, 'folder' | 'trustFolder'>;

/**
 * How an authority's files are called in a trust folder: by names that no other authority's have there. ownCloud's own
 * trust folder, which an operator may well put in this one's place, has a `crl/developers.crl` too.
 */
const published = {
  root: join('roots', 'portcullis-root.crt'),
  developers: join('intermediates', 'portcullis-developers.crt'),
  revocationList: (tier: Tier) => join('crl', `portcullis-${tier}.crl`),
} as const;

/**
 * Makes an authority trusted: its certificates and revocation lists, laid out as loadTrust reads them. The root comes
 * last, and without a root a trust folder is not used at all: so one that was left half-made is never believed.
 */
export async function publishTrust(authority: Places): Promise<void> {
  const { trustFolder } = authority;
  for (const part of ['crl', 'intermediates', 'roots']) await mkdir(join(trustFolder, part), { recursive: true });
  await writeRevocationLists(authority);
  await publish(authority, files.certificate('developers'), published.developers);
  await publish(authority, files.certificate('root'), published.root);
}

/**
 * Puts the newest revocation lists into the trust folder; nothing is written where they are there already.
 *
 * @returns false where the folder does not trust this authority, whose lists have no business there then
 */
export async function publishRevocationLists(authority: Places, which: readonly Tier[] = tiers): Promise<boolean> {
  const { trustFolder } = authority;
  if (!(await isTrusted(authority))) return false;
  await mkdir(join(trustFolder, 'crl'), { recursive: true });
  await writeRevocationLists(authority, which);
  return true;
}

/**
 * Puts the developers' certificate that is in use into the trust folder, in place of an earlier one over the same key.
 * Nothing happens where there is no trust folder, or one that does not trust this authority.
 */
export async function publishDevelopersCertificate(authority: {
  readonly folder: string;
  readonly trustFolder: string | null;
}): Promise<void> {
  const { folder, trustFolder } = authority;
  if (trustFolder === null || !(await isTrusted({ folder, trustFolder }))) return;
  const target = await readIfThere(join(trustFolder, published.developers));
  const current = await readIfThere(join(folder, files.certificate('developers')));
  if (target === null || current === null) return;
  const [before, now] = [parseCertificate(target), parseCertificate(current)];
  // What was issued below another key would not be believed any more.
  if (before.publicKeyFingerprint !== now.publicKeyFingerprint) return;
  await publish({ folder, trustFolder }, files.certificate('developers'), published.developers);
}

/** Whether there is a place for roots in a folder, be it empty: then somebody has decided whom to trust, nobody perhaps. */
export async function isTrustFolder(trustFolder: string): Promise<boolean> {
  return (await namesIn(join(trustFolder, 'roots'))) !== null;
}

/** The lists that an authority has published in a trust folder, as they lie there. */
export async function readPublishedLists(trustFolder: string): Promise<readonly Buffer[]> {
  const names = (await namesIn(join(trustFolder, 'crl'))) ?? [];
  const ours = names.filter((name) => /^portcullis-(root|developers(-\d+)?)\.crl$/.test(name)).sort();
  const contents = await Promise.all(ours.map((name) => readIfThere(join(trustFolder, 'crl', name))));
  return contents.filter((content) => content !== null);
}

async function namesIn(folder: string): Promise<readonly string[] | null> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  });
}

/** Whether a folder says whom to trust: whether there is anything in its `roots`. */
export async function hasTrust(trustFolder: string): Promise<boolean> {
  return ((await namesIn(join(trustFolder, 'roots'))) ?? []).some((name) => name.endsWith('.crt'));
}

async function isTrusted({ folder, trustFolder }: Places): Promise<boolean> {
  const root = await readIfThere(join(folder, files.certificate('root')));
  const trusted = await readIfThere(join(trustFolder, published.root));
  return root !== null && trusted?.equals(root) === true;
}

async function writeRevocationLists(authority: Places, which: readonly Tier[] = tiers): Promise<void> {
  for (const tier of which) await publish(authority, files.revocationList(tier), published.revocationList(tier));
}

async function publish({ folder, trustFolder }: Places, name: string, place: string): Promise<void> {
  const content = await readIfThere(join(folder, name));
  const target = join(trustFolder, place);
  if (content !== null) await write(target, content);
}

/** What an authority makes known of itself; the newest list of each of its keys. */
export interface PublishedTrust {
  readonly root: Certificate;
  readonly developers: readonly { readonly certificate: Certificate; readonly generation: number }[];
  readonly lists: readonly { readonly tier: Tier; readonly issuerKey: string; readonly der: Buffer }[];
}

/**
 * Puts what an authority makes known into a trust folder that trusts it, and where `mayBegin` says so into one that
 * trusts nobody yet. The root comes last. Nothing is written that is there already.
 */
export async function publishStoreTrust(
  trustFolder: string,
  { root, developers, lists }: PublishedTrust,
  mayBegin: boolean,
): Promise<void> {
  const rootPem = Buffer.from(writePem(root.der, 'CERTIFICATE'));
  const trusted = await readIfThere(join(trustFolder, published.root));
  if (!mayBegin && trusted?.equals(rootPem) !== true) return;
  for (const part of ['crl', 'intermediates', 'roots']) await mkdir(join(trustFolder, part), { recursive: true });
  for (const { tier, issuerKey, der } of lists) {
    const generation = developers.find(({ certificate }) => certificate.publicKeyFingerprint === issuerKey)?.generation;
    const place = numbered(published.revocationList(tier), generation ?? 1);
    await write(join(trustFolder, place), Buffer.from(writePem(der, 'X509 CRL')));
  }
  // The last over a key is the one that ends last, and stands in the file.
  for (const [generation, { certificate }] of new Map(developers.map((each) => [each.generation, each]))) {
    const place = numbered(published.developers, generation);
    await write(join(trustFolder, place), Buffer.from(writePem(certificate.der, 'CERTIFICATE')));
  }
  await write(join(trustFolder, published.root), rootPem);
}

/** The file of a later key: `portcullis-developers-2.crt`. */
function numbered(place: string, generation: number): string {
  return generation === 1 ? place : place.replace(/(\.\w+)$/, `-${generation}$1`);
}

async function write(target: string, content: Buffer): Promise<void> {
  if ((await readIfThere(target))?.equals(content) !== true) await replaceFile(target, content);
}
