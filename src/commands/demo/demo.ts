import { createColors } from 'picocolors';
import { UsageError, type Command, type ExitCode, type Terminal } from '../command.js';
import { play } from './play.js';
import { story } from './story.js';
import type { ThrowAwayGate } from './throw-away-gate.js';

/** `portcullis demo`: plays on a gate of its own what the gate is for, and checks that it comes out so. */
export const demo: Command = {
  name: 'demo',
  summary: 'Plays on a throw-away gate what Portcullis accepts and refuses.',
  usage: '',
  options: {},
  optionHelp: {},
  about: `Real zips, real signatures, a real database and real HTTP, all in a temporary folder that is gone afterwards,
also after Ctrl-C. Exit 1 if any verdict does not come out as told.`,
  async run({ positionals }, terminal) {
    if (positionals.length > 0) throw new UsageError('It takes no words.');
    return untilInterrupted(terminal, async (stopped) => {
      terminal.err('Starting a gate that nobody will miss …\n\n');
      // Loaded only now: with it comes the whole server, which no other command needs.
      const { startThrowAwayGate } = await import('./throw-away-gate.js');
      const starting = startThrowAwayGate();
      try {
        return await playOn(await orStopped(starting, stopped), terminal, stopped);
      } finally {
        const gate = await starting.catch(() => null);
        await gate?.close();
      }
    });
  },
};

async function playOn(gate: ThrowAwayGate, terminal: Terminal, stopped: AbortSignal): Promise<ExitCode> {
  const started = terminal.now().getTime();
  const [calendar, notes] = await Promise.all([
    gate.issueSigner('calendar', terminal.now()),
    gate.issueSigner('notes', terminal.now()),
  ]);
  const steps = story({ calendar, notes });
  const surprises = await orStopped(play(steps, gate, terminal, stopped), stopped);

  const { bold, green, red } = createColors(terminal.isInteractive);
  const seconds = ((terminal.now().getTime() - started) / 1000).toFixed(1);
  const uploads = steps.filter(({ kind }) => kind === 'upload').length;
  if (surprises === 0) terminal.out(`${bold(green(`All ${uploads} verdicts came out as told`))}, in ${seconds} s.\n`);
  else terminal.out(`${bold(red(`${surprises} of ${uploads} verdicts did not come out as told.`))}\n`);
  return surprises === 0 ? 0 : 1;
}

/** What `promise` comes to, unless the demo is stopped first; what it does later is then of no interest. */
async function orStopped<T>(promise: Promise<T>, stopped: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  const interruption = new Promise<never>((_resolve, reject) => {
    const interrupt = (): void => {
      reject(new Interruption());
    };
    if (stopped.aborted) interrupt();
    stopped.addEventListener('abort', interrupt, { once: true });
  });
  return Promise.race([promise, interruption]);
}

/** Somebody pressed Ctrl-C. */
class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Does `work` and, on Ctrl-C, tells it to stop: the process must not end before everything is removed again. A second
 * Ctrl-C, which npm sends along with the first, changes nothing.
 */
async function untilInterrupted(
  terminal: Terminal,
  work: (stopped: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    terminal.err('\nStopped; everything is removed again.\n');
    return 3;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
