import { requireModerator, type Caller } from '../accounts/caller.js';
import { parseInfoXml } from '../app/info-xml.js';
import { readArchive, type ArchiveReading } from '../archive/read-archive.js';
import { findArchiveFilesAsJson } from '../database/archive-files.js';
import type { Queryable } from '../database/connect.js';
import type { Gate } from '../gate.js';
import type { Contents, FileFacts } from '../report/contents.js';
import type { ReportedSignature } from '../report/report.js';
import { RequestError } from '../request-error.js';
import { readingArchives, type KnownArchive } from './archive-copies.js';
import { compareFiles, countChanges, type ChangeCounts, type FileChange } from './file-changes.js';
import { compareChangedTexts, type TextLeftOut } from './changed-texts.js';
import { compareInfo, type InfoChange } from './info-difference.js';
import { findReviewedArchives, type ReviewedArchive, type ReviewedArchives } from './reviewed-archives.js';
import type { TextDifference } from './text-difference.js';
import { visibleName } from './visible-text.js';

/** One of the two archives that are compared. */
export interface DifferenceSide {
  readonly version: string | null;
  readonly archive: KnownArchive;
  /** Null for a submission that has become no release. */
  readonly publishedAt: Date | null;
}

/** A file that the two don't have alike. */
export interface FileDifference extends FileChange {
  /** The path with everything made visible that could mislead. */
  readonly name: string;
  /** Null where it is left out. */
  readonly text: TextDifference | null;
  /** Why it is left out; null where it isn't. */
  readonly textLeftOut: TextLeftOut | null;
}

/** What a review's archive has otherwise than the last published release. */
export interface Difference {
  readonly after: DifferenceSide;
  /** Null where nothing was published before: then every file is one that was added. */
  readonly before: DifferenceSide | null;
  /** Null where the archive can't be read to its end, as its report says: then no file is compared. */
  readonly counts: ChangeCounts | null;
  /** A page of them, by path. */
  readonly files: readonly FileDifference[];
  /** The path after which the next page begins; null where there is none. */
  readonly next: string | null;
  /** In how many files of this page a text is left out that was changed or added. */
  readonly omittedTexts: number;
  /** Null where one of the two says nothing that could be read. */
  readonly info: readonly InfoChange[] | null;
  readonly signer: SignerDifference;
}

/** The signatures of the two, and what differs in them. */
export interface SignerDifference {
  readonly before: ReportedSignature | null;
  readonly after: ReportedSignature;
  /** Which members differ; none where nothing was published before. */
  readonly changed: readonly SignerMember[];
}

/** What is told of a signature. */
export const signerMembers = [
  'status',
  'format',
  'algorithm',
  'commonName',
  'issuer',
  'serial',
  'certificate',
  'key',
] as const;

export type SignerMember = (typeof signerMembers)[number];

/** Which files of a difference are wanted. */
export interface DifferencePage {
  /** Those after this path. */
  readonly after?: string | null;
  readonly limit?: number;
  /** This file only, with more of its text. */
  readonly path?: string | null;
}

const DEFAULT_FILES = 500;
const INFO_XML = 'appinfo/info.xml';

/**
 * The difference of what a review is about to the last published release, told by the SHA-512 of the files: a page of the
 * files with the texts of as many as fit into its bounds, what info.xml says otherwise, and who signed.
 *
 * @throws RequestError `SCOPE_INSUFFICIENT` unless the caller is a moderator; `NOT_FOUND` where there is no such review, or it
 *   is about no archive; `UNAVAILABLE` where the storage doesn't have what was uploaded; `TOO_MANY_OPEN`
 */
export async function readDifference(
  gate: Gate,
  caller: Caller,
  id: string,
  page: DifferencePage = {},
): Promise<Difference> {
  requireModerator(caller);
  const archives = await findReviewedArchives(gate.database, id);
  const { before, after } = archives;
  const sides = { after: sideOf(after), before: before && sideOf(before), signer: compareSigners(archives) };
  return readingArchives(gate, { purpose: 'reading', accountId: caller.accountId }, async (copy) => {
    const open = <T>(archive: KnownArchive, use: (reading: ArchiveReading) => Promise<T>): Promise<T> =>
      copy(archive).then((file) => readArchive(file, { limits: gate.limits, sha256: archive.sha256 }, use));
    return open(after, async ({ contents, complete }) => {
      const info = compareInfos(before, await readInfo(gate, after, contents));
      if (!complete) return { ...sides, ...NO_FILES, info };
      const old = before === null ? new Map<string, FileFacts>() : await readFacts(gate.database, before);
      const changes = compareFiles(old, contents.files);
      const { files, next } = pageOf(changes, page);
      const bounds = page.path === undefined || page.path === null ? 'page' : 'file';
      const compared = await compareChangedTexts({
        files,
        after: contents,
        openBefore: (use) => (before === null ? use(null) : openOrNothing(open, before, use)),
        bounds,
      });
      const omittedTexts = compared.filter(({ text, textLeftOut }) => text === null && isTextLost(textLeftOut)).length;
      const counts = countChanges(changes, old, contents.files);
      return { ...sides, counts, files: compared.map(named), next, omittedTexts, info };
    });
  });
}

const NO_FILES = { counts: null, files: [], next: null, omittedTexts: 0 } as const;

function sideOf({ version, sha256, bytes, release }: ReviewedArchive): DifferenceSide {
  return { version, archive: { sha256, bytes }, publishedAt: release?.publishedAt ?? null };
}

function named(change: Omit<FileDifference, 'name'>): FileDifference {
  return { ...change, name: visibleName(change.path) };
}

/** What a person would have read. */
function isTextLost(reason: TextLeftOut | null): boolean {
  return reason !== null && reason !== 'binary' && reason !== 'removed';
}

/** The release before is compared by its records; where its archive is lost, only the texts of what changed can't be. */
async function openOrNothing<T>(
  open: (archive: KnownArchive, use: (reading: ArchiveReading) => Promise<T>) => Promise<T>,
  archive: KnownArchive,
  use: (contents: Contents | null) => Promise<T>,
): Promise<T> {
  let isOpen = false;
  try {
    return await open(archive, (reading) => {
      isOpen = true;
      return use(reading.contents);
    });
  } catch (error) {
    if (isOpen || !(error instanceof RequestError) || error.code !== 'UNAVAILABLE') throw error;
    return use(null);
  }
}

/** What is in the archive of a release, as it was written down when it was published. */
async function readFacts(db: Queryable, { sha256 }: KnownArchive): Promise<ReadonlyMap<string, FileFacts>> {
  const json = await findArchiveFilesAsJson(db, sha256);
  if (json === null) throw new Error('A release without the list of its files');
  return new Map(Object.entries(JSON.parse(json) as Record<string, FileFacts>));
}

function pageOf(
  changes: readonly FileChange[],
  { after, limit = DEFAULT_FILES, path }: DifferencePage,
): { readonly files: readonly FileChange[]; readonly next: string | null } {
  if (path !== undefined && path !== null) return { files: changes.filter((each) => each.path === path), next: null };
  const rest = after === undefined || after === null ? changes : changes.filter((each) => each.path > after);
  const files = rest.slice(0, limit);
  return { files, next: rest.length > files.length ? (files.at(-1)?.path ?? null) : null };
}

async function readInfo(
  { limits }: Pick<Gate, 'limits'>,
  { release }: ReviewedArchive,
  contents: Contents,
): Promise<unknown> {
  if (release !== null) return release.info;
  const bytes = await contents.read(INFO_XML, limits.infoXmlBytes);
  return bytes === null ? null : parseInfoXml(bytes).info;
}

function compareInfos(before: ReviewedArchive | null, after: unknown): readonly InfoChange[] | null {
  return after === null ? null : compareInfo(before?.release?.info ?? null, after);
}

function compareSigners({ before, after }: ReviewedArchives): SignerDifference {
  const fresh = membersOf(after.signature);
  const old = before && membersOf(before.signature);
  const changed = old === null ? [] : signerMembers.filter((member) => old[member] !== fresh[member]);
  return { before: before?.signature ?? null, after: after.signature, changed };
}

function membersOf({
  status,
  format,
  algorithm,
  signer,
}: ReportedSignature): Readonly<Record<SignerMember, string | number | null>> {
  return {
    status,
    format,
    algorithm,
    commonName: signer?.commonName ?? null,
    issuer: signer?.issuer ?? null,
    serial: signer?.serial ?? null,
    certificate: signer?.fingerprint ?? null,
    key: signer?.publicKeyFingerprint ?? null,
  };
}
