import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { defaultLimits } from '../archive/limits.js';
import { inspectArchive } from '../inspection/inspect-archive.js';
import { emptyTrust } from '../pki/trust.js';
import { printable } from '../report/printable.js';
import type { Finding } from '../report/finding.js';
import { isLeftover } from '../signature/manifest.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { textOption } from './option-values.js';
import { printFaults, readOwnInfo, readOwnTree } from './own-tree.js';
import type { OwnInfo, OwnTree } from './own-tree.js';
import { writeOutput } from './write-output.js';
import { zipFolder } from './zip-folder.js';

/** Packs an app's folder into the archive that a store takes. */
export const pack: Command = {
  name: 'pack',
  summary: 'Packs the folder of an app into the zip that a store takes.',
  usage: 'DIR [--out FILE]',
  options: { out: { type: 'string' } },
  optionHelp: { out: 'the archive (default: ID-VERSION.zip in the working folder)' },
  about: `The same files give the same bytes: entries are sorted and dated 1980-01-01, or as SOURCE_DATE_EPOCH says.
The one top-level folder is called as <id> in appinfo/info.xml says, whatever DIR is called.

A file that is there already is replaced, and this is said: packing again after every change is how apps are made.

Version control data (.git, .svn, .hg) is left out, and so is what desktops leave behind (.DS_Store, Thumbs.db,
.directory, .webapp), which no signature covers. Symbolic links are refused, and so is a folder that holds a private
key.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const [named, surplus] = args.positionals;
  if (named === undefined || surplus !== undefined) throw new UsageError('Name the one folder to pack.');
  const folder = resolve(terminal.workingFolder, named);
  const date = readDate(terminal);
  const junk = new Set<string>();
  const tree = await readOwnTree(folder, (path) => {
    if (isLeftover(path)) junk.add(path);
    return isLeftover(path);
  });
  const own = await readOwnInfo(tree.contents);
  const { info } = own;
  const problem = describeProblem(own);
  printFaults([...tree.faults, ...(info === null ? own.faults : [])], terminal);
  if (problem !== null) terminal.err(`${problem}\n`);
  if (tree.faults.length > 0 || problem !== null || info === null) return 1;

  const out = textOption(args, 'out') ?? `${info.id}-${info.version}.zip`;
  await refuseInside(out, folder, terminal);
  const isReplaced = await exists(resolve(terminal.workingFolder, out));
  await writeOutput(out, await zipFolder(tree.contents, info.id, date), { mode: 0o644, force: true }, terminal);
  if (out === '-') return 0;
  sayLeftOut(tree, junk, terminal);
  const { size } = tree.contents.files;
  const place = `${printable(out, 4_096)}${isReplaced ? ' (in place of the file that was there)' : ''}`;
  terminal.out(`Packed ${size} ${size === 1 ? 'file' : 'files'} of ${info.id} ${info.version}: ${place}\n`);
  await foretell(resolve(terminal.workingFolder, out), terminal);
  return 0;
}

/** An id that could lead out of the folder it is unpacked in must not become a folder's name. */
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const SAFE_VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]*$/;

/** What keeps an archive from being named after the app; null also where the faults of `info.xml` say it already. */
function describeProblem({ info }: OwnInfo): string | null {
  if (info === null) return null;
  if (!SAFE_ID.test(info.id)) return `<id> in appinfo/info.xml is no app id: ${printable(info.id, 200)}`;
  if (!SAFE_VERSION.test(info.version)) return `<version> in appinfo/info.xml: ${printable(info.version, 200)}`;
  return null;
}

/** SOURCE_DATE_EPOCH: see reproducible-builds.org. Without it the first day that a zip can tell. */
function readDate({ environment }: Terminal): Date {
  const epoch = environment['SOURCE_DATE_EPOCH'] ?? '';
  if (epoch === '') return new Date('1980-01-01T00:00:00Z');
  if (!/^\d{1,11}$/.test(epoch)) throw new UsageError('SOURCE_DATE_EPOCH must be a number of seconds.');
  return new Date(Number(epoch) * 1000);
}

/** It would be packed along the next time, and be no part of what was signed. */
async function refuseInside(out: string, folder: string, { workingFolder }: Terminal): Promise<void> {
  if (out === '-') return;
  const target = await realpath(dirname(resolve(workingFolder, out))).catch(() => null);
  const root = await realpath(folder);
  if (target !== null && join(target, sep).startsWith(join(root, sep))) {
    throw new UsageError('The archive would lie inside the folder that is packed; name another place with --out.');
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function sayLeftOut({ leftOut }: OwnTree, junk: ReadonlySet<string>, terminal: Terminal): void {
  const all = [...leftOut, ...junk];
  if (all.length > 0) terminal.err(`Left out: ${all.map((path) => printable(path, 200)).join(', ')}\n`);
}

/** These say something of whom the reader trusts, and nothing of the archive. */
const aboutTrust: ReadonlySet<Finding['code']> = new Set(['BAD_CHAIN', 'CRL_UNAVAILABLE', 'CRL_STALE']);

/** Warns of what any gate will refuse: better here than after the upload. */
async function foretell(file: string, terminal: Terminal): Promise<void> {
  const at = terminal.now();
  const request = { appId: null, profile: 'app', trust: emptyTrust, limits: defaultLimits, at } as const;
  const { findings } = await inspectArchive(file, request);
  const errors = findings.filter(({ code, severity }) => severity === 'error' && !aboutTrust.has(code));
  if (errors.length === 0) return;
  terminal.err('Warning: a store will refuse this archive.\n');
  printFaults(errors.slice(0, 20), terminal);
  if (errors.length > 20) terminal.err(`and ${errors.length - 20} more\n`);
}
