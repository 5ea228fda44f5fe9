import { z } from 'zod';
import { reviewKinds, reviewStates } from '../database/reviews.js';
import { difference } from '../http/difference-representation.js';
import { reviewDetail, reviewSummary } from '../http/review-representations.js';
import { readDifference, type Difference, type FileDifference } from '../moderation/difference.js';
import { countQueue, readQueue, type QueueItem, type QueueQuery } from '../moderation/queue.js';
import { readReview } from '../moderation/read-review.js';
import { UsageError, type Arguments, type Command } from './command.js';
import { asGateOperator, type GateOperator } from './gate-operator.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet, textOption, textOptions } from './option-values.js';
import { differenceAsText, queueAsText, reviewAsText } from './review-text.js';

const PAGE = 100;

const jsonOption = { json: { type: 'boolean' } } as const;
const jsonHelp = { json: 'prints it as JSON, in the shape of the API' };

/** `portcullis review list`: what waits for a moderator. */
export const reviewList: Command = {
  name: 'review list',
  summary: 'Lists what waits for a moderator, the oldest first.',
  usage: '[--kind KIND]... [--state STATE]... [--app ID] [--search TEXT] [--free] [--json]',
  options: {
    ...jsonOption,
    kind: { type: 'string', multiple: true },
    state: { type: 'string', multiple: true },
    app: { type: 'string' },
    search: { type: 'string' },
    free: { type: 'boolean' },
  },
  optionHelp: {
    ...jsonHelp,
    kind: `only these: ${reviewKinds.join(', ')}`,
    state: `only these: ${reviewStates.join(', ')}; all but closed where not given`,
    app: 'only those of this app',
    search: 'only those with this in the app id, the version, the uploader, the category or an id',
    free: 'only those that no moderator is at',
  },
  about: `held: a submission that waits. appeal: against a refusal. signing-request: for a certificate. quarantine: a release
that nobody gets. report: of trouble, from the public.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('This takes options only.');
    const query: Omit<QueueQuery, 'after' | 'limit'> = {
      kinds: choices(args, 'kind', reviewKinds),
      states: choices(args, 'state', reviewStates),
      appId: textOption(args, 'app') ?? null,
      q: textOption(args, 'search') ?? null,
      claimed: isSet(args, 'free') ? 'free' : null,
    };
    return asGateOperator(terminal, async ({ gate, caller }) => {
      const reviews = await readWholeQueue({ gate, caller }, query);
      const counts = await countQueue(gate, caller);
      terminal.out(
        isSet(args, 'json')
          ? `${JSON.stringify({ reviews: reviews.map(reviewSummary), counts }, null, 2)}\n`
          : queueAsText(reviews),
      );
      return 0;
    });
  },
};

/** `portcullis review show`: one review. */
export const reviewShow: Command = {
  name: 'review show',
  summary: 'Shows a review with its report, its history and what was said in it.',
  usage: 'REVIEW-ID [--json]',
  options: jsonOption,
  optionHelp: jsonHelp,
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    const id = reviewIdOf(args);
    return asGateOperator(terminal, async ({ gate, caller }) => {
      const detail = await readReview(gate, caller, id);
      terminal.out(
        isSet(args, 'json') ? `${JSON.stringify(reviewDetail(detail, gate.now()), null, 2)}\n` : reviewAsText(detail),
      );
      return 0;
    });
  },
};

/** `portcullis review diff`: what a review is about, against the last published release. */
export const reviewDiff: Command = {
  name: 'review diff',
  summary: 'Shows what a submission changes against the last published release.',
  usage: 'REVIEW-ID [--path PATH] [--json]',
  options: { ...jsonOption, path: { type: 'string' } },
  optionHelp: { ...jsonHelp, path: 'this file only, with more of its text' },
  about: `Characters that could mislead a reader are written as \\u{hex}. Exit 1: the archive can't be read to its end.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const id = reviewIdOf(args);
    const path = textOption(args, 'path') ?? null;
    return asGateOperator(terminal, async ({ gate, caller }) => {
      const found = await readWholeDifference({ gate, caller }, id, path);
      terminal.out(isSet(args, 'json') ? `${JSON.stringify(difference(found), null, 2)}\n` : differenceAsText(found));
      return found.counts === null ? 1 : 0;
    });
  },
};

/** The one review that a command is about. @throws UsageError */
export function reviewIdOf({ positionals }: Arguments): string {
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new UsageError('One thing is needed: the id of a review.');
  if (!z.uuid().safeParse(id).success) throw new UsageError(`"${id}" is no id of a review.`);
  return id;
}

function choices<const Choice extends string>(
  args: Arguments,
  option: string,
  all: readonly Choice[],
): readonly Choice[] {
  return textOptions(args, option).map((text) => {
    const choice = all.find((each) => each === text);
    if (choice === undefined) throw new UsageError(`--${option} is one of ${all.join(', ')}.`);
    return choice;
  });
}

async function readWholeQueue(
  { gate, caller }: GateOperator,
  query: Omit<QueueQuery, 'after' | 'limit'>,
): Promise<readonly QueueItem[]> {
  const items: QueueItem[] = [];
  for (let after: QueueQuery['after'] = null; ;) {
    const { reviews, next } = await readQueue(gate, caller, { ...query, after, limit: PAGE });
    items.push(...reviews);
    if (next === null) return items;
    after = next;
  }
}

const FILES_A_PAGE = 1_000;

async function readWholeDifference(
  { gate, caller }: GateOperator,
  id: string,
  path: string | null,
): Promise<Difference> {
  const files: FileDifference[] = [];
  let omittedTexts = 0;
  for (let after: string | null = null; ;) {
    const page = await readDifference(gate, caller, id, { after, path, limit: FILES_A_PAGE });
    files.push(...page.files);
    omittedTexts += page.omittedTexts;
    if (page.next === null) return { ...page, files, omittedTexts };
    after = page.next;
  }
}
