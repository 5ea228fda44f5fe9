import { inTransaction, type Database, type Transaction } from './connect.js';

/** So many connections of a pool stay free of bounded transactions, or half of those of a smaller one. */
const KEPT_FREE = 3;

/** The bounded transactions of a pool: how many are under way, and who waits, the first first. */
interface Queue {
  running: number;
  readonly waiting: (() => void)[];
}

const queues = new WeakMap<Database, Queue>();

/**
 * As `inTransaction`, but only so many at once that others get a connection of the pool all the while. For transactions that
 * may wait long for each other or for a lock: one more of them would not be done any earlier. Those that have to wait for
 * their turn hold no connection and get it in the order in which they came. `work` must not begin another one.
 *
 * @throws whatever `work` or the database throws
 */
export async function inBoundedTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const queue = queues.get(database) ?? { running: 0, waiting: [] };
  queues.set(database, queue);
  if (queue.running < mostAtOnce(database)) queue.running += 1;
  else await new Promise<void>((resolve) => queue.waiting.push(resolve));
  try {
    return await inTransaction(database, work);
  } finally {
    const next = queue.waiting.shift();
    // The turn goes from one to the next, so that nobody gets in between.
    if (next === undefined) queue.running -= 1;
    else next();
  }
}

function mostAtOnce({ options: { max } }: Database): number {
  return Math.max(1, max - Math.min(KEPT_FREE, Math.ceil(max / 2)));
}
