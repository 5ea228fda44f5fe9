import type { FindingDetails } from '../report/finding.js';

/** What tools and desktops put beside an app unasked; never part of it. */
const BESIDE: Readonly<Record<string, { readonly whose: string; readonly remove: string }>> = {
  __MACOSX: { whose: 'which macOS adds', remove: 'zip -d FILE.zip "__MACOSX/*"' },
  'META-INF': { whose: 'which jar adds unless it is told not to (jar cMf)', remove: 'zip -d FILE.zip "META-INF/*"' },
  '.DS_Store': { whose: 'which macOS adds', remove: 'zip -d FILE.zip .DS_Store' },
  'Thumbs.db': { whose: 'which Windows adds', remove: 'zip -d FILE.zip Thumbs.db' },
};
const MAX_NAMED = 5;

export interface TopLevel {
  /** The only one, leaving aside what tools add; null where there are none or several, or files beside it. */
  readonly folder: string | null;
  /** Why there isn't exactly one, for ARCHIVE_NO_TOP_LEVEL_FOLDER; null where all is well. */
  readonly problem: FindingDetails | null;
}

/**
 * The one folder that everything lies in.
 *
 * @param names paths with `/`, a folder's ending with one. Absolute and climbing ones are left out of account, they
 *   have their own finding.
 */
export function topLevelOf(names: Iterable<string>): TopLevel {
  const folders = new Set<string>();
  const files = new Set<string>();
  for (const name of names) {
    const slash = name.indexOf('/');
    const first = slash < 0 ? name : name.slice(0, slash);
    if (first === '' || first === '.' || first === '..') continue;
    (slash < 0 ? files : folders).add(first);
  }
  const beside = [...folders, ...files].filter((name) => Object.hasOwn(BESIDE, name));
  const candidates = [...folders].filter((name) => !beside.includes(name));
  const isAlone = candidates.length === 1 && [...files].every((name) => beside.includes(name));
  const folder = isAlone ? (candidates[0] ?? null) : null;
  if (folder !== null && beside.length === 0) return { folder, problem: null };
  return { folder, problem: describe(folders, files, folder, beside) };
}

function describe(
  folders: ReadonlySet<string>,
  files: ReadonlySet<string>,
  folder: string | null,
  beside: readonly string[],
): FindingDetails {
  const [added] = beside;
  const known = added === undefined ? undefined : BESIDE[added];
  if (folder !== null && added !== undefined && known !== undefined) {
    return {
      detail: `Beside "${folder}" there is "${added}", ${known.whose}.`,
      fix: `Remove it: ${known.remove}, or pack with portcullis pack DIR`,
    };
  }
  const folderNames = [...folders].map((name) => `"${name}/"`);
  const found = [...folderNames, ...[...files].map((name) => `"${name}"`)];
  const rest = found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : '';
  const listed = found.length === 0 ? 'nothing' : `${found.slice(0, MAX_NAMED).join(', ')}${rest}`;
  return { detail: `Found at the top: ${listed}.`, actual: listed };
}
