import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from '../request-error.js';

/**
 * Lets through whoever shows one of the keys, as ownCloud's servers do: `Authorization: apikey: KEY`. Where the store has none,
 * everybody.
 *
 * @throws RequestError `UNAUTHENTICATED`
 */
export function requireMarketKey(apiKeys: readonly string[], authorization: string | undefined): void {
  if (apiKeys.length === 0) return;
  const given = digestOf(/^apikey:?[ \t]+(\S+)[ \t]*$/i.exec(authorization ?? '')?.[1] ?? '');
  // All of them, whichever it is: how long it takes tells nothing.
  const known = apiKeys.filter((key) => timingSafeEqual(digestOf(key), given));
  if (known.length === 0) {
    throw new RequestError('UNAUTHENTICATED', 'This store asks for a key of its own: Authorization: apikey: KEY.');
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
