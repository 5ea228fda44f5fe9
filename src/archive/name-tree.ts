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
   * @param reading what some reader makes of it, in as many parts, where it was added by its own name before
   * @returns what it clashes with: the same name, one that differs in case or normalisation only, a file where a
   *   folder is needed or the other way round; a reading with anything that has another name of its own, also a folder
   *   that the two would share
   */
  add(name: string, reading?: string): NameClash | null;
  /** How many files and folders there are, also folders that no entry names, by all readings. */
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
  children: Map<string | number, Node> | null;
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
    add(name, reading) {
      const isFolder = name.endsWith('/');
      const parts = partsOf(name);
      const readParts = reading === undefined ? parts : partsOf(reading);
      let clash: NameClash | null = null;
      let node = root;
      for (let depth = 0; depth < parts.length; depth += 1) {
        const part = parts[depth] ?? '';
        // Where they are equal, the one that is in memory anyway.
        const read = readParts[depth] === part ? part : (readParts[depth] ?? '');
        const last = depth === parts.length - 1;
        const kind = last && !isFolder ? 'file' : 'folder';
        // Most folders were seen before by the very name, which costs less to find out than to fold it.
        let found = kind === 'folder' ? node.children?.get(read) : undefined;
        if (found === undefined) {
          const key = keyOf(read);
          found = node.children?.get(key);
          if (found === undefined) {
            found = newChild(node, part, kind, key);
            // A reading is in memory for nothing else.
            const alias = kind === 'folder' && key !== read && (reading === undefined || read.length <= SHORT);
            if (alias) node.children?.set(read, found);
            size += 1;
            if (last) found.named = true;
            node = found;
            continue;
          }
        }
        clash ??= meet(found, part, kind, last, reading !== undefined);
        node = found;
        if (last) node.named = true;
      }
      return clash;
    },
    shortNameIn(name) {
      let node: Node | undefined = root;
      for (const part of name.split('/')) {
        if (node === undefined) return null;
        if (isShortName(part) && isTakenFor(part, longNamesOf(node))) return part;
        node = node.children?.get(keyOf(part));
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

function partsOf(path: string): string[] {
  return (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
}

/** Up to this length V8 copies a part; a longer one is a view that keeps the whole of its name in memory. */
const SHORT = 12;

/**
 * What a part has in common with all that some file system takes for the same. Of a long one beyond ASCII a hash, since
 * such a text is not in memory otherwise and takes two bytes a character: where two names ever had the same, they would be
 * refused, never overlooked.
 */
function keyOf(part: string): string | number {
  const folded = foldName(part);
  // A part is a view of its name, which is in memory anyway; an equal text would be so once more.
  if (folded === part && /^[\0-\x7f]*$/.test(part)) return part;
  return folded.length <= SHORT || !/[^\0-\x7f]/.test(folded) ? folded : hashOf(folded);
}

/** 53 bits of a text. */
function hashOf(text: string): number {
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ unit, 0x85ebca6b);
    other ^= other >>> 13;
  }
  return (one >>> 0) * 2 ** 21 + (other >>> 11);
}

function newChild(node: Node, part: string, kind: Node['kind'], key: string | number): Node {
  const child: Node = { part, kind, named: false, clashed: false, children: null, longNames: null };
  node.children ??= new Map();
  node.children.set(key, child);
  return child;
}

function meet(found: Node, part: string, kind: Node['kind'], last: boolean, isReading: boolean): NameClash | null {
  if (found.clashed && !last) return null;
  const clash = clashOf(found, part, kind, last, isReading);
  if (clash !== null) found.clashed = true;
  return clash;
}

function clashOf(
  found: Node,
  part: string,
  kind: 'file' | 'folder',
  last: boolean,
  isReading: boolean,
): NameClash | null {
  if (found.kind !== kind) {
    return { code: 'ARCHIVE_NAME_CONFLICT', detail: `"${found.part}" is a ${found.kind} elsewhere.` };
  }
  if (isReading) {
    // The same part of the same name is where it was to be found; a name that stands there twice was told before.
    if (found.part === part) return null;
    return { code: 'ARCHIVE_DUPLICATE_NAME', detail: `"${part}" and "${found.part}" are one name.` };
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
