import {
  approveSigningRequest,
  declineSigningRequest,
  questionSigningRequest,
} from '../authority/decide-signing-request.js';
import { bundleOf } from '../authority/issue-certificate.js';
import { tendOwnAuthority } from '../authority/tend-authority.js';
import { approval, signingRequestSummary } from '../http/signing-request-representations.js';
import { requireRequestId } from './ca-requests.js';
import { fetchCommand, orElsewhere } from './certificate-elsewhere.js';
import { UsageError, type Arguments, type Command } from './command.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet, textOption } from './option-values.js';
import { onStoreAuthority } from './store-authority.js';
import { requireWritable, writeOutput } from './write-output.js';

const MAX_REASON = 2_000;

const verdictOptions = { reason: { type: 'string' }, json: { type: 'boolean' } } as const;
const verdictHelp = {
  reason: 'why; the applicant reads it',
  json: 'prints it as JSON, in the shape of the API',
};

/** `portcullis ca approve`: grants a signing request. */
export const caApprove: Command = {
  name: 'ca approve',
  summary: 'Grants a signing request: issues the certificate.',
  usage: 'REQUEST-ID --reason TEXT [--out FILE] [--force] [--json]',
  options: { ...verdictOptions, out: { type: 'string' }, force: { type: 'boolean' } },
  optionHelp: {
    ...verdictHelp,
    out: 'writes the certificate and its intermediate to this file too; the applicant gets them from the store',
    force: 'overwrites the file',
  },
  about: `Certificates that the request says are lost are revoked in the same moment. An app id that nobody owned is the
applicant's from then on.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const verdict = readVerdict(args);
    const [out, force] = [textOption(args, 'out'), isSet(args, 'force')];
    if (out === '-' && isSet(args, 'json')) {
      throw new UsageError('The standard output has room for --json or for --out -, not both.');
    }
    if (out !== undefined) await requireWritable(out, { force, keyFiles: [] }, terminal);
    return onStoreAuthority(args, terminal, async ({ gate, parts, caller, config }) => {
      const approved = await approveSigningRequest(gate, caller, verdict);
      const { request, issued } = approved;
      // What it replaces is on the list in the trust folder at once, where the key for it is here.
      if (request.replaces.length > 0) await tendOwnAuthority(parts, config);
      const { leaf } = issued;
      // A certificate on the standard output, or JSON, stands there alone.
      const say = isSet(args, 'json') || out === '-' ? terminal.err : terminal.out;
      if (isSet(args, 'json')) {
        terminal.out(`${JSON.stringify(approval(approved, gate.now()), null, 2)}\n`);
      } else {
        const until = leaf.notAfter.toISOString().slice(0, 10);
        say(`Approved. Issued CN=${request.appId}, serial ${leaf.serial}, valid until ${until}.\n`);
        for (const serial of request.replaces) say(`Revoked ${serial}, which it replaces.\n`);
      }
      if (out !== undefined) {
        const writing = writeOutput(out, bundleOf(issued), { mode: 0o644, force }, terminal);
        await orElsewhere(writing, leaf, `The request is approved. ${fetchCommand(leaf)}`);
      }
      if (out !== undefined && out !== '-') say(`Wrote ${out}.\n`);
      return 0;
    });
  },
};

/** `portcullis ca decline`: refuses a signing request. */
export const caDecline: Command = {
  name: 'ca decline',
  summary: 'Refuses a signing request, for good.',
  usage: 'REQUEST-ID --reason TEXT [--json]',
  options: verdictOptions,
  optionHelp: verdictHelp,
  about: ABOUT_OPERATORS,
  async run(args, terminal) {
    const verdict = readVerdict(args);
    return onStoreAuthority(args, terminal, async ({ gate, caller }) => {
      const request = await declineSigningRequest(gate, caller, verdict);
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify(signingRequestSummary(request), null, 2)}\n`);
      else terminal.out(`Declined the request of ${request.accountName} for ${request.appId}.\n`);
      return 0;
    });
  },
};

/** `portcullis ca question`: asks the applicant something. */
export const caQuestion: Command = {
  name: 'ca question',
  summary: 'Asks the applicant of a signing request something.',
  usage: 'REQUEST-ID --reason TEXT [--json]',
  options: verdictOptions,
  optionHelp: { ...verdictHelp, reason: 'the question; the applicant reads it' },
  about: `It can be granted or declined without an answer, too. Answers are shown by portcullis ca requests REQUEST-ID.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    const verdict = readVerdict(args);
    return onStoreAuthority(args, terminal, async ({ gate, caller }) => {
      const request = await questionSigningRequest(gate, caller, verdict);
      if (isSet(args, 'json')) terminal.out(`${JSON.stringify(signingRequestSummary(request), null, 2)}\n`);
      else terminal.out(`Asked ${request.accountName} about the request for ${request.appId}.\n`);
      return 0;
    });
  },
};

function readVerdict(args: Arguments): { readonly id: string; readonly reason: string } {
  const [id, ...more] = args.positionals;
  if (id === undefined || more.length > 0) throw new UsageError('Name one signing request, by its id.');
  const reason = textOption(args, 'reason')?.trim() ?? '';
  if (reason === '') throw new UsageError('A reason is needed: --reason TEXT');
  if (reason.length > MAX_REASON) throw new UsageError('A reason has at most 2,000 characters.');
  return { id: requireRequestId(id), reason };
}
