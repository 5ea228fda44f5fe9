import type { FileFacts } from '../report/contents.js';

/** A file that two archives don't have alike. */
export interface FileChange {
  /** Below the app's folder, as it stands in the archive. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Null where it wasn't there. */
  readonly before: FileFacts | null;
  readonly after: FileFacts | null;
}

/** In how many files two archives differ, and in how many not. */
export interface ChangeCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
}

type Files = ReadonlyMap<string, FileFacts>;

/** What the second archive has otherwise than the first, by path, told by the digests. */
export function compareFiles(before: Files, after: Files): readonly FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, facts] of after) {
    const old = before.get(path) ?? null;
    if (old === null) changes.push({ path, kind: 'added', before: null, after: facts });
    else if (old.sha512 !== facts.sha512) changes.push({ path, kind: 'changed', before: old, after: facts });
  }
  for (const [path, facts] of before) {
    if (!after.has(path)) changes.push({ path, kind: 'removed', before: facts, after: null });
  }
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** How many changes of each kind there are, and how many files are the same in both. */
export function countChanges(changes: readonly FileChange[], before: Files, after: Files): ChangeCounts {
  const count = (kind: FileChange['kind']): number => changes.filter((change) => change.kind === kind).length;
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')];
  if (before.size - removed !== after.size - added)
    throw new Error('Two archives with different counts of what both have');
  return { added, removed, changed, unchanged: after.size - added - changed };
}
