import { readConfig } from '../config.js';
import { printable, printableLines } from '../report/printable.js';
import { reportAsText } from '../report/report-text.js';
import type { Report } from '../report/report.js';
import { UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { chooseTrust } from './verify-trust.js';
import { reasonOf } from './reason-of.js';
import { isoTime } from './time-option.js';
import { inspectInput, readInput } from './verify-input.js';
import type { Expectations } from './verify-input.js';
import { verifyRelease } from './verify-release.js';

/** Says of an app what the gate would say of it, without any gate, and without the app's history. */
export const verify: Command = {
  name: 'verify',
  summary: 'Inspects archives, app folders or signature files, and prints the report.',
  usage:
    '<zip|folder|signature.json>... [--trust DIR] [--app-id ID] [--core] [--signed] [--at ISO-TIME] [--json | --text]\n' +
    '       portcullis verify <folder> --release APP@VERSION [--store URL] [--from VERSION] [--json | --text]',
  options: {
    trust: { type: 'string' },
    'app-id': { type: 'string' },
    core: { type: 'boolean' },
    signed: { type: 'boolean' },
    at: { type: 'string' },
    release: { type: 'string' },
    store: { type: 'string' },
    from: { type: 'string' },
    json: { type: 'boolean' },
    text: { type: 'boolean' },
  },
  optionHelp: {
    trust: 'the folder that says whom to trust (default: TRUST_DIR, or trust in DATA_DIR)',
    'app-id': "the app it must be; without it the archive's own word is taken",
    core: 'a release of the ownCloud server itself, signed at core/signature.json',
    signed: 'refuses what is not signed, as the gate does for official apps',
    at: 'judges certificates as of this time, such as 2026-05-01T12:00:00Z',
    release: 'compares an installed app, file by file, with this release of a store',
    store: "with --release: the store's address (or PORTCULLIS_URL)",
    from: 'with --release: the release that was there before, to see what the upgrade left behind',
    json: 'prints reports as JSON, one a line, each with its "input"',
    text: 'prints reports for people (the default)',
  },
  about: `What is checked here is what the gate checks of the bytes. What it makes of an app's past (a signature that was
dropped, a version that exists) it alone knows: see portcullis validate.

A signature file by itself is checked in everything but the files: without --app-id, its certificate is taken at its
word which app it is for.

Exit 1 where any of them is refused, 3 where any could not be read.

With --release: whether an installed app is what the store published, and whether that still stands. Prints what
differs in the layout of ownCloud's admin page; exit 1 where anything does, or where the release was withdrawn or quarantined.`,
  run,
};

async function run(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  if (textOption(args, 'release') !== undefined) return verifyRelease(args, terminal);
  for (const option of ['store', 'from']) {
    if (args.values[option] !== undefined) throw new UsageError(`--${option} needs --release APP@VERSION.`);
  }
  const expectations = readExpectations(args, terminal);
  const config = readConfig(terminal.environment, terminal.workingFolder);
  const paths = args.positionals;
  if (paths.length === 0) throw new UsageError('Name what to verify: an archive, a folder, or a signature file.');
  // An unset variable in a script; it would be taken for the working folder.
  if (paths.includes('')) throw new UsageError('One of the paths is empty.');

  const chosen = await chooseTrust(paths, textOption(args, 'trust'), config, terminal);
  const print = printer(args, terminal);
  let exit: ExitCode = 0;
  let isTrustMissed = false;
  for (const path of paths) {
    try {
      const input = await readInput(path, terminal.workingFolder);
      const report = await inspectInput(input, { ...expectations, trust: chosen.trust, limits: config.limits });
      print(path, report, input.kind === 'signature');
      isTrustMissed ||= chosen.missing !== null && report.signature.status !== 'absent';
      if (exit === 0 && report.outcome === 'refused') exit = 1;
    } catch (error) {
      // Whatever broke, this one has no verdict; the others still get theirs.
      terminal.err(`${printable(path, 1_024)} can not be verified: ${printable(reasonOf(error), 1_024)}.\n`);
      exit = 3;
    }
  }
  if (isTrustMissed && chosen.missing !== null) terminal.err(`${printableLines(chosen.missing, 4_096)}\n`);
  return exit;
}

function readExpectations(args: Arguments, terminal: Terminal): Expectations {
  if (isSet(args, 'json') && isSet(args, 'text')) throw new UsageError('Choose one of --json and --text.');
  const appId = textOption(args, 'app-id') ?? null;
  // As at the gate, where `core` is the app id under which the server itself is uploaded.
  const isCore = isSet(args, 'core') || appId === 'core';
  if (isCore && appId !== null && appId !== 'core') throw new UsageError('With --core the app id is always "core".');
  if (appId === '') throw new UsageError('--app-id needs an app id.');
  const at = textOption(args, 'at');
  return {
    appId: isCore ? 'core' : appId,
    profile: isCore ? 'core' : 'app',
    mustBeSigned: isSet(args, 'signed'),
    at: at === undefined ? terminal.now() : readTime(at),
  };
}

function readTime(text: string): Date {
  const time = isoTime(text);
  if (time !== null) return time;
  throw new UsageError(
    `--at needs a day, such as 2026-05-01, or a time with its zone, such as 2026-05-01T12:00:00Z, not "${text}".`,
  );
}

type Print = (input: string, report: Report, filesUnchecked: boolean) => void;

function printer(args: Arguments, terminal: Terminal): Print {
  if (isSet(args, 'json')) return (input, report) => terminal.out(`${JSON.stringify({ input, ...report })}\n`);
  const colour = terminal.isInteractive;
  let isFirst = true;
  return (input, report, filesUnchecked) => {
    terminal.out(`${isFirst ? '' : '\n'}${reportAsText(report, { colour, input, filesUnchecked })}`);
    isFirst = false;
  };
}
