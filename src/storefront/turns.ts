/** Has `work` done when its turn has come, in the order of asking, and comes to what it comes to. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Turns of this process at something of which only so much is done at once. Whoever takes them bounds how many wait. */
export function createTurns(atOnce: number): TakeTurn {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Handed on, so that nobody gets in between.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
