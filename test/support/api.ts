import { checkAnswer } from './openapi-check.js';

/** What the gate answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into it as programs of others do: without our types.
  readonly body: any;
}

/**
 * Sends a request as a client of ours would, reads JSON where JSON comes back, and holds every answer against the OpenAPI
 * document that the gate serves.
 */
export async function request(
  url: string,
  { token, ...init }: RequestInit & { token?: string; duplex?: 'half' } = {},
): Promise<ApiAnswer> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const isJson = /\bjson\b/.test(type);
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  await checkAnswer(url, init.method ?? 'GET', { status: response.status, type, body });
  return { status: response.status, headers: response.headers, body };
}

/** Uploads a zip by itself. */
export async function upload(
  url: string,
  token: string,
  appId: string,
  archive: Buffer,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  return request(`${url}/api/v1/apps/${appId}/releases`, {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/zip', ...headers },
    body: new Uint8Array(archive),
  });
}

/** Sends a JSON body. */
export async function sendJson(url: string, method: string, token: string, body: unknown): Promise<ApiAnswer> {
  return request(url, { method, token, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

/** The codes of a report's findings, in order. */
export function codesOf(answer: ApiAnswer): readonly string[] {
  return (answer.body.report.findings as { code: string }[]).map(({ code }) => code);
}
