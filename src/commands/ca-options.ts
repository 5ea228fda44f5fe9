import { resolve } from 'node:path';
import { AuthorityError, openAuthority } from '../authority/authority-folder.js';
import type { AuthorityFolder } from '../authority/authority-folder.js';
import { ownAuthorityFolder } from '../authority/own-authority.js';
import type { Renewals } from '../authority/revocation-lists.js';
import { readConfig } from '../config.js';
import { CommandError } from './command.js';
import type { Arguments, Terminal } from './command.js';
import { textOption } from './option-values.js';

/** Where authority and trust lie: where the options say, or else where the running gate has its own. */
export function readAuthorityFolders(
  args: Arguments,
  option: 'out' | 'ca',
  { environment, workingFolder }: Terminal,
): { readonly folder: string; readonly trustFolder: string } {
  const config = readConfig(environment, workingFolder);
  const [folder, trust] = [textOption(args, option), textOption(args, 'trust')];
  return {
    folder: folder === undefined ? ownAuthorityFolder(config.dataDir) : resolve(workingFolder, folder),
    trustFolder: trust === undefined ? config.trustDir : resolve(workingFolder, trust),
  };
}

/**
 * Opens the authority that `--ca` names, or the gate's own. Its trust folder is the one it was made with, unless
 * `--trust` names another.
 *
 * @throws CommandError where there is none
 */
export async function openNamedAuthority(args: Arguments, terminal: Terminal): Promise<AuthorityFolder> {
  const { folder, trustFolder } = readAuthorityFolders(args, 'ca', terminal);
  try {
    const authority = await openAuthority(folder);
    return textOption(args, 'trust') === undefined ? authority : { ...authority, trustFolder };
  } catch (error) {
    if (error instanceof AuthorityError) throw new CommandError(error.message);
    throw error;
  }
}

/** Says where new revocation lists are, and warns where nobody will look for them. */
export function whereLists({ folder, trustFolder }: AuthorityFolder, { isPublished }: Renewals): string {
  if (isPublished) return `The lists are in ${trustFolder}\n`;
  return `Warning: ${trustFolder} does not trust this authority, so its new lists are only in ${folder}\n`;
}
