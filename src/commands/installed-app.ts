import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseInfoXml } from '../app/info-xml.js';
import { defaultLimits, type Limits } from '../archive/limits.js';
import { readFolder } from '../archive/read-folder.js';
import type { Contents } from '../report/contents.js';
import { finding, type Finding } from '../report/finding.js';
import { isIntegrityFinding } from '../report/integrity-text.js';
import { compareManifest } from '../signature/compare-manifest.js';
import { isExcluded, SIGNATURE_PATH } from '../signature/manifest.js';
import { CommandError, UsageError } from './command.js';
import { reasonOf } from './reason-of.js';

/** Path, relative to the app's folder → SHA-512 of the content, lower-case hex. */
export type ReleasedFiles = ReadonlyMap<string, string>;

/** An app as it lies on a server's disk. */
export interface InstalledApp {
  readonly contents: Contents;
  /** Links, devices and names that are no UTF-8, one for each: none of them was followed or opened, none can be of a release. */
  readonly foreign: readonly Finding[];
  /** What it says it is in its info.xml; null where that can't be read. */
  readonly itself: { readonly appId: string; readonly version: string } | null;
}

/** What on a disk an upgrade has not done: paths, in the order of the manifest they are from. */
export interface UnfinishedUpgrade {
  /** Files of the old release that the new one has no more. */
  readonly leftBehind: readonly string[];
  /** Files that are still those of the old release. */
  readonly notReplaced: readonly string[];
  /** Files that only the new release has, and that aren't there. */
  readonly notAdded: readonly string[];
}

/** Whatever is installed is looked at; it is on this machine already. */
const installedLimits: Limits = {
  ...defaultLimits,
  inflatedBytes: Infinity,
  fileBytes: Infinity,
  entries: 1_000_000,
  pathDepth: Infinity,
  inspectionMs: Infinity,
};

const FOREIGN: ReadonlySet<string> = new Set(['ARCHIVE_SYMLINK', 'ARCHIVE_SPECIAL_FILE', 'ARCHIVE_NAME_ENCODING']);

/**
 * Reads and hashes an installed app. No link below the folder is followed.
 *
 * @throws UsageError where there is no folder; CommandError where it can't be read to its end
 */
export async function readInstalledApp(folder: string, workingFolder: string): Promise<InstalledApp> {
  const place = resolve(workingFolder, folder);
  try {
    if (!(await stat(place)).isDirectory()) throw new UsageError(`${folder} is no folder of an installed app.`);
    const { contents, findings, complete } = await readFolder(place, installedLimits);
    const foreign = findings.filter(({ code }) => FOREIGN.has(code));
    if (!complete && !foreign.some(({ code }) => code === 'ARCHIVE_NAME_ENCODING')) {
      throw new CommandError(`${folder} holds more than can be looked at.`);
    }
    return { contents, foreign, itself: await readItself(contents) };
  } catch (error) {
    if (error instanceof UsageError || error instanceof CommandError) throw error;
    throw new CommandError(`${folder} can not be read: ${reasonOf(error)}.`);
  }
}

async function readItself(contents: Contents): Promise<InstalledApp['itself']> {
  const bytes = await contents.read('appinfo/info.xml', defaultLimits.infoXmlBytes);
  const info = bytes && parseInfoXml(bytes).info;
  return info && { appId: info.id, version: info.version };
}

/**
 * What differs from the release: `INVALID_HASH`, `FILE_MISSING` or `EXTRA_FILE` for each file that does, as ownCloud's own check
 * would say it; but the signature file counts here, since it is of the release as any other.
 */
export async function compareWithRelease(
  { contents, foreign }: InstalledApp,
  released: ReleasedFiles,
): Promise<readonly Finding[]> {
  const covered = new Map([...released].filter(([path]) => !isExcluded(path, 'app')));
  const found = await compareManifest({ manifest: covered, contents, profile: 'app' });
  return [
    ...compareSignatureFile(contents, released),
    ...found.filter(isIntegrityFinding),
    ...foreign.map(({ path }) => finding('EXTRA_FILE', { path, expected: '', actual: '' })),
  ];
}

/** One that the release hasn't is no matter: a server may be given one of its own. */
function compareSignatureFile({ files }: Contents, released: ReleasedFiles): readonly Finding[] {
  const path = SIGNATURE_PATH.app;
  const [expected, actual] = [released.get(path), files.get(path)?.sha512];
  if (expected === undefined || expected === actual) return [];
  return [finding(actual === undefined ? 'FILE_MISSING' : 'INVALID_HASH', { path, expected, actual: actual ?? '' })];
}

/** What an upgrade of an installed app from one release to another has left undone. */
export function findUnfinished(
  { contents: { files }, foreign }: InstalledApp,
  from: ReleasedFiles,
  to: ReleasedFiles,
): UnfinishedUpgrade {
  const links = new Set(foreign.map(({ path }) => path));
  const ofBefore = [...from].filter(([path]) => !isExcluded(path, 'app') || path === SIGNATURE_PATH.app);
  return {
    leftBehind: ofBefore
      .filter(([path]) => !to.has(path) && (files.has(path) || links.has(path)))
      .map(([path]) => path),
    notReplaced: ofBefore
      .filter(([path, sha512]) => to.has(path) && to.get(path) !== sha512 && files.get(path)?.sha512 === sha512)
      .map(([path]) => path),
    notAdded: [...to.keys()].filter(
      (path) => !from.has(path) && !files.has(path) && (!isExcluded(path, 'app') || path === SIGNATURE_PATH.app),
    ),
  };
}
