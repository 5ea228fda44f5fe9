import { parseVersion } from './version.js';

/** Real ones have 1 KiB. */
const MAX_BYTES = 64 * 1024;

// Comments and strings are passed over whole, so that what only looks like the assignment inside them doesn't count.
// Each alternative also ends at the end of the text: an unclosed one is read once, not once for every beginning.
const TOKEN =
  /\/\*[^]*?(?:\*\/|$)|(?:\/\/|#)[^\n]*|\$OC_VersionString\s*=\s*(?:'([^'\\]*)'|"([^"\\$]*)")\s*;|'(?:[^'\\]|\\[^])*(?:'|\\?$)|"(?:[^"\\]|\\[^])*(?:"|\\?$)/g;

/**
 * The version of a core release, `$OC_VersionString` in ownCloud's `version.php`. The file is read as text and never
 * executed.
 *
 * @returns null where there isn't exactly one assignment of a plain string that is a version
 */
export function parseCoreVersion(versionPhp: Buffer): string | null {
  if (versionPhp.length > MAX_BYTES) return null;
  const assigned: string[] = [];
  for (const [, single, double] of versionPhp.toString('utf8').matchAll(TOKEN)) {
    const version = single ?? double;
    if (version !== undefined) assigned.push(version);
  }
  const [version] = assigned;
  return assigned.length === 1 && version !== undefined && parseVersion(version) !== null ? version : null;
}
