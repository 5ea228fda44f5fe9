import type { FindingCode } from './catalogue.js';
import { finding, type Finding, type FindingDetails } from './finding.js';

/** Far more of one code than a report lists, and few enough that 50,000 bad names can't fill the memory. */
const MAX_DETAILED_PER_CODE = 1_000;

/** What was found so far in one archive, folder or comparison. */
export interface FindingList {
  add(code: FindingCode, details?: FindingDetails): void;
  has(code: FindingCode): boolean;
  /**
   * Every finding that was added, in order. From the 1,001st of its code on it is the bare code without any details, one
   * object for all of them: there to be weighed and counted.
   */
  readonly all: readonly Finding[];
}

/** An empty list that keeps the details of the first 1,000 findings of each code, and counts the others. */
export function findingList(): FindingList {
  const all: Finding[] = [];
  const counts = new Map<FindingCode, number>();
  const bare = new Map<FindingCode, Finding>();
  const bareFinding = (code: FindingCode): Finding => {
    const found = bare.get(code) ?? finding(code);
    bare.set(code, found);
    return found;
  };
  return {
    all,
    has: (code) => counts.has(code),
    add(code, details) {
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      all.push(count <= MAX_DETAILED_PER_CODE ? finding(code, details) : bareFinding(code));
    },
  };
}
