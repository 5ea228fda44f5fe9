import { listStandingFindings } from '../database/standing-findings.js';
import type { Gate } from '../gate.js';
import { printable } from '../report/printable.js';
import { sweepStanding, type StandingSweep } from '../storefront/standing-watch.js';
import { TrustError } from '../pki/trust.js';
import { CommandError, UsageError, type Command } from './command.js';
import { asGateOperator } from './gate-operator.js';
import { ABOUT_OPERATORS } from './operator.js';
import { isSet } from './option-values.js';
import { asTable } from './table.js';

const MAX_TEXT = 1_024;

/** `portcullis watch`: a whole sweep of the standing watch, now. */
export const watch: Command = {
  name: 'watch',
  summary: 'Looks at everything that is published again: its signers by the trust of now, its archives to their ends.',
  usage: '[--despite-many] [--json]',
  options: { 'despite-many': { type: 'boolean' }, json: { type: 'boolean' } },
  optionHelp: {
    'despite-many':
      'acts also where so much is lost that the storage may be out of reach, or the trust folder a wrong one',
    json: 'prints what came of it as JSON',
  },
  about: `A running gate does it by itself: signers once a day and whenever the trust has changed, archives within WATCH_DAYS. What is found
is marked, put under quarantine or withdrawn, as the rules of the store say (portcullis rules list). It ends with 0 where
nothing new was found, with 1 where something was, and with 3 where something could not be looked at, or so many releases
would go that nothing was done about them. A storage that fails three times in a row is asked no further.
${ABOUT_OPERATORS}`,
  async run(args, terminal) {
    if (args.positionals.length > 0) throw new UsageError('It takes no words.');
    return asGateOperator(terminal, async ({ gate }) => {
      const sweep = await sweepStanding(gate, { despiteMany: isSet(args, 'despite-many') }).catch((error: unknown) => {
        throw error instanceof TrustError ? new CommandError(error.message) : error;
      });
      terminal.out(
        isSet(args, 'json') ? `${JSON.stringify(sweep, null, 2)}\n` : wordsOf(sweep, await reasonsFor(gate, sweep)),
      );
      const { signers, archives } = sweep;
      if (signers.untold + signers.spared.length + archives.untold + archives.spared.length > 0) return 3;
      return [signers, archives].some(
        (each) => each.marked.length + each.quarantined.length + each.withdrawn.length > 0,
      )
        ? 1
        : 0;
    });
  },
};

/** What is found now about the releases that a sweep has dealt with: by release, a code and a message each. */
async function reasonsFor(
  { database }: Pick<Gate, 'database'>,
  { signers, archives }: StandingSweep,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = [signers, archives].flatMap((each) => [...each.marked, ...each.quarantined, ...each.withdrawn]);
  const pairs = names.map((name) => {
    const [app = '', version = ''] = name.split(/@(.*)/s);
    return { app, version };
  });
  const reasons = new Map<string, string[]>();
  for (const { appId, version, code, message } of await listStandingFindings(database, pairs)) {
    const name = `${appId}@${version}`;
    reasons.set(name, [...(reasons.get(name) ?? []), printable(`${code}: ${message}`, MAX_TEXT)]);
  }
  return reasons;
}

function wordsOf({ signers, archives }: StandingSweep, reasons: ReadonlyMap<string, readonly string[]>): string {
  const rows = (['marked', 'quarantined', 'withdrawn', 'cleared'] as const).flatMap((what) =>
    [...signers[what], ...archives[what]].flatMap((release) => {
      const [first = '', ...more] = what === 'cleared' ? [] : (reasons.get(release) ?? []);
      return [[`  ${what}`, release, first], ...more.map((reason) => ['', '', reason])];
    }),
  );
  return [
    `${signers.judged} signers judged; of ${signers.untold} not everything could be told.\n`,
    `${archives.read} archives read, ${archives.bytes} bytes; ${archives.untold} could not be looked at.\n`,
    archives.left > 0 ? `The storage fails: ${archives.left} more archives were not looked at.\n` : '',
    rows.length > 0 ? asTable(rows) : '',
    sparedWords(
      signers.spared,
      'releases have signers that are trusted no more, so many that the trust folder may be wrong',
    ),
    sparedWords(archives.spared, 'archives are missing or changed, so many that the storage may be out of reach'),
  ].join('');
}

function sparedWords(spared: readonly string[], why: string): string {
  if (spared.length === 0) return '';
  const rows = spared.map((release) => ['  not touched', release]);
  return `${spared.length} ${why}: nothing was done about them.\n${asTable(rows)}`;
}
