import { join } from 'node:path';
import { listAuthorityCertificates } from '../database/authority-certificates.js';
import type { Queryable } from '../database/connect.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import { wordsOfError } from '../error-words.js';
import { writePem } from '../pki/pem.js';
import type { RevocationList } from '../pki/revocation-list.js';
import { replaceFile } from '../write-file.js';
import { files, hasAuthority, openAuthority, readRevocationList, type AuthorityFolder } from './authority-folder.js';
import { importFromRoot } from './import-from-root.js';
import { LIST_RENEWAL_MS } from './list-terms.js';
import type { OwnAuthorityParts, OwnAuthoritySettings } from './own-authority.js';
import { recoverRevocations } from './recover-revocations.js';
import { revokeAbandonedIntents } from './revoke-unissued.js';
import { openRootFolder, signRootList } from './root-folder.js';
import {
  issuingCertificate,
  newestRootList,
  openKey,
  readStoreAuthority,
  type StoreAuthority,
} from './store-authority.js';
import { renewStoreLists } from './store-lists.js';
import { isTrustFolder, publishStoreTrust, type PublishedTrust } from './trust-folder.js';

/**
 * Keeps the store's own authority in order, for the running gate to call every half a minute: learns again what a database
 * that was set back has forgotten, takes over what the root signed in the folder, signs lists that are due, and puts the
 * newest of everything into the trust folder where that trusts it. Never rejects: what fails is logged and tried again, and
 * keeps nothing else from being done; a root's key that can't be opened must not end the developers' list.
 */
export async function tendOwnAuthority(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      parts.log.warn({ what, reason: wordsOfError(error) }, "the store's own authority could not be kept in order");
      return null;
    }
  };
  const authority = await attempt('read', () => readStoreAuthority(parts.database));
  if (authority === null) return;
  const recovered = await attempt('recover', async () =>
    recoverRevocations(parts, authority, settings).then(() => true),
  );
  await attempt('root', () => tendRoot(parts, authority, settings.authorityDir));
  await attempt('intents', () => revokeAbandonedIntents(parts));
  await renewStoreLists(parts);
  // What could not be understood must not be overwritten: it may be the only place that knows of a revocation.
  if (recovered === true) await attempt('publish', () => publishOwnTrust(parts, settings));
}

/**
 * The same at the start, before anything is decided.
 *
 * @throws where it can't be told whether the database has forgotten anything
 */
export async function tendFirst(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const authority = await readStoreAuthority(parts.database);
  if (authority === null) return;
  await recoverRevocations(parts, authority, settings);
  await tendOwnAuthority(parts, settings);
  // Without it the gate judges and revokes; an operator should hear of it now, and not when somebody waits.
  const { certificate } = issuingCertificate(authority);
  if ((await openKey(parts, certificate)) === null) {
    parts.log.warn({ issuer: certificate.subject }, 'the key that issues certificates is not to be had here');
  }
}

/** Whether the authority in a folder is the store's. */
export async function isFolderOfStore({ certificates }: AuthorityFolder, db: Queryable): Promise<boolean> {
  const own = await listAuthorityCertificates(db);
  return own.some(({ fingerprint }) => fingerprint === certificates.root.fingerprint);
}

/** What the root has signed in the folder, a list or a developers' certificate, goes to Postgres, unless it must not. */
async function tendRoot(parts: OwnAuthorityParts, authority: StoreAuthority, authorityDir: string): Promise<void> {
  if (!(await hasAuthority(authorityDir))) return;
  const folder = await openAuthority(authorityDir);
  if (!(await isFolderOfStore(folder, parts.database))) return;
  await bringRootListHome(parts, authority, folder);
  await renewRootList(parts, folder);
  const list = await readRevocationList(folder, 'root');
  const { developers } = folder.certificates;
  const known = await listAuthorityCertificates(parts.database);
  const isListNew = list !== null && isAfter(list, await newestRootList(parts.database, authority));
  const isCertificateNew = !known.some(({ fingerprint }) => fingerprint === developers.fingerprint);
  if (!isListNew && !isCertificateNew) return;
  await importFromRoot(parts, authorityDir, {
    certificates: isCertificateNew ? [developers] : [],
    list: isListNew ? list : null,
  });
}

/**
 * Another replica, or an import, may have brought a list of the root that the folder here does not have: whatever is signed
 * here next must begin with it, or it would bring back what the root has revoked.
 */
async function bringRootListHome(
  { database }: OwnAuthorityParts,
  authority: StoreAuthority,
  folder: AuthorityFolder,
): Promise<void> {
  const newest = await newestRootList(database, authority);
  if (newest === null || !isAfter(newest, await readRevocationList(folder, 'root'))) return;
  await replaceFile(join(folder.folder, files.revocationList('root')), writePem(newest.der, 'X509 CRL'));
}

function isAfter(list: RevocationList, other: RevocationList | null): boolean {
  return BigInt(list.number ?? '0') > BigInt(other?.number ?? '0');
}

/** The root's list counts for a year; where its key is at hand, it is as fresh as the others. */
async function renewRootList({ issuingKey, now, log }: OwnAuthorityParts, folder: AuthorityFolder): Promise<void> {
  const list = await readRevocationList(folder, 'root');
  const at = now();
  if (list !== null && Math.abs(at.getTime() - list.thisUpdate.getTime()) < LIST_RENEWAL_MS) return;
  const signer = await issuingKey.root();
  if (signer === null) return;
  await signRootList(await openRootFolder(folder.folder), { certificate: folder.certificates.root, signer }, at, null);
  log.info({ tier: 'root' }, 'signed the revocation list anew');
}

/** A gate that never had a trust folder gets one; one that trusts the authority is kept fresh; any other is left alone. */
async function publishOwnTrust({ database }: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const authority = await readStoreAuthority(database);
  if (authority === null) return;
  const lists = await listNewestRevocationLists(database);
  const published: PublishedTrust = {
    root: authority.root,
    developers: authority.developers,
    lists: lists.map(({ tier, issuerKey, der }) => ({ tier, issuerKey, der })),
  };
  // A folder without roots is one from which an operator took them: that stands.
  const mayBegin = !settings.trustDirChosen && !(await isTrustFolder(settings.trustDir));
  await publishStoreTrust(settings.trustDir, published, mayBegin);
}
