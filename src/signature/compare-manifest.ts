import type { Contents } from '../report/contents.js';
import { findingList, type FindingList } from '../report/finding-list.js';
import type { Finding } from '../report/finding.js';
import { hashToSign, hasTextBelowMarker, isExcluded, isLeftover, CORE_HTACCESS, SIGNATURE_PATH } from './manifest.js';
import type { Manifest, SigningProfile } from './manifest.js';

export interface ManifestComparison {
  readonly manifest: Manifest;
  readonly contents: Contents;
  readonly profile: SigningProfile;
}

/**
 * Compares what was signed with what is there, file by file: one finding for each difference, and none only where
 * every file of an app is covered by its signature. What the signature of a core release leaves out is said too.
 *
 * Paths of the manifest are only ever looked up among the names of `contents`. An absolute one, or one with `..`,
 * is a name that no file has, and never reaches a file system.
 */
export async function compareManifest(comparison: ManifestComparison): Promise<readonly Finding[]> {
  const { manifest, contents, profile } = comparison;
  const findings = findingList();
  for (const [path, expected] of manifest) await compareSigned(path, expected, comparison, findings);
  for (const path of contents.files.keys()) {
    if (!manifest.has(path)) await judgeUnsigned(path, comparison, findings);
  }
  if (profile === 'core') await sayNotCovered(comparison, findings);
  return findings.all;
}

async function compareSigned(
  path: string,
  expected: string | false,
  { contents, profile }: ManifestComparison,
  findings: FindingList,
): Promise<void> {
  if (isExcluded(path, profile)) {
    // A server leaves this path out of what it hashes, so to it the file is missing, whatever the archive holds.
    const detail = 'Its name is one that servers leave out when they check, so it must not be signed.';
    findings.add('FILE_MISSING', { path, expected: String(expected), actual: '', detail });
    return;
  }
  const actual = await hashToSign(contents, path, profile);
  if (actual === null) {
    findings.add('FILE_MISSING', { path, expected: String(expected), actual: '' });
  } else if (actual !== expected) {
    // `false` equals no hash: what could not be read when it was signed was never vouched for.
    const detail = expected === false ? 'The signer could not read it, and wrote no hash for it.' : undefined;
    findings.add('INVALID_HASH', { path, expected: String(expected), actual, detail });
  }
}

async function judgeUnsigned(
  path: string,
  { contents, profile }: ManifestComparison,
  findings: FindingList,
): Promise<void> {
  if (path === SIGNATURE_PATH[profile]) return;
  if (isLeftover(path)) {
    findings.add('UNSIGNED_LEFTOVER', { path });
  } else if (!isExcluded(path, profile)) {
    const actual = await hashToSign(contents, path, profile);
    findings.add('EXTRA_FILE', { path, expected: '', actual: actual ?? '' });
  }
}

/**
 * A core release ships apps and a sample of its configuration, which its signature has never covered: nothing is wrong
 * with that, but whoever could add a file there after signing must not go unnoticed.
 */
async function sayNotCovered({ contents, profile }: ManifestComparison, findings: FindingList): Promise<void> {
  const filesOf = new Map<string, number>();
  for (const path of contents.files.keys()) {
    if (path === SIGNATURE_PATH[profile] || isLeftover(path) || !isExcluded(path, profile)) continue;
    const folder = topLevelFolderOf(path);
    // Of the one excluded file the folder, `core`, is covered but for it.
    const place = isExcluded(`${folder}x`, profile) ? folder : path;
    filesOf.set(place, (filesOf.get(place) ?? 0) + 1);
  }
  for (const [path, files] of filesOf) {
    const detail = `${files === 1 ? '1 file' : `${files} files`} in ${path}`;
    findings.add('CORE_NOT_COVERED', path.endsWith('/') ? { path, actual: files, detail } : { path });
  }
  if (await hasTextBelowMarker(contents)) {
    findings.add('CORE_NOT_COVERED', { path: CORE_HTACCESS, detail: 'What stands below its marker line.' });
  }
}

function topLevelFolderOf(path: string): string {
  return path.slice(0, path.indexOf('/') + 1);
}
