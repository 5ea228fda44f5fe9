import type { FindingDetails } from '../report/finding.js';

/** What macOS adds to every zip it makes: resource forks, never part of an app. */
const MACOS_FOLDER = '__MACOSX';
const MAX_NAMED = 5;

export interface TopLevel {
  /** The only one, leaving `__MACOSX` aside; null where there are none or several, or files beside it. */
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
  const candidates = [...folders].filter((folder) => folder !== MACOS_FOLDER);
  const folder = candidates.length === 1 && files.size === 0 ? (candidates[0] ?? null) : null;
  if (folder !== null && !folders.has(MACOS_FOLDER)) return { folder, problem: null };
  return { folder, problem: describe(folders, files, folder) };
}

function describe(folders: ReadonlySet<string>, files: ReadonlySet<string>, folder: string | null): FindingDetails {
  if (folder !== null) {
    return {
      detail: `Beside "${folder}" there is "${MACOS_FOLDER}", which macOS adds.`,
      fix: `Remove it: zip -d FILE.zip "${MACOS_FOLDER}/*", or pack with portcullis pack DIR`,
    };
  }
  const folderNames = [...folders].map((name) => `"${name}/"`);
  const found = [...folderNames, ...[...files].map((name) => `"${name}"`)];
  const rest = found.length > MAX_NAMED ? ` and ${found.length - MAX_NAMED} more` : '';
  const listed = found.length === 0 ? 'nothing' : `${found.slice(0, MAX_NAMED).join(', ')}${rest}`;
  return { detail: `Found at the top: ${listed}.`, actual: listed };
}
