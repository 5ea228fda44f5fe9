import { isOperator, type Caller } from '../accounts/caller.js';
import type { Database } from '../database/connect.js';
import type { Gate } from '../gate.js';
import { RequestError } from '../request-error.js';

/** How many refused signing requests an account may send in an hour: reading them costs more than sending them. */
const MAX_REFUSED = 60;
const WINDOW_MS = 60 * 60 * 1000;
/** How many accounts are kept count of; beyond it the oldest count is forgotten. */
const MAX_ACCOUNTS = 10_000;

/** What an account sent since a time: what was refused, and what is still being looked at. */
interface Attempts {
  readonly since: number;
  count: number;
}

/** For each gate of this program. Nobody gains much by a restart, or by asking every replica. */
const attemptsOf = new WeakMap<Database, Map<number, Attempts>>();

/**
 * Does `work`, and counts it where it is refused. What is under way counts as well, so that many at once are as bounded as many
 * in turn. Operators are not counted.
 *
 * @throws RequestError `TOO_MANY_ATTEMPTS` where the account had too much refused in an hour; or whatever `work` throws
 */
export async function countingRefusals<T>(
  { database, now }: Pick<Gate, 'database' | 'now'>,
  caller: Caller,
  work: () => Promise<T>,
): Promise<T> {
  if (isOperator(caller)) return work();
  const attempts = currentAttempts(database, caller.accountId, now().getTime());
  if (attempts.count >= MAX_REFUSED) {
    throw new RequestError(
      'TOO_MANY_ATTEMPTS',
      `In the last hour ${MAX_REFUSED} signing requests of your account were refused; try again in an hour.`,
    );
  }
  attempts.count += 1;
  try {
    const result = await work();
    attempts.count -= 1;
    return result;
  } catch (error) {
    if (!(error instanceof RequestError) || error.code === 'TOO_MANY_OPEN') attempts.count -= 1;
    throw error;
  }
}

function currentAttempts(database: Database, accountId: number, at: number): Attempts {
  const all = attemptsOf.get(database) ?? new Map<number, Attempts>();
  attemptsOf.set(database, all);
  const known = all.get(accountId);
  if (known !== undefined && Math.abs(at - known.since) < WINDOW_MS) return known;
  const fresh = { since: at, count: 0 };
  // Anew, so that the order of the map is that of the windows.
  all.delete(accountId);
  all.set(accountId, fresh);
  const [oldest] = all.keys();
  if (all.size > MAX_ACCOUNTS && oldest !== undefined) all.delete(oldest);
  return fresh;
}
