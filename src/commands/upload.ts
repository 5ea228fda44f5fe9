import { readSubmission } from '../client/generated/operations.js';
import { askUntil } from './ask-until.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { askStore, type StoreAnswer } from './store-client.js';
import type { Store } from './store-client-address.js';
import { asReport, submission, understand, type Submission } from './store-client-answers.js';
import {
  printVerdict,
  sendingOptionHelp,
  sendingOptions,
  sendNamedArchive,
  tellProblem,
  type Answered,
} from './store-client-upload.js';

/** `portcullis upload`: sends an archive to the store as a release. */
export const upload: Command = {
  name: 'upload',
  summary: 'Sends an app to the store, and says what became of it.',
  usage:
    'ZIP [--app-id ID] [--url URL] [--token-file FILE] [--wait SECONDS] [--idempotency-key KEY] [--insecure] [--json]',
  options: { ...sendingOptions, wait: { type: 'string' }, 'idempotency-key': { type: 'string' } },
  optionHelp: {
    ...sendingOptionHelp,
    wait: 'how long to wait for the verdict of a moderator if the release is held',
    'idempotency-key': 'sending again under the same key, after a broken connection say, gives the first answer',
  },
  about: `Exit 0 also where the very same archive was accepted before, and where it waits for a moderator, which the
last line says. The token is read from PORTCULLIS_TOKEN or a file, never from the command line:

  export PORTCULLIS_TOKEN=$(cat token)
  portcullis upload calendar-1.2.0.zip --url https://store.example.org`,
  async run(args, terminal) {
    const seconds = waitOption(args);
    const key = textOption(args, 'idempotency-key');
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new UsageError('An idempotency key has 1 to 255 printable ASCII characters.');
    }
    const request = {
      route: 'releases',
      ...(key !== undefined && { headers: { 'idempotency-key': `"${key}"` } }),
    } as const;
    return sendNamedArchive(args, terminal, request, (answered) => tellOutcome(answered, seconds, args, terminal));
  },
};

/** Statuses that come with a submission. */
const JUDGED = new Set([200, 201, 202, 409, 422]);

async function tellOutcome(
  answered: Answered,
  seconds: number,
  args: Arguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const { answer: first, store } = answered;
  if (!JUDGED.has(first.status) || !submission.safeParse(first.body).success) return tellProblem(answered, terminal);
  const answer = await awaitVerdict(store, first, seconds, terminal);
  const found = understand(submission, answer, store);
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(answer.body, null, 2)}\n`);
  else {
    printVerdict(terminal, asReport(found.report), verdictOf(found, first.status, store), found.thread);
  }
  return found.state === 'refused' ? 1 : 0;
}

/** What became of a submission, in a sentence that ends its report. */
export function verdictOf(found: Submission, status: number, store: Store): string {
  const what = `${found.appId} ${found.version ?? ''}`.trimEnd();
  if (found.state === 'refused') {
    const reason = found.review?.reason ?? null;
    const how = found.canAppeal ? ` To appeal: portcullis appeal ${found.id} --text …` : '';
    return reason === null
      ? `Refused. The store keeps the report as ${found.id}.${how}`
      : `Refused by a moderator: ${reason}${how}`;
  }
  if (found.state === 'questioned') {
    return `A moderator asks about ${what}, see above. Answer with: portcullis answer ${found.id} --text …`;
  }
  if (found.state === 'appealed') return `Appealed: a moderator looks at ${what} again.`;
  if (found.release === null) {
    return `Held: ${what} waits for a moderator. Ask again with: portcullis status ${found.id}`;
  }
  const url = new URL(found.release.url.replace(/^\//, ''), `${store.url.href.replace(/\/$/, '')}/`).href;
  if (found.release.status !== 'published') return `${what} was published, and is ${found.release.status}: ${url}`;
  return status === 200
    ? `${what} is already published with these very bytes: ${url}`
    : `Accepted: ${what} is published at ${url}`;
}

/**
 * The seconds of `--wait`, 0 where it isn't given.
 *
 * @throws UsageError
 */
export function waitOption(args: Arguments): number {
  const text = textOption(args, 'wait') ?? '0';
  if (!/^\d{1,6}$/.test(text)) throw new UsageError('--wait takes whole seconds.');
  return Number(text);
}

/** The store may hold its answer back for so long at most; it says no more than it knows, so that we ask again. */
const LONGEST_QUESTION_S = 30;

/** Asks for a submission that waits for a moderator until it is decided, something is asked about it, or `seconds` are over; any other is as good as it will be. */
export async function awaitVerdict(
  store: Store,
  first: StoreAnswer,
  seconds: number,
  terminal: Terminal,
): Promise<StoreAnswer> {
  const nextQuestion = ({ body }: StoreAnswer, left: number) => {
    const parsed = submission.safeParse(body);
    if (!parsed.success || (parsed.data.state !== 'held' && parsed.data.state !== 'appealed')) return null;
    const wait = Math.min(LONGEST_QUESTION_S, Math.ceil(left / 1000));
    return async () => askStore(store, readSubmission, { path: { id: parsed.data.id }, query: { wait } });
  };
  return askUntil(first, { seconds, nextQuestion }, terminal);
}
