import { foldName, replacedOnWindows, withoutIgnorable } from './name-fold.js';
import { isShortName, keysOfLongName, keysOfShortName } from './short-names.js';

/** What stands in the way of a name. */
interface NameClash {
  readonly code: 'ARCHIVE_DUPLICATE_NAME' | 'ARCHIVE_NAME_CONFLICT';
  readonly detail: string;
}

/** The names of one archive as a tree of folders, to tell which of them a file system couldn't hold side by side. */
export interface NameTree {
  /**
   * Adds one entry and the folders above it.
   *
   * @param name path with `/`; ends with one for a folder
   * @returns what it clashes with: the same name, one that differs in case or normalisation only, a file where a
   *   folder is needed or the other way round
   */
  add(name: string): NameClash | null;
  /** How many files and folders there are, also folders that no entry names. */
  readonly size: number;
  /**
   * The first part of `name`, which was added, that Windows could have made up as the short name of another file or
   * folder beside it: unpacked there, the one would overwrite the other. Null where there is none.
   */
  shortNameIn(name: string): string | null;
}

interface Node {
  /** As it stood in the archive first. */
  readonly part: string;
  kind: 'file' | 'folder';
  /** Whether an entry of its own names it. */
  named: boolean;
  /** Whether it was said already that this folder clashes, so that not every file in it says so again. */
  clashed: boolean;
  children: Map<string, Node> | null;
  /** What the short names of its children could be, once somebody asked. */
  longNames: Set<string> | null;
}

/** An empty tree. Memory grows with the names, never with their number times their depth. */
export function nameTree(): NameTree {
  const root: Node = { part: '', kind: 'folder', named: true, clashed: false, children: null, longNames: null };
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(name) {
      const isFolder = name.endsWith('/');
      const parts = (isFolder ? name.slice(0, -1) : name).split('/');
      let clash: NameClash | null = null;
      let node = root;
      for (const [depth, part] of parts.entries()) {
        const last = depth === parts.length - 1;
        const kind = last && !isFolder ? 'file' : 'folder';
        const found = childOf(node, part);
        if (found === undefined) size += 1;
        else clash ??= meet(found, part, kind, last);
        node = found ?? newChild(node, part, kind);
        if (last) node.named = true;
      }
      return clash;
    },
    shortNameIn(name) {
      let node: Node | undefined = root;
      for (const part of name.split('/')) {
        if (node === undefined) return null;
        if (isShortName(part) && isTakenFor(part, longNamesOf(node))) return part;
        node = childOf(node, part);
      }
      return null;
    },
  };
}

function isTakenFor(short: string, longNames: ReadonlySet<string>): boolean {
  return keysOfShortName(short).some((key) => longNames.has(key));
}

function longNamesOf(node: Node): ReadonlySet<string> {
  if (node.longNames !== null) return node.longNames;
  node.longNames = new Set();
  for (const { part } of node.children?.values() ?? []) {
    for (const key of keysOfLongName(part)) node.longNames.add(key);
  }
  return node.longNames;
}

function childOf(node: Node, part: string): Node | undefined {
  return node.children?.get(foldName(part));
}

function newChild(node: Node, part: string, kind: Node['kind']): Node {
  const child: Node = { part, kind, named: false, clashed: false, children: null, longNames: null };
  node.children ??= new Map();
  const folded = foldName(part);
  // A part is a view of its name, which is in memory anyway; an equal text would be so once more.
  node.children.set(folded === part ? part : folded, child);
  return child;
}

function meet(found: Node, part: string, kind: Node['kind'], last: boolean): NameClash | null {
  if (found.clashed && !last) return null;
  const clash = clashOf(found, part, kind, last);
  if (clash !== null) found.clashed = true;
  return clash;
}

function clashOf(found: Node, part: string, kind: 'file' | 'folder', last: boolean): NameClash | null {
  if (found.kind !== kind) {
    return { code: 'ARCHIVE_NAME_CONFLICT', detail: `"${found.part}" is a ${found.kind} elsewhere.` };
  }
  if (found.part !== part) {
    const detail = `"${part}" and "${found.part}" differ in ${difference(found.part, part)} only.`;
    return { code: 'ARCHIVE_DUPLICATE_NAME', detail };
  }
  return last && found.named ? { code: 'ARCHIVE_DUPLICATE_NAME', detail: 'It stands there twice.' } : null;
}

function difference(one: string, other: string): string {
  if (one.normalize('NFC') === other.normalize('NFC')) return 'normalisation';
  if (withoutIgnorable(one) === withoutIgnorable(other)) return 'invisible characters';
  return replacedOnWindows(one) === replacedOnWindows(other) ? 'characters that Windows replaces' : 'case';
}
