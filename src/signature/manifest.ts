import { createHash } from 'node:crypto';
import type { Contents } from '../report/contents.js';
import { sortUtf8 } from './byte-order.js';

/**
 * What was signed: path → SHA-512 of the content, lower-case hex. `false` where ownCloud's signer could not read the
 * file; only format 1 has that. Iterates in the order of the signature file it came from.
 */
export type Manifest = ReadonlyMap<string, string | false>;

/** An app of its own, or the ownCloud server's root with the special cases it has always had. */
export type SigningProfile = 'app' | 'core';

/** Where the signature file lies, relative to the signed folder. */
export const SIGNATURE_PATH = {
  app: 'appinfo/signature.json',
  core: 'core/signature.json',
} as const satisfies Record<SigningProfile, string>;

const LEFTOVER_NAMES: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', '.directory', '.webapp']);
const LEFTOVER_PREFIX = '.webapp-owncloud-';

const CORE_EXCLUDED_FOLDERS: ReadonlySet<string> = new Set([
  'data',
  'themes',
  'config',
  'apps',
  'assets',
  'lost+found',
]);
/** A server writes it anew when a mime type is added. */
const CORE_EXCLUDED_FILE = 'core/js/mimetypelist.js';

/** The one file of a core release that is signed in part. */
export const CORE_HTACCESS = '.htaccess';
/** The server writes its own directives below this line when it is installed. */
const HTACCESS_MARKER = '#### DO NOT CHANGE ANYTHING ABOVE THIS LINE ####';
const HTACCESS_MAX_BYTES = 1_048_576;

/**
 * Whether `path` is a file that desktops and package managers drop into any folder, which ownCloud's checker ignores
 * by base name wherever it lies.
 */
export function isLeftover(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return LEFTOVER_NAMES.has(name) || name.startsWith(LEFTOVER_PREFIX);
}

/**
 * Whether a signer leaves `path` out of the manifest and a server ignores it when it checks.
 *
 * @param path relative to the signed folder, with `/`.
 */
export function isExcluded(path: string, profile: SigningProfile): boolean {
  if (path === SIGNATURE_PATH[profile] || isLeftover(path)) return true;
  if (profile === 'app') return false;
  const slash = path.indexOf('/');
  return path === CORE_EXCLUDED_FILE || (slash > 0 && CORE_EXCLUDED_FOLDERS.has(path.slice(0, slash)));
}

/** The manifest of a folder or archive as it stands, in byte order of the paths. */
export async function buildManifest(contents: Contents, profile: SigningProfile): Promise<Manifest> {
  const manifest = new Map<string, string>();
  const paths = [...contents.files.keys()].filter((path) => !isExcluded(path, profile));
  for (const path of sortUtf8(paths)) {
    const hash = await hashToSign(contents, path, profile);
    if (hash !== null) manifest.set(path, hash);
  }
  return manifest;
}

/**
 * The hash that a signer writes down for `path`: of the whole content, except that in the core profile the root
 * `.htaccess` counts only up to its marker line, if there is exactly one.
 *
 * @returns null where there is no such file.
 */
export async function hashToSign(contents: Contents, path: string, profile: SigningProfile): Promise<string | null> {
  const facts = contents.files.get(path);
  if (facts === undefined) return null;
  if (profile !== 'core' || path !== CORE_HTACCESS) return facts.sha512;
  const halves = await splitHtaccess(contents);
  return halves === null ? facts.sha512 : createHash('sha512').update(halves.above).digest('hex');
}

/** Whether a core release's root `.htaccess` has anything but white space below its marker line, where no hash covers it. */
export async function hasTextBelowMarker(contents: Contents): Promise<boolean> {
  const halves = await splitHtaccess(contents);
  return halves !== null && halves.below.toString('latin1').trim() !== '';
}

interface HtaccessHalves {
  readonly above: Buffer;
  readonly below: Buffer;
}

/** @returns null where it counts as a whole: without a marker line, or with several. */
async function splitHtaccess(contents: Contents): Promise<HtaccessHalves | null> {
  const content = await contents.read(CORE_HTACCESS, HTACCESS_MAX_BYTES);
  const first = content?.indexOf(HTACCESS_MARKER) ?? -1;
  if (content === null || first < 0) return null;
  const after = first + HTACCESS_MARKER.length;
  if (content.indexOf(HTACCESS_MARKER, after) >= 0) return null;
  return { above: content.subarray(0, first), below: content.subarray(after) };
}

/**
 * The bytes that a format 2 signature is made over: a compact JSON object, names in byte order of their UTF-8 form,
 * nothing escaped but `"`, `\` and control characters.
 *
 * @throws RangeError for a `false` value: format 2 has no way to say that a file could not be read.
 */
export function canonicalManifest(manifest: Manifest): Buffer {
  const members = sortUtf8(manifest.keys()).map((path) => {
    const hash = manifest.get(path);
    if (typeof hash !== 'string') throw new RangeError('format 2 cannot express a file that could not be read');
    // JSON.stringify escapes just this much of a well-formed string: short forms where JSON has them, else \u00xx.
    return `${JSON.stringify(path)}:${JSON.stringify(hash)}`;
  });
  return Buffer.from(`{${members.join(',')}}`);
}
