import { RequestError } from '../request-error.js';

const ACCOUNT_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Whether an account can have this name. */
export function isAccountName(name: string): boolean {
  return ACCOUNT_PATTERN.test(name);
}

/** @throws RequestError `INVALID_REQUEST` where no account can have this name */
export function requireAccountName(name: string): void {
  if (isAccountName(name)) return;
  throw new RequestError('INVALID_REQUEST', 'An account name has 1 to 64 of a-z, 0-9, ".", "_" and "-".');
}
