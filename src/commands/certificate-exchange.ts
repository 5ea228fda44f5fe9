import type { z } from 'zod';
import {
  answerSigningRequest,
  checkControlChallenge,
  createControlChallenge,
  withdrawSigningRequest,
} from '../client/generated/operations.js';
import { controlChallenge, readRequestId, refusedByStore, signingRequestSummary } from './certificate-answers.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { challengeWords } from './request-text.js';
import { askStore, type StoreAnswer } from './store-client.js';
import { storeOptionHelp, storeOptions, storeWithToken, type Store } from './store-client-address.js';
import { understand } from './store-client-answers.js';
import { shortTime } from './table.js';

const options = { ...storeOptions, json: { type: 'boolean' } } as const;
const optionHelp = { ...storeOptionHelp, json: 'prints what the store answers as JSON' };
const STORE_USAGE = '[--url URL] [--token-file FILE] [--insecure] [--json]';

const MAX_ANSWER = 2_000;

/** `portcullis certificate answer`: answers what a moderator asked. */
export const certificateAnswer: Command = {
  name: 'certificate answer',
  summary: 'Answers what a moderator asked about a signing request.',
  usage: `REQUEST-ID TEXT ${STORE_USAGE}`,
  options,
  optionHelp,
  about: 'The request waits for a moderator again then. What was asked: portcullis certificate status REQUEST-ID',
  async run(args, terminal) {
    const id = readRequestId(args, 1);
    const text = args.positionals[1]?.trim() ?? '';
    if (text === '') throw new UsageError('The answer is missing: put it in quotes.');
    if (text.length > MAX_ANSWER) throw new UsageError('An answer has at most 2,000 characters.');
    return change(
      args,
      terminal,
      (store) => askStore(store, answerSigningRequest, { path: { id }, body: { text } }),
      () => `Answered. Signing request ${id} waits for a moderator.`,
    );
  },
};

/** `portcullis certificate withdraw`: takes a request back. */
export const certificateWithdraw: Command = {
  name: 'certificate withdraw',
  summary: 'Takes a signing request back.',
  usage: `REQUEST-ID ${STORE_USAGE}`,
  options,
  optionHelp,
  about: 'Only one that is not decided yet; a certificate is taken back by portcullis certificate revoke.',
  async run(args, terminal) {
    const id = readRequestId(args);
    return change(
      args,
      terminal,
      (store) => askStore(store, withdrawSigningRequest, { path: { id } }),
      ({ appId }) => `Withdrew the request for ${appId}.`,
    );
  },
};

/** `portcullis certificate challenge`: proves control of the app's repository or website. */
export const certificateChallenge: Command = {
  name: 'certificate challenge',
  summary: "Proves to moderators that you control the app's repository or website.",
  usage: `REQUEST-ID [--website URL | --check] ${STORE_USAGE}`,
  options: { website: { type: 'string' }, check: { type: 'boolean' }, ...options },
  optionHelp: {
    website: 'the repository or website; without it that of the request, or else what published releases declare',
    check: 'has the store look for the value now',
    ...optionHelp,
  },
  about: `Without --check it gets a one-time value, which counts for 72 hours and replaces any earlier one, and says where to
publish it: a file .well-known/portcullis-challenge.txt that holds the value. With --check the store looks for it;
exit 1 where it is not there.`,
  async run(args, terminal) {
    const id = readRequestId(args);
    const [website, isCheck] = [textOption(args, 'website'), isSet(args, 'check')];
    if (website !== undefined && isCheck) throw new UsageError('Give one of --website and --check.');
    const store = await storeWithToken(args, terminal);
    const answer = isCheck
      ? await askStore(store, checkControlChallenge, { path: { id } })
      : await askStore(store, createControlChallenge, {
          path: { id },
          body: website === undefined ? {} : { declaredUrl: website },
        });
    if (answer.status !== 200 && answer.status !== 201) return refusedByStore(answer, store, terminal);
    const challenge = understand(controlChallenge, answer, store);
    if (isSet(args, 'json')) printJson(answer, terminal);
    else if (isCheck) terminal.out(`Control of ${challenge.declaredUrl} is ${challengeWords(challenge)}\n`);
    else terminal.out(howToPublish(challenge, id));
    return isCheck && challenge.outcome !== 'proven' ? 1 : 0;
  },
};

function howToPublish({ urls, text, expiresAt }: z.infer<typeof controlChallenge>, id: string): string {
  const places = urls.map((url) => `  ${url}\n`).join('');
  return `Publish this, by itself in a file of plain text, before ${shortTime(expiresAt)} UTC:

  ${text ?? ''}

at ${urls.length > 1 ? 'one of these addresses' : 'this address'}:

${places}
Then: portcullis certificate challenge ${id} --check
`;
}

async function change(
  args: Arguments,
  terminal: Terminal,
  operation: (store: Store) => Promise<StoreAnswer>,
  words: (request: z.infer<typeof signingRequestSummary>) => string,
): Promise<ExitCode> {
  const store: Store = await storeWithToken(args, terminal);
  const answer = await operation(store);
  if (answer.status !== 200) return refusedByStore(answer, store, terminal);
  const request = understand(signingRequestSummary, answer, store);
  if (isSet(args, 'json')) printJson(answer, terminal);
  else terminal.out(`${words(request)}\n`);
  return 0;
}

function printJson({ body }: StoreAnswer, terminal: Terminal): void {
  terminal.out(`${JSON.stringify(body, null, 2)}\n`);
}
