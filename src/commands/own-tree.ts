import { parseInfoXml } from '../app/info-xml.js';
import type { AppInfo } from '../app/info-xml.js';
import { vcsRoot } from '../archive/entry-names.js';
import { defaultLimits } from '../archive/limits.js';
import type { Limits } from '../archive/limits.js';
import { readFolder } from '../archive/read-folder.js';
import type { Contents } from '../report/contents.js';
import type { Finding } from '../report/finding.js';
import { listFindings } from '../report/report.js';
import { CommandError } from './command.js';
import type { Terminal } from './command.js';
import { reasonOf } from './reason-of.js';

/** A developer's folder, as far as it is for shipping. */
export interface OwnTree {
  readonly contents: Contents;
  /** What keeps the folder from being signed or packed. */
  readonly faults: readonly Finding[];
  /** Version control data and the like, which goes neither into a signature nor into an archive. */
  readonly leftOut: readonly string[];
}

/** The developer's own files needn't be bounded against himself; whether a store takes them, the store says. */
const ownLimits: Limits = {
  ...defaultLimits,
  inflatedBytes: Infinity,
  fileBytes: Infinity,
  entries: 1_000_000,
  inspectionMs: Infinity,
};

/**
 * Reads a folder to sign or to pack it. Both leave out the same, so that what is signed is what is packed.
 *
 * @param isForeign further paths that are not part of it, a folder's ending with `/`
 * @throws CommandError where it can't be read
 */
export async function readOwnTree(folder: string, isForeign: (path: string) => boolean): Promise<OwnTree> {
  const leftOut = new Set<string>();
  const leaveOut = (path: string): boolean => {
    const repository = vcsRoot(path);
    if (repository !== null) leftOut.add(repository);
    return repository !== null || isForeign(path);
  };
  try {
    const { contents, findings } = await readFolder(folder, ownLimits, undefined, leaveOut);
    return { contents, faults: findings.filter(({ severity }) => severity === 'error'), leftOut: [...leftOut] };
  } catch (error) {
    throw new CommandError(`${folder} can not be read: ${reasonOf(error)}.`);
  }
}

/** What `appinfo/info.xml` says; null where it isn't there or doesn't tell id, name and version. */
export async function readOwnInfo(contents: Contents): Promise<AppInfo | null> {
  const bytes = await contents.read('appinfo/info.xml', ownLimits.infoXmlBytes);
  return bytes === null ? null : parseInfoXml(bytes).info;
}

/** Says of each fault where it is and what mends it. */
export function printFaults(faults: readonly Finding[], terminal: Terminal): void {
  const { findings, omittedFindings } = listFindings(faults);
  for (const { code, path, message, fix } of findings) {
    terminal.err(
      `${code}${path === undefined ? '' : `  ${path}`}\n  ${message}${fix === undefined ? '' : ` ${fix}`}\n`,
    );
  }
  for (const [code, count] of Object.entries(omittedFindings)) terminal.err(`${code}  and ${count} more\n`);
}
