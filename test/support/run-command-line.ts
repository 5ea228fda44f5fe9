import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
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
  /** What is piped in; nothing by default. */
  readonly input?: string;
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
    ...(options.input !== undefined && { input: Readable.from([Buffer.from(options.input)]) }),
  });
  return { exit, out, err };
}

/** A command line in a program of its own. */
export interface RunningProgram {
  readonly program: ChildProcess;
  readonly result: Promise<CommandLineResult>;
}

const LOADER = new URL('typescript.mjs', import.meta.url).href;
const PROGRAM = fileURLToPath(new URL('portcullis-program.ts', import.meta.url));

/** Runs the words after `portcullis` in a program of their own: for what Node says by itself, and for signals. */
export function commandLineProgram(argv: readonly string[], options: CommandLineOptions = {}): RunningProgram {
  const program = spawn(process.execPath, ['--import', LOADER, PROGRAM, ...argv], {
    cwd: options.workingFolder ?? tmpdir(),
    env: { PATH: process.env['PATH'], ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finish = async (): Promise<CommandLineResult> => {
    const [[exit], out, err] = await Promise.all([
      once(program, 'close') as Promise<[number | null]>,
      text(program.stdout),
      text(program.stderr),
    ]);
    return { exit: exit ?? -1, out, err };
  };
  return { program, result: finish() };
}
