import type { FindingList } from '../report/finding-list.js';
import { nameFaults, vcsRoot } from './entry-names.js';
import type { Limits } from './limits.js';
import { nameTree } from './name-tree.js';

/** A name to judge and how findings show it. */
export interface JudgedName {
  /** Path with `/`, a folder's ending with one; null where it isn't UTF-8. */
  readonly name: string | null;
  /** Relative to the app's folder where it lies inside. */
  readonly path: string;
}

/**
 * Judges all names of an archive or a folder: each by itself, and all together as one tree. Adds a finding for each
 * fault; one for each version control folder, not for each file in it.
 */
export function addNameFindings(names: Iterable<JudgedName>, limits: Limits, findings: FindingList): void {
  const tree = nameTree();
  const repositories = new Set<string>();
  for (const { name, path } of names) {
    if (name === null) {
      findings.add('ARCHIVE_NAME_ENCODING', { path });
      continue;
    }
    const faults = nameFaults(name, limits);
    for (const { code, details } of faults) findings.add(code, { ...details, path });

    const repository = vcsRoot(path);
    if (repository !== null && !repositories.has(repository)) {
      repositories.add(repository);
      findings.add('VCS_DATA', { path: repository });
    }
    // A refused name has no place in the tree, and a path of 30,000 parts none in memory.
    if (faults.length > 0) continue;
    const clash = tree.add(name);
    if (clash !== null) findings.add(clash.code, { path, detail: clash.detail });
    if (tree.size > 2 * limits.entries) {
      // Folders without an entry of their own are made all the same when the archive is unpacked.
      const detail = 'Counted with the folders that its paths imply.';
      findings.add('ARCHIVE_TOO_MANY_ENTRIES', { detail, expected: 2 * limits.entries });
      return;
    }
  }
}
