import { FIRST_REVOCATION_TIME } from '../authority/list-terms.js';
import { UsageError, type Arguments } from './command.js';
import { textOption } from './option-values.js';

/** A day, or a moment with its zone: without one it would mean another moment on every machine. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** The time that a text names in full; null for any other text. */
export function isoTime(text: string): Date | null {
  const time = new Date(ISO_TIME.test(text) ? text : NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

/**
 * The time of an option that says since when a key was in wrong hands; null where it isn't given.
 *
 * @throws UsageError for what is no time, and for one that is not there yet
 */
export function pastTimeOption(args: Arguments, name: string, now: Date): Date | null {
  const text = textOption(args, name);
  if (text === undefined) return null;
  const time = isoTime(text);
  if (time === null || time < FIRST_REVOCATION_TIME) {
    throw new UsageError(
      `--${name} needs a day, such as 2026-05-01, or a time with its zone, such as 2026-05-01T12:00:00Z.`,
    );
  }
  if (time > now) throw new UsageError(`--${name} lies in the future.`);
  return time;
}
