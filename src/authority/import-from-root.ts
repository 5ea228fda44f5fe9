import { join } from 'node:path';
import { ensureSystemAccount } from '../accounts/system-account.js';
import { appendAuditEntry } from '../database/audit-log.js';
import { beginAuthorityChange } from '../database/authority-state.js';
import { inTransaction, type Queryable, type Transaction } from '../database/connect.js';
import type { Certificate } from '../pki/certificate.js';
import { writePem } from '../pki/pem.js';
import type { Revocation, RevocationList } from '../pki/revocation-list.js';
import { replaceFile } from '../write-file.js';
import { addAuthorityCertificate, addRevocationList } from './adopt-authority.js';
import { files, hasAuthority } from './authority-folder.js';
import type { AuthorityParts } from './authority-parts.js';
import { refuseIntermediate, refuseRootList, type RevokedInFolder } from './judge-import.js';
import { withLock } from './lock.js';
import { keepIntermediate } from './renew-intermediate.js';
import { leavesKeyUsable, mergeRevocations } from './revocation-reasons.js';
import {
  openRootFolder,
  readIntermediateKeys,
  readIntermediateRevocations,
  readIntermediates,
  readRootList,
} from './root-folder.js';
import { newestRootList, requireStoreAuthority, type StoreAuthority } from './store-authority.js';

/** What was signed with the root's key, on another machine. */
export interface FromRoot {
  readonly certificates: readonly Certificate[];
  readonly list: RevocationList | null;
}

/**
 * Takes over what the root signed on another machine: certificates of the developers' tier, and the root's list. All of it or
 * nothing, in one change of the authority. Where the authority's folder is here, it has the same then.
 *
 * @param authorityDir the folder of the store's authority, if there is one
 * @returns what of it the store did not have yet
 * @throws AuthorityError for what is not the root's, or what would undo something the root said before; RequestError
 *   `NO_AUTHORITY`
 */
export async function importFromRoot(
  { database, now }: Pick<AuthorityParts, 'database' | 'now'>,
  authorityDir: string,
  given: FromRoot,
): Promise<FromRoot> {
  const at = now();
  const inFolder = await readFolderRevocations(authorityDir, await requireStoreAuthority(database), given);
  const wanted = await selectNew(database, given, inFolder, at);
  // The folder first: what is only there is taken over from it; what was only in the database, the next list that is
  // signed in the folder would not know, and would undo.
  await keepInFolder(authorityDir, wanted);
  return inTransaction(database, async (tx) => {
    const change = await beginAuthorityChange(tx);
    const { certificates, list } = await selectNew(tx, given, inFolder, at);
    const authority = await requireStoreAuthority(tx);
    const before = await newestRootList(tx, authority);
    for (const certificate of certificates) await addAuthorityCertificate(tx, 'developers', certificate, at);
    if (list !== null) await addRevocationList(tx, 'root', authority.root, list, change);
    await recordImport(tx, { certificates, list }, before);
    return { certificates, list };
  });
}

/** Writes down what changes verdicts: a list that only says for longer what the last one said does not. */
async function recordImport(
  tx: Transaction,
  { certificates, list }: FromRoot,
  before: RevocationList | null,
): Promise<void> {
  const known = new Set(before?.revoked.keys());
  const revoked = [...(list?.revoked.keys() ?? [])].filter((serial) => !known.has(serial));
  if (certificates.length === 0 && revoked.length === 0) return;
  await appendAuditEntry(tx, {
    kind: 'authority-imported',
    accountId: (await ensureSystemAccount(tx)).id,
    appId: null,
    subject: { type: 'store', id: 'authority' },
    reason: 'Signed by the root.',
    after: { developers: certificates.map(({ fingerprint }) => fingerprint), list: list?.number ?? null, revoked },
  });
}

/** What of it the store does not have yet; all of it is judged, also by what the authority's folder says was revoked. */
async function selectNew(
  db: Queryable,
  { certificates, list }: FromRoot,
  folder: RevokedInFolder,
  at: Date,
): Promise<FromRoot> {
  const authority = await requireStoreAuthority(db);
  const newest = await newestRootList(db, authority);
  const isListNew = list !== null && !list.der.equals(newest?.der ?? Buffer.alloc(0));
  const developers = authority.developers.map(({ certificate }) => certificate);
  const known = new Set(developers.map(({ fingerprint }) => fingerprint));
  const fresh = certificates.filter(({ fingerprint }) => !known.has(fingerprint));
  if (isListNew) {
    refuseRootList(list, authority.root, { newest, folder, developers: [...developers, ...fresh] }, at);
  }
  const listed = (isListNew ? list : newest)?.revoked ?? new Map<string, Revocation>();
  const revoked = new Map(mergeRevocations([...listed, ...folder.revoked], []).map((each) => [each.serial, each]));
  for (const [index, certificate] of fresh.entries()) {
    const others = [...developers, ...fresh.slice(0, index)];
    refuseIntermediate(certificate, authority.root, others, { revoked, lostKeys: folder.lostKeys }, at);
  }
  return { certificates: fresh, list: isListNew ? list : null };
}

/** What the root has revoked in its folder on this machine; nothing where there is no such folder, or another root's. */
async function readFolderRevocations(
  authorityDir: string,
  { root }: StoreAuthority,
  { certificates, list }: FromRoot,
): Promise<RevokedInFolder> {
  const nothing = { revoked: new Map(), lostKeys: new Set<string>() };
  if (!(await hasAuthority(authorityDir))) return nothing;
  const folder = await openRootFolder(authorityDir);
  if (folder.root.fingerprint !== root.fingerprint) return nothing;
  // A list before the folder's own undoes nothing: that one is taken over after it. So a database that was set back catches up.
  const own = await readRootList(folder);
  if (certificates.length === 0 && list !== null && BigInt(own?.number ?? '0') > BigInt(list.number ?? '0'))
    return nothing;
  const revoked = new Map((await readIntermediateRevocations(folder)).map((each) => [each.serial, each]));
  // The store need not have every certificate over a key; the folder's ledger does.
  const lost = (await readIntermediateKeys(folder)).filter(({ serial }) => {
    const revocation = revoked.get(serial);
    return revocation !== undefined && !leavesKeyUsable(revocation.reason);
  });
  return { revoked, lostKeys: new Set(lost.map(({ publicKeyFingerprint }) => publicKeyFingerprint)) };
}

/** Puts it where the root's own commands on this machine would have. */
async function keepInFolder(authorityDir: string, { certificates, list }: FromRoot): Promise<void> {
  if (!(await hasAuthority(authorityDir))) return;
  await withLock(join(authorityDir, files.lock), async () => {
    for (const certificate of certificates) {
      const folder = await openRootFolder(authorityDir);
      const isThere = (await readIntermediates(folder)).some((each) => each.fingerprint === certificate.fingerprint);
      if (!isThere) await keepIntermediate(folder, certificate);
    }
    if (list === null) return;
    const before = await readRootList(await openRootFolder(authorityDir));
    if (before !== null && BigInt(before.number ?? '0') >= BigInt(list.number ?? '0')) return;
    await replaceFile(join(authorityDir, files.revocationList('root')), writePem(list.der, 'X509 CRL'));
  });
}
