import type { Terminal } from './command.js';

/**
 * The terminal that this process runs in. A reader that goes away (`| head`) is no error: the command works on, so that
 * its exit code still tells the verdict, and what nobody reads is dropped.
 */
export function processTerminal(program: NodeJS.Process): Terminal {
  for (const stream of [program.stdout, program.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => void program.stdout.write(text),
    err: (text) => void program.stderr.write(text),
    isInteractive: wantsColour(program),
    environment: program.env,
    workingFolder: program.cwd(),
    now: () => new Date(),
    // Only looked at by whoever reads from it: an open stream would keep the program waiting.
    get input() {
      return program.stdin;
    },
  };
}

/** What of a program tells whether somebody looks at it. In a pipe `isTTY` is not false but missing, whatever Node's types say. */
interface Screen {
  readonly stdout: { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
}

/** A person is looking, on a screen that can: no pipe, no CI, no `NO_COLOR` (no-color.org), no dumb terminal. */
function wantsColour({ stdout, env }: Screen): boolean {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  return stdout.isTTY === true && !isSet('CI') && !isSet('NO_COLOR') && env['TERM'] !== 'dumb';
}
