import { types } from 'node:util';

/*
 * What errors of the system, the network and the database say. By `isNativeError` and not by `instanceof`: they may come
 * from another realm, as they do where tests run.
 */

/** The system's name for what went wrong, `ENOENT` or `ECONNREFUSED` say; '' where it has none. */
export function codeOfError(error: unknown): string {
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether an error has one of these codes: `ENOENT`, `EEXIST`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOfError(error));
}

/**
 * What an error says, without a full stop. A connection that failed at several addresses fails with a list, whose own
 * message is empty.
 */
export function wordsOfError(error: unknown): string {
  const first = types.isNativeError(error) && 'errors' in error ? (error.errors as unknown[])[0] : error;
  const words = types.isNativeError(first) ? first.message : String(first);
  return (words === '' ? codeOfError(first) : words).replace(/\.$/, '');
}
