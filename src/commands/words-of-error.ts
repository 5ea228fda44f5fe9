import { types } from 'node:util';

/**
 * What an error of the network or the database says, without a full stop. A connection that failed at several
 * addresses fails with a list, whose own message is empty.
 */
export function wordsOfError(error: unknown): string {
  const first = types.isNativeError(error) && 'errors' in error ? (error.errors as unknown[])[0] : error;
  const words = types.isNativeError(first) ? first.message : String(first);
  return (words === '' ? codeOfError(first) : words).replace(/\.$/, '');
}

/** The system's name for what went wrong, `ECONNREFUSED` say; '' where it has none. */
export function codeOfError(error: unknown): string {
  return types.isNativeError(error) && 'code' in error ? String(error.code) : '';
}
