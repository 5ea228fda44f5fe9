import { tmpdir } from 'node:os';
import { runCommandLine } from '../../src/cli.js';

/** What a command line came to. */
export interface CommandLineResult {
  readonly exit: number;
  /** What went to standard output, and to standard error. */
  readonly out: string;
  readonly err: string;
}

export interface CommandLineOptions {
  /** The whole environment: nothing of the tests' own is seen. */
  readonly environment?: NodeJS.ProcessEnv;
  /** A folder without an `.env` by default. */
  readonly workingFolder?: string;
  /** As on a terminal, with colours and progress bars. */
  readonly isInteractive?: boolean;
  readonly now?: () => Date;
}

/** Runs the words after `portcullis` in this program. */
export async function commandLine(
  argv: readonly string[],
  options: CommandLineOptions = {},
): Promise<CommandLineResult> {
  let out = '';
  let err = '';
  const exit = await runCommandLine(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isInteractive: options.isInteractive ?? false,
    environment: options.environment ?? {},
    workingFolder: options.workingFolder ?? tmpdir(),
    now: options.now ?? (() => new Date()),
  });
  return { exit, out, err };
}
