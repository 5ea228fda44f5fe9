import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { wordsOfError } from './error-words.js';

/** What waits for somebody else's server may take a minute; all of it can be broken off. */
const LAST_WAIT_MS = 5_000;

/** Something that a running gate does by itself, again and again. */
export interface RecurringJob {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  /** @param stop is aborted when all ends: what takes long ends then, too */
  readonly work: (stop: AbortSignal) => Promise<unknown>;
  /** Whether it is done for the first time at once, and not after its time. */
  readonly atOnce?: boolean;
  /** Is given, once, what has the job done soon and not after its time: as soon as it isn't under way. */
  readonly wakenBy?: (wake: () => void) => void;
}

/**
 * Does each of these jobs again and again, never the same twice at a time. That one failed is logged, and no reason to stop.
 *
 * @returns what ends it: nothing begins any more, and what is under way is waited for, but not for ever
 */
export function startRecurringWork(jobs: readonly RecurringJob[], log: Logger): () => Promise<void> {
  const underWay = new Map<string, Promise<void>>();
  const woken = new Set<string>();
  const end = new AbortController();
  const begin = ({ name, work }: RecurringJob): void => {
    if (end.signal.aborted || underWay.has(name)) return;
    const done = work(end.signal)
      .then(() => undefined)
      .catch((error: unknown) => {
        log.error({ job: name, reason: wordsOfError(error) }, 'a recurring job failed');
      })
      .finally(() => underWay.delete(name));
    underWay.set(name, done);
  };
  const wake = (job: RecurringJob): void => {
    const { name } = job;
    const current = underWay.get(name);
    if (current === undefined) {
      begin(job);
      return;
    }
    // What it is woken for may have come after it looked: once more, however often it was woken meanwhile.
    if (woken.has(name)) return;
    woken.add(name);
    void current.then(() => {
      woken.delete(name);
      begin(job);
    });
  };
  for (const job of jobs) job.wakenBy?.(() => wake(job));
  const timers = jobs.map((job) => setInterval(() => begin(job), job.everyMs).unref());
  for (const job of jobs) if (job.atOnce === true) begin(job);
  return async () => {
    end.abort();
    for (const timer of timers) clearInterval(timer);
    const patience = new AbortController();
    const pause = sleep(LAST_WAIT_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([Promise.all(underWay.values()), pause]);
    patience.abort();
  };
}
