import { inTransaction, type Database, type Transaction } from '../database/connect.js';
import { prepareSearch } from '../database/find-listings.js';
import { RequestError } from '../request-error.js';

/** So that most connections of the pool stay free: what people search for is the one thing whose work can't be told beforehand. */
const AT_ONCE = 4;
const MOST_WAITING = 20;

interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

const queues = new WeakMap<Database, Queue>();

/**
 * Searches in a transaction of at most two seconds, four at once in this process. Those that wait hold no connection.
 *
 * @throws RequestError `UNAVAILABLE` where many wait already; whatever `work` or the database throws, also where the time is up
 */
export async function inSearch<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const queue = queues.get(database) ?? { running: 0, waiting: [] };
  queues.set(database, queue);
  if (queue.running < AT_ONCE) queue.running += 1;
  else if (queue.waiting.length >= MOST_WAITING) {
    throw new RequestError('UNAVAILABLE', 'Many search at this moment; try again in a few seconds.');
  } else await new Promise<void>((resolve) => queue.waiting.push(resolve));
  try {
    return await inTransaction(database, async (tx) => {
      await prepareSearch(tx);
      return work(tx);
    });
  } finally {
    const next = queue.waiting.shift();
    // The turn goes from one to the next, so that nobody gets in between.
    if (next === undefined) queue.running -= 1;
    else next();
  }
}
