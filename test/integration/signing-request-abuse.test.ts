import { createPrivateKey, createPublicKey, generatePrimeSync, checkPrimeSync } from 'node:crypto';
import { findAccount } from '../../src/database/accounts.js';
import { addOwner, removeOwner } from '../../src/database/apps.js';
import { listCertificates } from '../../src/database/certificates.js';
import { inTransaction } from '../../src/database/connect.js';
import type { KeyPair } from '../../src/pki/keys.js';
import { request, sendJson, type ApiAnswer } from '../support/api.js';
import { negatedKeys } from '../support/negated-key.js';
import { act, ask, csrFor, hookedKey, newKeys } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/* What somebody tries with signing requests who has a stolen token, a stolen key, or time on their hands. */

let gate: TestGate;
let moderator: string;
let now: Date;
beforeAll(async () => {
  now = new Date();
  gate = await startTestGate({ ownAuthority: true, gate: { now: () => now } });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
});
afterAll(async () => {
  await gate.stop();
});
beforeEach(() => {
  now = new Date(now.getTime() + 1_000);
});

const reason = 'known to us';

function codeOf({ status, body }: ApiAnswer): string {
  return typeof body === 'object' && 'code' in body ? (body.code as string) : String(status);
}

async function asked(token: string, appId: string, wish: Record<string, unknown> = {}): Promise<any> {
  const answer = await ask(gate, token, appId, { csr: await csrFor(appId), ...wish });
  expect([answer.status, answer.body.code]).toEqual([201, undefined]);
  return answer.body;
}

async function approve(id: string): Promise<any> {
  const answer = await act(gate, moderator, id, 'approval', { reason });
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
  return answer.body.certificate;
}

async function read(token: string, id: string): Promise<any> {
  return (await request(`${gate.url}/api/v1/signing-requests/${id}`, { token })).body;
}

function manager(account: string): Promise<string> {
  return gate.token(null, { account, scopes: ['upload', 'manage'] });
}

/** An app of its own owner, with a certificate. */
async function certified(appId: string, csr?: string): Promise<{ owner: string; serial: string }> {
  const owner = await manager(`owner-of-${appId}`);
  const { id } = await asked(owner, appId, csr === undefined ? {} : { csr });
  return { owner, serial: (await approve(id)).serial };
}

async function statusOf(serial: string): Promise<string> {
  return (await request(`${gate.url}/api/v1/certificates/${serial}`)).body.status;
}

async function setOwner(appId: string, name: string, owns: boolean): Promise<void> {
  const account = await findAccount(gate.gate.database, name);
  if (account === null) throw new Error(`There is no account ${name}`);
  await inTransaction(gate.gate.database, (tx) => (owns ? addOwner : removeOwner)(tx, appId, account.id));
}

/** Ends every token of an account: revoked or, another thing, expired. */
async function endTokens(account: string, column: 'revoked_at' | 'expires_at'): Promise<void> {
  await gate.gate.database.query(
    `UPDATE tokens SET ${column} = $2 WHERE account_id = (SELECT id FROM accounts WHERE name = $1)`,
    [account, new Date(now.getTime() - 1)],
  );
}

/** The gate once more, with an authority's key. */
async function replica(parts: Partial<TestGate['gate']>): Promise<TestGate> {
  const { issuingKey, baseUrl } = gate.gate;
  return startTestGate({ replicaOf: gate, gate: { issuingKey, baseUrl, now: () => now, ...parts } });
}

describe('a request that was made with a stolen token', () => {
  test('is not granted once the token is revoked, and says so to whoever decides', async () => {
    const thief = await gate.token('stolen-token');
    const { id, token } = await asked(thief, 'stolen-token');
    expect(token).toEqual({ label: 'test', scopes: ['upload'], revoked: false });
    await endTokens('stolen-token', 'revoked_at');
    expect((await read(moderator, id)).token).toEqual({ label: 'test', scopes: ['upload'], revoked: true });
    const answer = await act(gate, moderator, id, 'approval', { reason });
    expect([answer.status, answer.body.code]).toEqual([409, 'APPLICANT_TOKEN_REVOKED']);
    const ledger = await listCertificates(gate.gate.database, { appId: 'stolen-token', after: null, limit: 10 });
    expect(ledger).toEqual([]);
    expect((await act(gate, moderator, id, 'decline', { reason })).body.state).toBe('declined');
  });

  test('is not granted either where it is revoked while the key signs', async () => {
    const { id } = await asked(await gate.token('stolen-meanwhile'), 'stolen-meanwhile');
    const slow = await replica({
      issuingKey: hookedKey(gate.gate, () => endTokens('stolen-meanwhile', 'revoked_at')),
    });
    try {
      expect(codeOf(await act(slow, moderator, id, 'approval', { reason }))).toBe('APPLICANT_TOKEN_REVOKED');
    } finally {
      await slow.stop();
    }
    const ledger = await listCertificates(gate.gate.database, { appId: 'stolen-meanwhile', after: null, limit: 10 });
    expect(ledger.map(({ issuedAt, revokedAt }) => [issuedAt, revokedAt !== null])).toEqual([[null, true]]);
  });

  test('is another thing than one whose token has expired since', async () => {
    const { id } = await asked(await gate.token('expired-token'), 'expired-token');
    await endTokens('expired-token', 'expires_at');
    await approve(id);
  });

  test('makes way for what its account asks for with a token that counts', async () => {
    const csr = await csrFor('token-replaced');
    const { id } = await asked(await gate.token('token-replaced'), 'token-replaced', { csr });
    await endTokens('token-replaced', 'revoked_at');
    const token = await gate.token('token-replaced');
    const again = await asked(token, 'token-replaced', { csr });
    expect(again.id).not.toBe(id);
    const { state, events } = await read(token, id);
    expect([state, events.at(-1)]).toMatchObject(['declined', { kind: 'declined', account: 'portcullis' }]);
    await approve(again.id);
  });

  test('tells its token to its applicant and to moderators, and to nobody else', async () => {
    const { owner } = await certified('token-seen');
    const { id } = await asked(owner, 'token-seen');
    const partner = await manager('partner');
    await setOwner('token-seen', 'partner', true);
    const seen = { label: 'test', scopes: ['upload', 'manage'], revoked: false };
    expect((await read(owner, id)).token).toEqual(seen);
    expect((await read(moderator, id)).token).toEqual(seen);
    const others = await read(partner, id);
    expect([others.id, others.token]).toEqual([id, null]);
  });
});

describe('the same key asked for again', () => {
  test('with another wish is not the same request', async () => {
    const { owner, serial } = await certified('another-wish');
    const csr = await csrFor('another-wish');
    const wish = { csr, note: 'please', contact: 'ada@example.org', declaredUrl: 'https://example.org/ann' };
    const { id } = await asked(owner, 'another-wish', wish);
    const compromisedSince = new Date(now.getTime() - 60_000).toISOString();
    const others = [
      { purpose: 'additional' },
      { purpose: 'lost' },
      { purpose: 'lost', compromisedSince },
      { purpose: 'lost', lost: [serial] },
      { note: 'please!' },
      { note: undefined },
      { contact: 'eve@example.org' },
      { contact: undefined },
      { declaredUrl: 'https://example.org/eve' },
      { declaredUrl: undefined },
    ];
    for (const other of others) {
      const { status, body } = await ask(gate, owner, 'another-wish', { ...wish, ...other });
      expect([other, status, body.code, body.request]).toEqual([other, 409, 'REQUEST_OPEN', id]);
      expect(body.detail).toContain(id);
    }
    for (const same of [{}, { purpose: 'renewal' }]) {
      const { status, body } = await ask(gate, owner, 'another-wish', { ...wish, ...same });
      expect([same, status, body.id]).toEqual([same, 200, id]);
    }
    expect((await act(gate, owner, id, 'withdrawal')).status).toBe(200);
    const lost = await asked(owner, 'another-wish', { csr, purpose: 'lost', compromisedSince });
    const again = await ask(gate, owner, 'another-wish', { csr, purpose: 'lost', compromisedSince });
    expect([again.status, again.body.id]).toEqual([200, lost.id]);
    expect(codeOf(await ask(gate, owner, 'another-wish', { csr, purpose: 'lost' }))).toBe('REQUEST_OPEN');
  });

  test('by an owner takes the place of a request of somebody who lost the app', async () => {
    const { owner } = await certified('app-sold');
    const csr = await csrFor('app-sold');
    const { id } = await asked(owner, 'app-sold', { csr });
    const buyer = await manager('app-buyer');
    await setOwner('app-sold', 'app-buyer', true);
    expect((await ask(gate, buyer, 'app-sold', { csr })).body.id).toBe(id);
    await setOwner('app-sold', 'owner-of-app-sold', false);
    const taken = await asked(buyer, 'app-sold', { csr });
    expect(taken.id).not.toBe(id);
    const before = await read(moderator, id);
    expect([before.state, before.events.at(-1).account]).toEqual(['declined', 'portcullis']);
    await approve(taken.id);
  });

  test('by a stranger who copied it takes no place, also where it can’t be granted any more', async () => {
    const csr = await csrFor('copied');
    const { id } = await asked(await gate.token('copied'), 'copied', { csr });
    await endTokens('copied', 'revoked_at');
    expect(codeOf(await ask(gate, await manager('copier'), 'copied', { csr }))).toBe('KEY_REFUSED');
    expect((await read(moderator, id)).state).toBe('pending');
  });
});

describe('certificates that are all lost', () => {
  test('are those that count when the new one is issued, but for itself', async () => {
    const { owner, serial } = await certified('all-lost');
    const since = new Date(now.getTime() - 60_000).toISOString();
    const lost = await asked(owner, 'all-lost', { purpose: 'lost', compromisedSince: since });
    // Whoever has the owner's token asks for one more meanwhile.
    const { serial: later } = await approve((await asked(owner, 'all-lost', { purpose: 'additional' })).id);
    const { serial: fresh } = await approve(lost.id);
    expect(await Promise.all([serial, later, fresh].map(statusOf))).toEqual(['revoked', 'revoked', 'valid']);
    const { lost: named, lostAll } = await read(owner, lost.id);
    expect([named, lostAll]).toEqual([[], true]);
  });

  test('give no certificate to a key among them that was certified meanwhile', async () => {
    const keys = newKeys();
    const { owner } = await certified('lost-with-key');
    const beside = await asked(owner, 'lost-with-key', {
      purpose: 'additional',
      csr: await csrFor('lost-with-key', { keys }),
    });
    await approve(beside.id);
    const compromisedSince = new Date(now.getTime() - 60_000).toISOString();
    const wish = { purpose: 'lost', compromisedSince, csr: await csrFor('lost-with-key', { keys }) };
    expect(codeOf(await ask(gate, owner, 'lost-with-key', wish))).toBe('KEY_REFUSED');
  });
});

describe('a renewal by an owner', () => {
  let renewing: TestGate;
  beforeAll(async () => {
    renewing = await replica({ selfRenewal: true });
  });
  afterAll(async () => {
    await renewing.stop();
  });

  async function renew(token: string, appId: string): Promise<any> {
    const { status, body } = await ask(renewing, token, appId, { csr: await csrFor(appId) });
    expect(status).toBe(201);
    return body;
  }

  test('is not to be had by asking anew for what a moderator declined', async () => {
    const { owner } = await certified('declined-renewal');
    const { id } = await asked(owner, 'declined-renewal');
    await act(gate, moderator, id, 'decline', { reason });
    const waiting = await renew(owner, 'declined-renewal');
    expect(waiting.state).toBe('pending');
    await approve(waiting.id);
    expect((await renew(owner, 'declined-renewal')).state).toBe('approved');
  });

  test('is not to be had by taking back what a moderator asked about', async () => {
    const { owner } = await certified('dodged-question');
    const { id } = await asked(owner, 'dodged-question');
    await act(gate, moderator, id, 'question', { reason: 'is it you?' });
    await act(gate, owner, id, 'withdrawal');
    expect((await renew(owner, 'dodged-question')).state).toBe('pending');
  });

  test('is to be had after a request that was taken back unasked, and whatever strangers wanted before', async () => {
    const bob = await gate.token(null, { account: 'bob' });
    const { id } = await asked(bob, 'undisturbed');
    const { owner } = await certified('undisturbed');
    await act(gate, moderator, id, 'decline', { reason });
    await act(gate, owner, (await asked(owner, 'undisturbed')).id, 'withdrawal');
    expect((await renew(owner, 'undisturbed')).state).toBe('approved');
  });
});

describe('a key under another name', () => {
  test('is refused where it is compromised: the negated point, for its own app and for others', async () => {
    const keys = newKeys();
    const { owner, serial } = await certified('negated', await csrFor('negated', { keys }));
    const negated = negatedKeys(keys);
    // Also before anything is known of it: there would be two names for what is to be revoked as one.
    expect(codeOf(await ask(gate, owner, 'negated', { csr: await csrFor('negated', { keys: negated }) }))).toBe(
      'KEY_REFUSED',
    );
    const revocation = { reason: 'keyCompromise', note: 'stolen' };
    const revoked = await sendJson(
      `${gate.url}/api/v1/certificates/${serial}/revocation`,
      'POST',
      moderator,
      revocation,
    );
    expect(revoked.status).toBe(200);
    for (const appId of ['negated', 'negated-elsewhere']) {
      const csr = await csrFor(appId, { keys: negated });
      expect(codeOf(await ask(gate, owner, appId, { csr }))).toBe('KEY_REFUSED');
    }
  });

  test('of two apps that come with a key and its negative at the same moment, one gets through', async () => {
    for (let round = 0; round < 5; round += 1) {
      const keys = newKeys();
      const answers = await Promise.all(
        [keys, negatedKeys(keys)].map(async (each, index) => {
          const appId = `negated-race-${round}-${index}`;
          return ask(gate, await gate.token(appId), appId, { csr: await csrFor(appId, { keys: each }) });
        }),
      );
      expect(answers.map(codeOf).sort()).toEqual(['201', 'KEY_REFUSED']);
    }
  });
});

/** A key with two primes next to each other: it signs like any other, and what is wrong with it takes arithmetic. */
function closePrimes(): KeyPair {
  const p = generatePrimeSync(1024, { bigint: true });
  let q = p + 2n;
  while (!checkPrimeSync(q)) q += 2n;
  const e = 65_537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.entries(numbers).map(([name, number]) => {
    const hex = number.toString(16);
    return [name, Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')] as const;
  });
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (a !== 0n && b !== 0n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return ((y % modulus) + modulus) % modulus;
}

describe('what refused requests cost', () => {
  test('a weak key is looked at where there is room for a request, and not before', async () => {
    const token = await gate.token(null, { account: 'impatient' });
    const csr = await csrFor('no-room', { keys: closePrimes() });
    expect(codeOf(await ask(gate, token, 'no-room', { csr }))).toBe('KEY_REFUSED');
    for (let count = 0; count < 3; count += 1) await asked(token, 'no-room');
    expect(codeOf(await ask(gate, token, 'no-room', { csr }))).toBe('TOO_MANY_OPEN');
  });

  test('sixty refused ones of an account in an hour are all that is looked at, at once too', async () => {
    const token = await gate.token(null, { account: 'fuzzer' });
    const codes = (await Promise.all(Array.from({ length: 65 }, () => ask(gate, token, 'fuzzed', { csr: 'x' })))).map(
      codeOf,
    );
    expect(codes.sort()).toEqual([
      ...Array<string>(60).fill('CSR_INVALID'),
      ...Array<string>(5).fill('TOO_MANY_ATTEMPTS'),
    ]);
    const csr = await csrFor('fuzzed');
    const answer = await ask(gate, token, 'fuzzed', { csr });
    expect([answer.status, answer.body.code]).toEqual([429, 'TOO_MANY_ATTEMPTS']);
    await asked(await gate.token(null, { account: 'bystander' }), 'fuzzed');
    await asked(gate.operatorToken, 'fuzzed');
    now = new Date(now.getTime() + 3_600_000);
    await asked(token, 'fuzzed', { csr });
  });

  test('what is taken is not counted among them', async () => {
    const token = await gate.token(null, { account: 'busy-bee' });
    const csr = await csrFor('busy-bee-app');
    for (let count = 0; count < 61; count += 1) {
      expect((await ask(gate, token, 'busy-bee-app', { csr })).status).toBe(count === 0 ? 201 : 200);
    }
  });
});

test('requests of strangers for a free app id keep neither operators from asking, nor others, nor whoever gets it', async () => {
  const bob = await gate.token(null, { account: 'bob' });
  for (let count = 0; count < 3; count += 1) await asked(bob, 'calendar');
  expect(codeOf(await ask(gate, bob, 'calendar', { csr: await csrFor('calendar') }))).toBe('TOO_MANY_OPEN');
  const ada = await manager('ada');
  const { id } = await asked(ada, 'calendar');
  for (const account of ['carl', 'carl', 'carl', 'dora', 'dora', 'dora']) {
    await asked(await gate.token(null, { account }), 'calendar');
  }
  expect(codeOf(await ask(gate, ada, 'calendar', { csr: await csrFor('calendar') }))).toBe('TOO_MANY_OPEN');
  await asked(gate.operatorToken, 'calendar');
  await approve(id);
  for (let count = 0; count < 10; count += 1) await asked(ada, 'calendar');
  expect(codeOf(await ask(gate, ada, 'calendar', { csr: await csrFor('calendar') }))).toBe('TOO_MANY_OPEN');
});
