import type { Readable } from 'node:stream';
import { requireAppId } from '../releases/ownership.js';
import { findApp, listApps, type AppRow } from '../database/apps.js';
import { compareArchiveFiles, findArchiveFilesAsJson, type FileDifference } from '../database/archive-files.js';
import { findRelease, findReleases, listReleases, type ReleaseRow, type ReleaseSummary } from '../database/releases.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** Apps that have a release, in the order of their ids, after `after`. */
export async function readApps(gate: Gate, page: { after: string; limit: number }): Promise<readonly AppRow[]> {
  return listApps(gate.database, page);
}

/**
 * An app and a page of its releases, the one published last first.
 *
 * @throws RequestError `NOT_FOUND` where the app has no release, published or once published; `INVALID_REQUEST` where
 *   there is no release `after`
 */
export async function readApp(
  gate: Gate,
  appId: string,
  page: { after: string | null; limit: number },
): Promise<{ app: AppRow; releases: readonly ReleaseSummary[] }> {
  requireAppId(appId);
  const app = await findApp(gate.database, appId);
  const releases = await listReleases(gate.database, { appId, ...page });
  if (releases.length === 0) await requirePage(gate, appId, page.after);
  if (app === null) throw noSuchApp();
  return { app, releases };
}

/** Tells a page after the last release from one of an app, or after a release, that there isn't. */
async function requirePage(gate: Gate, appId: string, after: string | null): Promise<void> {
  const [latest] = await listReleases(gate.database, { appId, after: null, limit: 1 });
  if (latest === undefined) throw noSuchApp();
  if (after !== null && (await findRelease(gate.database, appId, after)) === null) {
    throw new RequestError('INVALID_REQUEST', 'The version in "after" is no release of this app.');
  }
}

function noSuchApp(): RequestError {
  return new RequestError('NOT_FOUND', 'There is no such app in this store.');
}

/** @throws RequestError `NOT_FOUND` */
export async function readRelease(gate: Gate, appId: string, version: string): Promise<ReleaseRow> {
  requireAppId(appId);
  const release = await findRelease(gate.database, appId, version);
  if (release === null) throw new RequestError('NOT_FOUND', 'There is no such release in this store.');
  return release;
}

/** The releases among `pairs`; a pair that is none is left out. */
export async function readReleaseStatuses(
  gate: Gate,
  pairs: readonly { app: string; version: string }[],
): Promise<readonly ReleaseSummary[]> {
  return findReleases(gate.database, pairs);
}

/**
 * The archive of a release that stands, or a part of it.
 *
 * @param range first and last byte, inclusive
 * @throws RequestError `RELEASE_WITHDRAWN` or `RELEASE_QUARANTINED` where the release doesn't stand
 */
export async function openReleaseArchive(
  gate: Gate,
  release: ReleaseRow,
  range?: { start: number; end: number },
): Promise<Readable> {
  requireStanding(release);
  const archive = await gate.archives.open(release.archiveSha256, range);
  if (archive === null)
    throw new Error(`The archive of ${release.appId} ${release.version} is missing from the storage`);
  return archive;
}

/** @throws RequestError `RELEASE_WITHDRAWN` or `RELEASE_QUARANTINED` */
export function requireStanding(release: ReleaseRow): void {
  if (release.status === 'published') return;
  const code = release.status === 'withdrawn' ? 'RELEASE_WITHDRAWN' : 'RELEASE_QUARANTINED';
  throw new RequestError(code, `This release was ${release.status}.`, { reason: release.statusReason });
}

/** Size and SHA-512 of every file of a release, by path, as JSON text; whatever the release's status. */
export async function readManifestAsJson(gate: Gate, release: ReleaseRow): Promise<string> {
  const files = await findArchiveFilesAsJson(gate.database, release.archiveSha256);
  if (files === null) throw new Error('A release without the list of its files');
  return files;
}

/** What an upgrade changes on a server's disk: paths, each list in byte order. */
export interface UpgradeDifference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Compares the files of two releases of an app. */
export async function compareReleases(gate: Gate, from: ReleaseRow, to: ReleaseRow): Promise<UpgradeDifference> {
  const differences = await compareArchiveFiles(gate.database, from.archiveSha256, to.archiveSha256);
  const pathsOf = (wanted: FileDifference['kind']): readonly string[] =>
    differences.filter(({ kind }) => kind === wanted).map(({ path }) => path);
  return { added: pathsOf('added'), changed: pathsOf('changed'), removed: pathsOf('removed') };
}
