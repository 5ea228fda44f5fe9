import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hasAuthority, openAuthority, tiers } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';
import { createAuthorityFolder } from './create-authority.js';
import { renewRevocationLists } from './revocation-lists.js';
import { hasTrust, publishTrust } from './trust-folder.js';

/** Where the gate's log lines go; pino's logger is one. */
export interface AuthorityLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export const DEFAULT_AUTHORITY_NAME = 'Portcullis';

/** Where the gate's own authority lies, unless a command names another folder. */
export function ownAuthorityFolder(dataDir: string): string {
  return join(dataDir, 'authority');
}

/**
 * Sees to it that a gate without any trust has an authority of its own, whose certificates it believes: so a newcomer
 * can get a certificate and sign at once. Where there is a trust folder but no authority, the operator has decided whom
 * to trust, and nothing happens. Several processes may call it at the same time.
 *
 * @param dataDir the gate's data folder; the authority lies in `authority` below it
 * @param trustDir the gate's trust folder
 * @throws AuthorityError where there is something in the authority's place that is none
 */
export async function ensureOwnAuthority(
  dataDir: string,
  trustDir: string,
  at: Date,
  log: AuthorityLog,
): Promise<void> {
  const folder = ownAuthorityFolder(dataDir);
  const existed = await hasAuthority(folder);
  if (!existed && (await hasTrust(trustDir))) return;
  if (!existed) {
    const name = DEFAULT_AUTHORITY_NAME;
    const made = await createAuthorityFolder({
      folder,
      trustFolder: trustDir,
      name,
      keyKind: 'ec-p384',
      now: at,
      randomBytes,
    });
    if (made) log.info({ folder, trustDir }, 'made an authority of its own, since there was no trust folder');
  }
  const authority = await openAuthority(folder);
  if (!(await hasTrust(trustDir))) await publishTrust({ ...authority, trustFolder: trustDir });
  await renewOwnRevocationLists(dataDir, trustDir, at, log);
}

/**
 * Signs the revocation lists of the gate's own authority anew where they are due, a day after the last time; for the
 * running gate to call at least daily. Without such an authority, or with one that this gate does not trust, it does
 * nothing. A key that is kept elsewhere is a warning in the log: the lists go on counting until they end.
 */
export async function renewOwnRevocationLists(
  dataDir: string,
  trustDir: string,
  at: Date,
  log: AuthorityLog,
): Promise<void> {
  const folder = ownAuthorityFolder(dataDir);
  if (!(await hasAuthority(folder))) return;
  const authority: AuthorityFolder = { ...(await openAuthority(folder)), trustFolder: trustDir };
  const renewals = await renewRevocationLists(authority, at);
  for (const tier of tiers) {
    if (renewals[tier] === 'renewed') log.info({ tier }, 'signed the revocation list anew');
    if (renewals[tier] === 'no-key')
      log.warn({ tier }, 'the revocation list is due, but the key to sign it is not here');
  }
}
