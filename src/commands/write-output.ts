import { resolve } from 'node:path';
import { hasCode } from '../error-words.js';
import { createFile, replaceFile } from '../write-file.js';
import { CommandError } from './command.js';
import type { Terminal } from './command.js';
import { reasonOf } from './reason-of.js';

/** How an output is to be written. */
export interface OutputOptions {
  /** Permissions, such as 0o600 for what is secret. */
  readonly mode: number;
  /** Whether it may take the place of what is there. */
  readonly force: boolean;
}

/**
 * Writes what a command made: to the file, or to the standard output for `-`.
 *
 * @throws CommandError where it can't be written, or would overwrite something without being told to
 */
export async function writeOutput(
  file: string,
  content: Buffer | string,
  { mode, force }: OutputOptions,
  terminal: Terminal,
): Promise<void> {
  if (file === '-') {
    terminal.out(content.toString());
    return;
  }
  const place = resolve(terminal.workingFolder, file);
  try {
    await (force ? replaceFile : createFile)(place, content, mode);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new CommandError(`${file} exists already; nothing was written.`);
    throw new CommandError(`${file} can not be written: ${reasonOf(error)}.`);
  }
}
