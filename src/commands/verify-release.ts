import { createColors } from 'picocolors';
import { z } from 'zod';
import { isAppId } from '../app/app-id.js';
import { listApps, readManifest, readRelease } from '../client/generated/operations.js';
import type { Finding } from '../report/finding.js';
import { technicalInformation } from '../report/integrity-text.js';
import { printable } from '../report/printable.js';
import { listFindings } from '../report/report.js';
import { requireSame } from './certificate-answers.js';
import { RefusedError, UsageError, type Arguments, type ExitCode, type Terminal } from './command.js';
import {
  compareWithRelease,
  findUnfinished,
  readInstalledApp,
  type InstalledApp,
  type ReleasedFiles,
  type UnfinishedUpgrade,
} from './installed-app.js';
import { isSet, textOption } from './option-values.js';
import { askStore, type StoreAnswer } from './store-client.js';
import { publicStore, type Store } from './store-client-address.js';
import * as answers from './store-client-answers.js';
import { shortTime } from './table.js';

const SHOWN_PATHS = 10;
const MAX_TEXT = 1_024;

/** The options that only make sense where there is no release to compare with. */
const OF_REPORTS = ['trust', 'app-id', 'core', 'signed', 'at'];

interface Verdict {
  readonly folder: string;
  /** What the folder says it is, where that is another release; null where it is not. */
  readonly another: InstalledApp['itself'];
  readonly release: answers.Release;
  /** How many files the release has. */
  readonly files: number;
  readonly findings: readonly Finding[];
  readonly upgrade: (UnfinishedUpgrade & { readonly from: string }) | null;
}

/**
 * `portcullis verify FOLDER --release APP@VERSION`: whether an installed app is what the store published, and whether that
 * still stands.
 *
 * @throws UsageError where the words make no sense together, or there is no release `--from`; RefusedError where there is no such
 *   release; CommandError where nobody could tell
 */
export async function verifyRelease(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { appId, version } = readRequest(args);
  const [folder = '', ...more] = args.positionals;
  if (folder === '' || more.length > 0)
    throw new UsageError('With --release one folder is needed: that of the installed app.');
  const store = publicStore(args, terminal, 'store');
  const installed = await readInstalledApp(folder, terminal.workingFolder);

  const release = await askForRelease(store, appId, version);
  const released = await askForFiles(store, appId, version);
  const from = textOption(args, 'from');
  const before = from === undefined ? null : await askForFilesBefore(store, appId, from);
  const verdict: Verdict = {
    folder,
    another: isAnother(installed, release) ? installed.itself : null,
    release,
    files: released.size,
    findings: await compareWithRelease(installed, released),
    upgrade: from === undefined || before === null ? null : { from, ...findUnfinished(installed, before, released) },
  };
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(asJson(verdict))}\n`);
  else terminal.out(asText(verdict, terminal));
  return verdict.findings.length === 0 && release.status === 'published' ? 0 : 1;
}

function readRequest(args: Arguments): { readonly appId: string; readonly version: string } {
  const subject = textOption(args, 'release') ?? '';
  const [appId = '', version = ''] = subject.split(/@(.*)/s);
  if (!isAppId(appId) || version === '') throw new UsageError(`"${subject}" is no release: --release APP@VERSION`);
  if (isSet(args, 'json') && isSet(args, 'text')) throw new UsageError('Choose one of --json and --text.');
  const surplus = OF_REPORTS.find((name) => args.values[name] !== undefined);
  if (surplus !== undefined) throw new UsageError(`--${surplus} and --release do not go together.`);
  if (appId === 'core') {
    throw new UsageError(
      'A server changes files of its own; its signature tells which: portcullis verify FOLDER --core',
    );
  }
  return { appId, version };
}

async function askForRelease(store: Store, appId: string, version: string): Promise<answers.Release> {
  const answer = await askStore(store, readRelease, { path: { appId, version } });
  if (answer.status !== 200) throw await noRelease(answer, store, appId, version);
  const release = answers.understand(answers.release, answer, store);
  requireSame('release', `${appId}@${version}`, `${release.appId}@${release.version}`, store);
  return release;
}

/** The files are looked at by themselves: zod leaves out a member called `__proto__`, which is a file like any other. */
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const manifestAnswer = z.object({ appId: z.string(), version: z.string(), files: z.custom<object>(isObject) });
const catalogueAnswer = z.object({ apps: z.array(z.unknown()) });
const manifestFile = z.object({ sha512: z.string().regex(/^[0-9a-f]{128}$/) });

async function askForFiles(store: Store, appId: string, version: string): Promise<ReleasedFiles> {
  const answer = await askStore(store, readManifest, { path: { appId, version } }, parseExactly);
  if (answer.status !== 200) throw await noRelease(answer, store, appId, version);
  const manifest = answers.understand(manifestAnswer, answer, store);
  requireSame('release', `${appId}@${version}`, `${manifest.appId}@${manifest.version}`, store);
  return new Map(
    Object.entries(manifest.files).map(([path, facts]) => [
      path,
      answers.understand(manifestFile, { ...answer, body: facts }, store).sha512,
    ]),
  );
}

/** The release is there by now: that there is none of this version is the fault of whoever named it. */
async function askForFilesBefore(store: Store, appId: string, from: string): Promise<ReleasedFiles> {
  try {
    return await askForFiles(store, appId, from);
  } catch (error) {
    throw error instanceof RefusedError ? new UsageError(`--from: ${error.message}`) : error;
  }
}

/** Paths as they are, to be compared with those on the disk; whatever shows them makes them printable. */
function parseExactly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * That there is no such release is an answer; anything else means that nobody could tell. At a wrong address nothing is found
 * either: a store has a catalogue where it has its releases.
 */
async function noRelease(answer: StoreAnswer, store: Store, appId: string, version: string): Promise<Error> {
  if (answers.problemCode(answer) !== 'NOT_FOUND') return answers.failure(answer, store);
  const catalogue = await askStore(store, listApps, { query: { limit: 1 } });
  if (catalogue.status !== 200) return answers.failure(catalogue, store);
  answers.understand(catalogueAnswer, catalogue, store);
  return new RefusedError(`The store at ${store.url.href} has no release ${appId} ${version}.`);
}

function isAnother({ itself }: InstalledApp, { appId, version }: answers.Release): boolean {
  return itself !== null && (itself.appId !== appId || itself.version !== version);
}

function asJson({ folder, another, release, files, findings, upgrade }: Verdict): object {
  const { appId: app, version, status, statusReason, statusChangedAt, signerRevoked } = release;
  const { findings: listed, omittedFindings } = listFindings(findings);
  return {
    input: safe(folder),
    another: another === null ? null : { app: another.appId, version: another.version },
    release: { app, version, status, statusReason, statusChangedAt, signerRevoked },
    files,
    unchanged: findings.length === 0,
    findings: listed.map(({ code, path, expected, actual }) => ({ code, path, expected, actual })),
    omittedFindings,
    upgrade: upgrade === null ? null : printableUpgrade(upgrade),
  };
}

/** JSON ends up on terminals, too, and only C0 is escaped in it. */
function printableUpgrade({ from, leftBehind, notReplaced, notAdded }: NonNullable<Verdict['upgrade']>): object {
  return {
    from: safe(from),
    leftBehind: leftBehind.map(safe),
    notReplaced: notReplaced.map(safe),
    notAdded: notAdded.map(safe),
  };
}

function asText(verdict: Verdict, { isInteractive }: Terminal): string {
  const { folder, another, release, files, findings, upgrade } = verdict;
  const { bold, green, red } = createColors(isInteractive);
  const isSame = findings.length === 0;
  const lines = [
    `${bold(isSame ? green('UNCHANGED') : red('CHANGED'))}  ${safe(folder)}`,
    '',
    ...(another === null
      ? []
      : [`  Installed  ${nameOf(another)}, as its info.xml says: another one than the release`]),
    `  Release    ${nameOf(release)}, ${release.status === 'published' ? green('published') : red(release.status)}`,
    ...statusLines(release),
    `  Files      ${isSame ? `${files}, all as released` : `${files} in the release, ${findings.length} ${findings.length === 1 ? 'difference' : 'differences'}`}`,
    ...(upgrade === null ? [] : upgradeLines(upgrade)),
  ];
  if (!isSame) {
    const { findings: listed, omittedFindings } = listFindings(findings);
    lines.push(
      '',
      ...meanings(findings),
      '',
      adviceFor(verdict),
      '',
      technicalInformation(release.appId, listed, omittedFindings),
    );
  }
  return `${lines.join('\n')}\n`;
}

const MEANINGS = {
  INVALID_HASH: 'a file is another than in the release',
  FILE_MISSING: 'a file of the release is not there',
  EXTRA_FILE: 'a file, or a link, is not of the release',
};

function meanings(findings: readonly Finding[]): readonly string[] {
  const occurring = new Set<string>(findings.map(({ code }) => code));
  return Object.entries(MEANINGS)
    .filter(([code]) => occurring.has(code))
    .map(([code, words]) => `  ${code.padEnd(12)}  ${words}`);
}

/** A release that stands no more is nothing to go back to. */
function adviceFor({ another, release: { status } }: Verdict): string {
  if (another !== null)
    return `  To compare it with what it says it is: --release ${safe(`${another.appId}@${another.version}`)}`;
  if (status !== 'published') return `  To mend it: install a release that is published; this one is ${status}.`;
  return '  To mend it: install the release anew, after removing the folder.';
}

function nameOf({ appId, version }: { readonly appId: string; readonly version: string }): string {
  return safe(`${appId} ${version}`);
}

function statusLines({ status, statusChangedAt, statusReason, signerRevoked }: answers.Release): readonly string[] {
  const changed = `${statusReason ?? 'no reason given'} (${shortTime(statusChangedAt)})`;
  return [
    ...(status === 'published' ? [] : [`             ${changed}`]),
    ...(signerRevoked === null
      ? []
      : [`  Signer     revoked ${shortTime(signerRevoked.revokedAt)}, ${signerRevoked.reason}`]),
  ];
}

function upgradeLines({ from, leftBehind, notReplaced, notAdded }: NonNullable<Verdict['upgrade']>): readonly string[] {
  const lists = [
    ['left behind', leftBehind],
    ['not replaced', notReplaced],
    ['not added', notAdded],
  ] as const;
  const isDone = lists.every(([, paths]) => paths.length === 0);
  return [
    `  Upgrade    from ${safe(from)}: ${isDone ? 'nothing left behind, everything replaced' : 'not done'}`,
    ...lists.flatMap(([words, paths]) => [
      ...paths.slice(0, SHOWN_PATHS).map((path) => `             ${words}: ${safe(path)}`),
      ...(paths.length > SHOWN_PATHS ? [`             ${words}: and ${paths.length - SHOWN_PATHS} more`] : []),
    ]),
  ];
}

function safe(text: string): string {
  return printable(text, MAX_TEXT);
}
