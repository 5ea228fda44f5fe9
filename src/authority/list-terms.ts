import type { Tier } from './authority-folder.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The first time that lists name in two ways that agree (RFC 5280 §5.3.2); no certificate is older. */
export const FIRST_REVOCATION_TIME = new Date('1970-01-01T00:00:00Z');

/** How long a list counts: developers' ones are renewed daily, a root that is kept off the machine signs once a year. */
export const listValidityMs: Readonly<Record<Tier, number>> = { root: 365 * DAY_MS, developers: 7 * DAY_MS };

/** How old a developers' list may grow before it is signed anew. */
export const LIST_RENEWAL_MS = DAY_MS;

/**
 * The CRL number that follows (RFC 5280 §5.2.3). It grows also where the previous list was lost: it is counted in seconds,
 * unless lists are signed faster than that.
 *
 * @param previous the number of the list before, in decimal; null where there was none
 */
export function nextListNumber(previous: string | null, at: Date): bigint {
  const seconds = BigInt(Math.floor(at.getTime() / 1000));
  const following = BigInt(previous ?? '0') + 1n;
  return following > seconds ? following : seconds;
}
