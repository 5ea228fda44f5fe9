import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIssuingKeySource } from '../../src/authority/issuing-key.js';
import type { VaultTransit } from '../../src/authority/vault-api.js';
import { openTransitSigner } from '../../src/authority/vault-transit.js';
import { generateKeyPair } from '../../src/pki/keys.js';
import type { KeyPair } from '../../src/pki/keys.js';
import type { Signer } from '../../src/pki/signer.js';
import { reply, startVaultServer } from '../support/vault-server.js';
import type { VaultServer } from '../support/vault-server.js';

const message = Buffer.from('to be signed');
let vault: VaultServer;
let pairs: { readonly first: KeyPair; readonly second: KeyPair; readonly rsa: KeyPair; readonly p256: KeyPair };
let folder: string;

beforeAll(async () => {
  const [first, second, rsa] = await Promise.all([generateKeyPair(), generateKeyPair(), generateKeyPair('rsa-2048')]);
  pairs = { first, second, rsa, p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-vault-'));
  vault = await startVaultServer({
    store: { type: 'ecdsa-p384', versions: [pairs.first, pairs.second] },
    store_rsa: { type: 'rsa-2048', versions: [pairs.rsa] },
    small: { type: 'ecdsa-p256', versions: [pairs.p256] },
    symmetric: { type: 'aes256-gcm96', versions: [pairs.first] },
  });
});

afterEach(async () => {
  await vault.close();
  await rm(folder, { recursive: true });
});

function settings(changes: Partial<VaultTransit> = {}): VaultTransit {
  return {
    address: vault.address,
    token: { value: 'hvs.good' },
    namespace: null,
    transitMount: 'transit',
    transitKey: 'store',
    ...changes,
  };
}

async function open(changes: Partial<VaultTransit> = {}, fingerprint: string | null = null): Promise<Signer> {
  const signer = await openTransitSigner(settings(changes), fingerprint, 500);
  if (signer === null) throw new Error('no such key');
  return signer;
}

/** What went wrong, and that the token is not in it. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'AuthorityError' });
  const text = String(error);
  expect(text).not.toContain('hvs.');
  return text;
}

const fingerprintOf = ({ publicKey }: KeyPair): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');

describe('a key of the Transit engine', () => {
  test('signs with its newest version, in DER, hashed as asked', async () => {
    const signer = await open();
    expect(signer.publicKey.equals(pairs.second.publicKey)).toBe(true);
    expect(verify('sha384', message, pairs.second.publicKey, await signer.sign('sha384', message))).toBe(true);
    expect(vault.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/transit/keys/store',
      'POST /v1/transit/sign/store/sha2-384',
    ]);
    expect(vault.requests[1]?.body).toEqual({
      input: message.toString('base64'),
      key_version: 2,
      marshaling_algorithm: 'asn1',
    });
  });

  test('signs with the version whose certificate is meant, after the key was rotated', async () => {
    const signer = await open({}, fingerprintOf(pairs.first));
    expect(verify('sha384', message, pairs.first.publicKey, await signer.sign('sha384', message))).toBe(true);
  });

  test('is none where no version is the one that is meant', async () => {
    expect(await openTransitSigner(settings(), fingerprintOf(pairs.rsa))).toBeNull();
  });

  test('of RSA signs by PKCS #1, whatever Vault does by itself', async () => {
    const signer = await open({ transitKey: 'store_rsa' });
    expect(verify('sha256', message, pairs.rsa.publicKey, await signer.sign('sha256', message))).toBe(true);
  });

  test.each(['small', 'symmetric', 'unknown'])('that can not issue is refused: %s', async (transitKey) => {
    await failureOf(open({ transitKey }));
  });

  test('is asked for in its namespace, and not by default', async () => {
    await open({ namespace: 'team/a' });
    await open();
    expect(vault.requests.map(({ namespace }) => namespace)).toEqual(['team/a', null]);
  });
});

describe('the token', () => {
  test('is read from its file again for every request, since an agent renews it there', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'hvs.good\n');
    const signer = await open({ token: { file } });
    vault.token = 'hvs.renewed';
    expect(await failureOf(signer.sign('sha384', message))).toContain('403');
    await writeFile(file, 'hvs.renewed');
    await signer.sign('sha384', message);
  });

  test.each([
    ['is not there', null],
    ['is empty', '\n'],
    ['holds more than a token', 'hvs.good\nX-Evil: 1\n'],
  ])('is not to be had from a file that %s', async (_how, content) => {
    const file = join(folder, 'token');
    if (content !== null) await writeFile(file, content);
    await failureOf(open({ token: { file } }));
    expect(vault.requests).toEqual([]);
  });

  test('does not follow a redirect to another host', async () => {
    const elsewhere = await startVaultServer({ store: { type: 'ecdsa-p384', versions: [pairs.first] } });
    vault.intercept = (request, response) => {
      response.writeHead(307, { Location: `${elsewhere.address}${request.url ?? ''}` }).end();
      return true;
    };
    await failureOf(open());
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  test('is not repeated where the server repeats it', async () => {
    vault.intercept = (_request, response) => {
      reply(response, 400, { errors: ['no such token: hvs.good'] });
      return true;
    };
    expect(await failureOf(open())).toContain('no such token');
  });

  test('is not repeated in part, where what the server says is cut', async () => {
    vault.intercept = (_request, response) => {
      reply(response, 400, { errors: [`${'x'.repeat(295)} hvs.good`] });
      return true;
    };
    expect(await failureOf(open())).not.toContain('hvs');
  });
});

describe('a Vault that is not well', () => {
  const answerWith = (respond: (response: ServerResponse) => void): void => {
    vault.intercept = (_request, response) => {
      respond(response);
      return true;
    };
  };

  test.each([
    ['the token is not valid', 403, ['permission denied']],
    ['sealed', 503, ['Vault is sealed']],
    ['not initialized', 501, []],
    ['failing', 500, ['internal error']],
  ])('is said: %s', async (_what, status, errors) => {
    answerWith((response) => reply(response, status, { errors }));
    expect(await failureOf(open())).toContain(String(status));
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['no JSON', (response) => response.end('<html>')],
    ['JSON of another kind', (response) => response.end('[1]')],
    ['an empty object', (response) => response.end('{}')],
    ['keys of another kind', (response) => reply(response, 200, { data: { keys: [], latest_version: 1 } })],
    ['a key that is none', (response) => reply(response, 200, { data: { keys: { 1: { public_key: 'x' } } } })],
    ['no newest version', (response) => reply(response, 200, { data: { keys: {}, latest_version: 1 } })],
    ['no body', (response) => response.writeHead(204).end()],
    ['an answer without an end', (response) => response.writeHead(200).write('{')],
    ['a cut connection', (response) => response.destroy()],
    ['two mebibytes', (response) => response.end(Buffer.alloc(2 * 1024 * 1024, 0x20))],
    ['no answer at all', () => {}],
  ])('does no harm with %s', async (_what, respond) => {
    answerWith(respond);
    await failureOf(open());
  });

  test('that nobody can reach is said', async () => {
    await vault.close();
    await failureOf(open());
    vault = await startVaultServer({});
  });

  test.each<[string, (signature: Buffer) => unknown]>([
    ['of another version', (signature) => `vault:v1:${signature.toString('base64')}`],
    ['of other bytes', () => `vault:v2:${Buffer.alloc(96, 1).toString('base64')}`],
    ['without a version', (signature) => signature.toString('base64')],
    ['in another writing', (signature) => `vault:v2:${signature.toString('base64url')}-_`],
    ['that is a number', () => 7],
    ['that is not there', () => undefined],
  ])('gives a signature %s, which gets nowhere', async (_what, forge) => {
    const signer = await open();
    const signature = await signer.sign('sha384', message);
    answerWith((response) => reply(response, 200, { data: { signature: forge(signature) } }));
    await failureOf(signer.sign('sha384', message));
  });

  test('signs something else, which gets nowhere', async () => {
    const signer = await open();
    const other = await signer.sign('sha384', Buffer.from('something else'));
    answerWith((response) => reply(response, 200, { data: { signature: `vault:v2:${other.toString('base64')}` } }));
    await failureOf(signer.sign('sha384', message));
  });
});

describe('an authority with its issuing key in Vault', () => {
  const keys = (): ReturnType<typeof createIssuingKeySource> =>
    createIssuingKeySource({ authorityDir: folder, authorityPassphrase: { value: 'unused' }, vault: settings() });

  test('asks for a known key once, and for the newest each time', async () => {
    const source = keys();
    await source.signer(fingerprintOf(pairs.first));
    await source.signer(fingerprintOf(pairs.first));
    expect(vault.requests).toHaveLength(1);
    await source.signer();
    await source.signer();
    expect(vault.requests).toHaveLength(3);
  });

  test('has no key where Vault has another one and no file is there', async () => {
    expect(await keys().signer(fingerprintOf(pairs.rsa))).toBeNull();
    expect(await keys().root()).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  test('does not fall back on a file while Vault can not be asked', async () => {
    vault.token = 'hvs.other';
    await failureOf(keys().signer(fingerprintOf(pairs.first)));
  });
});
