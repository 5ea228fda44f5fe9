import { constants, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KeyPair } from '../../src/pki/keys.js';

/*
 * An HTTP server that answers for the Transit engine as the documentation of Vault's HTTP API says: statuses, errors,
 * and Vault's own defaults where a parameter is left out, RSASSA-PSS for RSA keys among them.
 */

/** A request as it came in. */
export interface VaultRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly namespace: string | null;
  readonly body: any;
}

export interface VaultServer {
  readonly address: string;
  readonly requests: VaultRequest[];
  /** The token that is taken; another one gets 403. */
  token: string;
  /** Answers in place of Vault, where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  close(): Promise<void>;
}

/** A key of the engine: its type, and its versions from 1 on. */
export interface VaultKey {
  readonly type: string;
  readonly versions: readonly KeyPair[];
}

const hashes: Readonly<Record<string, string>> = { 'sha2-256': 'sha256', 'sha2-384': 'sha384', 'sha2-512': 'sha512' };

/** Starts it on a free port of this machine, with these keys under the mount `transit`. */
export async function startVaultServer(keys: Readonly<Record<string, VaultKey>>): Promise<VaultServer> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vault: VaultServer = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    token: 'hvs.good',
    intercept: () => false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return vault;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (vault.intercept(request, response)) return;
    const token = header(request, 'x-vault-token') ?? '';
    const body = request.method === 'POST' ? JSON.parse(await text(request)) : null;
    const path = request.url ?? '';
    vault.requests.push({
      method: request.method ?? '',
      path,
      token,
      namespace: header(request, 'x-vault-namespace'),
      body,
    });
    if (token !== vault.token) {
      reply(response, 403, { errors: ['permission denied'] });
      return;
    }
    const [, action, name = '', hash = ''] = /^\/v1\/transit\/(keys|sign)\/([\w.-]+)(?:\/([\w-]+))?$/.exec(path) ?? [];
    const key = keys[name];
    if (action === 'keys' && request.method === 'GET') {
      if (key === undefined) reply(response, 404, { errors: [] });
      else reply(response, 200, { request_id: 'r', lease_id: '', data: readKey(name, key) });
    } else if (action === 'sign' && request.method === 'POST') {
      if (key === undefined) reply(response, 400, { errors: ['signing key not found'] });
      else signInput(response, key, hash, body);
    } else {
      reply(response, 404, { errors: ['no handler for route'] });
    }
  }
}

function signInput(response: ServerResponse, { versions }: VaultKey, hash: string, body: any): void {
  const version = body.key_version === undefined || body.key_version === 0 ? versions.length : body.key_version;
  const pair = versions[version - 1];
  const digest = hashes[hash];
  if (pair === undefined || digest === undefined || typeof body.input !== 'string') {
    reply(response, 400, { errors: ['invalid request'] });
    return;
  }
  const signature = sign(digest, Buffer.from(body.input, 'base64'), withPadding(pair.privateKey, body));
  reply(response, 200, {
    data: { key_version: version, signature: `vault:v${version}:${signature.toString('base64')}` },
  });
}

function withPadding(key: KeyObject, body: any): Parameters<typeof sign>[2] {
  if (key.asymmetricKeyType !== 'rsa')
    return { key, dsaEncoding: body.marshaling_algorithm === 'jws' ? 'ieee-p1363' : 'der' };
  const isPkcs1 = body.signature_algorithm === 'pkcs1v15';
  return { key, padding: isPkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_PSS_PADDING };
}

function readKey(name: string, { type, versions }: VaultKey): object {
  const described = versions.map(({ publicKey }, index) => [
    String(index + 1),
    // A symmetric key has a time in this place.
    type.startsWith('aes')
      ? 1_442_851_412
      : {
          name: type,
          public_key: publicKey.export({ type: 'spki', format: 'pem' }),
          certificate_chain: '',
          creation_time: '2026-01-01T00:00:00Z',
        },
  ]);
  return {
    name,
    type,
    keys: Object.fromEntries(described),
    latest_version: versions.length,
    min_encryption_version: 0,
    supports_signing: !type.startsWith('aes'),
  };
}

/** An answer in JSON, as Vault's. */
export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
