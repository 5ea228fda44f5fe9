import { z } from 'zod';
import { readSigningRequest, readSigningRequests } from '../authority/read-signing-requests.js';
import {
  signingRequestStates,
  type SigningRequestRow,
  type SigningRequestState,
} from '../database/signing-requests.js';
import { signingRequest, signingRequestSummary } from '../http/signing-request-representations.js';
import { UsageError, type Arguments, type Command } from './command.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet, textOption } from './option-values.js';
import { requestAsText } from './request-text.js';
import { onStoreAuthority, type AuthorityOperator } from './store-authority.js';
import { asTable, shortTime } from './table.js';

const PAGE = 100;

const states = ['open', ...signingRequestStates] as const;

/** `portcullis ca requests`: what developers ask the store's authority for. */
export const caRequests: Command = {
  name: 'ca requests',
  summary: 'Lists the signing requests that wait for a verdict, or shows one of them.',
  usage: '[REQUEST-ID] [--state STATE] [--json]',
  options: { state: { type: 'string' }, json: { type: 'boolean' } },
  optionHelp: {
    state: `lists those that are ${states.join(', ')}; open where not given`,
    json: 'prints it as JSON, in the shape of the API',
  },
  about: `The list has the oldest first. One request is shown with what was said about it, and whether the applicant has
proven to control the repository or website that the app declares.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const [id, ...more] = args.positionals;
    if (more.length > 0) throw new UsageError('One request at most.');
    const state = stateOption(args);
    if (id !== undefined) requireRequestId(id);
    return onStoreAuthority(args, terminal, async ({ gate, caller }) => {
      if (id !== undefined) {
        const request = signingRequest(await readSigningRequest(gate, caller, id), gate.now());
        terminal.out(isSet(args, 'json') ? `${JSON.stringify(request, null, 2)}\n` : requestAsText(request));
        return 0;
      }
      const rows = await readAll({ gate, caller }, state);
      if (isSet(args, 'json')) {
        terminal.out(`${JSON.stringify({ signingRequests: rows.map(signingRequestSummary) }, null, 2)}\n`);
        return 0;
      }
      const lines = rows.map((row) => [
        row.id,
        row.appId,
        row.state,
        row.purpose,
        row.keyKind,
        row.accountName,
        shortTime(row.requestedAt),
      ]);
      terminal.out(asTable([['ID', 'APP', 'STATE', 'PURPOSE', 'KEY', 'BY', 'REQUESTED'], ...lines]));
      return 0;
    });
  },
};

/** @throws UsageError for what is no id of a signing request */
export function requireRequestId(text: string): string {
  if (z.uuid().safeParse(text).success) return text;
  throw new UsageError(`"${text}" is no id of a signing request.`);
}

function stateOption(args: Arguments): SigningRequestState | 'open' {
  const text = textOption(args, 'state') ?? 'open';
  const state = states.find((each) => each === text);
  if (state === undefined) throw new UsageError(`--state is one of ${states.join(', ')}.`);
  return state;
}

async function readAll(
  { gate, caller }: Pick<AuthorityOperator, 'gate' | 'caller'>,
  state: SigningRequestState | 'open',
): Promise<readonly SigningRequestRow[]> {
  const rows: SigningRequestRow[] = [];
  for (let after: SigningRequestRow | null = null; ; after = rows.at(-1) ?? null) {
    const page = await readSigningRequests(gate, caller, { state, after, limit: PAGE });
    rows.push(...page);
    if (page.length < PAGE) return rows;
  }
}
