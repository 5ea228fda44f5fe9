import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseUrl } from '../parse-url.js';
import { CommandError, UsageError, type Arguments, type Command, type Terminal } from './command.js';
import { isSet, textOption } from './option-values.js';
import { KEY_FILE_BYTES, readWithin } from './read-within.js';
import { reasonOf } from './reason-of.js';

/** A store, and who we are there. */
export interface Store {
  readonly url: URL;
  /** Null where nobody in particular asks. */
  readonly token: string | null;
  /** How long an answer may take to its end, where it is not as long as usual. */
  readonly patienceMs?: number;
  /** The option that sets its address, where it isn't `--url`. */
  readonly option?: 'store';
}

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** The options of every command that talks to a store; there is none for the token, which would show in the process list. */
export const storeOptions = {
  url: { type: 'string' },
  'token-file': { type: 'string' },
  insecure: { type: 'boolean' },
} as const satisfies Command['options'];

export const storeOptionHelp = {
  url: `the store's address (or PORTCULLIS_URL; ${DEFAULT_URL})`,
  'token-file': 'the file with your token (or the token itself in PORTCULLIS_TOKEN)',
  insecure: 'sends the token over plain http to another machine, where anybody on the way can read it',
} as const satisfies Command['optionHelp'];

/** The store as nobody in particular: for what everybody may read. `option` names its address. */
export function publicStore(args: Arguments, { environment }: Terminal, option: 'url' | 'store' = 'url'): Store {
  const url = storeUrl(textOption(args, option) ?? (environment['PORTCULLIS_URL'] || DEFAULT_URL));
  return { url, token: null, ...(option === 'store' && { option }) };
}

/**
 * The store as the bearer of the token in `--token-file` or `PORTCULLIS_TOKEN`.
 *
 * @throws UsageError where there is no token, or sending it would give it away
 */
export async function storeWithToken(args: Arguments, terminal: Terminal): Promise<Store> {
  const { url } = publicStore(args, terminal);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !isSet(args, 'insecure')) {
    throw new UsageError(
      `Over plain http to ${url.host} anybody on the way could read the token: use https, or --insecure.`,
    );
  }
  return { url, token: await readToken(args, terminal) };
}

function storeUrl(text: string): URL {
  const url = parseUrl(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new UsageError('The address of the store must begin with http:// or https://.');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError('The address of the store has no place for a name, a password or parameters.');
  }
  return url;
}

/** True for this machine itself. Other names than `localhost` may lead anywhere. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
}

async function readToken(args: Arguments, { environment, workingFolder }: Terminal): Promise<string> {
  const file = textOption(args, 'token-file');
  const token = (
    file === undefined ? environment['PORTCULLIS_TOKEN'] : await readTokenFile(resolve(workingFolder, file))
  )?.trim();
  if (token === undefined || token === '') {
    throw new UsageError(
      'There is no token: put it into PORTCULLIS_TOKEN, or name a file that holds it with --token-file.',
    );
  }
  // RFC 6750 §2.1. Whatever else the file holds, a whole key say, is not sent anywhere.
  if (!/^[A-Za-z0-9._~+/-]{1,512}=*$/.test(token))
    throw new UsageError('That is no token: it holds more than one word.');
  return token;
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return (await readWithin(path, KEY_FILE_BYTES)).toString('utf8');
  } catch (error) {
    throw new CommandError(`The token file can't be read: ${reasonOf(error)}.`);
  }
}
