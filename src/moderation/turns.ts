import { RequestError } from '../request-error.js';

/** Has accounts take turns at something of which only so much is done at once. */
export interface Turns {
  /**
   * Does `work` when its turn has come: of those who wait, that account is next of which the least is under way; of two alike,
   * whoever came first.
   *
   * @returns what `work` returns
   * @throws RequestError `TOO_MANY_OPEN` where this account has enough under way and waiting; whatever `work` throws
   */
  take<T>(accountId: number, work: () => Promise<T>): Promise<T>;
}

/** How much is done at once, how much of that for one account, and how much of one account's may wait. */
export interface TurnBounds {
  readonly atOnce: number;
  readonly perAccount: number;
  readonly waitingPerAccount: number;
}

interface Waiting {
  readonly accountId: number;
  readonly begin: () => void;
}

/** The turns of this process. */
export function createTurns({ atOnce, perAccount, waitingPerAccount }: TurnBounds): Turns {
  /** By account; none where there is nothing. */
  const underWay = new Map<number, number>();
  const waiting: Waiting[] = [];
  let total = 0;
  const of = (accountId: number): number => underWay.get(accountId) ?? 0;
  const begin = (accountId: number): void => {
    total += 1;
    underWay.set(accountId, of(accountId) + 1);
  };
  const end = (accountId: number): void => {
    total -= 1;
    if (of(accountId) === 1) underWay.delete(accountId);
    else underWay.set(accountId, of(accountId) - 1);
    const next = nextOf(waiting, perAccount, of);
    if (next === null) return;
    waiting.splice(waiting.indexOf(next), 1);
    // Counted here and not when it wakes, so that nobody gets in between.
    begin(next.accountId);
    next.begin();
  };
  return {
    async take(accountId, work) {
      if (total < atOnce && of(accountId) < perAccount) begin(accountId);
      else if (waiting.filter((each) => each.accountId === accountId).length >= waitingPerAccount) throw enough();
      else await new Promise<void>((resolve) => waiting.push({ accountId, begin: resolve }));
      try {
        return await work();
      } finally {
        end(accountId);
      }
    },
  };
}

function nextOf(
  waiting: readonly Waiting[],
  perAccount: number,
  underWay: (accountId: number) => number,
): Waiting | null {
  let next: Waiting | null = null;
  for (const each of waiting) {
    const own = underWay(each.accountId);
    if (own < perAccount && (next === null || own < underWay(next.accountId))) next = each;
  }
  return next;
}

function enough(): RequestError {
  return new RequestError(
    'TOO_MANY_OPEN',
    'This account looks into as many archives as it may at a time; try again when that is done.',
  );
}
