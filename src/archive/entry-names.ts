import type { FindingDetails } from '../report/finding.js';
import type { Limits } from './limits.js';
import { foldName, withoutIgnorable } from './name-fold.js';

/** One thing that is wrong with a name. */
export interface NameFault {
  readonly code: NameCode | 'ARCHIVE_PATH_TOO_LONG' | 'ARCHIVE_PATH_TOO_DEEP';
  readonly details: FindingDetails;
}

type NameCode =
  | 'ARCHIVE_NAME_EMPTY'
  | 'ARCHIVE_NAME_ABSOLUTE'
  | 'ARCHIVE_NAME_TRAVERSAL'
  | 'ARCHIVE_NAME_BACKSLASH'
  | 'ARCHIVE_NAME_UNPRINTABLE'
  | 'ARCHIVE_NAME_COLON'
  | 'ARCHIVE_NAME_RESERVED'
  | 'ARCHIVE_NAME_TRAILING_DOT';

/** What file systems in use take as one part of a path (ext4, XFS, APFS, NTFS). */
export const MAX_PART_BYTES = 255;

// Control characters (NUL ends a name in C), the bidirectional ones that make "exe.txt" of "txt.exe", line separators,
// the byte-order mark and the non-characters (the last two of every plane, and U+FDD0 to U+FDEF).
const MISLEADING =
  /[\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;

/** From the root of a file system, of a drive or of a server, on Unix or on Windows. */
const ABSOLUTE = /^(?:[/\\]|[a-z]:)/i;

// With any extension and trailing spaces before it: Windows opens the device for "con .txt" too.
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;

/** What Info-ZIP's unzip takes for a version number of OpenVMS at the end of a path, and cuts off, whatever the host. */
const VMS_VERSION = /;[0-9]*$/;

/** What can be wrong with one part of a path, and the sentence that says so of it. */
const PART_RULES: readonly (readonly [code: NameCode, applies: (part: string) => boolean, what: string])[] = [
  ['ARCHIVE_NAME_EMPTY', (part) => part === '', 'Two slashes follow each other.'],
  ['ARCHIVE_NAME_TRAVERSAL', isDots, ''],
  ['ARCHIVE_NAME_TRAILING_DOT', (part) => /[. ]$/.test(part) && !isDots(part), ''],
  ['ARCHIVE_NAME_COLON', (part) => part.includes(':'), ''],
  ['ARCHIVE_NAME_RESERVED', (part) => WINDOWS_DEVICE.test(part), 'Windows takes it for a device.'],
];

/** Nearly every path has nothing in it that any of these rules could apply to, and needs no array of its parts. */
const MAY_BE_FAULTY = /(?:^|\/)(?:\/|$)|[. ](?:\/|$)|:|(?:^|\/)(?:con|prn|aux|nul|clock|com|lpt)/i;

/** The version control folders that must not be shipped, by name, whatever the case (macOS and Windows ignore it). */
const VCS_PART = /^(?:\.(?:git|svn|hg)|(?:git|svn|hg)~[0-9])$/i;

/** What could be one once it is folded: with Turkish letters for the i, and a long s, which the flags "iu" cover. */
const MAY_BE_VCS = /(?:^|\/)(?:\.(?:g[iİı]\u0307?t|svn|hg)|(?:g[iİı]\u0307?t|svn|hg)~[0-9])(?:\/|$)/iu;

/**
 * What makes `name` unsafe to unpack somewhere: absolute, climbing, misleading or reserved, or beyond the limits. Every
 * code that applies, each once. The rules are those of the strictest reader, since nobody knows which one will unpack it.
 *
 * @param name path with `/`; a folder's may end with one
 * @param bytes its length in UTF-8, where `name` is only its beginning
 */
export function nameFaults(name: string, limits: Limits, bytes?: number): readonly NameFault[] {
  const path = name.endsWith('/') ? name.slice(0, -1) : name;
  const faults: NameFault[] = [];
  if (name === '') faults.push({ code: 'ARCHIVE_NAME_EMPTY', details: { detail: 'It has no name at all.' } });
  if (ABSOLUTE.test(name)) faults.push({ code: 'ARCHIVE_NAME_ABSOLUTE', details: {} });
  if (name.includes('\\')) faults.push({ code: 'ARCHIVE_NAME_BACKSLASH', details: {} });
  const [misleading] = MISLEADING.exec(path) ?? [];
  if (misleading !== undefined) {
    faults.push({ code: 'ARCHIVE_NAME_UNPRINTABLE', details: { actual: codePoint(misleading) } });
  }
  const [version] = VMS_VERSION.exec(path) ?? [];
  if (version !== undefined) {
    const detail = `Info-ZIP takes "${version}" for a version number and cuts it off.`;
    faults.push({ code: 'ARCHIVE_NAME_RESERVED', details: { detail } });
  }
  if (MAY_BE_FAULTY.test(path)) faults.push(...partFaults(path, faults, limits.pathDepth));
  return [...faults, ...lengthFaults(path, limits, bytes)];
}

/** @param maxDepth parts further down are not judged: such a path is refused for its depth */
function partFaults(path: string, already: readonly NameFault[], maxDepth: number): NameFault[] {
  const seen = new Set<string>(already.map(({ code }) => code));
  const faults: NameFault[] = [];
  // The root is said to be absolute, not empty or with a colon.
  for (const part of path.replace(/^(?:[a-z]:)?\/*/i, '').split('/', maxDepth + 1)) {
    for (const [code, applies, what] of PART_RULES) {
      if (seen.has(code) || !applies(part)) continue;
      seen.add(code);
      const named = part === '' ? '' : `It has "${part}" in it.`;
      faults.push({ code, details: { detail: [named, what].filter((text) => text !== '').join(' ') } });
    }
  }
  return faults;
}

function isDots(part: string): boolean {
  return part === '.' || part === '..';
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function lengthFaults(path: string, limits: Limits, whole?: number): NameFault[] {
  // At most three bytes a UTF-16 unit: nearly always the count needn't be made.
  const bytes = whole ?? (path.length * 3 <= MAX_PART_BYTES ? path.length : Buffer.byteLength(path));
  const depth = depthOf(path);
  const faults: NameFault[] = [];
  if (bytes > limits.pathBytes) {
    faults.push({ code: 'ARCHIVE_PATH_TOO_LONG', details: { expected: limits.pathBytes, actual: bytes } });
  } else if (bytes > MAX_PART_BYTES && hasLongPart(path)) {
    const detail = 'One part of it alone is longer than file systems take.';
    faults.push({ code: 'ARCHIVE_PATH_TOO_LONG', details: { detail, expected: MAX_PART_BYTES } });
  }
  if (depth > limits.pathDepth) {
    faults.push({ code: 'ARCHIVE_PATH_TOO_DEEP', details: { expected: limits.pathDepth, actual: depth } });
  }
  return faults;
}

/** Whether some part of `path` is longer than file systems take. */
export function hasLongPart(path: string): boolean {
  for (let start = 0, end = 0; end < path.length; start = end + 1) {
    end = path.indexOf('/', start);
    if (end < 0) end = path.length;
    // Three bytes a UTF-16 unit at most: nearly always the count needn't be made.
    if (3 * (end - start) > MAX_PART_BYTES && Buffer.byteLength(path.slice(start, end)) > MAX_PART_BYTES) return true;
  }
  return false;
}

function depthOf(path: string): number {
  let depth = 1;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}

/**
 * The version control folder that `path` is or lies in, as the path up to and including it, or null. Submodules and
 * worktrees have a *file* `.git`, which counts as well; so does `git~1`, the short name of `.git` on Windows, and what is
 * `.git` to a file system that passes over case or invisible characters (`.ſvn`).
 */
export function vcsRoot(path: string): string | null {
  // Nearly every path is done with here, without an array of its parts.
  if (!MAY_BE_VCS.test(/\P{ASCII}/u.test(path) ? withoutIgnorable(path) : path)) return null;
  let end = -1;
  for (const part of path.split('/')) {
    end += part.length + 1;
    if (VCS_PART.test(foldName(part))) return path.slice(0, end);
  }
  return null;
}
