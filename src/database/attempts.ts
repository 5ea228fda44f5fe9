import type { Queryable } from './connect.js';

/** How much of something there may be. */
export interface AttemptBounds {
  /** How long what was tried is kept count of, from the first try on. */
  readonly windowMs: number;
  /** How many in a window are free. */
  readonly limit: number;
  /** How long after the first try one more is free, and then after twice as long each; null: none is until the window ends. */
  readonly pauseMs: number | null;
}

/** Beyond it no pause grows: the window has ended by then. */
const MAX_DOUBLINGS = 30;

/** Counts a try, where it is within bounds; false where it is not, and then it isn't counted. Of many at once each is counted. */
export async function takeAttempt(
  db: Queryable,
  subject: string,
  { windowMs, limit, pauseMs }: AttemptBounds,
  at: Date,
): Promise<boolean> {
  // Also a time after now is none of this window: a clock was set back.
  const isOver = `abs(extract(epoch FROM $2::timestamptz - attempts.started_at)) * 1000 >= $3::float8`;
  const { rowCount } = await db.query(
    `INSERT INTO attempts (subject, count, started_at) VALUES ($1, 1, $2)
     ON CONFLICT (subject) DO UPDATE SET
       count = CASE WHEN ${isOver} THEN 1 ELSE attempts.count + 1 END,
       started_at = CASE WHEN ${isOver} THEN $2 ELSE attempts.started_at END
     WHERE ${isOver} OR attempts.count < $4
       OR $2::timestamptz - attempts.started_at
          >= make_interval(secs => $5::float8 * 2 ^ least(attempts.count - $4, ${MAX_DOUBLINGS}) / 1000)`,
    [subject, at, windowMs, limit, pauseMs],
  );
  return rowCount === 1;
}

/** Takes back a try that was counted: it was none of those that are to be bounded. With the last of them the window is over. */
export async function giveBackAttempt(db: Queryable, subject: string): Promise<void> {
  await db.query('UPDATE attempts SET count = count - 1 WHERE subject = $1 AND count > 0', [subject]);
  await db.query('DELETE FROM attempts WHERE subject = $1 AND count = 0', [subject]);
}

/** Starts a count anew. */
export async function clearAttempts(db: Queryable, subject: string): Promise<void> {
  await db.query('DELETE FROM attempts WHERE subject = $1', [subject]);
}

/** Removes counts that began before a time. */
export async function deleteAttempts(db: Queryable, before: Date): Promise<void> {
  await db.query('DELETE FROM attempts WHERE started_at < $1', [before]);
}
