import { RequestError } from '../request-error.js';

/** As much as a reason, a question or an answer may be. */
export const MAX_TEXT = 4_000;

/**
 * What somebody wrote, without the space around it.
 *
 * @param what what it is, as a sentence begins with it
 * @throws RequestError `INVALID_REQUEST` where it is too short or too long, or holds what no text may
 */
export function requireText(text: string, what: string, { min = 1, max = MAX_TEXT } = {}): string {
  const trimmed = text.trim();
  if (trimmed.length < min || trimmed.length > max) {
    throw new RequestError('INVALID_REQUEST', `${what} has ${min} to ${max} characters.`);
  }
  // Neither is stored by Postgres.
  if (trimmed.includes('\0') || /\p{Surrogate}/u.test(trimmed)) {
    throw new RequestError('INVALID_REQUEST', `${what} holds a character that no text may hold.`);
  }
  return trimmed;
}
