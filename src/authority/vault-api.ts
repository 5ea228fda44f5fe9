import { readFile } from 'node:fs/promises';
import { wordsOfError } from '../error-words.js';
import { AuthorityError } from './authority-folder.js';

/** How HashiCorp Vault is reached, and the key of its Transit engine that issues. */
export interface VaultTransit {
  /** Without a closing slash. */
  readonly address: string;
  readonly token: { readonly value: string } | { readonly file: string };
  readonly namespace: string | null;
  readonly transitMount: string;
  readonly transitKey: string;
}

/** A signature takes milliseconds; a folder's lock counts as left behind after half a minute. */
const DEADLINE_MS = 10_000;

/** A key with a hundred versions of RSA 4096 has about 100 KiB. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Asks Vault: `GET` without a body, `POST` with one. The token is read from its file again each time, since agents
 * renew it there. Redirects are not followed, for the token would go along.
 *
 * @param path below `/v1/`, of parts that are safe in an address
 * @returns `data` of the answer, of whatever shape; null for 404, which is also how Vault says that there is no such
 *   key
 * @throws AuthorityError for everything else, in words for operators; neither the token nor what Vault said is in them,
 *   but for the errors it lists
 */
export async function askVault(
  vault: VaultTransit,
  path: string,
  body: object | null = null,
  deadlineMs: number = DEADLINE_MS,
): Promise<unknown> {
  const token = await readToken(vault);
  const { status, text } = await exchange(vault, path, body, token, deadlineMs);
  if (status === 404) return null;
  if (status !== 200) throw refusal(vault, status, text, token);
  const answer = parseJson(text);
  if (!isRecord(answer) || !('data' in answer)) throw failure(vault, 'its answer is none of Vault');
  return answer['data'];
}

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function exchange(
  { address, namespace, ...vault }: VaultTransit,
  path: string,
  body: object | null,
  token: string,
  deadlineMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(`${address}/v1/${path}`, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        'X-Vault-Token': token,
        // What Vault's agents and proxies may ask for, against requests that a browser was talked into.
        'X-Vault-Request': 'true',
        ...(namespace !== null && { 'X-Vault-Namespace': namespace }),
        ...(body !== null && { 'Content-Type': 'application/json' }),
      },
      ...(body !== null && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: AbortSignal.timeout(deadlineMs),
    });
    return { status: response.status, text: await readBounded(response) };
  } catch (error) {
    if (error instanceof AuthorityError) throw error;
    const { cause } = error as { readonly cause?: unknown };
    // Of fetch only the kind of failure and the system's code: a header that it does not like would be quoted.
    const isTimeout = (error as { readonly name?: unknown }).name === 'TimeoutError';
    const words = isTimeout ? `it did not answer in ${deadlineMs / 1000} seconds` : wordsOfError(cause ?? 'no answer');
    throw failure({ address, namespace, ...vault }, words);
  }
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > MAX_ANSWER_BYTES) throw new AuthorityError(`Vault answered with more than ${MAX_ANSWER_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readToken({ token }: VaultTransit): Promise<string> {
  if ('value' in token) return token.value;
  const text = await readFile(token.file, 'utf8').catch((error: unknown) => {
    throw new AuthorityError(
      `Vault's token in ${token.file} (VAULT_TOKEN_FILE) can not be read: ${wordsOfError(error)}.`,
    );
  });
  const value = text.trim();
  if (!/^[\x21-\x7e]{1,8192}$/.test(value)) {
    throw new AuthorityError(`There is no token in ${token.file} (VAULT_TOKEN_FILE).`);
  }
  return value;
}

/** RFC 9110 apart, what Vault means by a status; see "HTTP status codes" of its documentation. */
const meanings: Readonly<Record<number, string>> = {
  400: 'it does not take the request',
  403: 'the token is not valid, or its policy does not allow it (read on keys/NAME, update on sign/NAME/*)',
  429: 'it is a standby, or asked too often',
  473: 'it is a performance standby',
  501: 'it is not initialized',
  503: 'it is sealed, or down for maintenance',
};

function refusal(vault: VaultTransit, status: number, text: string, token: string): AuthorityError {
  const isRedirect = status >= 300 && status < 400;
  const meaning = isRedirect ? 'it sends us elsewhere; VAULT_ADDR must be the active server' : meanings[status];
  const said = listedErrors(text, token);
  return failure(
    vault,
    `status ${status}${meaning === undefined ? '' : `, ${meaning}`}${said === '' ? '' : ` (${said})`}`,
  );
}

/** What Vault lists under `errors`, for one line of a log. The token is taken out first, for a cut would leave a part of it. */
function listedErrors(text: string, token: string): string {
  const answer = parseJson(text);
  const errors: unknown = isRecord(answer) ? answer['errors'] : null;
  if (!Array.isArray(errors)) return '';
  const words = errors.filter((each) => typeof each === 'string').join('; ');
  return words
    .replaceAll(token, '…')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

function failure({ address, transitMount, transitKey }: VaultTransit, words: string): AuthorityError {
  return new AuthorityError(`Vault at ${address} can not be used for the key ${transitMount}/${transitKey}: ${words}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
