import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

import type { SystemUser } from './system-user.js';

/**
 * How Postgres' programs are told where the cluster is: it is the folder they are started in. By that name they get there even
 * where the account they run under may not enter the folders above it, as when root's data folder is root's alone.
 */
export const workingDirectory = existsSync('/proc/self/cwd') ? '/proc/self/cwd' : '.';

/** How a program that has ended fared. */
export interface ProgramResult {
  readonly status: number | null;
  /** Standard output and standard error, in the order they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** The account to run as; null for our own. Only root may name one. */
  readonly user: SystemUser | null;
  /** The descriptor of an open file to have as standard input, which is otherwise empty. */
  readonly input?: number;
}

/**
 * Runs one of Postgres' programs to its end and resolves with its exit status and output, whatever they are. Rejects with
 * Node's system error when it can't be started at all.
 */
export function runProgram(file: string, args: readonly string[], options: RunOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: serverEnvironment(),
      stdio: [options.input ?? 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...options.user,
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, output });
    });
  });
}

/**
 * The environment Postgres gets: what finding its libraries and a temporary folder takes, and nothing else. Locale and time
 * zone are fixed, so that the cluster is the same wherever it is made; the gate's own settings, which hold secrets, and
 * `PG…` variables, which would redirect it, stay out.
 */
export function serverEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot']) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
