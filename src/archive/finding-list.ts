import type { FindingCode } from '../report/catalogue.js';
import { finding, type Finding, type FindingDetails } from '../report/finding.js';

/** Far more of one code than a report lists, and few enough that 50,000 bad names can't fill the memory. */
const MAX_KEPT_PER_CODE = 1_000;

/** What was found so far while reading one archive or folder. */
export interface FindingList {
  add(code: FindingCode, details?: FindingDetails): void;
  has(code: FindingCode): boolean;
  readonly all: readonly Finding[];
}

/** An empty list that keeps the first 1,000 findings of each code and lets the others go. */
export function findingList(): FindingList {
  const all: Finding[] = [];
  const counts = new Map<FindingCode, number>();
  return {
    all,
    has: (code) => counts.has(code),
    add(code, details) {
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count <= MAX_KEPT_PER_CODE) all.push(finding(code, details));
    },
  };
}
