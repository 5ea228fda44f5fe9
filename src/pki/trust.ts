import { createHash } from 'node:crypto';
import { isSelfSigned, parseCertificates } from './certificate.js';
import type { Certificate } from './certificate.js';
import type { IssuerLedger } from './issuer-ledger.js';
import { parseRevocationList } from './revocation-list.js';
import type { RevocationList } from './revocation-list.js';
import { listTrustFiles, readTrustFile } from './trust-folder.js';
import type { TrustFile } from './trust-folder.js';
import { defaultTrustSettings, parseTrustSettings, rootSettings } from './trust-settings.js';
import type { RootSettings, TrustSettings } from './trust-settings.js';

/** A certificate that is believed without anybody vouching for it, and the rules that hold below it. */
export interface TrustRoot extends RootSettings {
  readonly certificate: Certificate;
  /** The name of the file it came from, for people. */
  readonly file: string;
}

/** Everything that decides whether a signer is believed. */
export interface Trust {
  /** SHA-256 in hex over all that counts: two trusts with the same id judge alike. */
  readonly id: string;
  readonly roots: readonly TrustRoot[];
  readonly intermediates: readonly Certificate[];
  readonly revocationLists: readonly RevocationList[];
  /** The records of issuers of our own, where they are at hand. */
  readonly ledgers: readonly IssuerLedger[];
  /** How old a list may grow before it counts as stale, in milliseconds; null: as old as it says itself. */
  readonly maxListAgeMs: number | null;
  /** Whether the certificate with the CN `core` may sign apps too. */
  readonly coreMaySignApps: boolean;
}

/** Gives the trust as it is at this moment. */
export interface TrustSource {
  current(): Promise<Trust>;
}

/** A trust folder can't be used. The message names every problem with its file, not just the first. */
export class TrustError extends Error {
  override readonly name = 'TrustError';
  constructor(
    readonly folder: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    const lines = [`The trust folder ${folder} can not be used:`, ...problems.map((each) => `- ${each}`)];
    super(lines.map(withoutControls).join('\n'), options);
  }
}

/** Names of files and subjects of certificates are others' words: in a terminal or a log they must stay on their line. */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => `\\u{${(each.codePointAt(0) ?? 0).toString(16)}}`);
}

/** What a trust is put together from; a folder knows of no ledgers. */
type TrustParts = Omit<Trust, 'id' | 'ledgers' | 'maxListAgeMs'> & Partial<Pick<Trust, 'ledgers' | 'maxListAgeMs'>>;

/** Puts a trust together and gives it its id. */
export function createTrust({ ledgers = [], maxListAgeMs = null, ...given }: TrustParts): Trust {
  const parts = { ...given, ledgers, maxListAgeMs };
  const lines = [
    `core may sign apps: ${parts.coreMaySignApps}`,
    ...parts.roots.map(describeRoot),
    ...parts.intermediates.map(({ fingerprint }) => `intermediate ${fingerprint}`),
    ...parts.revocationLists.map(({ der }) => `list ${createHash('sha256').update(der).digest('hex')}`),
    ...parts.ledgers.map(({ issuerKey, id: ledger }) => `ledger ${issuerKey} ${ledger}`),
    `lists may be as old as: ${parts.maxListAgeMs ?? 'they say'}`,
  ];
  // Sorted, for the order of files changes no verdict.
  const id = createHash('sha256').update(lines.sort().join('\n')).digest('hex');
  return { id, ...parts };
}

/** Trusts nobody: every signature is by an unknown authority. */
export const emptyTrust: Trust = createTrust({
  roots: [],
  intermediates: [],
  revocationLists: [],
  coreMaySignApps: false,
});

/**
 * Reads a folder laid out as ownCloud's `resources/codesigning`: `roots/*.crt`, `intermediates/*.crt`, `crl/*.crl`, and
 * optionally `trust.json`. Of the certificates in `roots/` the self-signed ones are roots, others intermediates.
 * Rejects with TrustError: a folder of which a part is unusable is not used in part, since the part that is missing may
 * be the list that revokes a stolen key.
 */
export async function loadTrust(folder: string): Promise<Trust> {
  return buildTrust(folder, await listFiles(folder));
}

/** How close to now a change may be and still hide behind the time stamp of an earlier one, as git's index knows it. */
const coarsestTimeStampMs = 2000;
const maxAttempts = 5;

/**
 * A trust that follows its folder: every call looks at the files' time stamps and reads them anew when any of them
 * changed, so that a revocation list counts from the next call on. A folder that became unusable makes current() reject;
 * the trust of before is never handed out in its stead.
 */
export function createTrustSource(folder: string): TrustSource {
  let kept: { readonly stamp: string; readonly trust: Promise<Trust> } | null = null;
  return {
    async current() {
      const files = await listFiles(folder);
      const stamp = stampOf(files);
      if (kept?.stamp === stamp) return kept.trust;
      const fresh = { stamp, trust: buildSettledTrust(folder, files) };
      // A file written this instant can be written again without its stamp showing it: such a reading is not kept.
      kept = isSettled(files) ? fresh : null;
      try {
        return await fresh.trust;
      } catch (error) {
        if (kept === fresh) kept = null;
        throw error;
      }
    },
  };
}

async function buildSettledTrust(folder: string, listed: readonly TrustFile[]): Promise<Trust> {
  let before = listed;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const trust = await buildTrust(folder, before);
    const after = await listFiles(folder);
    if (stampOf(after) === stampOf(before)) return trust;
    before = after;
  }
  throw new TrustError(folder, ['It keeps changing while it is read.']);
}

async function listFiles(folder: string): Promise<readonly TrustFile[]> {
  try {
    return await listTrustFiles(folder);
  } catch (error) {
    throw new TrustError(folder, [error instanceof Error ? error.message : 'It can not be read.'], { cause: error });
  }
}

function stampOf(files: readonly TrustFile[]): string {
  return files.map(({ stamp }) => stamp).join('\n');
}

function isSettled(files: readonly TrustFile[]): boolean {
  // The system's clock and no other: it is compared with stamps that the file system made by it.
  const now = Date.now();
  return files.every(({ changedAt }) => changedAt + coarsestTimeStampMs < now);
}

async function buildTrust(folder: string, files: readonly TrustFile[]): Promise<Trust> {
  const problems: string[] = [];
  const read = async <T>(file: TrustFile, reader: (bytes: Buffer) => T, otherwise: T): Promise<T> => {
    try {
      return reader(await readTrustFile(file));
    } catch (error) {
      problems.push(`${file.label}: ${error instanceof Error ? error.message : 'It can not be read.'}`);
      return otherwise;
    }
  };
  const readAll = <T>(part: TrustFile['part'], reader: (bytes: Buffer, file: TrustFile) => readonly T[]) =>
    Promise.all(
      files
        .filter((file) => file.part === part)
        .map(async (file) => ({ file, items: await read(file, (bytes) => reader(bytes, file), []) })),
    );

  const [settings = defaultTrustSettings] = (await readAll('settings', readSettings)).flatMap(({ items }) => items);
  const anchors = await readAll('roots', parseCertificates);
  const others = await readAll('intermediates', parseCertificates);
  const lists = await readAll('crl', (bytes, { label }) => [parseRevocationList(bytes, label)]);

  const roots = anchors.flatMap(({ file, items }) =>
    items.filter(isSelfSigned).map((certificate) => rootFrom(certificate, file.name, settings)),
  );
  const rootFingerprints = new Set(roots.map(({ certificate }) => certificate.fingerprint));
  problems.push(
    ...anchors.flatMap(({ file, items }) => rootFileProblems(file, items)),
    ...others.flatMap(({ file, items }) =>
      items
        .filter((each) => isSelfSigned(each) && !rootFingerprints.has(each.fingerprint))
        .map(
          ({ subject }) =>
            `${file.label}: ${subject} is signed with its own key; if you trust it, it belongs in roots/.`,
        ),
    ),
    ...rootProblems(roots),
    ...settingsProblems(
      settings,
      anchors.map(({ file }) => file.name),
    ),
  );
  if (roots.length === 0 && problems.length === 0) problems.push('roots/: There is no root certificate (*.crt).');
  if (problems.length > 0) throw new TrustError(folder, problems);

  return createTrust({
    roots,
    intermediates: [...anchors, ...others]
      .flatMap(({ items }) => items)
      .filter(({ fingerprint }) => !rootFingerprints.has(fingerprint)),
    revocationLists: lists.flatMap(({ items }) => items),
    coreMaySignApps: settings.coreMaySignApps,
  });
}

function readSettings(bytes: Buffer): readonly TrustSettings[] {
  const settings = parseTrustSettings(bytes.toString('utf8'));
  if ('problems' in settings) throw new Error(settings.problems.join('; '));
  return [settings];
}

/** A root with the settings that its file name and a `trust.json` give it. */
export function rootFrom(certificate: Certificate, file: string, settings: TrustSettings): TrustRoot {
  return { certificate, file, ...rootSettings(file, settings.roots.get(file)) };
}

function rootFileProblems(file: TrustFile, certificates: readonly Certificate[]): readonly string[] {
  const roots = certificates.filter(isSelfSigned);
  if (certificates.length > 0 && roots.length === 0) return [`${file.label}: None of its certificates is self-signed.`];
  return roots
    .filter(({ basicConstraints }) => basicConstraints?.ca !== true)
    .map(({ subject }) => `${file.label}: ${subject} is no authority (CA:TRUE).`);
}

function rootProblems(roots: readonly TrustRoot[]): readonly string[] {
  const seen = new Map<string, string>();
  return roots.flatMap(({ certificate, file, enforceTimes, acceptedUntil }) => {
    const twin = seen.get(certificate.fingerprint);
    seen.set(certificate.fingerprint, file);
    return [
      ...(twin === undefined || twin === file ? [] : [`roots/${file}: The same root is in roots/${twin}.`]),
      ...(enforceTimes || acceptedUntil !== null
        ? []
        : [`trust.json: roots.${file} does not enforce times, and so needs an end (acceptedUntil).`]),
    ];
  });
}

function settingsProblems({ roots }: TrustSettings, files: readonly string[]): readonly string[] {
  return [...roots.keys()]
    .filter((file) => !files.includes(file))
    .map((file) => `trust.json: There is no file roots/${file}.`);
}

function describeRoot({ certificate, generation, algorithms, enforceTimes, acceptedUntil }: TrustRoot): string {
  const until = acceptedUntil?.toISOString() ?? 'no end';
  return `root ${certificate.fingerprint} ${generation} ${[...algorithms].sort().join(',')} ${enforceTimes} ${until}`;
}
