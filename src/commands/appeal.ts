import { z } from 'zod';
import { answerQuestion, appealRefusal } from '../client/generated/operations.js';
import { MAX_TEXT } from '../moderation/texts.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { askStore } from './store-client.js';
import { storeOptionHelp, storeOptions, storeWithToken } from './store-client-address.js';
import * as answers from './store-client-answers.js';

const options = { ...storeOptions, text: { type: 'string' }, json: { type: 'boolean' } } as const;
const USAGE = 'SUBMISSION-ID --text TEXT [--url URL] [--token-file FILE] [--insecure] [--json]';

/** `portcullis appeal`: has a refusal looked at again. */
export const appeal: Command = {
  name: 'appeal',
  summary: 'Appeals the refusal of a submission.',
  usage: USAGE,
  options,
  optionHelp: {
    ...storeOptionHelp,
    text: 'why it should be accepted; moderators read it',
    json: 'prints what the store answers as JSON',
  },
  about: `Once a refusal, within 90 days. What becomes of it: portcullis status SUBMISSION-ID
Exit 1: it can't be appealed.`,
  run: (args, terminal) =>
    say(
      args,
      terminal,
      appealRefusal,
      10,
      (id) => `Appealed. A moderator looks at ${id} again: portcullis status ${id}`,
    ),
};

/** `portcullis answer`: answers what a moderator asked. */
export const answer: Command = {
  name: 'answer',
  summary: 'Answers what a moderator asked about a submission.',
  usage: USAGE,
  options,
  optionHelp: {
    ...storeOptionHelp,
    text: 'the answer; moderators read it',
    json: 'prints what the store answers as JSON',
  },
  about: `What was asked: portcullis status SUBMISSION-ID
Exit 1: nothing was asked.`,
  run: (args, terminal) => say(args, terminal, answerQuestion, 1, (id) => `Answered. ${id} waits for a moderator.`),
};

/** What the store says of the submission itself, and not of the asking. */
const REFUSED: ReadonlySet<string | null> = new Set([
  'NOT_FOUND',
  'NOT_OWNER',
  'NOT_APPEALABLE',
  'TOO_MANY_OPEN',
  'INVALID_REQUEST',
]);

async function say(
  args: Arguments,
  terminal: Terminal,
  operation: typeof appealRefusal | typeof answerQuestion,
  least: number,
  words: (id: string) => string,
): Promise<ExitCode> {
  const [id, ...more] = args.positionals;
  if (id === undefined || more.length > 0 || !z.uuid().safeParse(id).success) {
    throw new UsageError('One thing is needed: the id of a submission.');
  }
  const text = textOption(args, 'text')?.trim() ?? '';
  if (text === '') throw new UsageError('It is needed: --text TEXT');
  // By code units, as the store counts.
  if (text.length < least || text.length > MAX_TEXT) {
    throw new UsageError(`--text has ${least} to ${MAX_TEXT} characters.`);
  }
  const store = await storeWithToken(args, terminal);
  const got = await askStore(store, operation, { path: { id }, body: { text } });
  if (got.status !== 200 && got.status !== 201) {
    if (!REFUSED.has(answers.problemCode(got))) throw answers.failure(got, store);
    terminal.err(`The store says: ${answers.problemWords(got, store)}\n`);
    return 1;
  }
  answers.understand(answers.submission, got, store);
  terminal.out(isSet(args, 'json') ? `${JSON.stringify(got.body, null, 2)}\n` : `${words(id)}\n`);
  return 0;
}
