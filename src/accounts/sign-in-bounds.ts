import type { Account } from '../database/accounts.js';
import { addressWindow, type CountedSubject } from './attempts.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An hour has some ten wrong tries in it. */
const STRICT = { windowMs: HOUR_MS, limit: 5, pauseMs: MINUTE_MS };
/**
 * For whatever many may share, and anybody may use up who wants to keep somebody else out: an account's name, an address. Wide
 * enough that nobody comes near it by mistake, and over within the hour.
 */
const WIDE = { windowMs: HOUR_MS, limit: 50, pauseMs: MINUTE_MS };
/** Six digits are few: some fifteen tries a day, and only for who has the password. */
const SECOND_FACTOR = { windowMs: 24 * HOUR_MS, limit: 5, pauseMs: MINUTE_MS };

/** What a sign-in with a password is counted under; names are counted whether or not there is such an account. */
export function triesOfSignIn(name: string, address: string): readonly CountedSubject[] {
  const window = addressWindow(address);
  return [
    { subject: `sign-in:${name}:${window}`, bounds: STRICT, isClearedBySuccess: true },
    { subject: `sign-in-name:${name}`, bounds: WIDE },
    ...triesOfAddress(address),
  ];
}

/** What a sign-in with a token is counted under: there is no guessing one, but asking costs us. */
export function triesOfAddress(address: string): readonly CountedSubject[] {
  return [{ subject: `sign-in-address:${addressWindow(address)}`, bounds: WIDE }];
}

/** What a password is counted under that somebody who is signed in is asked for. */
export function triesOfAccount({ id }: Pick<Account, 'id'>): readonly CountedSubject[] {
  return [{ subject: `password:${id}`, bounds: STRICT, isClearedBySuccess: true }];
}

/** What values of a second factor are counted under. A success does not make up for the failures of somebody else. */
export function triesOfSecondFactor({ id }: Pick<Account, 'id'>): readonly CountedSubject[] {
  return [{ subject: `second-factor:${id}`, bounds: SECOND_FACTOR }];
}
