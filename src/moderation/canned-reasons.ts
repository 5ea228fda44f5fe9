import type { ReviewVerdict } from '../database/reviews.js';

/** A reason that is given often, in words that were thought over once. */
export interface CannedReason {
  /** For programs, feeds and statistics; append-only. */
  readonly code: string;
  /** The verdicts that it can be the reason of. */
  readonly verdicts: readonly ReviewVerdict[];
  readonly text: string;
}

const AGAINST = ['refused', 'denied', 'withdrawn', 'quarantined'] as const;

/** The canned reasons, in the order in which they are offered. */
export const cannedReasons: readonly CannedReason[] = [
  {
    code: 'reviewed-and-fine',
    verdicts: ['accepted', 'granted', 'restored'],
    text: 'Looked at by a moderator, and nothing is wrong with it.',
  },
  {
    code: 'explained-by-developer',
    verdicts: ['accepted', 'granted', 'restored'],
    text: 'The developer has explained what the gate stumbled over.',
  },
  {
    code: 'key-change-confirmed',
    verdicts: ['accepted', 'granted'],
    text: 'The owners have confirmed that they sign with another key.',
  },
  {
    code: 'gate-was-wrong',
    verdicts: ['accepted', 'granted', 'restored'],
    text: 'The gate was wrong about this upload. We are sorry for the wait.',
  },
  { code: 'malware', verdicts: AGAINST, text: 'It does harm to those who install it, or is made to.' },
  {
    code: 'security-problem',
    verdicts: AGAINST,
    text: 'It has a security problem that puts those who install it at risk.',
  },
  {
    code: 'privacy-problem',
    verdicts: AGAINST,
    text: 'It passes on personal data without saying so, or without being asked to.',
  },
  { code: 'copyright', verdicts: AGAINST, text: 'It holds work of others without their permission.' },
  { code: 'broken', verdicts: AGAINST, text: 'It does not work, or breaks what others have installed.' },
  { code: 'misleading', verdicts: AGAINST, text: 'It is not what its name or its description says.' },
  {
    code: 'obfuscated',
    verdicts: ['refused', 'denied', 'withdrawn', 'quarantined'],
    text: 'Its code is made unreadable, so that nobody can say what it does.',
  },
  {
    code: 'junk-in-archive',
    verdicts: ['refused', 'denied'],
    text: 'The archive holds files that don’t belong into a release. Leave them out and upload it again.',
  },
  {
    code: 'signer-not-confirmed',
    verdicts: ['refused', 'denied'],
    text: 'The owners have not confirmed that they sign with another key.',
  },
  {
    code: 'question-not-answered',
    verdicts: ['refused', 'denied', 'declined'],
    text: 'What we asked was not answered.',
  },
  {
    code: 'rule-stands',
    verdicts: ['refused', 'denied'],
    text: 'The rule is right about this upload. The report says how to mend it.',
  },
  { code: 'not-confirmed', verdicts: ['dismissed'], text: 'We looked into it, and could not confirm it.' },
  { code: 'not-for-us', verdicts: ['dismissed'], text: 'This is nothing that the store decides about.' },
  { code: 'duplicate', verdicts: ['dismissed'], text: 'This was reported before.' },
  { code: 'at-owners-wish', verdicts: ['withdrawn'], text: 'The owners asked for it.' },
];

/** The canned reason with this code that fits the verdict; null where there is none. */
export function findCannedReason(code: string, verdict: ReviewVerdict): CannedReason | null {
  return cannedReasons.find((canned) => canned.code === code && canned.verdicts.includes(verdict)) ?? null;
}
