import type { FindingList } from '../report/finding-list.js';
import { asCodePage437 } from './code-page-437.js';
import { nameFaults, vcsRoot } from './entry-names.js';
import type { Limits } from './limits.js';
import { nameTree, type NameTree } from './name-tree.js';
import { isShortName } from './short-names.js';

/** A name to judge and how findings show it. */
export interface JudgedName {
  /** Path with `/`, a folder's ending with one; null where it isn't UTF-8. */
  readonly name: string | null;
  /** Relative to the app's folder where it lies inside. */
  readonly path: string;
  /** Its length in UTF-8, where `name` is only its beginning. */
  readonly bytes?: number;
  /** Whether some readers take it for code page 437. */
  readonly unmarked?: boolean;
}

/**
 * Judges all names of an archive or a folder: each by itself, and all together as one tree. Adds a finding for each
 * fault; one for each version control folder, not for each file in it.
 */
export function addNameFindings(names: Iterable<JudgedName>, limits: Limits, findings: FindingList): void {
  const tree = nameTree();
  const repositories = new Set<string>();
  const unmarked: PlacedName[] = [];
  const withTilde: PlacedName[] = [];
  for (const judged of names) {
    const { name, path } = judged;
    if (name === null) {
      findings.add('ARCHIVE_NAME_ENCODING', { path });
      continue;
    }
    const faults = nameFaults(name, limits, judged.bytes);
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
    if (judged.unmarked === true) unmarked.push({ name, path });
    if (name.includes('~')) withTilde.push({ name, path });
  }
  addShortNames(withTilde, tree, findings);
  addOtherReadings(unmarked, tree, findings);
}

/** A name that is in the tree. */
interface PlacedName {
  readonly name: string;
  readonly path: string;
}

function addShortNames(names: readonly PlacedName[], tree: NameTree, findings: FindingList): void {
  for (const { name, path } of names) {
    if (!name.split('/').some(isShortName)) continue;
    const part = tree.shortNameIn(name);
    if (part === null) continue;
    const detail = `"${part}" is what Windows may call a longer name beside it for short.`;
    findings.add('ARCHIVE_NAME_RESERVED', { path, detail });
  }
}

/**
 * Names that only a reader of code page 437 sees, put beside all others: which entries a reader takes for that depends
 * on the flag, the host system and the reader, so any mixture may come about. Nothing but letters, symbols and lines of
 * a frame comes out of the upper half of that page, so that no such name is unsafe by itself.
 */
function addOtherReadings(names: readonly PlacedName[], tree: NameTree, findings: FindingList): void {
  for (const { name, path } of names) {
    const clash = tree.add(asCodePage437(name));
    if (clash !== null) {
      findings.add(clash.code, { path, detail: `Read as code page 437: ${clash.detail}` });
    }
  }
}
