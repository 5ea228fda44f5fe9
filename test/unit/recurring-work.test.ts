import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { startRecurringWork } from '../../src/recurring-work.js';

const log = pino({ level: 'silent' });
const HOUR_MS = 60 * 60 * 1000;

/** A job that goes on until it is told, and what wakes it. */
function slowJob() {
  let begun = 0;
  let finish = (): void => {};
  let wake = (): void => {};
  const work = (): Promise<void> => {
    begun += 1;
    return new Promise((resolve) => (finish = resolve));
  };
  const job = { name: 'slow', everyMs: HOUR_MS, work, wakenBy: (given: () => void) => void (wake = given) };
  return { job, begun: () => begun, finish: () => finish(), wake: () => wake() };
}

test('a job that is woken is done at once; woken again and again meanwhile, it is done once more', async () => {
  const { job, begun, finish, wake } = slowJob();
  const stop = startRecurringWork([job], log);
  wake();
  expect(begun()).toBe(1);
  for (let count = 0; count < 10; count += 1) wake();
  expect(begun()).toBe(1);
  finish();
  await turn();
  expect(begun()).toBe(2);
  finish();
  await turn();
  expect(begun()).toBe(2);
  await stop();
});

test('nothing begins after the end', async () => {
  const { job, begun, finish, wake } = slowJob();
  const stop = startRecurringWork([job], log);
  wake();
  wake();
  const stopped = stop();
  finish();
  await stopped;
  wake();
  await turn();
  expect(begun()).toBe(1);
});

test('what takes long hears of the end', async () => {
  const heard: string[] = [];
  const work = (stop: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      stop.addEventListener('abort', () => {
        heard.push('end');
        resolve();
      });
    });
  const stop = startRecurringWork([{ name: 'long', everyMs: HOUR_MS, work, atOnce: true }], log);
  expect(heard).toEqual([]);
  await stop();
  expect(heard).toEqual(['end']);
});
