import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  clearAttempts,
  deleteAttempts,
  giveBackAttempt,
  takeAttempt,
  type AttemptBounds,
} from '../database/attempts.js';
import type { Database, Queryable } from '../database/connect.js';
import { RequestError } from '../request-error.js';

/** No count is kept for longer. */
const MAX_WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * Counts one try of `subject` (at most 64 characters before its first colon, then anything: it is kept hashed). To be called
 * outside of the transaction of what is tried, or an undone one would undo the count.
 *
 * @throws RequestError `TOO_MANY_ATTEMPTS` where more than `limit` were tried within `windowMs` (at most a day)
 */
export async function countAttempt(
  db: Queryable,
  { subject, windowMs, limit }: { readonly subject: string; readonly windowMs: number; readonly limit: number },
  at: Date,
): Promise<void> {
  if (windowMs > MAX_WINDOW_MS) throw new RangeError('Attempts are counted for a day at most');
  if (!(await takeAttempt(db, keptSubject(subject), { windowMs, limit, pauseMs: null }, at))) throw tooMany();
}

/** One thing that is counted, and how much of it there may be. */
export interface CountedSubject {
  readonly subject: string;
  readonly bounds: AttemptBounds;
  /** Whether a success makes up for the failures before it. */
  readonly isClearedBySuccess?: boolean;
}

/** Tries that were counted before their end is known, so that many at once are as bounded as many in turn. */
export interface CountedTry {
  /** It was no failure: it is not counted. */
  succeed(): Promise<void>;
  /** Nobody knows what it would have been: it is not counted, and makes up for nothing. */
  forget(): Promise<void>;
}

/**
 * Counts a try under each of the subjects, all or none. Beyond the limit the pauses between tries double, until the window ends.
 *
 * @throws RequestError `TOO_MANY_ATTEMPTS`, with the same words whichever it was
 */
export async function beginTry(db: Database, subjects: readonly CountedSubject[], at: Date): Promise<CountedTry> {
  const taken: CountedSubject[] = [];
  const forget = async (): Promise<void> => {
    for (const { subject } of taken) await giveBackAttempt(db, keptSubject(subject));
  };
  for (const counted of subjects) {
    if (!(await takeAttempt(db, keptSubject(counted.subject), counted.bounds, at))) {
      await forget();
      throw tooMany();
    }
    taken.push(counted);
  }
  return {
    forget,
    async succeed() {
      for (const { subject, isClearedBySuccess } of taken) {
        await (isClearedBySuccess === true ? clearAttempts : giveBackAttempt)(db, keptSubject(subject));
      }
    },
  };
}

/** Forgets what no window holds any more. */
export async function forgetAttempts(db: Queryable, at: Date): Promise<void> {
  await deleteAttempts(db, new Date(at.getTime() - MAX_WINDOW_MS));
}

/**
 * What addresses have in common that one person may well hold: an IPv4 address by itself, of IPv6 the 64 bits of a network.
 * Anything else is one window of its own.
 */
export function addressWindow(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare;
  if (isIPv4(mapped)) return mapped;
  if (!isIPv6(mapped)) return 'unknown';
  return `${expandIPv6(mapped).slice(0, 4).join(':')}::/64`;
}

function expandIPv6(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
}

function groupsOf(text: string): string[] {
  if (text === '') return [];
  // An IPv4 address at the end stands for two groups, none of which is among the first four where it is written so.
  return text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group.replace(/^0+(?=.)/, '')]));
}

/** What people type, and where they are, is not kept as it is: somebody types a password where the name goes. */
function keptSubject(subject: string): string {
  const [kind = '', ...rest] = subject.split(':');
  return `${kind.slice(0, 64)}:${createHash('sha256').update(rest.join(':')).digest('hex')}`;
}

function tooMany(): RequestError {
  return new RequestError('TOO_MANY_ATTEMPTS', 'This was tried too often of late; wait a while, then try again.');
}
