import type { TLSSocket } from 'node:tls';
import { inTransaction } from '../../src/database/connect.js';
import { listControlChallenges, setChallengeOutcome } from '../../src/database/control-challenges.js';
import type { Gate } from '../../src/gate.js';
import { upload, type ApiAnswer, request } from '../support/api.js';
import { appArchive, infoXml } from '../support/app-archive.js';
import {
  httpAnswer,
  startHttpsServer,
  webCertificate,
  webRoot,
  type TestHttpsServer,
} from '../support/https-server.js';
import { act, ask, csrFor } from '../support/signing-requests.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * Whoever declares a repository or a website shows that they control it. The places of proof are at port 443 by their nature,
 * so the server that has the proof listens there, on an address of this machine's own, where the machine lets it.
 */

const SERVER = '127.44.3.1';
const HOST = 'apps.example';
const PROOF = '/.well-known/portcullis-challenge.txt';

/** The clock of the gate: what comes after what. */
let now = new Date('2026-11-01T12:00:00Z');
let gate: TestGate;
let applicant: string;
let moderator: string;
/** What the server answers; nothing at all by default. */
let answer: (socket: TLSSocket, head: string) => void = () => {};

const server: TestHttpsServer | null = await startHttpsServer(
  webCertificate([HOST]),
  (socket, head) => {
    answer(socket, head);
  },
  { host: SERVER, port: 443 },
).catch(() => null);

/** A test that needs the server. */
function proofTest(name: string, run: () => Promise<void>): void {
  if (server === null) test.skip(`${name} (skipped: port 443 of ${SERVER} is not to be had)`, run);
  else test(name, run);
}

const network: Gate['network'] = {
  resolve: async (hostname) => {
    if (hostname === 'inside.example') return ['10.0.0.1'];
    if (hostname === HOST) return [SERVER];
    throw new Error('no such name, says the resolver at 10.1.2.3');
  },
  isAllowed: (address) => address === SERVER,
  isAllowedPort: (port) => port === 443,
  ca: webRoot.pem,
};

beforeAll(async () => {
  now = new Date();
  gate = await startTestGate({ ownAuthority: true, gate: { network, now: () => now } });
  applicant = await gate.token(null, { account: 'ann', scopes: ['upload', 'manage'] });
  moderator = await gate.token(null, { account: 'mod', scopes: ['moderate'] });
});
afterAll(async () => {
  await server?.close();
  await gate.stop();
});
beforeEach(() => {
  now = new Date(now.getTime() + 60_000);
  answer = () => {};
});

let lastApp = 0;

/** A new request for a certificate of an app of its own. */
async function newRequest(wish: Readonly<Record<string, unknown>> = {}): Promise<string> {
  lastApp += 1;
  const appId = `challenged-${lastApp}`;
  const taken = await ask(gate, applicant, appId, { csr: await csrFor(appId), ...wish });
  expect(taken.status).toBe(201);
  // Twenty may wait: these don't.
  return taken.body.id as string;
}

afterEach(async () => {
  const { body } = await request(`${gate.url}/api/v1/signing-requests?limit=100`, { token: moderator });
  for (const { id } of body.signingRequests) await act(gate, moderator, id, 'decline', { reason: 'the test is over' });
});

function codeOf({ status, body }: ApiAnswer): string {
  return 'code' in body ? (body.code as string) : String(status);
}

async function challenge(id: string, declaredUrl = `https://${HOST}/app`): Promise<any> {
  const made = await act(gate, applicant, id, 'challenge', { declaredUrl });
  expect(made.status).toBe(201);
  return made.body;
}

function serve(path: string, body: string | Buffer): void {
  answer = (socket, head) => {
    socket.end(head.startsWith(`GET ${path} `) ? httpAnswer(200, body) : httpAnswer(404, 'no'));
  };
}

describe('a value', () => {
  test('is random, holds for 72 hours, and says where and how it is published', async () => {
    const id = await newRequest();
    const [one, other] = [await challenge(id), await challenge(id)];
    expect(one.value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(one).toMatchObject({
      declaredUrl: `https://${HOST}/app`,
      urls: [`https://${HOST}/app${PROOF}`],
      text: one.value,
      outcome: null,
      checkedAt: null,
      provenUrl: null,
    });
    expect(Date.parse(one.expiresAt) - Date.parse(one.createdAt)).toBe(72 * 3_600_000);
    expect(other.value).not.toBe(one.value);
  });

  test('is looked for at the declared URL, or else where the published releases say', async () => {
    const named = await newRequest({ declaredUrl: `https://${HOST}/declared` });
    expect((await act(gate, applicant, named, 'challenge')).body.declaredUrl).toBe(`https://${HOST}/declared`);
    expect((await challenge(named, `https://${HOST}/other`)).declaredUrl).toBe(`https://${HOST}/other`);

    const nowhere = await newRequest();
    expect(codeOf(await act(gate, applicant, nowhere, 'challenge'))).toBe('INVALID_REQUEST');
    const unprovable = await act(gate, applicant, nowhere, 'challenge', { declaredUrl: 'https://github.com/owner' });
    expect(codeOf(unprovable)).toBe('INVALID_REQUEST');
  });

  test('of an app with releases says whether the URL is the one that these declare', async () => {
    const id = 'with-releases';
    const links = (repository: string) =>
      infoXml({ id }).replace(
        '</info>',
        `<website>https://${HOST}/site</website><repository>${repository}</repository></info>`,
      );
    const archive = await appArchive({ id, infoXml: links('https://github.com/someone/with-releases.git') });
    expect((await upload(gate.url, applicant, id, archive)).status).toBe(201);

    const first = await ask(gate, applicant, id, {
      csr: await csrFor(id),
      declaredUrl: 'https://github.com/someone/with-releases/',
    });
    expect(first.body.declaredUrlIsPublished).toBe(true);
    const second = await ask(gate, applicant, id, { csr: await csrFor(id), declaredUrl: `https://${HOST}/elsewhere` });
    expect(second.body.declaredUrlIsPublished).toBe(false);
    const third = await ask(gate, applicant, id, { csr: await csrFor(id) });
    expect(third.body.declaredUrlIsPublished).toBeNull();
    const made = await act(gate, applicant, third.body.id, 'challenge');
    expect(made.body.declaredUrl).toBe('https://github.com/someone/with-releases.git');
    await challenge(third.body.id, `https://${HOST}/site`);
    await challenge(third.body.id, `https://${HOST}/other`);
    const { body } = await request(`${gate.url}/api/v1/signing-requests/${third.body.id}`, { token: applicant });
    expect(body.challenges.map((each: any) => each.declaredUrlIsPublished)).toEqual([true, true, false]);
  });

  test('is looked for at an address that is shown as what it is', async () => {
    // The i is a Cyrillic letter, and the path turns its text around.
    const id = await newRequest({ declaredUrl: 'https://ex\u0456mple.org/app\u202eppa' });
    const { body } = await request(`${gate.url}/api/v1/signing-requests/${id}`, { token: moderator });
    expect(body.declaredUrl).toMatch(/^https:\/\/xn--[a-z0-9-]+\.org\/app%E2%80%AEppa$/);
  });

  test('is handed out twenty times at most', async () => {
    const id = await newRequest();
    for (let count = 0; count < 20; count += 1) await challenge(id);
    const more = await act(gate, applicant, id, 'challenge', { declaredUrl: `https://${HOST}/app` });
    expect(codeOf(more)).toBe('TOO_MANY_OPEN');
  });

  test('is shown to its applicant and moderators alone', async () => {
    const id = await newRequest();
    const { value } = await challenge(id);
    const see = async (token: string) =>
      (await request(`${gate.url}/api/v1/signing-requests/${id}`, { token })).body.challenges[0].value as unknown;
    expect([await see(applicant), await see(moderator)]).toEqual([value, value]);
  });
});

describe('looking for a value', () => {
  proofTest('finds it where it is, and whoever looks afterwards sees that', async () => {
    const id = await newRequest();
    const { value } = await challenge(id);
    serve(`/app${PROOF}`, `${value}\n`);
    const checked = await act(gate, applicant, id, 'challenge/check');
    expect(checked.status).toBe(200);
    expect(checked.body).toMatchObject({ outcome: 'proven', provenUrl: `https://${HOST}/app${PROOF}` });

    const connections = server?.connections();
    answer = (socket) => socket.end(httpAnswer(404, 'gone'));
    const again = await act(gate, moderator, id, 'challenge/check');
    expect([again.status, again.body.outcome, server?.connections()]).toEqual([200, 'proven', connections]);
    const { body } = await request(`${gate.url}/api/v1/signing-requests/${id}`, { token: moderator });
    expect(body.challenges[0]).toMatchObject({ outcome: 'proven', value });
    expect(body.events.map(({ kind }: any) => kind)).toEqual(['requested', 'challenged', 'proven']);
  });

  proofTest('a moderator looks as well, and it is written down who did', async () => {
    const id = await newRequest();
    const { value } = await challenge(id);
    serve(`/app${PROOF}`, value);
    expect((await act(gate, moderator, id, 'challenge/check')).body.outcome).toBe('proven');
    const seenBy = async (token: string): Promise<unknown> =>
      (await request(`${gate.url}/api/v1/signing-requests/${id}`, { token })).body.events.at(-1);
    expect(await seenBy(moderator)).toMatchObject({ kind: 'proven', account: 'mod' });
    expect(await seenBy(applicant)).toMatchObject({ kind: 'proven', account: 'a moderator' });
  });

  proofTest('finds it at the second place of a repository on somebody’s own forge', async () => {
    const id = await newRequest();
    const { value, urls } = await challenge(id, `https://${HOST}/ann/app.git`);
    expect(urls.length).toBeGreaterThan(1);
    serve(new URL(urls[1]).pathname, value);
    expect((await act(gate, applicant, id, 'challenge/check')).body.provenUrl).toBe(urls[1]);
  });

  const failures: readonly (readonly [string, (value: string) => Buffer | string])[] = [
    ['another text', () => httpAnswer(200, 'x'.repeat(43))],
    ['the value and more', (value) => httpAnswer(200, `${value}\n${value}`)],
    ['the value in another case', (value) => httpAnswer(200, value.toUpperCase())],
    ['an empty file', () => httpAnswer(200, '')],
    ['more than 1 KiB', (value) => httpAnswer(200, value + ' '.repeat(1024))],
    ['the value with an error', (value) => httpAnswer(500, value)],
    [
      'a redirect to another host',
      () => httpAnswer(302, '', { location: 'https://other.example/', 'content-length': '0' }),
    ],
    ['something that is not HTTP', () => 'hello\r\n\r\n'],
  ];
  for (const [what, bytes] of failures) {
    proofTest(`finds nothing where there is ${what}`, async () => {
      const id = await newRequest();
      const { value } = await challenge(id);
      answer = (socket) => socket.end(bytes(value));
      const { status, body } = await act(gate, applicant, id, 'challenge/check');
      expect([status, body.outcome, body.provenUrl]).toEqual([200, 'not-proven', null]);
      expect(body.detail).toContain(`https://${HOST}/app${PROOF}: `);
      expect(body.detail).not.toContain(value);
    });
  }

  test('says the same of a name that is not there and of one that leads inside', async () => {
    const id = await newRequest();
    const details: string[] = [];
    for (const host of ['nowhere.example', 'inside.example']) {
      await challenge(id, `https://${host}/app`);
      const { body } = await act(gate, applicant, id, 'challenge/check');
      expect(body.outcome).toBe('not-proven');
      expect(body.detail).not.toMatch(/10\.\d/);
      details.push((body.detail as string).replaceAll(host, 'HOST'));
    }
    expect(details[0]).toBe(details[1]);
  });

  test('happens once in twenty seconds, on whatever replica', async () => {
    const id = await newRequest();
    await challenge(id, 'https://nowhere.example/app');
    const answers = await Promise.all([1, 2, 3].map(() => act(gate, applicant, id, 'challenge/check')));
    expect(answers.map(codeOf).sort()).toEqual(['200', 'TOO_MANY_OPEN', 'TOO_MANY_OPEN']);
    now = new Date(now.getTime() + 19_000);
    expect(codeOf(await act(gate, moderator, id, 'challenge/check'))).toBe('TOO_MANY_OPEN');
    now = new Date(now.getTime() + 2_000);
    expect(codeOf(await act(gate, moderator, id, 'challenge/check'))).toBe('200');
    const { body } = await request(`${gate.url}/api/v1/signing-requests/${id}`, { token: applicant });
    expect(body.events.filter(({ kind }: any) => kind === 'not-proven')).toHaveLength(2);
  });

  test('is over after 72 hours, and needs a value that was handed out', async () => {
    const id = await newRequest();
    expect(codeOf(await act(gate, applicant, id, 'challenge/check'))).toBe('NOT_FOUND');
    await challenge(id, 'https://nowhere.example/app');
    now = new Date(now.getTime() + 72 * 3_600_000);
    expect(codeOf(await act(gate, applicant, id, 'challenge/check'))).toBe('CHALLENGE_EXPIRED');
    await challenge(id, 'https://nowhere.example/app');
    expect(codeOf(await act(gate, applicant, id, 'challenge/check'))).toBe('200');
  });

  proofTest('is for the newest value: an earlier one proves nothing any more', async () => {
    const id = await newRequest();
    const { value: earlier } = await challenge(id);
    const { value: newest } = await challenge(id);
    serve(`/app${PROOF}`, earlier);
    expect((await act(gate, applicant, id, 'challenge/check')).body.outcome).toBe('not-proven');
    serve(`/app${PROOF}`, newest);
    now = new Date(now.getTime() + 60_000);
    expect((await act(gate, applicant, id, 'challenge/check')).body.outcome).toBe('proven');
  });

  proofTest('one request’s value proves nothing for another', async () => {
    const [one, other] = [await newRequest(), await newRequest()];
    const { value } = await challenge(one);
    await challenge(other);
    serve(`/app${PROOF}`, value);
    expect((await act(gate, applicant, other, 'challenge/check')).body.outcome).toBe('not-proven');
  });

  const meanwhile: readonly (readonly [string, string, (id: string) => Promise<unknown>])[] = [
    ['the request is withdrawn', 'REQUEST_DECIDED', (id) => act(gate, applicant, id, 'withdrawal')],
    ['a newer value is handed out', 'CHALLENGE_EXPIRED', (id) => challenge(id)],
  ];
  for (const [what, code, change] of meanwhile) {
    proofTest(`comes to nothing where ${what} meanwhile`, async () => {
      const id = await newRequest();
      const { value } = await challenge(id);
      answer = (socket) => void change(id).then(() => socket.end(httpAnswer(200, value)));
      expect(codeOf(await act(gate, applicant, id, 'challenge/check'))).toBe(code);
      const { body } = await request(`${gate.url}/api/v1/signing-requests/${id}`, { token: applicant });
      expect(body.challenges[0].outcome).toBe('not-proven');
      expect(body.events.map(({ kind }: any) => kind)).not.toContain('proven');
    });
  }

  proofTest('holds no lock: while a server does not answer, the request can be decided', async () => {
    const id = await newRequest();
    await challenge(id);
    const sockets: TLSSocket[] = [];
    const reached = new Promise<void>((resolve) => {
      answer = (socket) => {
        sockets.push(socket);
        resolve();
      };
    });
    const looking = act(gate, applicant, id, 'challenge/check');
    await reached;
    expect((await act(gate, moderator, id, 'approval', { reason: 'known to us' })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect(codeOf(await looking)).toBe('REQUEST_DECIDED');
  });

  proofTest('happens for two requests of an account and eight in all at a time', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) ids.push(await newRequest());
    for (const id of ids) await challenge(id);
    const sockets: TLSSocket[] = [];
    let whenTaken = (): void => {};
    answer = (socket) => {
      sockets.push(socket);
      whenTaken();
    };
    const check = async (token: string, id: string | undefined) => act(gate, token, id ?? '', 'challenge/check');
    const looking: Promise<ApiAnswer>[] = [];
    const lookTwice = async (token: string): Promise<void> => {
      const target = sockets.length + 2;
      const taken = new Promise<void>((resolve) => {
        whenTaken = () => {
          if (sockets.length === target) resolve();
        };
      });
      const two = ids.slice(looking.length, looking.length + 2);
      looking.push(...two.map((id) => check(token, id)));
      await taken;
    };
    await lookTwice(applicant);
    expect(codeOf(await check(applicant, ids[8]))).toBe('TOO_MANY_OPEN');
    for (const account of ['mod', 'mod-two', 'mod-three']) {
      await lookTwice(await gate.token(null, { account, scopes: ['moderate'] }));
    }
    const fresh = await gate.token(null, { account: 'mod-four', scopes: ['moderate'] });
    expect(codeOf(await check(fresh, ids[9]))).toBe('TOO_MANY_OPEN');
    for (const socket of sockets) socket.destroy();
    for (const { body } of await Promise.all(looking)) expect(body.outcome).toBe('not-proven');
    answer = (socket) => socket.end(httpAnswer(404, 'no'));
    expect(codeOf(await check(applicant, ids[8]))).toBe('200');
    expect(codeOf(await check(fresh, ids[9]))).toBe('200');
  });

  test('takes nobody’s place for what is none of the caller’s business', async () => {
    const id = await newRequest();
    await challenge(id, 'https://nowhere.example/app');
    const stranger = await gate.token(null, { account: 'stranger', scopes: ['upload', 'manage'] });
    const unknown = '00000000-0000-4000-8000-000000000000';
    const hammering = Array.from({ length: 60 }, async (_, index) =>
      act(gate, stranger, index % 2 === 0 ? unknown : id, 'challenge/check'),
    );
    const looking = act(gate, moderator, id, 'challenge/check');
    expect(new Set((await Promise.all(hammering)).map(codeOf))).toEqual(new Set(['NOT_FOUND']));
    expect(codeOf(await looking)).toBe('200');
  });
});

test('what is proven stays, whatever is written over it', async () => {
  const id = await newRequest();
  await challenge(id);
  const { database } = gate.gate;
  await database.query(
    "UPDATE control_challenges SET outcome = 'proven', checked_at = now(), proven_url = 'https://x/' WHERE request_id = $1",
    [id],
  );
  const [row] = await listControlChallenges(database, id);
  if (row === undefined) throw new Error('There is no challenge');
  const worse = { id: row.id, outcome: 'not-proven', detail: '', provenUrl: null, checkedAt: now } as const;
  await inTransaction(database, (tx) => setChallengeOutcome(tx, worse));
  expect((await listControlChallenges(database, id))[0]?.outcome).toBe('proven');
});
