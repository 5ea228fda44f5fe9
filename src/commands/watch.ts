import { sweepStanding, type StandingSweep } from '../storefront/standing-watch.js';
import { TrustError } from '../pki/trust.js';
import { CommandError, UsageError, type Command } from './command.js';
import { asGateOperator } from './gate-operator.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet } from './option-values.js';
import { asTable } from './table.js';

/** `portcullis watch`: a whole sweep of the standing watch, now. */
export const watch: Command = {
  name: 'watch',
  summary: 'Looks at everything that is published again: its signers by the trust of now, its archives to their ends.',
  usage: '[--despite-many] [--json]',
  options: { 'despite-many': { type: 'boolean' }, json: { type: 'boolean' } },
  optionHelp: {
    'despite-many': 'acts also where so many archives are missing or changed that the storage may be out of reach',
    json: 'prints what came of it as JSON',
  },
  about: `A running gate does it by itself: signers once a day and whenever the trust has changed, archives within WATCH_DAYS. What is found
is marked, put under quarantine or withdrawn, as the rules of the store say (portcullis rules list). It ends with 0 where
nothing new was found, with 1 where something was, and with 3 where something could not be looked at, or so many archives
would go that nothing was done about them.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    return asGateOperator(terminal, async ({ gate }) => {
      const sweep = await sweepStanding(gate, { despiteMany: isSet(args, 'despite-many') }).catch((error: unknown) => {
        throw error instanceof TrustError ? new CommandError(error.message) : error;
      });
      terminal.out(isSet(args, 'json') ? `${JSON.stringify(sweep, null, 2)}\n` : wordsOf(sweep));
      const { signers, archives } = sweep;
      if (signers.untold + archives.untold + archives.spared.length > 0) return 3;
      return [signers, archives].some(
        (each) => each.marked.length + each.quarantined.length + each.withdrawn.length > 0,
      )
        ? 1
        : 0;
    });
  },
};

function wordsOf({ signers, archives }: StandingSweep): string {
  const rows = (['marked', 'quarantined', 'withdrawn', 'cleared'] as const).flatMap((what) =>
    [...signers[what], ...archives[what]].map((release) => [`  ${what}`, release]),
  );
  const spared = archives.spared.map((release) => ['  not touched', release]);
  return [
    `${signers.judged} signers judged, of ${signers.untold} of them not all could be told.\n`,
    `${archives.read} archives read, ${archives.bytes} bytes; ${archives.untold} could not be looked at.\n`,
    rows.length > 0 ? asTable(rows) : '',
    spared.length > 0
      ? `${spared.length} archives are missing or changed, so many that the storage may be out of reach: nothing was done about them.\n${asTable(spared)}`
      : '',
  ].join('');
}
