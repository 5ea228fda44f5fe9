/** What one program of a fuzz run works on: every `step`th case from `first` on, up to but not including `end`. */
export interface Share {
  readonly seed: number;
  readonly first: number;
  readonly end: number;
  readonly step: number;
  /** Where each archive is written, in a folder of its own that nothing else may be left in. */
  readonly file: string;
  /** Holds the number of the case under way. */
  readonly progressFile: string;
  /** Where archives that are sound are kept for other readers; null keeps none. */
  readonly soundFolder: string | null;
  /** How many of them at most. */
  readonly keepSound: number;
}

/** What was counted. */
export interface Tally {
  cases: number;
  accepted: number;
  sound: number;
  /** Cases by the error codes that refused them. */
  readonly codes: Record<string, number>;
}

export type WorkerMessage =
  | { readonly type: 'tally'; readonly tally: Tally }
  | { readonly type: 'failure'; readonly number: number; readonly claim: string; readonly from: string }
  | { readonly type: 'done'; readonly idleRss: number; readonly peakRss: number };

export function emptyTally(): Tally {
  return { cases: 0, accepted: 0, sound: 0, codes: {} };
}

/** Adds what another program counted. */
export function addTally(to: Tally, more: Tally): void {
  to.cases += more.cases;
  to.accepted += more.accepted;
  to.sound += more.sound;
  for (const [code, count] of Object.entries(more.codes)) to.codes[code] = (to.codes[code] ?? 0) + count;
}
