import { addressWindow } from '../accounts/attempts.js';

/** Bounds how many readers without an account wait for something at a time: each keeps a connection open. */
export interface WaitingRoom {
  /** Takes a place; what comes back gives it back, once. Null where there is none, for this address or at all. */
  enter(address: string): (() => void) | null;
}

/** A room of this process. */
export function createWaitingRoom(places: { readonly total: number; readonly perAddress: number }): WaitingRoom {
  const taken = new Map<string, number>();
  let total = 0;
  return {
    enter(address) {
      const key = addressWindow(address);
      const own = taken.get(key) ?? 0;
      if (own >= places.perAddress || total >= places.total) return null;
      total += 1;
      taken.set(key, own + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        total -= 1;
        const rest = (taken.get(key) ?? 1) - 1;
        if (rest === 0) taken.delete(key);
        else taken.set(key, rest);
      };
    },
  };
}
