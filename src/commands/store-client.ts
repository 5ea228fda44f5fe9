import * as http from 'node:http';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import * as https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { fileChunks } from '../archive/file-window.js';
import { createClient, type Client } from '../client/client.js';
import type { Failure } from '../client/operation-types.js';
import { CommandError } from './command.js';
import type { LocalArchive } from './store-client-archive.js';
import type { Store } from './store-client-address.js';
import { unreachable } from './store-client-errors.js';
import { parseAnswer } from './store-client-json.js';
import { wordsOfError } from '../error-words.js';

/** What the store answered. */
export interface StoreAnswer {
  readonly status: number;
  /** The JSON of the body, every text in it made printable but for the PEM of certificates; null where the body is none. */
  readonly body: unknown;
}

export interface ArchiveRequest {
  /** Below the store's address: `/api/v1/…` */
  readonly path: string;
  readonly archive: LocalArchive;
  readonly headers?: OutgoingHttpHeaders;
  /** Told how many bytes of the archive have gone out. */
  readonly onProgress?: (bytes: number) => void;
}

/** An inspection may take a minute, and a gate under load lets uploads queue. */
const SILENCE_MS = 180_000;

/** How long an answer may take from the question to its last byte: one that drips is never silent. */
const PATIENCE_MS = 240_000;

/** How long a server may leave `Expect: 100-continue` without an answer; some know nothing of it (RFC 9110 §10.1.1). */
const CONTINUE_MS = 1_000;

/** More than any report; a store that sends more is none. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** How an operation of the generated client is called. */
type Operation<Input> = (client: Client, input: Input) => Promise<Answered>;

type Answered = Failure | { readonly ok: true; readonly status: number; readonly data: unknown };

/**
 * Asks the store by an operation of the client: `askStore(store, readApp, { path: { appId } })`.
 *
 * @param parse reads the JSON; else every text in it is made printable
 * @throws CommandError where the store can't be reached or doesn't answer in HTTP
 */
export async function askStore<Input>(
  store: Store,
  operation: Operation<Input>,
  input: Input,
  parse: (text: string) => unknown = parseAnswer,
): Promise<StoreAnswer> {
  const answer = await operation(clientOf(store, parse), input);
  if (answer.ok) return { status: answer.status, body: answer.data };
  const { status, problem } = answer;
  // The words for an answer that explains nothing are the command's own.
  return { status, body: problem.code === 'UNEXPECTED_ANSWER' ? null : problem };
}

/** A client that asks within our bounds, follows nobody elsewhere, and reads JSON as it is told. */
function clientOf(store: Store, parse: (text: string) => unknown): Client {
  return createClient({
    baseUrl: store.url.href,
    fetch: async (address, init) => fetchWithin(store, address, init),
    parse,
    ...(store.token !== null && { token: store.token }),
  });
}

async function fetchWithin(
  store: Store,
  address: string,
  { method = 'GET', headers, body }: RequestInit,
): Promise<Response> {
  const content = typeof body === 'string' ? Buffer.from(body) : null;
  const request = openRequest(store, method, new URL(address), {
    ...Object.fromEntries(new Headers(headers)),
    ...(content !== null && { 'content-length': content.length }),
  });
  request.end(content);
  const { status, type, content: answered } = await answerTo(request, store);
  return new Response(isBodiless(status) ? null : answered, { status, headers: { 'content-type': type } });
}

/** By the fetch standard, which refuses to be given an empty body here. */
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** The answer to a question that is out, within the time that any answer may take. */
async function answerTo(request: ClientRequest, store: Store): Promise<ReadAnswer> {
  const response = responseTo(request, store);
  const stopWaiting = endAfter(request, store);
  try {
    return await readAnswer(await response, store);
  } finally {
    stopWaiting();
  }
}

/** Ends an exchange that takes too long, whatever of it has come by then. Returns what calls it off. */
function endAfter(request: ClientRequest, { patienceMs = PATIENCE_MS }: Store): () => void {
  const timer = setTimeout(() => {
    request.destroy(new Error(`the answer did not come to its end within ${patienceMs / 1000} seconds`));
  }, patienceMs);
  return () => {
    clearTimeout(timer);
  };
}

/**
 * Sends an archive as it is (fetch knows neither `Expect` nor how far a body has gone out, hence not by the client), read from disk as fast as the store takes it. The store is asked first whether it wants
 * the bytes at all, and an answer that comes while they are still going out ends the sending.
 *
 * @throws CommandError where the store can't be reached, the connection breaks, or the file changes meanwhile
 */
export async function sendArchive(store: Store, sending: ArchiveRequest): Promise<StoreAnswer> {
  const answer = await tryToSend(store, sending, { expect: '100-continue' });
  // RFC 9110 §10.1.1: something on the way that can't be asked is told so, and then sent the bytes unasked.
  return answer.status === EXPECTATION_FAILED ? tryToSend(store, sending, {}) : answer;
}

const EXPECTATION_FAILED = 417;

async function tryToSend(
  store: Store,
  sending: ArchiveRequest,
  expectation: { readonly expect?: '100-continue' },
): Promise<StoreAnswer> {
  const { path, archive, headers } = sending;
  const url = new URL(store.url);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  const request = openRequest(store, 'POST', url, {
    accept: 'application/json, application/problem+json',
    ...(store.token !== null && { authorization: `Bearer ${store.token}` }),
    'content-type': 'application/zip',
    'content-length': archive.bytes,
    'content-digest': `sha-256=:${Buffer.from(archive.sha256, 'hex').toString('base64')}:`,
    ...expectation,
    ...headers,
  });
  const response = responseTo(request, store);
  // Awaited only once the body is out; until then nobody else hears of a failure.
  response.catch(() => undefined);
  let isOver = false;
  let stopWaiting = (): void => {};
  for (const event of ['response', 'close']) request.once(event, () => (isOver = true));
  request.flushHeaders();
  try {
    if (expectation.expect !== undefined) await whenContinued(request);
    await sendBody(request, sending, () => isOver);
    // From here on: how long the sending takes, the archive and the network say.
    stopWaiting = endAfter(request, store);
    const { status, content } = await readAnswer(await response, store);
    return { status, body: parseAnswer(content.toString('utf8')) };
  } finally {
    stopWaiting();
    request.destroy();
  }
}

function openRequest(store: Store, method: string, url: URL, headers: OutgoingHttpHeaders): ClientRequest {
  const { request: send, Agent } = url.protocol === 'https:' ? https : http;
  // Kept alive, although nothing more follows: a server that would close the connection after its answer does so while
  // we are still sending, and the answer is lost with it (RFC 9112 §9.6). A socket that idles keeps no program running.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const request = send(url, {
    method,
    agent,
    timeout: SILENCE_MS,
    headers,
  });
  request.once('close', () => {
    agent.destroy();
  });
  request.on('timeout', () => {
    request.destroy(new Error(`nothing was heard for ${SILENCE_MS / 1000} seconds`));
  });
  return request;
}

/** The answer, as soon as its head is there. Whatever fails after that is found out while the body is read. */
async function responseTo(request: ClientRequest, store: Store): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays for good: after an early answer the unsent rest of a body may still fail, which matters to nobody.
    request.on('error', (error) => {
      reject(unreachable(store, error));
    });
  });
}

/** Waits until the body is asked for, an answer comes instead of it, or the server turns out not to know the question. */
async function whenContinued(request: ClientRequest): Promise<void> {
  const patience = new AbortController();
  const impatience = pause(CONTINUE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  await Promise.race([firstOf(request, ['continue', 'response', 'close']), impatience]);
  patience.abort();
}

/** Waits for the first of these events. */
async function firstOf(request: ClientRequest, events: readonly string[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const happen = (): void => {
      for (const event of events) request.off(event, happen);
      resolve();
    };
    for (const event of events) request.on(event, happen);
  });
}

async function sendBody(
  request: ClientRequest,
  { archive, onProgress }: ArchiveRequest,
  isOver: () => boolean,
): Promise<void> {
  let sent = 0;
  for await (const chunk of chunksOf(archive)) {
    if (isOver()) return;
    // The network is slower than the disk: it says when it took what it has, or that it never will.
    if (!request.write(chunk) && !request.destroyed) await firstOf(request, ['drain', 'response', 'close']);
    sent += chunk.length;
    onProgress?.(sent);
  }
  if (!isOver()) request.end();
}

async function* chunksOf({ handle, bytes, path }: LocalArchive): AsyncGenerator<Buffer> {
  try {
    yield* fileChunks(handle, 0, bytes);
  } catch (error) {
    throw new CommandError(`${path} could not be read to its end: ${wordsOfError(error)}.`);
  }
}

/** An answer that is here to its last byte. */
interface ReadAnswer {
  readonly status: number;
  /** Content-Type. */
  readonly type: string;
  readonly content: Buffer<ArrayBuffer>;
}

async function readAnswer(response: IncomingMessage, store: Store): Promise<ReadAnswer> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 599) throw unreachable(store, new Error(`it answers with the status ${status}`));
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is longer than any of a store');
      chunks.push(chunk);
    }
  } catch (error) {
    throw unreachable(store, error);
  }
  return { status, type: response.headers['content-type'] ?? '', content: Buffer.concat(chunks) };
}
