import { randomBytes } from 'node:crypto';
import { listAuthorityCertificates } from '../database/authority-certificates.js';
import { inTransaction } from '../database/connect.js';
import { listNewestRevocationLists } from '../database/revocation-lists.js';
import { wordsOfError } from '../error-words.js';
import { adoptAuthority } from './adopt-authority.js';
import { hasAuthority, openAuthority, readRevocationList, type AuthorityFolder } from './authority-folder.js';
import type { AuthorityParts } from './authority-parts.js';
import { createAuthorityFolder } from './create-authority.js';
import { handOverLedger } from './file-ledger.js';
import { importFromRoot } from './import-from-root.js';
import type { AuthorityKeys, AuthorityKeySettings } from './issuing-key.js';
import { LIST_RENEWAL_MS } from './list-terms.js';
import { openRootFolder, signRootList } from './root-folder.js';
import { readStoreAuthority } from './store-authority.js';
import { renewStoreLists } from './store-lists.js';
import { hasTrust, publishStoreTrust, type PublishedTrust } from './trust-folder.js';

export const DEFAULT_AUTHORITY_NAME = 'Portcullis';

/** Where the authority of a store lies, and who trusts it; the gate's Config is one. */
export interface OwnAuthoritySettings extends AuthorityKeySettings {
  readonly trustDir: string;
  /** Whether the operator named the trust folder: then nothing is made in it. */
  readonly trustDirChosen: boolean;
}

/** What the store's own authority needs, the root's key included where it is here. */
export interface OwnAuthorityParts extends AuthorityParts {
  readonly issuingKey: AuthorityKeys;
}

/** Two gates that start for the first time at once make one authority. Nothing else uses the number. */
const FIRST_START_LOCK = 7_283_602;

/**
 * Sees to the store's own authority at the start: one that lies in its folder is adopted into Postgres; where there is
 * neither an authority nor a trust folder, one is made, so that a newcomer can get a certificate and sign at once. A replica
 * without the folder shares what Postgres has.
 *
 * @throws AuthorityError where there is something in the authority's place that is none, or another than the store's
 */
export async function ensureOwnAuthority(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const { database } = parts;
  await inTransaction(database, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [FIRST_START_LOCK]);
    if ((await readStoreAuthority(database)) === null && !(await hasAuthority(settings.authorityDir))) {
      if (settings.trustDirChosen || (await hasTrust(settings.trustDir))) return;
      await makeAuthority(parts, settings);
    }
    if (await hasAuthority(settings.authorityDir)) await adopt(parts, settings.authorityDir);
  });
  await tendOwnAuthority(parts, settings);
}

async function makeAuthority(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const { authorityDir, trustDir, authorityPassphrase, vault } = settings;
  const made = await createAuthorityFolder({
    folder: authorityDir,
    trustFolder: trustDir,
    name: DEFAULT_AUTHORITY_NAME,
    keyKind: 'ec-p384',
    passphrase: authorityPassphrase,
    developersSigner: vault === null ? null : await parts.issuingKey.signer(),
    baseUrl: parts.baseUrl,
    now: parts.now(),
    randomBytes,
    warn: (message) => parts.log.warn({}, message),
  });
  if (made) parts.log.info({ authorityDir, trustDir }, 'made an authority of its own, since there was no trust folder');
}

/** Takes over what the folder's own ledger says, and says in the folder that from now on the store's counts. */
async function adopt({ database, now, log }: OwnAuthorityParts, authorityDir: string): Promise<void> {
  const folder = await openAuthority(authorityDir);
  const adopted = await handOverLedger(folder, async (events) => adoptAuthority(database, folder, events, now()));
  if (adopted) log.info({ authorityDir }, 'adopted the authority: from now on its ledger is in the database');
  else if (!(await isOfStore(folder, database))) {
    // What was revoked since is known there alone: without it this authority must not be the store's.
    const remedy = 'go back to that database, or move the folder away and make a new authority';
    log.warn(
      { authorityDir, remedy },
      'the ledger of this authority is in another database, so it does not issue here',
    );
  }
}

/** False for a folder that another database adopted. */
async function isOfStore({ certificates }: AuthorityFolder, database: OwnAuthorityParts['database']): Promise<boolean> {
  const own = await listAuthorityCertificates(database);
  return own.some(({ fingerprint }) => fingerprint === certificates.root.fingerprint);
}

/**
 * Keeps the store's own authority in order, for the running gate to call every half a minute: signs lists that are due, takes
 * over what the root signed in the folder, and puts the newest of everything into the trust folder where that trusts it.
 * Never rejects: what fails is logged and tried again.
 */
export async function tendOwnAuthority(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  try {
    if ((await readStoreAuthority(parts.database)) === null) return;
    await tendRoot(parts, settings.authorityDir);
    await renewStoreLists(parts);
    await publishOwnTrust(parts, settings);
  } catch (error) {
    parts.log.warn({ reason: wordsOfError(error) }, "the store's own authority could not be kept in order");
  }
}

/** What the root has signed in the folder, a list or a developers' certificate, goes to Postgres, unless it must not. */
async function tendRoot(parts: OwnAuthorityParts, authorityDir: string): Promise<void> {
  if (!(await hasAuthority(authorityDir))) return;
  const folder = await openAuthority(authorityDir);
  if (!(await isOfStore(folder, parts.database))) return;
  await renewRootList(parts, folder);
  const list = await readRevocationList(folder, 'root');
  const { root, developers } = folder.certificates;
  const known = await listAuthorityCertificates(parts.database);
  const lists = await listNewestRevocationLists(parts.database);
  const newest = lists.find(({ issuerKey }) => issuerKey === root.publicKeyFingerprint);
  const isListNew = list !== null && BigInt(list.number ?? '0') > BigInt(newest?.number ?? '0');
  const isCertificateNew = !known.some(({ fingerprint }) => fingerprint === developers.fingerprint);
  if (!isListNew && !isCertificateNew) return;
  await importFromRoot(parts, authorityDir, {
    certificates: isCertificateNew ? [developers] : [],
    list: isListNew ? list : null,
  });
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

/** A trust folder of the gate's own, that trusts nobody yet, learns of the authority; one that trusts it is kept fresh. */
async function publishOwnTrust({ database }: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const authority = await readStoreAuthority(database);
  if (authority === null) return;
  const lists = await listNewestRevocationLists(database);
  const published: PublishedTrust = {
    root: authority.root,
    developers: authority.developers,
    lists: lists.map(({ tier, issuerKey, der }) => ({ tier, issuerKey, der })),
  };
  const mayBegin = !settings.trustDirChosen && !(await hasTrust(settings.trustDir));
  await publishStoreTrust(settings.trustDir, published, mayBegin);
}
