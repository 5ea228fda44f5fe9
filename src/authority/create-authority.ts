import { lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { issueRoot } from '../pki/issue.js';
import type { Authority, IssueContext } from '../pki/issue.js';
import { writeEncryptedPrivateKey } from '../pki/encrypted-private-key.js';
import { generateKeyPair } from '../pki/keys.js';
import type { KeyKind } from '../pki/keys.js';
import { writePem } from '../pki/pem.js';
import { keySigner } from '../pki/signer.js';
import type { Signer } from '../pki/signer.js';
import { hasCode } from '../error-words.js';
import { createFile } from '../write-file.js';
import {
  AuthorityError,
  files,
  hasAuthority,
  openAuthority,
  revocationListUrl,
  writeDescription,
} from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';
import { issueIntermediate } from './issue-intermediate.js';
import { ensurePassphrase } from './passphrase.js';
import type { PassphraseSource } from './passphrase.js';
import { issueTierList } from './revocation-lists.js';
import { hasTrust, publishTrust } from './trust-folder.js';

export interface NewAuthority extends IssueContext {
  readonly folder: string;
  /** Where it is made known; it must not hold another trust. */
  readonly trustFolder: string;
  /** Begins the names of both tiers: `NAME Root`, `NAME Developers`. */
  readonly name: string;
  readonly keyKind: KeyKind;
  /**
   * What its private keys are encrypted with on the disk; made where it is to be in a default file that is not there.
   */
  readonly passphrase: PassphraseSource;
  /** Whoever holds the developers' key, where that is a key service; null makes one. */
  readonly developersSigner: Signer | null;
  /** The address under which its revocation lists will be served, to be named in certificates; null for none. */
  readonly baseUrl: string | null;
  /** Hears of a passphrase that others may read. */
  readonly warn?: (message: string) => void;
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
  const { folder, trustFolder, name, keyKind, baseUrl, now, randomBytes } = input;
  const context = { now, randomBytes };
  const passphrase = await ensurePassphrase(input.passphrase, input.warn);
  const [rootSigner, developersSigner] = await Promise.all([
    makeKey(draft, 'root', keyKind, passphrase),
    input.developersSigner ?? makeKey(draft, 'developers', keyKind, passphrase),
  ]);
  const subject = { commonName: `${name} Root` };
  const root: Authority = {
    certificate: await issueRoot({ subject, signer: rootSigner, ...context }),
    signer: rootSigner,
  };
  const certificate = await issueIntermediate({
    ledger: join(draft, files.ledger),
    root,
    commonName: `${name} Developers`,
    publicKey: developersSigner.publicKey,
    revocationListUrl: baseUrl === null ? null : revocationListUrl(baseUrl, 'root'),
    ...context,
  });
  await writeTier(draft, 'root', root, now);
  await writeTier(draft, 'developers', { certificate, signer: developersSigner }, now);
  const trust = relative(folder, trustFolder);
  await createFile(join(draft, files.description), writeDescription({ name, trust, ledger: 'file', baseUrl }));
}

/** Makes a key that is encrypted from the first moment that it is on a disk. */
async function makeKey(draft: string, tier: Tier, kind: KeyKind, passphrase: Buffer): Promise<Signer> {
  const { privateKey } = await generateKeyPair(kind);
  await createFile(join(draft, files.key(tier)), await writeEncryptedPrivateKey(privateKey, passphrase), 0o600);
  return keySigner(privateKey);
}

async function writeTier(draft: string, tier: Tier, authority: Authority, at: Date): Promise<void> {
  const list = await issueTierList({ authority, tier, at, previous: null, revoked: [] });
  await createFile(join(draft, files.certificate(tier)), writePem(authority.certificate.der, 'CERTIFICATE'));
  await createFile(join(draft, files.revocationList(tier)), writePem(list.der, 'X509 CRL'));
}
