import { spawnSync } from 'node:child_process';
import { environment } from './bounded-run.js';
import { credentials } from './sandbox.js';

const found = new Map<string, string | null>();

/**
 * What a program prints first about itself, asked in the way in which it will be run: unprivileged, with hardly any
 * environment.
 *
 * @returns null where it isn't installed for that user
 */
export function words(command: readonly [string, ...string[]]): string | null {
  const key = command.join(' ');
  const known = found.get(key);
  if (known !== undefined) return known;
  const [program, ...args] = command;
  const run = spawnSync(program, args, {
    cwd: '/',
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
    ...credentials,
  });
  const text = run.status === 0 ? `${run.stdout}\n${run.stderr}`.trim() : null;
  found.set(key, text);
  return text;
}

/** The first number with dots in what the program says of itself. */
export function versionIn(text: string | null): string {
  return /\d+(?:\.\d+)+/.exec(text ?? '')?.[0] ?? 'unknown version';
}
