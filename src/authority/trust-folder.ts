import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../error-words.js';
import { replaceFile } from '../write-file.js';
import { files, readIfThere, tiers } from './authority-folder.js';
import type { AuthorityFolder, Tier } from './authority-folder.js';

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
export async function publishTrust(authority: AuthorityFolder): Promise<void> {
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
export async function publishRevocationLists(authority: AuthorityFolder): Promise<boolean> {
  const { folder, trustFolder } = authority;
  const root = await readIfThere(join(folder, files.certificate('root')));
  const trusted = await readIfThere(join(trustFolder, published.root));
  if (root === null || trusted?.equals(root) !== true) return false;
  await mkdir(join(trustFolder, 'crl'), { recursive: true });
  await writeRevocationLists(authority);
  return true;
}

/** Whether a folder says whom to trust: whether there is anything in its `roots`. */
export async function hasTrust(trustFolder: string): Promise<boolean> {
  try {
    return (await readdir(join(trustFolder, 'roots'))).some((name) => name.endsWith('.crt'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

async function writeRevocationLists(authority: AuthorityFolder): Promise<void> {
  for (const tier of tiers) await publish(authority, files.revocationList(tier), published.revocationList(tier));
}

async function publish({ folder, trustFolder }: AuthorityFolder, name: string, place: string): Promise<void> {
  const content = await readIfThere(join(folder, name));
  const target = join(trustFolder, place);
  if (content === null || (await readIfThere(target))?.equals(content) === true) return;
  await replaceFile(target, content);
}
