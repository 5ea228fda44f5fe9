import { TrustError } from '../pki/trust.js';
import { RequestError } from '../request-error.js';

/**
 * SQLSTATE classes and codes that pass: connections (08), resources (53), the server stopping (57P), read-only (25006), time
 * limits (57014, 55P03, 25P03), and transactions that got in each other's way again and again (40001, 40P01).
 */
const PASSING_SQLSTATE = /^(?:08...|53...|57P0.|25006|57014|55P03|25P03|40001|40P01)$/;

/** What the system says of a server that isn't there, and of a disk that is full, gone or not ours to use. */
const PASSING_ERRNO = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOSPC',
  'EDQUOT',
  'EMFILE',
  'EIO',
  'EROFS',
  'EACCES',
  'ENOTDIR',
  'ENFILE',
]);

/** What pg throws without a code, when no connection is to be had. */
const PASSING_MESSAGE =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/;

/**
 * A fault of the store's surroundings, which passes by itself or by an operator's hand, as an answer that says so: try
 * again later. Null for anything else, which is a bug.
 */
export function asUnavailable(thrown: unknown): RequestError | null {
  if (thrown instanceof TrustError) {
    return new RequestError('UNAVAILABLE', 'The store cannot read whom it trusts; try again later.');
  }
  if (typeof thrown !== 'object' || thrown === null) return null;
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  const passes =
    (typeof code === 'string' && (PASSING_ERRNO.has(code) || PASSING_SQLSTATE.test(code))) ||
    (typeof message === 'string' && PASSING_MESSAGE.test(message));
  return passes ? new RequestError('UNAVAILABLE', 'The store cannot answer now; try again later.') : null;
}
