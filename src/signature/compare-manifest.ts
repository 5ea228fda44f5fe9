import type { Contents } from '../report/contents.js';
import { finding } from '../report/finding.js';
import type { Finding } from '../report/finding.js';
import { hashToSign, isExcluded, isLeftover, SIGNATURE_PATH } from './manifest.js';
import type { Manifest, SigningProfile } from './manifest.js';

export interface ManifestComparison {
  readonly manifest: Manifest;
  readonly contents: Contents;
  readonly profile: SigningProfile;
}

/**
 * Compares what was signed with what is there, file by file: one finding for each difference, and none only where
 * every file of an app is covered by its signature.
 *
 * Paths of the manifest are only ever looked up among the names of `contents`. An absolute one, or one with `..`,
 * is a name that no file has, and never reaches a file system.
 */
export async function compareManifest(comparison: ManifestComparison): Promise<readonly Finding[]> {
  const { manifest, contents } = comparison;
  const findings: Finding[] = [];
  for (const [path, expected] of manifest) {
    const difference = await compareSigned(path, expected, comparison);
    if (difference !== null) findings.push(difference);
  }
  for (const path of contents.files.keys()) {
    if (manifest.has(path)) continue;
    const difference = await judgeUnsigned(path, comparison);
    if (difference !== null) findings.push(difference);
  }
  return findings;
}

async function compareSigned(
  path: string,
  expected: string | false,
  { contents, profile }: ManifestComparison,
): Promise<Finding | null> {
  if (isExcluded(path, profile)) {
    // A server leaves this path out of what it hashes, so to it the file is missing, whatever the archive holds.
    const detail = 'Its name is one that servers leave out when they check, so it must not be signed.';
    return finding('FILE_MISSING', { path, expected: String(expected), actual: '', detail });
  }
  const actual = await hashToSign(contents, path, profile);
  if (actual === null) return finding('FILE_MISSING', { path, expected: String(expected), actual: '' });
  if (actual === expected) return null;
  // `false` equals no hash: what could not be read when it was signed was never vouched for.
  const detail = expected === false ? 'The signer could not read it, and wrote no hash for it.' : undefined;
  return finding('INVALID_HASH', { path, expected: String(expected), actual, detail });
}

async function judgeUnsigned(path: string, { contents, profile }: ManifestComparison): Promise<Finding | null> {
  if (path === SIGNATURE_PATH[profile]) return null;
  if (isLeftover(path)) return finding('UNSIGNED_LEFTOVER', { path });
  if (isExcluded(path, profile)) return null;
  const actual = await hashToSign(contents, path, profile);
  return finding('EXTRA_FILE', { path, expected: '', actual: actual ?? '' });
}
