import { oddEntries } from './odd-entries.js';
import { oddStructures } from './odd-structures.js';

/** Legal or nearly so: archives on which one reader or another might go, or is known to go, its own way. */
export const oddArchives: Readonly<Record<string, () => Buffer>> = { ...oddEntries(), ...oddStructures() };
