import type { FindingList } from '../report/finding-list.js';

const SIGNATURE_FILE = 'signature.json';
const APP_FOLDER = 'appinfo';
/** Spares nearly every file the rest. */
const WORTH_A_LOOK = /signature\.json$|\/appinfo\//i;
/** What makes an app's folder of one, to whoever looks for apps without minding capital letters. */
const APP_FILES: ReadonlySet<string> = new Set(['info.xml', SIGNATURE_FILE]);

/**
 * Finds what makes it unclear which of several apps an archive is: a signature file anywhere but in the top-level
 * `appinfo`, and another `appinfo` below it. `lib/AppInfo`, where every app has its classes, is neither, unless it holds
 * what an app's folder does: some servers can't tell it from `lib/appinfo`.
 */
export function addNestedAppFiles(paths: Iterable<string>, findings: FindingList): void {
  const folders = new Set<string>();
  for (const path of paths) {
    if (!WORTH_A_LOOK.test(path)) continue;
    const parts = path.split('/');
    const name = parts.at(-1)?.toLowerCase() ?? '';
    if (name === SIGNATURE_FILE && path.toLowerCase() !== `${APP_FOLDER}/${SIGNATURE_FILE}`) {
      findings.add('NESTED_SIGNATURE_FILE', { path });
    }
    const folder = nestedAppFolder(parts, name);
    if (folder === null || folders.has(folder)) continue;
    folders.add(folder);
    findings.add('NESTED_APPINFO', { path: folder });
  }
}

/** The first app's folder below the top that the file lies in. */
function nestedAppFolder(parts: readonly string[], name: string): string | null {
  const isNested = (part: string, index: number): boolean => {
    if (index === 0 || index === parts.length - 1) return false;
    if (part === APP_FOLDER) return true;
    return index === parts.length - 2 && part.toLowerCase() === APP_FOLDER && APP_FILES.has(name);
  };
  const at = parts.findIndex(isNested);
  return at < 0 ? null : `${parts.slice(0, at + 1).join('/')}/`;
}
