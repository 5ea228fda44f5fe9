import type { FindingDetails } from '../report/finding.js';
import type { Limits } from './limits.js';

/** One thing that is wrong with a name. */
export interface NameFault {
  readonly code: 'ARCHIVE_UNSAFE_NAME' | 'ARCHIVE_PATH_TOO_LONG' | 'ARCHIVE_PATH_TOO_DEEP';
  readonly details: FindingDetails;
}

/** What file systems in use take as one part of a path (ext4, XFS, APFS, NTFS). */
const MAX_PART_BYTES = 255;

// Control characters (NUL ends a name in C), the bidirectional ones that make "exe.txt" of "txt.exe", line separators,
// the byte-order mark and the non-characters (the last two of every plane, and U+FDD0 to U+FDEF).
const MISLEADING =
  /[\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/u;

// With any extension and trailing spaces before it: Windows opens the device for "con .txt" too.
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³])[ ]*(?:\.|$)/i;

/** The version control folders that must not be shipped, by name, whatever the case (macOS and Windows ignore it). */
const VCS_PART = /^\.(?:git|svn|hg)$/i;

/**
 * What makes `name` unsafe to unpack somewhere: absolute, climbing, misleading or reserved, or beyond the limits. The
 * rules are those of the strictest reader, since nobody knows which one will unpack it.
 *
 * @param name path with `/`; a folder's may end with one
 */
export function nameFaults(name: string, limits: Limits): readonly NameFault[] {
  const path = name.endsWith('/') ? name.slice(0, -1) : name;
  const unsafe = unsafeNameReason(path);
  const faults: NameFault[] = [];
  if (unsafe !== null) faults.push({ code: 'ARCHIVE_UNSAFE_NAME', details: { detail: `It ${unsafe}.` } });
  return [...faults, ...lengthFaults(path, limits)];
}

function unsafeNameReason(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/')) return 'is absolute';
  if (path.includes('\\')) return 'has a backslash, which is a separator on Windows';
  if (/^[a-z]:/i.test(path)) return 'begins with a drive letter';
  if (MISLEADING.test(path)) return 'has control, bidirectional or non-characters';
  // No array of parts for the ordinary name, of which there are thousands.
  for (let start = 0; start <= path.length;) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    const reason = unsafePartReason(path.slice(start, end));
    if (reason !== null) return reason;
    start = end + 1;
  }
  return null;
}

function unsafePartReason(part: string): string | null {
  if (part === '') return 'has an empty part';
  if (part === '.' || part === '..') return `has "${part}" in it`;
  if (part.endsWith('.') || part.endsWith(' '))
    return 'has a part that ends with a dot or a space, which Windows drops';
  if (part.includes(':')) return 'has a colon, which opens another stream or a drive on Windows';
  if (WINDOWS_DEVICE.test(part)) return `has "${part}" in it, a device on Windows`;
  return null;
}

function lengthFaults(path: string, limits: Limits): NameFault[] {
  // At most three bytes a UTF-16 unit: nearly always the count needn't be made.
  const bytes = path.length * 3 <= MAX_PART_BYTES ? path.length : Buffer.byteLength(path);
  const depth = depthOf(path);
  const faults: NameFault[] = [];
  if (bytes > limits.pathBytes) {
    faults.push({ code: 'ARCHIVE_PATH_TOO_LONG', details: { expected: limits.pathBytes, actual: bytes } });
  } else if (bytes > MAX_PART_BYTES && path.split('/').some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) {
    const detail = 'One part of it alone is longer than file systems take.';
    faults.push({ code: 'ARCHIVE_PATH_TOO_LONG', details: { detail, expected: MAX_PART_BYTES } });
  }
  if (depth > limits.pathDepth) {
    faults.push({ code: 'ARCHIVE_PATH_TOO_DEEP', details: { expected: limits.pathDepth, actual: depth } });
  }
  return faults;
}

function depthOf(path: string): number {
  let depth = 1;
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1;
  return depth;
}

/**
 * The version control folder that `path` is or lies in, as the path up to and including it, or null. Submodules and
 * worktrees have a *file* `.git`, which counts as well.
 */
export function vcsRoot(path: string): string | null {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    if (dot > 0 && path[dot - 1] !== '/') continue;
    const slash = path.indexOf('/', dot);
    const end = slash < 0 ? path.length : slash;
    if (VCS_PART.test(path.slice(dot, end))) return path.slice(0, end);
  }
  return null;
}
