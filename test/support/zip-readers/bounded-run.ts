import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ReadingLimits } from './reading.js';
import { credentials, isBeyond } from './sandbox.js';

/** How a program ended. */
export interface Run {
  readonly exit: number | null;
  /** Why it was killed, where it was. */
  readonly stopped: string | null;
  /** The last of what it said on standard error and, without `onLine`, on standard output. */
  readonly words: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly limits: ReadingLimits;
  /** Sent through a pipe, which can't seek. */
  readonly input?: string;
  /** The folder that may not outgrow the limits. */
  readonly watched: () => string;
  /** Gets standard output line by line; each line starts the clock anew. */
  readonly onLine?: (line: string) => void;
}

const WORDS = 4_096;
const LOOK_EVERY_MS = 150;
/** The unit of `ulimit -f` in POSIX shells. */
const BLOCK_BYTES = 512;

/** What a program sees: none of our own environment but where programs are. */
export const environment = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/nonexistent',
} as const;

/**
 * Runs a program that reads hostile archives: without privileges, without a terminal, in a process group of its own
 * that is killed once time, bytes or files are used up.
 */
export async function runBounded(command: readonly string[], options: RunOptions): Promise<Run> {
  const { folder, limits, input, watched, onLine } = options;
  const blocks = Math.ceil(limits.bytes / BLOCK_BYTES);
  const child = spawn('sh', ['-c', `ulimit -c 0; ulimit -f ${blocks}; exec "$@"`, 'sh', ...command], {
    cwd: folder,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...environment, TMPDIR: folder },
    ...credentials,
  });
  let words = '';
  let stopped: string | null = null;
  let lastSign = performance.now();
  const listen = (chunk: Buffer): void => {
    words = (words + chunk.toString('latin1')).slice(-WORDS);
  };
  const stop = (why: string): void => {
    stopped ??= why;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  };
  child.stderr?.on('data', listen);
  if (onLine === undefined) child.stdout?.on('data', listen);
  else if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lastSign = performance.now();
      onLine(line);
    });
  }
  if (input !== undefined && child.stdin !== null) {
    // A reader may well stop listening before the end.
    child.stdin.on('error', () => undefined);
    createReadStream(input).pipe(child.stdin);
  }
  let watch: NodeJS.Timeout | undefined;
  // Looking at 50,000 files takes longer than the pause: the more there is, the seldomer.
  const lookAfter = (pause: number): void => {
    watch = setTimeout(() => {
      if (performance.now() - lastSign > limits.milliseconds) stop('it takes too long');
      const begin = performance.now();
      void isBeyond(watched(), limits).then((beyond) => {
        if (beyond) stop('it writes too much');
        if (watch !== undefined) lookAfter(LOOK_EVERY_MS + 4 * (performance.now() - begin));
      });
    }, pause);
  };
  lookAfter(LOOK_EVERY_MS);
  try {
    const [exit, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (signal === 'SIGXFSZ') stopped ??= 'it writes too much';
    return { exit, stopped: stopped ?? (signal === null ? null : `ended by ${signal}`), words };
  } finally {
    clearTimeout(watch);
    watch = undefined;
  }
}
