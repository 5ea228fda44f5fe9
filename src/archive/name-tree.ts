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
}

/** An empty tree. Memory grows with the names, never with their number times their depth. */
export function nameTree(): NameTree {
  const root: Node = { part: '', kind: 'folder', named: true, clashed: false, children: null };
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
  };
}

function childOf(node: Node, part: string): Node | undefined {
  return node.children?.get(foldName(part));
}

function newChild(node: Node, part: string, kind: Node['kind']): Node {
  const child: Node = { part, kind, named: false, clashed: false, children: null };
  node.children ??= new Map();
  node.children.set(foldName(part), child);
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
    const sameForm = found.part.normalize('NFC') === part.normalize('NFC');
    const how = sameForm ? 'normalisation' : 'case';
    return { code: 'ARCHIVE_DUPLICATE_NAME', detail: `"${part}" and "${found.part}" differ in ${how} only.` };
  }
  return last && found.named ? { code: 'ARCHIVE_DUPLICATE_NAME', detail: 'It stands there twice.' } : null;
}

/**
 * One form for all names that some file system takes for the same: Unicode normalisation (macOS) and case (Windows,
 * macOS). Lower, upper, lower: so ẞ, ß and SS, the Kelvin sign and K, the two small sigmas fall together, as they do
 * by full case folding, which JavaScript doesn't have.
 */
function foldName(name: string): string {
  if (!/\P{ASCII}/u.test(name)) return name.toLowerCase();
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}
