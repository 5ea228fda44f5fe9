import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, replaceFile } from '../write-file.js';
import { files, readIfThere, tiers } from './authority-folder.js';
import type { AuthorityFolder } from './authority-folder.js';

/**
 * Makes an authority trusted: its certificates and revocation lists, laid out as loadTrust reads them. The root comes
 * last, and without a root a trust folder is not used at all: so one that was left half-made is never believed.
 */
export async function publishTrust(authority: AuthorityFolder): Promise<void> {
  const { trustFolder } = authority;
  for (const part of ['crl', 'intermediates', 'roots']) await mkdir(join(trustFolder, part), { recursive: true });
  await publishRevocationLists(authority);
  await publish(authority, files.certificate('developers'), join('intermediates', 'developers.crt'));
  await publish(authority, files.certificate('root'), join('roots', 'root.crt'));
}

/** Puts the newest revocation lists into the trust folder; nothing is written where they are there already. */
export async function publishRevocationLists(authority: AuthorityFolder): Promise<void> {
  await mkdir(join(authority.trustFolder, 'crl'), { recursive: true });
  for (const tier of tiers) await publish(authority, files.revocationList(tier), join('crl', `${tier}.crl`));
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

async function publish({ folder, trustFolder }: AuthorityFolder, name: string, published: string): Promise<void> {
  const content = await readIfThere(join(folder, name));
  const target = join(trustFolder, published);
  if (content === null || (await readIfThere(target))?.equals(content) === true) return;
  await replaceFile(target, content);
}
