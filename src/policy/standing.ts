import { standingFindings } from '../report/standing-findings.js';
import type { ReleaseStatus } from './facts.js';
import { weightOf } from './decide.js';
import type { StoreRules } from './rules.js';

/** A finding of the standing watch. */
export type StandingCode = keyof typeof standingFindings;

/** Every finding of the standing watch. */
export const standingCodes = Object.keys(standingFindings) as readonly StandingCode[];

/** Whether a code is one of the standing watch, which no upload ever has. */
export function isStandingCode(code: string): code is StandingCode {
  return Object.hasOwn(standingFindings, code);
}

/** What is known of one thing that the watch looks for. */
export type StandingLook =
  /** It is so. */
  | { readonly state: 'found'; readonly detail: string | undefined }
  /** It is not, or not any more. */
  | { readonly state: 'fine' }
  /** Nobody can tell now: this neither finds nor clears anything. */
  | { readonly state: 'untold'; readonly why: string };

/** What was looked for, and what came of it; of what is not in it nothing is known. */
export type StandingLooks = ReadonlyMap<StandingCode, StandingLook>;

/** What a finding makes of a release where a store gives its code that weight. */
export type StandingEffect = 'ignore' | 'mark' | Exclude<ReleaseStatus, 'published'>;

/** What the store makes of a finding of the watch. */
export function standingEffect(code: StandingCode, store: StoreRules): StandingEffect {
  switch (weightOf(code, store)) {
    case null:
      return 'ignore';
    case 'error':
      return 'withdrawn';
    case 'hold':
      return 'quarantined';
    default:
      return 'mark';
  }
}
