import type { ParseArgsConfig } from 'node:util';

/** What a command writes to and reads from; the terminal, or a buffer in tests. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether colours and progress bars are wanted: a terminal, no CI, no NO_COLOR. */
  readonly isInteractive: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  readonly now: () => Date;
  /** What is typed or piped in; none where a command gets nothing. */
  readonly input?: SecretInput;
}

/** Where a password comes from: a terminal, or a pipe. */
export type SecretInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What the words after a command's name came to. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/**
 * Exit codes, a contract: 0 fine, 1 refused or invalid, 2 wrong usage, 3 could not do it (network, server, files). 130 and
 * 143 are what a shell says of SIGINT and SIGTERM, from a command that put things in order first.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 130 | 143;

/** One command of the command line. */
export interface Command {
  /** One or two words: `verify`, `token create`. */
  readonly name: string;
  readonly summary: string;
  /** The words after the name, as the help shows them. */
  readonly usage: string;
  /** For `util.parseArgs`; `--help` is added to every command. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Option → what it does, for the help; a test sees that none is missing. */
  readonly optionHelp: Readonly<Record<string, string>>;
  /** What the help says at its end: a story, an example, the small print. */
  readonly about?: string;
  /**
   * @throws UsageError where the words make no sense together; RefusedError where what they name must not be used;
   *   CommandError where it can't be done
   */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<ExitCode>;
}

/** The command line was not understood: exit 2, with the command's usage. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The command could not do its work: exit 3, with these words and no stack. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

/** What the command was given is not valid, and is refused: exit 1, with these words and no stack. */
export class RefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefusedError';
  }
}

/** Somebody told the program to stop, and the command has put things in order: exit 130 or 143, without further words. */
export class InterruptedError extends Error {
  readonly exitCode: ExitCode;

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`Stopped by ${signal}`);
    this.name = 'InterruptedError';
    this.exitCode = signal === 'SIGINT' ? 130 : 143;
  }
}
