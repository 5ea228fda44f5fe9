import { byteMutations } from './byte-mutations.js';
import { forge } from './forgeries.js';
import { randomFrom } from './random.js';
import type { Seed } from './seeds.js';

/** One mutated archive and how it came about. */
export interface FuzzCase {
  readonly bytes: Buffer;
  readonly from: string;
}

const MAX_BYTES = 512 * 1024;
const MAX_TRIES = 12;

/** Case `number` of the run with `seed`: always the same for the same seeds. */
export function fuzzCase(seeds: readonly Seed[], seed: number, number: number): FuzzCase {
  const random = randomFrom(seed, number);
  // What is refused as it stands is a worse start than what is accepted.
  const sound = seeds.filter(({ name }) => !name.startsWith('reject/'));
  const start = random.pick(random.oneIn(4) ? seeds : sound);
  const other = random.pick(seeds);
  let { bytes } = start;
  const most = random.pick([1, 1, 1, 2, 2, 3, 6]);
  // Some mutations find nothing to change, or undo each other.
  for (let count = 1 + random.below(most), tries = 0; tries < MAX_TRIES; tries += 1) {
    const mutate = random.oneIn(2) ? forge : random.pick(byteMutations);
    const changed = mutate(bytes, random, other.bytes);
    if (changed.length <= MAX_BYTES) bytes = changed;
    count -= 1;
    if (count <= 0 && !bytes.equals(start.bytes)) break;
  }
  return { bytes, from: start.name };
}
