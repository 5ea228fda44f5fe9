import { createColors } from 'picocolors';
import { z } from 'zod';
import { isAppId } from '../app/app-id.js';
import { readApp, readRelease, readSubmission } from '../client/generated/operations.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet } from './option-values.js';
import { askStore, type StoreAnswer } from './store-client.js';
import { publicStore, storeOptionHelp, storeOptions, storeWithToken, type Store } from './store-client-address.js';
import * as answers from './store-client-answers.js';
import { printVerdict } from './store-client-upload.js';
import { asTable, shortTime } from './table.js';
import { awaitVerdict, verdictOf, waitOption } from './upload.js';

/** `portcullis status`: what became of an upload, or how a release or an app stands. */
export const status: Command = {
  name: 'status',
  summary: 'Shows a submission with its report, or how a release or an app stands.',
  usage: 'SUBMISSION-ID | APP[@VERSION] [--wait SECONDS] [--url URL] [--token-file FILE] [--insecure] [--json]',
  options: { ...storeOptions, wait: { type: 'string' }, json: { type: 'boolean' } },
  optionHelp: {
    ...storeOptionHelp,
    wait: 'how long to wait for a moderator if the submission is held or appealed',
    json: 'prints what the store answers as JSON',
  },
  about: `A submission needs the token of whoever may see it; releases and apps are public.
Exit 1: the submission was refused, the release does not stand, or there is no such thing.`,
  async run(args, terminal) {
    const [subject, ...more] = args.positionals;
    if (subject === undefined || more.length > 0)
      throw new UsageError('One thing is needed: a submission id, or APP[@VERSION].');
    if (z.uuid().safeParse(subject).success) return showSubmission(subject, args, terminal);
    const [appId = '', version] = subject.split(/@(.*)/s);
    if (!isAppId(appId) || version === '')
      throw new UsageError(`"${subject}" is neither a submission id nor APP[@VERSION].`);
    return version === undefined ? showApp(appId, args, terminal) : showRelease(appId, version, args, terminal);
  },
};

async function showSubmission(id: string, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const seconds = waitOption(args);
  const store = await storeWithToken(args, terminal);
  const first = await askStore(store, readSubmission, { path: { id } });
  if (first.status !== 200) return absent(first, store, terminal);
  const answer = await awaitVerdict(store, first, seconds, terminal);
  const found = answers.understand(answers.submission, answer, store);
  print(args, terminal, answer, () => {
    printVerdict(terminal, answers.asReport(found.report), verdictOf(found, 201, store), found.thread);
  });
  return found.state === 'refused' ? 1 : 0;
}

async function showRelease(appId: string, version: string, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const store = publicStore(args, terminal);
  const answer = await askStore(store, readRelease, { path: { appId, version } });
  if (answer.status !== 200) return absent(answer, store, terminal);
  const release = answers.understand(answers.release, answer, store);
  print(args, terminal, answer, () => {
    terminal.out(`${appId} ${release.version} is ${inColour(release.status, terminal)}\n\n`);
    terminal.out(asTable(releaseFacts(release)));
  });
  return release.status === 'published' ? 0 : 1;
}

function releaseFacts(release: answers.Release): readonly (readonly [string, string])[] {
  const { signer } = release.signature;
  return [
    ['  published', shortTime(release.publishedAt)],
    ...(release.statusChangedAt === null
      ? []
      : ([
          [
            `  ${release.status}`,
            `${shortTime(release.statusChangedAt)}, ${release.statusReason ?? 'no reason given'}`,
          ],
        ] as const)),
    ...signerFacts(release.signerRevoked),
    ['  signed', signer === null ? 'no' : `by ${signer.commonName} (${signer.issuer})`],
    ['  archive', `${release.archive.bytes} bytes, SHA-256 ${release.archive.sha256}`],
  ];
}

/** A release stays as it was when its certificate is revoked, but for those that a thief may have published: it is marked. */
function signerFacts(revoked: answers.Release['signerRevoked']): readonly (readonly [string, string])[] {
  if (revoked === null) return [];
  const { serial, revokedAt, reason, invalidityDate } = revoked;
  const since = invalidityDate === null ? '' : `, in wrong hands since ${shortTime(invalidityDate)}`;
  return [['  signer revoked', `${shortTime(revokedAt)}, ${reason}${since} (serial ${serial})`]];
}

async function showApp(appId: string, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const store = publicStore(args, terminal);
  const answer = await askStore(store, readApp, { path: { appId } });
  if (answer.status !== 200) return absent(answer, store, terminal);
  const app = answers.understand(answers.app, answer, store);
  print(args, terminal, answer, () => {
    const since = app.signedSince === null ? 'never signed yet' : `signed since ${shortTime(app.signedSince)}`;
    terminal.out(`${appId} is ${app.trustLevel}, ${since}\n\n`);
    terminal.out(asTable(app.releases.map(releaseRow)));
  });
  return 0;
}

function releaseRow({
  version,
  status: standing,
  signed,
  publishedAt,
  statusReason,
  signerRevoked,
}: answers.ReleaseSummary): readonly string[] {
  const mark =
    signerRevoked === null ? '' : `signer revoked ${shortTime(signerRevoked.revokedAt)}, ${signerRevoked.reason}`;
  const signature = signed ? 'signed' : 'unsigned';
  return [`  ${version}`, standing, signature, shortTime(publishedAt), statusReason ?? '', mark];
}

function inColour(standing: answers.Release['status'], { isInteractive }: Terminal): string {
  const { green, red } = createColors(isInteractive);
  return standing === 'published' ? green(standing) : red(standing);
}

function print(args: Arguments, terminal: Terminal, { body }: StoreAnswer, asText: () => void): void {
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(body, null, 2)}\n`);
  else asText();
}

/** That there is no such thing is an answer to the question; anything else means that nobody could tell. */
function absent(answer: StoreAnswer, store: Store, terminal: Terminal): ExitCode {
  if (answers.problemCode(answer) !== 'NOT_FOUND') throw answers.failure(answer, store);
  terminal.err(`${answers.problemWords(answer, store)}\n`);
  return 1;
}
