import type { Bytes, OperationName, Problem, Result } from './operation-types.js';

/** How a store is to be asked. */
export interface ClientOptions {
  /** Where it is: `https://store.example.org`, with or without a path below which it lies. */
  readonly baseUrl: string;
  /** Sent with those operations that need one, and with no other. */
  readonly token?: string;
  /** What sends the requests in the place of `fetch`: with bounds of its own, say. */
  readonly fetch?: (address: string, init: RequestInit) => Promise<Response>;
  /** What reads JSON in the place of `JSON.parse`; null where it is none. */
  readonly parse?: (text: string) => unknown;
  /** Calls off whatever is under way. */
  readonly signal?: AbortSignal;
}

/** A store and how it is asked: the first argument of every operation. */
export interface Client extends ClientOptions {
  /** Without a closing slash. */
  readonly baseUrl: string;
}

/** An operation, as the document describes it. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Whether it needs the token. */
  readonly bearer?: true;
  /** Whether the last part of the path keeps its slashes. */
  readonly takesRest?: true;
  /** The media types of what it answers; none where it answers without a body. */
  readonly accept?: string;
  /** Whether its body is JSON; else it goes out as it is. */
  readonly json?: true;
}

/** The parts of every {@link Input}, whatever the operation. */
interface AnyInput {
  readonly path?: object;
  readonly query?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/**
 * A client of one store.
 *
 * @throws TypeError where the address is none, or holds more than an address: a password, a query
 */
export function createClient(options: ClientOptions): Client {
  const { protocol, username, password, search, hash, href } = new URL(options.baseUrl);
  if (!/^https?:$/.test(protocol) || username !== '' || password !== '' || search !== '' || hash !== '') {
    throw new TypeError(
      'The address of a store begins with http:// or https:// and has no password and no parameters.',
    );
  }
  return { ...options, baseUrl: href.replace(/\/+$/, '') };
}

/**
 * Asks the store. What it answers, a refusal too, is the result; what comes from somebody who is no Portcullis gate is a
 * failure with the code `UNEXPECTED_ANSWER`.
 *
 * @throws what `fetch` throws where there is no answer at all; TypeError where a part of the path is missing or would lead elsewhere
 */
export async function send<Name extends OperationName>(
  client: Client,
  call: Call,
  input: AnyInput = {},
): Promise<Result<Name>> {
  const { fetch: ask = fetch } = client;
  const response = await ask(`${client.baseUrl}${pathOf(call, input.path ?? {})}${queryOf(input.query ?? {})}`, {
    method: call.method,
    headers: headersOf(client, call, input),
    // A token goes nowhere but where it was meant to; a POST that is sent elsewhere would become a GET.
    redirect: call.bearer === true || call.method !== 'GET' ? 'error' : 'follow',
    ...bodyOf(call, input),
    ...signalOf(client.signal, input.signal),
  });
  // The types come from the document that the store's own routes make.
  return (await resultOf(client, call, response)) as Result<Name>;
}

function pathOf({ path, takesRest }: Call, given: object): string {
  const values = new Map<string, unknown>(Object.entries(given));
  return path.replace(/\{(\w+)\}(?=(.?))/g, (_all, name: string, next: string) => {
    const value = values.get(name);
    const parts = takesRest === true && next === '' && typeof value === 'string' ? value.split('/') : [value];
    return parts.map((part) => encodePart(name, part)).join('/');
  });
}

function encodePart(name: string, value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  // Dots alone would be resolved away, and something else asked.
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`"${text}" is no ${name}.`);
  return encodeURIComponent(text);
}

function queryOf(query: object): string {
  const given = Object.entries(query).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).map((each) => [name, each] as const),
  );
  const words = given
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return words.length === 0 ? '' : `?${words.join('&')}`;
}

function headersOf({ token }: Client, call: Call, input: AnyInput): Headers {
  const headers = new Headers(input.headers);
  const accept = [call.accept, 'application/problem+json'].filter((type) => type !== undefined).join(', ');
  headers.set('accept', accept);
  if (call.bearer === true && token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (call.json === true && input.body !== undefined) headers.set('content-type', 'application/json');
  if (input.contentType !== undefined) headers.set('content-type', input.contentType);
  return headers;
}

function bodyOf({ json }: Call, { body }: AnyInput): RequestInit {
  if (body === undefined) return {};
  if (json === true) return { body: JSON.stringify(body) };
  // Fetch wants to be told that it need not wait for the answer before the body has gone out.
  const streams = body instanceof ReadableStream ? { duplex: 'half' } : {};
  return { body: body as Bytes | FormData, ...streams };
}

function signalOf(ofClient?: AbortSignal, ofCall?: AbortSignal): RequestInit {
  if (ofClient !== undefined && ofCall !== undefined) return { signal: AbortSignal.any([ofClient, ofCall]) };
  const signal = ofCall ?? ofClient;
  return signal === undefined ? {} : { signal };
}

async function resultOf(client: Client, { accept }: Call, response: Response): Promise<object> {
  const { status, headers } = response;
  const isFine = response.ok || status === 304;
  const type = (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (isFine && (accept === undefined || status === 204 || status === 304)) {
    await response.body?.cancel();
    return { ok: true, status, data: undefined, headers };
  }
  const isExpected = isFine && accept?.split(', ').includes(type) === true;
  if (isExpected && type !== 'application/json') return { ok: true, status, data: response, headers };
  const body = /^application\/(?:problem\+)?json$/.test(type) ? await readJson(client, response) : null;
  // Every answer in JSON that the document describes is an object or a list.
  if (isExpected && typeof body === 'object' && body !== null) return { ok: true, status, data: body, headers };
  await response.body?.cancel().catch(() => undefined);
  return { ok: false, status, problem: !isFine && isProblem(body) ? body : unexplained(status), headers };
}

async function readJson({ parse }: Client, response: Response): Promise<unknown> {
  const text = await response.text();
  if (parse !== undefined) return parse(text);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { detail, code } = body as Partial<Problem>;
  return typeof detail === 'string' && typeof code === 'string';
}

function unexplained(status: number): Problem {
  return {
    type: 'about:blank',
    title: 'Unexpected answer',
    status,
    detail: `This is no answer of a Portcullis gate (status ${status}).`,
    code: 'UNEXPECTED_ANSWER',
  };
}
