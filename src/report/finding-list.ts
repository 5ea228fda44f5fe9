import type { FindingCode } from './catalogue.js';
import { finding, type Finding, type FindingDetails } from './finding.js';

/** Far more of one code than a report lists, and few enough that 50,000 bad names can't fill the memory. */
const MAX_DETAILED_PER_CODE = 1_000;

/**
 * UTF-16 units of all details together: a thousand ordinary findings of each of several codes. A hostile archive could
 * have each code a thousand times with texts as long as they may be.
 */
const MAX_DETAIL_TEXT = 4 * 1024 * 1024;

/** So many of each code keep their details whatever the others take up. */
const ALWAYS_DETAILED_PER_CODE = 3;

/** What was found so far in one archive, folder or comparison. */
export interface FindingList {
  add(code: FindingCode, details?: FindingDetails): void;
  has(code: FindingCode): boolean;
  /**
   * Every finding that was added, in order. From the 1,001st of its code on, or sooner where the details of all together
   * grow too long, it is the bare code without any details, one object for all of them: there to be weighed and counted.
   */
  readonly all: readonly Finding[];
}

/** An empty list that keeps the details of the first findings of each code, and counts the others. */
export function findingList(): FindingList {
  const all: Finding[] = [];
  const counts = new Map<FindingCode, number>();
  const bare = new Map<FindingCode, Finding>();
  let detailText = 0;
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
      const hasRoom = count <= MAX_DETAILED_PER_CODE && detailText < MAX_DETAIL_TEXT;
      if (!hasRoom && count > ALWAYS_DETAILED_PER_CODE) {
        all.push(bareFinding(code));
        return;
      }
      const found = finding(code, details);
      detailText += textLength(found);
      all.push(found);
    },
  };
}

function textLength({ message, path = '', expected = '', actual = '', cause = '' }: Finding): number {
  return message.length + path.length + expected.length + actual.length + cause.length;
}
