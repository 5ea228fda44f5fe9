import { hasTrust } from '../authority/trust-folder.js';
import { fingerprintOf, readTrustEntries } from '../authority/trust-items.js';
import type { TrustEntry } from '../authority/trust-items.js';
import { TrustError, emptyTrust, loadTrust } from '../pki/trust.js';
import type { Trust } from '../pki/trust.js';
import { printable } from '../report/printable.js';
import { CommandError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet } from './option-values.js';
import { asTable, shortTime } from './table.js';
import { ABOUT_TRUST, chosenTrustFolder, describeItem, endOfItem, nameOfItem, refusing } from './trust-words.js';

/** `portcullis trust list`: whom the gate believes. */
export const trustList: Command = {
  name: 'trust list',
  summary: 'Lists whom the gate believes, and the revocation lists it has.',
  usage: '[--json] [--trust DIR]',
  options: { json: { type: 'boolean' }, trust: { type: 'string' } },
  optionHelp: {
    json: 'prints {"folder": …, "entries": […]}, one entry for each certificate and list',
    trust: 'the trust folder (default: TRUST_DIR, or trust in DATA_DIR)',
  },
  about: `${ABOUT_TRUST}

Lists that the gate fetches by itself (CRL_URLS), and those of its own authority, are kept in its database and not in the
folder: they are on its page of metrics.`,
  run,
};

const HEADING = ['FILE', 'KIND', 'NAME', 'UNTIL', 'SHA-256'];
const MAX_NAME = 200;

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (args.positionals.length > 0) throw new UsageError('It takes no words.');
  const { folder } = chosenTrustFolder(args, terminal);
  if (!(await hasTrust(folder))) throw new CommandError(`There is no trust folder at ${folder}.`);
  const entries = await refusing(readTrustEntries(folder));
  const trust = await loadTrust(folder).catch((error: unknown) => {
    if (error instanceof TrustError) return error;
    throw error;
  });
  const known = trust instanceof TrustError ? emptyTrust : trust;
  if (isSet(args, 'json')) terminal.out(`${JSON.stringify({ folder, entries: asJson(entries, known) }, null, 2)}\n`);
  else terminal.out(asTable([HEADING, ...entries.flatMap((entry) => rowsOf(entry, known))]));
  // What is listed is not believed where the folder as a whole can't be.
  if (trust instanceof TrustError) throw new CommandError(trust.message);
  return 0;
}

function rowsOf({ name, items, problem }: TrustEntry, trust: Trust): readonly (readonly string[])[] {
  const file = printable(name, MAX_NAME);
  if (problem !== null) return [[file, '–', printable(problem, MAX_NAME), '–', '–']];
  return items.map((item) => {
    const generation = generationOf(fingerprintOf(item), trust);
    const kind = generation === null ? item.kind : `${item.kind} (${generation})`;
    return [file, kind, nameOfItem(item), shortTime(endOfItem(item)), fingerprintOf(item)];
  });
}

function asJson(entries: readonly TrustEntry[], trust: Trust): readonly object[] {
  return entries.flatMap(({ name: file, items, problem }): readonly object[] => {
    if (problem !== null) return [{ file, problem }];
    return items.map((item) => {
      const generation = generationOf(fingerprintOf(item), trust);
      return { file, ...describeItem(item), ...(generation !== null && { generation }) };
    });
  });
}

function generationOf(fingerprint: string, { roots }: Trust): string | null {
  return roots.find(({ certificate }) => certificate.fingerprint === fingerprint)?.generation ?? null;
}
