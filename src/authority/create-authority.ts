import { lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Certificate } from '../pki/certificate.js';
import { issueCertificate, issueRoot } from '../pki/issue.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { generateKeyPair, writePrivateKey } from '../pki/keys.js';
import type { KeyKind } from '../pki/keys.js';
import { writePem } from '../pki/pem.js';
import { intermediateProfile } from '../pki/profiles.js';
import { hasCode } from '../error-words.js';
import { createFile } from '../write-file.js';
import { AuthorityError, files, hasAuthority, openAuthority, tiers, writeDescription } from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';
import { issueTierList } from './revocation-lists.js';
import { hasTrust, publishTrust } from './trust-folder.js';

export interface NewAuthority extends IssueContext {
  readonly folder: string;
  /** Where it is made known; it must not hold another trust. */
  readonly trustFolder: string;
  /** Begins the names of both tiers: `NAME Root`, `NAME Developers`. */
  readonly name: string;
  readonly keyKind: KeyKind;
}

/**
 * Makes an authority of two tiers, root and developers, each with its first revocation list, and a trust folder that
 * believes it.
 *
 * @throws AuthorityError where either folder is in use already
 */
export async function createAuthority(input: NewAuthority): Promise<AuthorityFolder> {
  const { folder, trustFolder } = input;
  if (await hasAuthority(folder))
    throw new AuthorityError(`There is an authority in ${folder} already; portcullis ca issue issues from it.`);
  if (await hasTrust(trustFolder)) {
    throw new AuthorityError(`${trustFolder} trusts others already; name another folder with --trust.`);
  }
  if (!(await createAuthorityFolder(input))) throw new AuthorityError(`${folder} is not empty.`);
  const authority = await openAuthority(folder);
  await publishTrust(authority);
  return authority;
}

/**
 * Makes the authority in a folder beside the one it is for, and moves it there when it is whole: what is under the name
 * is never half an authority, and of two processes at once one makes it.
 *
 * @returns false where the folder was not free any more, and then nothing has changed
 */
export async function createAuthorityFolder(input: NewAuthority): Promise<boolean> {
  const { folder } = input;
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(draftPrefix(folder));
  try {
    await sweepDrafts(folder, draft);
    await writeAuthority(draft, input);
    await rename(draft, folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM')) return false;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Drafts of processes that were killed are swept after this long; making an authority takes seconds. */
const OLD_DRAFT_MS = 60 * 60_000;

function draftPrefix(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}-unfinished-`);
}

/**
 * Removes what processes that were killed while they made this authority have left behind: keys that nothing ever used.
 *
 * @param fresh a draft made just now: its time is that of the clock by which the file system dates the others
 */
async function sweepDrafts(folder: string, fresh: string): Promise<void> {
  const now = (await lstat(fresh)).mtimeMs;
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    if (!path.startsWith(draftPrefix(folder))) continue;
    // Gone since: somebody else has swept it, or finished.
    const status = await lstat(path).catch(() => null);
    if (status?.isDirectory() !== true || now - status.mtimeMs < OLD_DRAFT_MS) continue;
    // One that can't be removed, being another account's, is no reason to do without an authority.
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeAuthority(draft: string, input: NewAuthority): Promise<void> {
  const { folder, trustFolder, name, keyKind, now, randomBytes } = input;
  const context = { now, randomBytes };
  const [rootKeys, developerKeys] = await Promise.all([generateKeyPair(keyKind), generateKeyPair(keyKind)]);
  const root: Authority = {
    certificate: issueRoot({ subject: { commonName: `${name} Root` }, keys: rootKeys, ...context }),
    privateKey: rootKeys.privateKey,
  };
  const developers: Authority = { certificate: issueDevelopers(), privateKey: developerKeys.privateKey };
  const authorities: Readonly<Record<Tier, Authority>> = { root, developers };
  for (const tier of tiers) await writeTier(draft, tier, authorities[tier], now);
  await createFile(join(draft, files.ledger), '', 0o600);
  await createFile(join(draft, files.description), writeDescription(name, relative(folder, trustFolder)));

  function issueDevelopers(): Certificate {
    const subject = { commonName: `${name} Developers` };
    const { publicKey } = developerKeys;
    return issueCertificate({ profile: intermediateProfile, subject, publicKey, authority: root, ...context });
  }
}

async function writeTier(draft: string, tier: Tier, authority: Authority, at: Date): Promise<void> {
  const list = issueTierList({ authority, tier, at, previous: null, revoked: [] });
  await createFile(join(draft, files.key(tier)), writePrivateKey(authority.privateKey), 0o600);
  await createFile(join(draft, files.certificate(tier)), writePem(authority.certificate.der, 'CERTIFICATE'));
  await createFile(join(draft, files.revocationList(tier)), writePem(list.der, 'X509 CRL'));
}
