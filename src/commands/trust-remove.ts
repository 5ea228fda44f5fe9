import { removeFromTrust } from '../authority/change-trust.js';
import { findOrphans } from '../authority/trust-orphans.js';
import { findTrustEntry, fingerprintOf, readTrustEntries } from '../authority/trust-items.js';
import type { TrustEntry } from '../authority/trust-items.js';
import { printable } from '../report/printable.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet } from './option-values.js';
import { recordTrustChange } from './trust-record.js';
import { ABOUT_TRUST, chosenTrustFolder, nameOfItem, refusing } from './trust-words.js';

/** `portcullis trust remove`: believes an authority no more, or forgets a list. */
export const trustRemove: Command = {
  name: 'trust remove',
  summary: 'Removes an authority, or a revocation list, from what the gate goes by.',
  usage: 'FILE|NAME|FINGERPRINT [--force] [--trust DIR]',
  options: { force: { type: 'boolean' }, trust: { type: 'string' } },
  optionHelp: {
    force: "also removes the last root, and what is of the store's own authority",
    trust: 'the trust folder (default: TRUST_DIR, or trust in DATA_DIR)',
  },
  about: `${ABOUT_TRUST}

Named by its file, its name or its SHA-256, as "portcullis trust list" shows them. Uploads that are signed below an authority
which is gone are refused; releases that are published stay. Without its list nobody can tell what an outside authority
revoked, and uploads below it are refused until there is one again.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [wanted, surplus] = args.positionals;
  if (wanted === undefined || surplus !== undefined)
    throw new UsageError('Name one file, one authority, or a SHA-256.');
  const { folder, config } = chosenTrustFolder(args, terminal);
  const { removed, orphans } = await refusing(remove(wanted));
  const held = removed.items.map((item) => `  ${nameOfItem(item)}, SHA-256 ${fingerprintOf(item)}\n`);
  terminal.out(`Removed ${printable(removed.name, 200)}\n${held.join('')}`);
  if (orphans.length > 0) {
    const files = orphans.map(({ name }) => `  ${printable(name, 200)}\n`).join('');
    terminal.out(`Without it these count no more, although they stay:\n${files}`);
  }
  await recordTrustChange(folder, 'trust-removed', { items: removed.items }, terminal);
  return 0;

  async function remove(
    which: string,
  ): Promise<{ readonly removed: TrustEntry; readonly orphans: readonly TrustEntry[] }> {
    const entries = await readTrustEntries(folder);
    const entry = findTrustEntry(entries, which);
    await removeFromTrust(folder, entry, { authorityFolder: config.authorityDir, force: isSet(args, 'force') });
    return { removed: entry, orphans: findOrphans(entries, entry) };
  }
}
