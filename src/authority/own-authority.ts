import { randomBytes } from 'node:crypto';
import { ADVISORY_LOCK, holdingAdvisoryLock } from '../database/advisory-locks.js';
import { adoptAuthority } from './adopt-authority.js';
import { AuthorityError, hasAuthority, openAuthority } from './authority-folder.js';
import type { AuthorityParts } from './authority-parts.js';
import { createAuthorityFolder } from './create-authority.js';
import { handOverLedger } from './file-ledger.js';
import type { AuthorityKeys, AuthorityKeySettings } from './issuing-key.js';
import { readStoreAuthority } from './store-authority.js';
import { isFolderOfStore, tendFirst } from './tend-authority.js';
import { hasTrust } from './trust-folder.js';

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

/**
 * Sees to the store's own authority at the start: one that lies in its folder is adopted into Postgres; where there is
 * neither an authority nor a trust folder, one is made, so that a newcomer can get a certificate and sign at once. A replica
 * without the folder shares what Postgres has.
 *
 * @throws AuthorityError where there is something in the authority's place that is none, or whose ledger is elsewhere
 */
export async function ensureOwnAuthority(parts: OwnAuthorityParts, settings: OwnAuthoritySettings): Promise<void> {
  const { database } = parts;
  // Two gates that start for the first time at once make one authority.
  await holdingAdvisoryLock(database, ADVISORY_LOCK.firstStart, async () => {
    if ((await readStoreAuthority(database)) === null && !(await hasAuthority(settings.authorityDir))) {
      if (settings.trustDirChosen || (await hasTrust(settings.trustDir))) return;
      await makeAuthority(parts, settings);
    }
    if (await hasAuthority(settings.authorityDir)) await adopt(parts, settings.authorityDir);
    // Before anything is decided: a database that was set back has to learn again what was revoked.
    await tendFirst(parts, settings);
  });
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
  else if (!(await isFolderOfStore(folder, database))) {
    // What was revoked since is known there alone, and a gate that does not know it must not judge.
    throw new AuthorityError(
      `The ledger of the authority in ${authorityDir} is in another database. Go back to that one, or move the folder and ` +
        "the files portcullis-* of the trust folder away: the gate then makes a new authority, and what the old one issued doesn't count.",
    );
  }
}
