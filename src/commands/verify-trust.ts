import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { hasTrust } from '../authority/trust-folder.js';
import type { Config } from '../config.js';
import { TrustError, emptyTrust, loadTrust } from '../pki/trust.js';
import type { Trust } from '../pki/trust.js';
import { CommandError } from './command.js';
import type { Terminal } from './command.js';

/** Whom `verify` believes. */
export interface ChosenTrust {
  readonly trust: Trust;
  /** Why nobody is believed, for whoever meets a signature; null where somebody is. */
  readonly missing: string | null;
}

/**
 * The trust folder that was named, or else that of the settings. Where there is none nobody is trusted: unsigned apps
 * can be verified all the same.
 *
 * @param paths what is to be verified: a trust folder that comes along with it is not believed
 * @throws CommandError where a folder that was named can't be used
 */
export async function chooseTrust(
  paths: readonly string[],
  named: string | undefined,
  config: Config,
  { environment, workingFolder }: Terminal,
): Promise<ChosenTrust> {
  if (named !== undefined) return { trust: await load(resolve(workingFolder, named)), missing: null };
  const isNamedOutside = (environment['TRUST_DIR'] ?? '') !== '';
  if (!isNamedOutside && (await isWithinAny(workingFolder, paths, workingFolder))) {
    // An app could bring a `.env` or a `data/trust` along and so vouch for itself.
    const missing = 'The working folder is part of what is verified, so its settings are not believed.';
    return { trust: emptyTrust, missing: `${missing} Say whom to trust: --trust DIR` };
  }
  if (config.trustDirChosen || (await hasTrust(config.trustDir))) {
    return { trust: await load(config.trustDir), missing: null };
  }
  const missing = `There is no trust folder at ${config.trustDir}, so no signature could be believed.`;
  return {
    trust: emptyTrust,
    missing: `${missing}\nName one (an ownCloud server has one in resources/codesigning): --trust DIR\nOr make one of your own: portcullis ca init`,
  };
}

async function load(folder: string): Promise<Trust> {
  try {
    return await loadTrust(folder);
  } catch (error) {
    if (error instanceof TrustError) throw new CommandError(error.message);
    throw error;
  }
}

async function isWithinAny(folder: string, paths: readonly string[], base: string): Promise<boolean> {
  const real = await realpath(folder);
  for (const path of paths) {
    const other = await realpath(resolve(base, path)).catch(() => null);
    if (other !== null && (real === other || real.startsWith(other.endsWith(sep) ? other : `${other}${sep}`)))
      return true;
  }
  return false;
}
