import { tiers } from '../authority/authority-folder.js';
import { renewRevocationLists } from '../authority/revocation-lists.js';
import { inWordsForOperators, openNamedAuthority, requireStandalone, whereLists } from './ca-options.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isLedgerOfStore } from './store-authority.js';
import { renewListsOfStore } from './store-authority-lists.js';

/** Signs an authority's revocation lists anew. */
export const caCrl: Command = {
  name: 'ca crl',
  summary: 'Signs the revocation lists of an authority anew.',
  usage: '[--ca DIR] [--trust DIR]',
  options: { ca: { type: 'string' }, trust: { type: 'string' } },
  optionHelp: {
    ca: "the authority's folder (default: authority in DATA_DIR)",
    trust: 'where the new lists go (default: the trust folder the authority was made with)',
  },
  about: `The developers' list counts for a week, the root's for a year. A running gate renews those of its own authority
daily; for others this command belongs into a cron job. A list whose key is not here stays as it is.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('The folder is named with --ca.');
  if (await isLedgerOfStore(args, terminal)) return renewListsOfStore(args, terminal);
  const named = await openNamedAuthority(args, terminal);
  requireStandalone(named);
  const { authority, keys } = named;
  const renewals = await inWordsForOperators(renewRevocationLists(authority, keys, terminal.now(), true));
  const [renewed, left] = [true, false].map((is) => tiers.filter((tier) => (renewals[tier] === 'renewed') === is));
  if (renewed !== undefined && renewed.length > 0) {
    terminal.out(`Signed anew: ${renewed.join(', ')}.\n`);
  }
  terminal.err(whereLists(authority, renewals));
  if (left === undefined || left.length === 0) return 0;
  terminal.err(`Left as they are, for want of their keys: ${left.join(', ')}\n`);
  return left.includes('developers') ? 3 : 0;
}
