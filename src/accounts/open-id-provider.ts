import { readFile } from 'node:fs/promises';
import * as client from 'openid-client';
import type { OpenIdSettings } from '../config.js';
import type { Gate } from '../gate.js';
import { printable } from '../report/printable.js';
import { RequestError } from '../request-error.js';

/** Where the provider sends people back to, beneath the address of the gate; what is registered there as redirect URI. */
export const OPEN_ID_CALLBACK_PATH = '/console/sign-in/openid';

const SCOPES = 'openid profile email';
const TIMEOUT_SECONDS = 8;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** So old, what is known of a provider is asked for anew; its keys are by themselves, when an unknown one is met. */
const DISCOVERY_MS = 60 * 60 * 1000;
/** So long a provider that doesn't answer isn't asked again: everybody who signs in would wait for it. */
const FAILURE_MS = 10_000;
/** OpenID Connect Core 1.0 §2: a subject has at most 255 ASCII characters. */
const SUBJECT_PATTERN = /^[\x20-\x7e]{1,255}$/;

type ProviderParts = Pick<Gate, 'baseUrl' | 'now' | 'log' | 'openId'>;

/** What only the browser that began a sign-in may bring back. */
export interface OpenIdSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** Who the provider says somebody is. */
export interface OpenIdPerson {
  readonly issuer: string;
  readonly subject: string;
  /** What they may be called, the best first. */
  readonly nameHints: readonly (string | undefined)[];
  /** Null unless the provider has verified it. */
  readonly email: string | null;
}

/** The provider that people sign in with. @throws RequestError `NOT_FOUND` where the store has none */
export function requireOpenId({ openId }: Pick<Gate, 'openId'>): OpenIdSettings {
  if (openId === null) throw new RequestError('NOT_FOUND', 'This store has no provider to sign in with.');
  return openId;
}

/**
 * Where somebody signs in with the provider, and what must come back from there.
 *
 * @throws RequestError `NOT_FOUND` where there is no provider, `UNAVAILABLE` where it doesn't answer
 */
export async function authorizationRequest(
  gate: ProviderParts,
): Promise<{ readonly location: string; readonly secrets: OpenIdSecrets }> {
  const configuration = await discover(gate);
  const secrets = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  };
  const parameters = {
    redirect_uri: gate.baseUrl + OPEN_ID_CALLBACK_PATH,
    scope: SCOPES,
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: 'S256',
  };
  try {
    return { location: client.buildAuthorizationUrl(configuration, parameters).href, secrets };
  } catch (error) {
    // The provider names no address to go to, or one that is not https.
    logFault(gate, error);
    throw unavailable(requireOpenId(gate));
  }
}

/**
 * Whoever comes back from the provider with this query. Its answer, the code and the ID token are checked: state, nonce, PKCE,
 * issuer (RFC 9207, too), audience, times and signature.
 *
 * @throws RequestError `SIGN_IN_FAILED` where any of that is wrong or the provider refuses, `UNAVAILABLE`
 */
export async function personOf(
  gate: ProviderParts,
  query: URLSearchParams,
  { state, nonce, verifier }: OpenIdSecrets,
): Promise<OpenIdPerson> {
  const configuration = await discover(gate);
  // The address under which we are known, whatever a proxy made of it: the provider compares it.
  const url = new URL(gate.baseUrl + OPEN_ID_CALLBACK_PATH);
  url.search = query.toString();
  const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
  try {
    const tokens = await client.authorizationCodeGrant(configuration, url, checks);
    const claims = tokens.claims();
    if (claims === undefined || !SUBJECT_PATTERN.test(claims.sub)) {
      throw new RequestError('SIGN_IN_FAILED', 'The provider did not say who you are.');
    }
    const profile = await profileOf(gate, configuration, tokens.access_token, claims);
    return { issuer: claims.iss, subject: claims.sub, ...profile };
  } catch (error) {
    throw asRefusal(gate, error);
  }
}

/** What somebody is called: the ID token often holds only who they are. What can't be had is done without. */
async function profileOf(
  gate: ProviderParts,
  configuration: client.Configuration,
  accessToken: string,
  claims: client.IDToken,
): Promise<Pick<OpenIdPerson, 'nameHints' | 'email'>> {
  const found: Record<string, unknown> = { ...claims };
  const isThin = found['preferred_username'] === undefined && found['email'] === undefined;
  if (isThin && configuration.serverMetadata().userinfo_endpoint !== undefined) {
    try {
      Object.assign(found, await client.fetchUserInfo(configuration, accessToken, claims.sub));
    } catch (error) {
      logFault(gate, error);
    }
  }
  const textOf = (name: string): string | undefined => (typeof found[name] === 'string' ? found[name] : undefined);
  const email = textOf('email');
  return {
    nameHints: [textOf('preferred_username'), textOf('nickname'), email, textOf('name')],
    email: email !== undefined && found['email_verified'] === true ? email : null,
  };
}

/** What is known of a provider, by its settings: a gate has one. */
const discovered = new WeakMap<
  OpenIdSettings,
  { readonly configuration: Promise<client.Configuration>; readonly at: number; failedAt: number | null }
>();

/** @throws RequestError `NOT_FOUND` or `UNAVAILABLE` */
async function discover(gate: ProviderParts): Promise<client.Configuration> {
  const settings = requireOpenId(gate);
  const now = gate.now().getTime();
  const known = discovered.get(settings);
  if (known !== undefined) {
    const age = Math.abs(now - (known.failedAt ?? known.at));
    if (age < (known.failedAt === null ? DISCOVERY_MS : FAILURE_MS)) return known.configuration;
  }
  const configuration = askProvider(settings).catch((error: unknown) => {
    const entry = discovered.get(settings);
    if (entry?.configuration === configuration) entry.failedAt = gate.now().getTime();
    logFault(gate, error);
    throw unavailable(settings);
  });
  discovered.set(settings, { configuration, at: now, failedAt: null });
  return configuration;
}

async function askProvider(settings: OpenIdSettings): Promise<client.Configuration> {
  const { clientSecret, clientId, issuer } = settings;
  const secret = 'value' in clientSecret ? clientSecret.value : (await readFile(clientSecret.file, 'utf8')).trim();
  return client.discovery(new URL(issuer), clientId, undefined, client.ClientSecretBasic(secret), {
    timeout: TIMEOUT_SECONDS,
    [client.customFetch]: fetchWithin,
    // TLS alone would do (Core 1.0 §3.1.3.7 6.); the signature holds also where TLS ends before the provider.
    execute: [client.enableNonRepudiationChecks, ...(isPlain(settings) ? [allowPlainHttp] : [])],
  });
}

/** Said to be deprecated so that it stands out. It does: see {@link isPlain}. */
// eslint-disable-next-line @typescript-eslint/no-deprecated
const allowPlainHttp = client.allowInsecureRequests;

/** http is had only for a provider on this very machine, see the setting. */
function isPlain({ issuer }: OpenIdSettings): boolean {
  return issuer.startsWith('http:');
}

/** Like fetch, but of an answer that does not end the beginning is enough to refuse it. */
async function fetchWithin(url: string, options: client.CustomFetchOptions): Promise<Response> {
  const response = await fetch(url, options as RequestInit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('The answer of the provider is too large');
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  return new Response(size === 0 ? null : Buffer.concat(chunks), { status, statusText, headers });
}

/** What went wrong between us and the provider, for whoever signs in: in our words, and nothing of theirs but a code. */
function asRefusal(gate: ProviderParts, error: unknown): unknown {
  if (error instanceof RequestError) return error;
  const settings = requireOpenId(gate);
  logFault(gate, error);
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    const code = /^[a-z_]{1,40}$/.test(error.error) ? ` (${error.error})` : '';
    return new RequestError('SIGN_IN_FAILED', `The provider ${settings.name} did not sign you in${code}.`);
  }
  if (isOutOfReach(error)) return unavailable(settings);
  return new RequestError('SIGN_IN_FAILED', `The answer of the provider ${settings.name} is not valid; sign in again.`);
}

/** What fetch throws where nobody answers, and what a time limit ends with. */
function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return error.message === 'fetch failed' || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT' || isTimeout(error);
}

function isTimeout({ name, cause }: Error): boolean {
  const names = [name, cause instanceof Error ? cause.name : ''];
  return names.includes('TimeoutError') || names.includes('AbortError');
}

function unavailable({ name }: OpenIdSettings): RequestError {
  return new RequestError('UNAVAILABLE', `The provider ${name} does not answer as it should; try again later.`);
}

/** For operators: the kind of fault. No code, token or address of a request is in it. */
function logFault({ log }: ProviderParts, error: unknown): void {
  if (!(error instanceof Error)) return;
  const { code, error: said } = error as { code?: unknown; error?: unknown };
  const kind = [code, said].filter((part) => typeof part === 'string').join(' ');
  log.warn(
    { fault: printable(kind, 100), message: printable(error.message, 200) },
    'the OpenID Connect provider did not do as it should',
  );
}
