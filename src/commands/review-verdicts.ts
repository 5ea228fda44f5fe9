import {
  findReview,
  reviewVerdicts,
  type ReviewKind,
  type ReviewRow,
  type ReviewVerdict,
} from '../database/reviews.js';
import { decidedReview, reinspection, verdict as verdictJson } from '../http/review-verdict-representations.js';
import { addNote, askDeveloper, objectToProposal } from '../moderation/ask-developer.js';
import { claimReview } from '../moderation/claims.js';
import { inspectAgain } from '../moderation/inspect-again.js';
import { confirmProposal, decideReview, type DecidedReview } from '../moderation/verdicts.js';
import { printable } from '../report/printable.js';
import { RequestError } from '../request-error.js';
import { UsageError, type Arguments, type Command, type ExitCode, type Terminal } from './command.js';
import { asGateOperator, type GateOperator } from './gate-operator.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet, textOption, textOptions } from './option-values.js';
import { reviewIdOf } from './review.js';
import { shortTime } from './table.js';

const jsonOption = { json: { type: 'boolean' } } as const;
const jsonHelp = { json: 'prints it as JSON, in the shape of the API' };
const takeOverOption = { 'take-over': { type: 'boolean' } } as const;
const takeOverHelp = { 'take-over': 'also where another moderator is at it, who then is not any more' };
const reasonOptions = { ...jsonOption, reason: { type: 'string' } } as const;
const verdictOptions = { ...reasonOptions, ...takeOverOption, canned: { type: 'string' } } as const;
const verdictHelp = {
  ...jsonHelp,
  ...takeOverHelp,
  reason: 'why; the developer reads it',
  canned: 'the code of a canned reason, whose words count where --reason says none',
};
const textOptionsOf = { ...jsonOption, text: { type: 'string' } } as const;

const CANNED_USAGE = '(--reason TEXT | --canned CODE)';
const ABOUT_VERDICTS = `As the account "operator", which decides nothing that it uploaded, owns or refused before.
${ABOUT_OPERATORS}`;

const acceptances: Readonly<Partial<Record<ReviewKind, ReviewVerdict>>> = {
  held: 'accepted',
  appeal: 'granted',
  quarantine: 'restored',
  'signing-request': 'approved',
};

const refusals: Readonly<Partial<Record<ReviewKind, ReviewVerdict>>> = {
  held: 'refused',
  appeal: 'denied',
  quarantine: 'withdrawn',
  'signing-request': 'declined',
};

/** `portcullis review accept`: decides a review for the developer. */
export const reviewAccept: Command = {
  name: 'review accept',
  summary: 'Accepts a held submission, grants an appeal, restores a release, approves a signing request.',
  usage: `REVIEW-ID ${CANNED_USAGE} [--lift CODE]... [--take-over] [--json]`,
  options: { ...verdictOptions, lift: { type: 'string', multiple: true } },
  optionHelp: {
    ...verdictHelp,
    lift: 'a finding that is lifted for this upload; where not given, those on record that can be',
  },
  about: `The stored archive is inspected anew: what a moderator can't lift, or what has come since, keeps it out (exit 1).
Where a rule is lifted for an official app, another moderator must confirm it.
${ABOUT_VERDICTS}`,
  async run(args, terminal) {
    const codes = textOptions(args, 'lift');
    return decide(args, terminal, (review) => verdictAmong(acceptances, review), codes.length === 0 ? null : codes);
  },
};

/** `portcullis review refuse`: decides a review against the developer. */
export const reviewRefuse: Command = {
  name: 'review refuse',
  summary: 'Refuses a held submission, denies an appeal, withdraws a release, declines a signing request.',
  usage: `REVIEW-ID ${CANNED_USAGE} [--take-over] [--json]`,
  options: verdictOptions,
  optionHelp: verdictHelp,
  about: ABOUT_VERDICTS,
  async run(args, terminal) {
    return decide(args, terminal, (review) => verdictAmong(refusals, review), null);
  },
};

/** `portcullis review report`: decides a report of trouble. */
export const reviewReport: Command = {
  name: 'review report',
  summary: 'Decides a report from the public.',
  usage: `REVIEW-ID --verdict dismissed|quarantined|withdrawn ${CANNED_USAGE} [--take-over] [--json]`,
  options: { ...verdictOptions, verdict: { type: 'string' } },
  optionHelp: { ...verdictHelp, verdict: 'what becomes of the reported release; dismissed: nothing' },
  about: ABOUT_VERDICTS,
  async run(args, terminal) {
    const wanted = reviewVerdicts.find((each) => each === textOption(args, 'verdict'));
    if (wanted === undefined) throw new UsageError('--verdict is dismissed, quarantined or withdrawn.');
    return decide(args, terminal, () => wanted, null);
  },
};

/** `portcullis review confirm`: agrees with another moderator's verdict. */
export const reviewConfirm: Command = {
  name: 'review confirm',
  summary: 'Agrees with a verdict that another moderator proposed.',
  usage: 'REVIEW-ID --reason TEXT [--take-over] [--json]',
  options: { ...reasonOptions, ...takeOverOption },
  optionHelp: { ...jsonHelp, ...takeOverHelp, reason: 'why; moderators read it' },
  about: `Everything is judged anew. A proposal counts for 7 days.
${ABOUT_VERDICTS}`,
  async run(args, terminal) {
    const [id, reason] = [reviewIdOf(args), needed(args, 'reason')];
    return asReviewer(args, terminal, id, async ({ gate, caller }) =>
      tell(args, terminal, await confirmProposal(gate, caller, { id, reason })),
    );
  },
};

/** `portcullis review object`: is against another moderator's verdict. */
export const reviewObject: Command = {
  name: 'review object',
  summary: 'Objects to a verdict that was proposed, or takes it back; the review waits as before.',
  usage: 'REVIEW-ID --reason TEXT [--json]',
  options: reasonOptions,
  optionHelp: { ...jsonHelp, reason: 'why; moderators read it' },
  about: ABOUT_VERDICTS,
  run: (args, terminal) =>
    change(args, terminal, needed(args, 'reason'), 'Objected: the review waits as before.', (at, id, reason) =>
      objectToProposal(at.gate, at.caller, { id, reason }),
    ),
};

/** `portcullis review ask`: asks the developer. */
export const reviewAsk: Command = {
  name: 'review ask',
  summary: 'Asks the developer something; the review waits for the answer.',
  usage: 'REVIEW-ID --text TEXT [--take-over] [--json]',
  options: { ...textOptionsOf, ...takeOverOption },
  optionHelp: { ...jsonHelp, ...takeOverHelp, text: 'the question; the developer reads it' },
  about: `It may be decided without an answer, too.
${ABOUT_VERDICTS}`,
  run: (args, terminal) =>
    change(args, terminal, needed(args, 'text'), 'Asked. The review waits for the answer.', (at, id, text) =>
      askDeveloper(at.gate, at.caller, { id, text }),
    ),
};

/** `portcullis review note`: writes something down for other moderators. */
export const reviewNote: Command = {
  name: 'review note',
  summary: 'Writes down something for other moderators, who alone read it.',
  usage: 'REVIEW-ID --text TEXT [--json]',
  options: textOptionsOf,
  optionHelp: { ...jsonHelp, text: 'what they should know' },
  about: ABOUT_OPERATORS,
  run: (args, terminal) =>
    change(args, terminal, needed(args, 'text'), 'Noted.', (at, id, text) => addNote(at.gate, at.caller, { id, text })),
};

/** `portcullis review inspect`: runs the gate again. */
export const reviewInspect: Command = {
  name: 'review inspect',
  summary: 'Runs the gate again on what a review is about; decides nothing.',
  usage: 'REVIEW-ID --reason TEXT [--json]',
  options: reasonOptions,
  optionHelp: { ...jsonHelp, reason: 'why; moderators read it' },
  about: `Exit 1: the gate would not accept it today.
${ABOUT_VERDICTS}`,
  async run(args, terminal) {
    const [id, reason] = [reviewIdOf(args), needed(args, 'reason')];
    return asGateOperator(terminal, async ({ gate, caller }) => {
      const found = await inspectAgain(gate, caller, { id, reason });
      const { report, gone, come } = found;
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify(reinspection(found), null, 2)}\n`);
      else {
        terminal.out(`The gate says now: ${report.outcome}.\n`);
        terminal.out(`  gone  ${gone.join(' ') || 'nothing'}\n  come  ${come.join(' ') || 'nothing'}\n`);
      }
      return report.outcome === 'accepted' ? 0 : 1;
    });
  },
};

function verdictAmong(verdicts: typeof acceptances, { kind }: ReviewRow): ReviewVerdict {
  const verdict = verdicts[kind];
  if (verdict === undefined) throw new UsageError('This is a report: decide it with portcullis review report.');
  return verdict;
}

async function decide(
  args: Arguments,
  terminal: Terminal,
  verdictOf: (review: ReviewRow) => ReviewVerdict,
  codes: readonly string[] | null,
): Promise<ExitCode> {
  const id = reviewIdOf(args);
  const reasonCode = textOption(args, 'canned') ?? null;
  const reason = textOption(args, 'reason')?.trim() ?? '';
  if (reasonCode === null && reason === '') throw new UsageError('It is needed: --reason TEXT or --canned CODE');
  return asReviewer(args, terminal, id, async ({ gate, caller }) => {
    const review = await findReview(gate.database, id);
    if (review === null) throw new RequestError('NOT_FOUND', 'There is no such review.');
    const decision = { id, verdict: verdictOf(review), reasonCode, reason, codes };
    return tell(args, terminal, await decideReview(gate, caller, decision));
  });
}

function tell(args: Arguments, terminal: Terminal, decided: DecidedReview): ExitCode {
  const { review, receipt } = decided;
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify(verdictJson(decided), null, 2)}\n`);
  else {
    const what = printable(`${review.appId} ${review.version ?? ''}`.trim(), 200);
    terminal.out(
      review.state === 'closed'
        ? `${what} is ${review.verdict ?? ''}. Receipt: ${receipt}\n`
        : `Proposed for ${what}: another moderator must confirm it. Receipt: ${receipt}\n`,
    );
  }
  return 0;
}

async function change(
  args: Arguments,
  terminal: Terminal,
  text: string,
  words: string,
  act: (operator: GateOperator, id: string, text: string) => Promise<ReviewRow>,
): Promise<ExitCode> {
  const id = reviewIdOf(args);
  return asReviewer(args, terminal, id, async (operator) => {
    const review = await act(operator, id, text);
    terminal.out(isSet(args, 'json') ? `${JSON.stringify(decidedReview(review), null, 2)}\n` : `${words}\n`);
    return 0;
  });
}

/** Runs what needs a review that nobody else is at; with `--take-over` it is taken from whoever is. */
async function asReviewer(
  args: Arguments,
  terminal: Terminal,
  id: string,
  work: (operator: GateOperator) => Promise<ExitCode>,
): Promise<ExitCode> {
  return asGateOperator(terminal, async (operator) => {
    try {
      if (isSet(args, 'take-over')) await claimReview(operator.gate, operator.caller, id, { takeOver: true });
      return await work(operator);
    } catch (error) {
      throw error instanceof RequestError && error.code === 'REVIEW_CLAIMED' ? withWayOut(error) : error;
    }
  });
}

function withWayOut({ code, message, extra }: RequestError): RequestError {
  const { claimedUntil } = extra;
  const until =
    typeof claimedUntil === 'string' ? ` The claim lasts until ${shortTime(new Date(claimedUntil))} (UTC).` : '';
  return new RequestError(code, `${message}${until} With --take-over it is done all the same.`, extra);
}

/** @throws UsageError */
function needed(args: Arguments, name: 'reason' | 'text'): string {
  const text = textOption(args, name)?.trim() ?? '';
  if (text === '') throw new UsageError(`It is needed: --${name} TEXT`);
  return text;
}
