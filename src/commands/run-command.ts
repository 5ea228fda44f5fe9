import { parseArgs } from 'node:util';
import { ConfigError } from '../config.js';
import { printable, printableLines } from '../report/printable.js';
import { version } from '../version.js';
import { CommandError, InterruptedError, RefusedError, UsageError } from './command.js';
import type { Arguments, Command, ExitCode, Terminal } from './command.js';
import { commandHelp, familyHelp, nearestNames, overallHelp } from './help.js';

/**
 * Runs one command line: finds the command, reads its options strictly, and turns whatever goes wrong into words and an
 * exit code. Never rejects.
 *
 * @param commands every command there is
 * @param argv the words after the program's name
 * @returns 0 fine, 1 refused or invalid, 2 not understood, 3 could not be done; 130 or 143 after SIGINT or SIGTERM
 */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined) {
    terminal.err(overallHelp(commands));
    return 2;
  }
  if (first === '--version' || first === '-V' || (first === 'version' && rest.length === 0)) {
    terminal.out(`portcullis ${version}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h') {
    terminal.out(overallHelp(commands));
    return 0;
  }
  if (first === 'help') return showHelp(commands, rest, terminal);
  const found = findCommand(commands, argv);
  return found === null ? complainOfCommand(commands, argv, terminal) : runFound(found, terminal);
}

interface FoundCommand {
  readonly command: Command;
  /** The words after the command's name. */
  readonly words: readonly string[];
}

/** The command with the longest name that the words begin with: `token create` before `token`. */
function findCommand(commands: readonly Command[], argv: readonly string[]): FoundCommand | null {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(' ');
    const command = commands.find((each) => each.name === name);
    if (command !== undefined) return { command, words: argv.slice(length) };
  }
  return null;
}

function showHelp(commands: readonly Command[], words: readonly string[], terminal: Terminal): ExitCode {
  if (words.length === 0) {
    terminal.out(overallHelp(commands));
    return 0;
  }
  const found = findCommand(commands, words);
  if (found !== null) {
    terminal.out(commandHelp(found.command));
    return 0;
  }
  return complainOfCommand(commands, [...words.slice(0, 1), '--help'], terminal);
}

const MAX_WORD = 200;

/** The first word is no command: it may begin several (`ca`), or be a slip. */
function complainOfCommand(commands: readonly Command[], argv: readonly string[], terminal: Terminal): ExitCode {
  const [first = '', second] = argv.map((word) => printable(word, MAX_WORD));
  const family = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (family.length > 0 && (second === '--help' || second === '-h')) {
    terminal.out(familyHelp(first, family));
    return 0;
  }
  if (family.length > 0) {
    const missing = second === undefined || second.startsWith('-');
    terminal.err(`${missing ? `"${first}" needs another word.` : `There is no command "${first} ${second}".`}\n\n`);
    terminal.err(familyHelp(first, family));
    return 2;
  }
  const near = nearestNames(first, commands);
  terminal.err(`There is no command "${first}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''}\n`);
  terminal.err('All commands: portcullis --help\n');
  return 2;
}

async function runFound({ command, words }: FoundCommand, terminal: Terminal): Promise<ExitCode> {
  try {
    const args = readArguments(command, words);
    if (args.values['help'] === true) {
      terminal.out(commandHelp(command));
      return 0;
    }
    return await command.run(args, terminal);
  } catch (error) {
    return explainFailure(error, command, terminal);
  }
}

function readArguments(command: Command, words: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: true,
    });
    return { values, positionals };
  } catch (error) {
    // parseArgs' own message may go on for sentences about how a word that begins with a dash would be given.
    const [sentence = 'The options were not understood'] = messageOf(error).split('. ');
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
  }
}

function explainFailure(error: unknown, command: Command, terminal: Terminal): ExitCode {
  // Words of errors name files, arguments and what a store or a certificate says: nothing of it may steer the terminal.
  const words = printableLines(messageOf(error), MAX_LINE);
  if (error instanceof UsageError) {
    terminal.err(`${words}\n\nUsage: portcullis ${command.name} ${command.usage}`.trimEnd());
    terminal.err(`\nMore:  portcullis ${command.name} --help\n`);
    return 2;
  }
  if (error instanceof ConfigError) {
    terminal.err(`${words}\nSee .env.example for every setting.\n`);
    return 2;
  }
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof CommandError || error instanceof RefusedError) {
    terminal.err(`${words}\n`);
    return error instanceof RefusedError ? 1 : 3;
  }
  terminal.err(`portcullis ${command.name} could not do it: ${words}\n`);
  const isDebugging = (terminal.environment['DEBUG'] ?? '') !== '';
  if (isDebugging && error instanceof Error) terminal.err(`${printableLines(error.stack ?? '', MAX_LINE)}\n`);
  return 3;
}

const MAX_LINE = 4_096;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
