import { lchown, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { embeddedPostgresError } from './embedded-postgres-error.js';

/** An account of the operating system, by its numbers. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts to run Postgres as where the gate is root, best first: one of its own, one made for Postgres, one for anything. */
const preferredAccounts = ['portcullis', 'postgres', '_postgres', 'nobody'];

/** What Linux shows for users that it can't name; it owns nothing, so it is the safest guess where no account is known. */
const overflowUser: SystemUser = { uid: 65534, gid: 65534 };

/**
 * The account Postgres has to run as, or null for our own.
 *
 * Only root needs another: Postgres refuses to run as root. An existing cluster's owner is kept (its files are that user's);
 * then an unprivileged owner of the data folder; then an account of `/etc/passwd`.
 *
 * @param dataDir the gate's data folder, which exists
 * @param cluster the cluster's folder, which need not exist
 * @throws EmbeddedPostgresError where the cluster belongs to somebody we can't act for
 */
export async function chooseSystemUser(dataDir: string, cluster: string): Promise<SystemUser | null> {
  const ourselves = process.geteuid?.();
  if (ourselves === undefined) return null;
  const owner = await ownerOf(cluster);
  if (ourselves !== 0) {
    if (owner === null || owner.uid === ourselves) return null;
    throw embeddedPostgresError(
      `The database in ${cluster} belongs to user id ${owner.uid}, and this is user id ${ourselves}: start as that user (or root), or name another DATA_DIR.`,
    );
  }
  if (owner !== null) {
    if (owner.uid !== 0) return owner;
    throw embeddedPostgresError(
      `The database in ${cluster} belongs to root, and Postgres doesn't run as root: chown -R it to an unprivileged account.`,
    );
  }
  const dataOwner = await ownerOf(dataDir);
  if (dataOwner !== null && dataOwner.uid !== 0) return dataOwner;
  return accountOf(await readFile('/etc/passwd', 'utf8').catch(() => ''));
}

async function ownerOf(path: string): Promise<SystemUser | null> {
  const status = await stat(path).catch(() => null);
  return status === null ? null : { uid: status.uid, gid: status.gid };
}

/** The best of our preferred accounts in the text of a passwd(5) file. */
function accountOf(passwd: string): SystemUser {
  const accounts = passwd.split('\n').map((line) => line.split(':'));
  for (const name of preferredAccounts) {
    const [, , uid, gid] = accounts.find((fields) => fields[0] === name) ?? [];
    // macOS writes nobody's id as -2, which the system calls take as an unsigned number.
    const user = { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
    if (uid !== undefined && user.uid !== 0) return user;
  }
  return overflowUser;
}

/**
 * Makes `path` the user's; null is ourselves, whose it is already. `lchown` and not `chown`: whoever owns the data folder could
 * put a link in the way, and have root give them any file.
 */
export async function giveTo(user: SystemUser | null, path: string): Promise<void> {
  if (user !== null) await lchown(path, user.uid, user.gid);
}

/**
 * Whether `user` may enter `folder`, by the permission bits of it and of every folder above. Access control lists aren't read:
 * where they allow more, we make a copy that we could have done without.
 */
export async function mayEnter(user: SystemUser | null, folder: string): Promise<boolean> {
  if (user === null) return true;
  let current = await realpath(folder);
  for (;;) {
    if (!(await mayUse(user, current, 0o1))) return false;
    if (dirname(current) === current) return true;
    current = dirname(current);
  }
}

/** Whether `user` has the permission bits `wanted` (read 4, execute or enter 1, or their sum) on `path`. */
export async function mayUse(user: SystemUser, path: string, wanted: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
