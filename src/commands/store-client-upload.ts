import type { OutgoingHttpHeaders } from 'node:http';
import { basename } from 'node:path';
import { isAppId } from '../app/app-id.js';
import { reportAsText } from '../report/report-text.js';
import type { Report } from '../report/report.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { textOption } from './option-values.js';
import { progressBar } from './progress-bar.js';
import { sendArchive, type StoreAnswer } from './store-client.js';
import { storeOptionHelp, storeOptions, storeWithToken, type Store } from './store-client-address.js';
import { problemCode, problemWords, type Submission } from './store-client-answers.js';
import { appIdOf, UnreadableArchiveError, withLocalArchive, type LocalArchive } from './store-client-archive.js';
import { shortTime } from './table.js';

/** The options of the commands that send an archive. */
export const sendingOptions = {
  'app-id': { type: 'string' },
  ...storeOptions,
  json: { type: 'boolean' },
} as const satisfies Command['options'];

export const sendingOptionHelp = {
  'app-id': "the app it is a release of; without it, the archive's top-level folder tells",
  ...storeOptionHelp,
  json: 'prints what the store answers as JSON',
} as const satisfies Command['optionHelp'];

/** An archive and the store's answer to it. */
export interface Answered {
  readonly answer: StoreAnswer;
  readonly store: Store;
  readonly appId: string;
}

/**
 * Sends the one archive that the command names to a route of its app, and leaves what to make of the answer to `tell`.
 *
 * @param route the last part of the path: `releases` or `validations`
 */
export async function sendNamedArchive(
  args: Arguments,
  terminal: Terminal,
  request: { readonly route: 'releases' | 'validations'; readonly headers?: OutgoingHttpHeaders },
  tell: (answered: Answered) => Promise<ExitCode>,
): Promise<ExitCode> {
  const [path, ...more] = args.positionals;
  if (path === undefined || more.length > 0) throw new UsageError('One archive is needed: the zip.');
  const store = await storeWithToken(args, terminal);
  try {
    return await withLocalArchive(path, terminal.workingFolder, async (archive) => {
      const appId = await chosenAppId(args, archive);
      const answer = await sendShown(
        store,
        archive,
        `/api/v1/apps/${appId}/${request.route}`,
        request.headers,
        terminal,
      );
      return tell({ answer, store, appId });
    });
  } catch (error) {
    if (!(error instanceof UnreadableArchiveError)) throw error;
    terminal.err(`${error.message}\n`);
    return 1;
  }
}

async function chosenAppId(args: Arguments, archive: LocalArchive): Promise<string> {
  const chosen = textOption(args, 'app-id');
  if (chosen === undefined) return appIdOf(archive);
  if (!isAppId(chosen))
    throw new UsageError('An app id has 3 to 64 of a-z, 0-9, "_" and "-", and starts with a letter or a digit.');
  return chosen;
}

async function sendShown(
  store: Store,
  archive: LocalArchive,
  path: string,
  headers: OutgoingHttpHeaders | undefined,
  terminal: Terminal,
): Promise<StoreAnswer> {
  const progress = progressBar(terminal, basename(archive.path), archive.bytes);
  const onProgress = (bytes: number): void => {
    if (bytes < archive.bytes) progress.show(bytes);
    else progress.say('is being inspected …');
  };
  try {
    return await sendArchive(store, { path, archive, onProgress, ...(headers !== undefined && { headers }) });
  } finally {
    progress.clear();
  }
}

/** Prints a report as the other commands do, what was said about it since, then `verdict` as the last line. */
export function printVerdict(
  terminal: Terminal,
  report: Report,
  verdict: string,
  thread: Submission['thread'] = [],
): void {
  terminal.out(reportAsText(report, { colour: terminal.isInteractive }));
  if (thread.length > 0) terminal.out('\n');
  for (const { kind, happenedAt, text } of thread) terminal.out(`${shortTime(happenedAt)} ${kind}: ${text}\n`);
  terminal.out(`\n${verdict}\n`);
}

/** Statuses that say of the archive, and not of the asking, that it can't be accepted: too large, not a zip. */
const ARCHIVE_REFUSED = new Set([413, 415]);

/** Ends a command whose archive got a problem instead of a report: 1 where it is the archive's fault, 3 otherwise. */
export function tellProblem({ answer, store }: Answered, terminal: Terminal): ExitCode {
  const isRefused = ARCHIVE_REFUSED.has(answer.status) && problemCode(answer) !== null;
  terminal.err(`${isRefused ? 'Refused' : 'The store says'}: ${problemWords(answer, store)}\n`);
  return isRefused ? 1 : 3;
}
