import { RequestError } from '../request-error.js';

/** Bounds how many connections stay open to follow something: each costs memory, and a look at the database now and then. */
export interface StreamRoom {
  /**
   * Takes a place for an account; what comes back gives it back, once, however often it is called.
   *
   * @throws RequestError `TOO_MANY_OPEN` where the account has its share, `UNAVAILABLE` where there is no place at all
   */
  enter(accountId: number): () => void;
}

/** A room of this process. */
export function createStreamRoom(places: { readonly total: number; readonly perAccount: number }): StreamRoom {
  const taken = new Map<number, number>();
  let total = 0;
  return {
    enter(accountId) {
      const own = taken.get(accountId) ?? 0;
      if (own >= places.perAccount) {
        throw new RequestError('TOO_MANY_OPEN', `An account follows ${places.perAccount} things at a time at most.`);
      }
      if (total >= places.total)
        throw new RequestError('UNAVAILABLE', 'Too many follow something now; try again later.');
      total += 1;
      taken.set(accountId, own + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        total -= 1;
        const rest = (taken.get(accountId) ?? 1) - 1;
        if (rest === 0) taken.delete(accountId);
        else taken.set(accountId, rest);
      };
    },
  };
}
