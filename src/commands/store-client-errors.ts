import { codeOfError, wordsOfError } from '../error-words.js';
import { printable } from '../report/printable.js';
import { CommandError } from './command.js';
import type { Store } from './store-client-address.js';

const MAX_TEXT = 4_096;

/** That a store can't be reached, why, and what may help. */
export function unreachable({ url, option }: Store, error: unknown): CommandError {
  return new CommandError(
    `The store at ${url.href} can't be reached: ${printable(reasonFor(error), MAX_TEXT)}.${hintFor(error, option ?? 'url')}`,
  );
}

/** How OpenSSL calls it when what answers a TLS greeting is no TLS, an HTTP server's "400 Bad Request" say. */
const NO_TLS = /wrong version number|packet length too long/i;

function reasonFor(error: unknown): string {
  const words = wordsOfError(error);
  return NO_TLS.test(words) ? 'what answers there does not speak https' : words;
}

function hintFor(error: unknown, option: string): string {
  const code = codeOfError(error);
  if (NO_TLS.test(wordsOfError(error))) return ' Perhaps its address begins with http:// instead.';
  if (code === 'ECONNREFUSED')
    return ` Is the gate running? Another address is set with --${option} or PORTCULLIS_URL.`;
  if (/CERT|SIGNATURE|ISSUER/.test(code)) return ' An authority of your own is set with NODE_EXTRA_CA_CERTS=FILE.';
  return '';
}
