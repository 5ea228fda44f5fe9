import type { TLSSocket } from 'node:tls';
import { fetchOutsideLists } from '../../src/authority/fetch-outside-lists.js';
import type { FetchOutcome, OutsideLists } from '../../src/authority/fetch-outside-lists.js';
import { readAuthorityState } from '../../src/database/authority-state.js';
import { listFetchedRevocationLists } from '../../src/database/fetched-revocation-lists.js';
import type { FetchedRevocationListRow } from '../../src/database/fetched-revocation-lists.js';
import type { Network } from '../../src/network/fetch-bounded.js';
import { issueRevocationList } from '../../src/pki/issue-revocation-list.js';
import { createTrust } from '../../src/pki/trust.js';
import type { Trust } from '../../src/pki/trust.js';
import { keySigner } from '../../src/pki/signer.js';
import { codesOf, upload } from '../support/api.js';
import { httpAnswer, startHttpsServer, webCertificate, webRoot } from '../support/https-server.js';
import type { TestHttpsServer } from '../support/https-server.js';
import { createTestAuthority, makeRevocationList } from '../support/test-authority.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate } from '../support/test-gate.js';
import type { TestGate } from '../support/test-gate.js';
import { createTestDatabase } from '../support/test-database.js';
import type { TestDatabase } from '../support/test-database.js';

const HOUR_MS = 60 * 60_000;
const START = Date.parse('2026-06-01T00:00:00Z');

const outside = createTestAuthority('current', 'Outside');
const other = createTestAuthority('current', 'Other');
const stranger = createTestAuthority('current', 'Stranger');

const network: Network = {
  resolve: async () => ['127.0.0.1'],
  isAllowed: () => true,
  isAllowedPort: () => true,
  ca: webRoot.pem,
};

let data: TestDatabase;
let server: TestHttpsServer;
let answer: (socket: TLSSocket) => void;
let time: number;
const warnings: object[] = [];

beforeEach(async () => {
  data = await createTestDatabase();
  server = await startHttpsServer(webCertificate(['127.0.0.1']), (socket) => answer(socket));
  time = START;
  warnings.length = 0;
});

afterEach(async () => {
  await server.close();
  await data.drop();
});

/** The trust without any list, or with those of a folder. */
function trustWith(...folder: readonly Trust[]): Trust {
  const both = [outside, other].map((authority) => authority.trust([]));
  return createTrust({
    roots: both.flatMap(({ roots }) => roots),
    intermediates: both.flatMap(({ intermediates }) => intermediates),
    revocationLists: folder.flatMap(({ revocationLists }) => revocationLists),
    coreMaySignApps: false,
  });
}

const address = (): string => `https://127.0.0.1:${server.port}/outside.crl`;

async function fetchLists(lists: Partial<OutsideLists> = {}): Promise<FetchOutcome | undefined> {
  const parts = {
    database: data.database,
    now: () => new Date(time),
    log: { info: () => undefined, warn: (details: object) => void warnings.push(details) },
  };
  const url = address();
  return (await fetchOutsideLists(parts, { urls: [url], network, trust: trustWith(), ...lists })).get(url);
}

async function row(): Promise<FetchedRevocationListRow> {
  const [found] = await listFetchedRevocationLists(data.database, [address()]);
  if (found === undefined) throw new Error('nothing was noted');
  return found;
}

function serve(body: Buffer | string, status = 200): void {
  answer = (socket) => void socket.end(httpAnswer(status, body));
}

function listOf(day: string, revoked: readonly string[] = [], authority = outside): Buffer {
  return authority.list({ thisUpdate: `2026-05-${day}T00:00:00Z`, revoked }).der;
}

test('a list of a trusted authority is kept, and counts as a change that verdicts depend on', async () => {
  const list = listOf('20');
  serve(list);
  const before = await readAuthorityState(data.database);
  expect(await fetchLists()).toBe('kept');
  expect(await row()).toMatchObject({
    der: list,
    thisUpdate: new Date('2026-05-20T00:00:00Z'),
    fetchedAt: new Date(START),
    failure: null,
  });
  expect((await readAuthorityState(data.database)).change).toBe(before.change + 1);
});

test('PEM is as good as DER', async () => {
  serve(outside.list({ thisUpdate: '2026-05-20T00:00:00Z' }).pem);
  expect(await fetchLists()).toBe('kept');
});

test('an address is asked every six hours, and what is newer takes the place of what was there', async () => {
  serve(listOf('20'));
  await fetchLists();
  const newer = listOf('21', ['AB']);
  serve(newer);
  time += 6 * HOUR_MS - 1;
  expect(await fetchLists()).toBe('not-due');
  expect(server.heads).toHaveLength(1);
  time += 1;
  expect(await fetchLists()).toBe('kept');
  expect((await row()).der).toEqual(newer);
});

test('the same bytes again change nothing but the time they were last seen', async () => {
  const list = listOf('20');
  serve(list);
  await fetchLists();
  const change = await readAuthorityState(data.database);
  time += 6 * HOUR_MS;
  serve(list);
  expect(await fetchLists()).toBe('unchanged');
  expect((await row()).fetchedAt).toEqual(new Date(time));
  expect(await readAuthorityState(data.database)).toEqual(change);
});

test('after a failure the list of before stays, the failure is noted, and a quarter of an hour later it is asked again', async () => {
  const list = listOf('20');
  serve(list);
  await fetchLists();
  time += 6 * HOUR_MS;
  serve('gone', 404);
  expect(await fetchLists()).toBe('failed');
  const noted = await row();
  expect(noted.der?.equals(list)).toBe(true);
  expect(noted.failure).toContain('404');
  expect(noted.fetchedAt).toEqual(new Date(START));
  expect(warnings).toHaveLength(1);
  time += 14 * 60_000;
  expect(await fetchLists()).toBe('not-due');
  time += 60_000;
  serve(list);
  expect(await fetchLists()).toBe('unchanged');
  expect((await row()).failure).toBeNull();
});

test('of two replicas at once one asks', async () => {
  serve(listOf('20'));
  const outcomes = await Promise.all([fetchLists(), fetchLists(), fetchLists()]);
  expect([...outcomes].sort()).toEqual(['kept', 'not-due', 'not-due']);
  expect(server.heads).toHaveLength(1);
});

test('a clock that was years ahead does not keep an address from being asked', async () => {
  const list = listOf('20');
  serve(list);
  time = Date.parse('2031-01-01T00:00:00Z');
  await fetchLists();
  time = START;
  expect(await fetchLists()).toBe('unchanged');
});

describe('never kept, and noted as a failure, is', () => {
  const hostile: readonly (readonly [string, () => Buffer | string])[] = [
    ['a list of an authority that is not trusted', () => listOf('20', [], stranger)],
    [
      'a list under a trusted name, signed with another key',
      () => outside.list({ thisUpdate: '2026-05-20T00:00:00Z', signingKeys: stranger.intermediate.keys }).der,
    ],
    ['a page of HTML', () => '<!doctype html><title>Sign in</title>'],
    ['nothing', () => ''],
    ['half a list', () => listOf('20').subarray(0, 100)],
    ['a list with bytes after it', () => Buffer.concat([listOf('20'), Buffer.from('x')])],
    ['a list from the future', () => outside.list({ thisUpdate: '2026-06-02T00:00:00Z' }).der],
    ['a list signed with SHA-1', () => outside.list({ thisUpdate: '2026-05-20T00:00:00Z', hash: 'sha1' }).der],
    ["a leaf's list", () => makeRevocationList(outside.issue(), { thisUpdate: '2026-05-20T00:00:00Z' }).der],
  ];

  test.each(hostile)('%s', async (_, body) => {
    serve(body());
    const change = await readAuthorityState(data.database);
    expect(await fetchLists()).toBe('failed');
    expect(await row()).toMatchObject({ der: null, fetchedAt: null, failure: expect.any(String) });
    expect(await readAuthorityState(data.database)).toEqual(change);
  });

  test('what comes by http, or from a server that nobody vouches for', async () => {
    serve(listOf('20'));
    const plain = address().replace('https:', 'http:');
    const parts = { database: data.database, now: () => new Date(time), log: { info: () => {}, warn: () => {} } };
    const lists = { urls: [plain, address()], network: { ...network, ca: stranger.root.pem }, trust: trustWith() };
    expect([...(await fetchOutsideLists(parts, lists)).values()]).toEqual(['failed', 'failed']);
    expect(server.heads).toEqual([]);
  });

  test('an answer that does not end in time', async () => {
    answer = (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nhalf');
    expect(await fetchLists({ timeoutMs: 300 })).toBe('failed');
    await server.idle();
  });

  test('more than 32 MiB', async () => {
    answer = (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${33 * 1024 * 1024}\r\n\r\n`);
    expect(await fetchLists()).toBe('failed');
    await server.idle();
  });
});

describe('a rollback', () => {
  async function keep(body: Buffer): Promise<void> {
    serve(body);
    expect(await fetchLists()).toBe('kept');
    time += 6 * HOUR_MS;
  }

  async function refused(body: Buffer, lists: Partial<OutsideLists> = {}): Promise<void> {
    const { der } = (await listFetchedRevocationLists(data.database, [address()]))[0] ?? { der: null };
    serve(body);
    expect(await fetchLists(lists)).toBe('failed');
    expect((await row()).der).toEqual(der);
  }

  test('an older list that the authority signed is refused, and the one that revokes more stays', async () => {
    await keep(listOf('20', ['AB']));
    await refused(listOf('19'));
  });

  test('a list with a lower CRL number is refused, though it was made later', async () => {
    const signed = async (number: bigint, day: string): Promise<Buffer> =>
      (
        await issueRevocationList({
          authority: {
            certificate: outside.intermediate.certificate,
            signer: keySigner(outside.intermediate.keys.privateKey),
          },
          number,
          thisUpdate: new Date(`2026-05-${day}T00:00:00Z`),
          nextUpdate: new Date('2027-01-01T00:00:00Z'),
          revoked: [{ serial: 'AB', revokedAt: new Date(START), reason: null, invalidityDate: null }],
        })
      ).der;
    await keep(await signed(9n, '20'));
    await refused(await signed(8n, '21'));
  });

  test('one of the same number and time that forgets a revocation is refused; one that adds another is kept', async () => {
    await keep(listOf('20', ['AB']));
    await refused(listOf('20', ['CD']));
    time += HOUR_MS;
    await keep(listOf('20', ['AB', 'CD']));
  });

  test("a list that is older than the folder's copy is refused", async () => {
    const folder = trustWith(outside.trust([outside.list({ thisUpdate: '2026-05-21T00:00:00Z' })]));
    await refused(listOf('20'), { trust: folder });
  });

  test("another trusted authority's list in its place is refused: it would make the first one's revocations forgotten", async () => {
    await keep(listOf('20', ['AB']));
    await refused(listOf('25', [], other));
  });

  test('where nobody trusts the first authority any more, the address may speak for another', async () => {
    await keep(listOf('20'));
    serve(listOf('25', [], other));
    expect(await fetchLists({ trust: other.trust([]) })).toBe('kept');
  });

  test('a list that was kept and got damaged is replaced', async () => {
    await keep(listOf('20'));
    await data.database.query(`UPDATE fetched_revocation_lists SET der = '\\x3000'`);
    await keep(listOf('20'));
  });
});

describe('at the gate', () => {
  let gate: TestGate;

  beforeEach(async () => {
    gate = await startTestGate({ config: { revocationListUrls: [address()] } });
    // The clock of the gate is today's.
    time = Date.now();
  });

  afterEach(() => gate.stop());

  const fetchForGate = async (): Promise<FetchOutcome | undefined> =>
    (
      await fetchOutsideLists(
        { ...gate.gate, now: () => new Date(time) },
        { urls: gate.gate.revocationListUrls, network, trust: await gate.gate.trust.current() },
      )
    ).get(address());

  test('what a fetched list revokes is refused from the next upload on, and still when the list can not be had any more', async () => {
    const { authority, url } = gate;
    const token = await gate.token('calendar');
    const leaf = authority.issue('calendar');
    const archive = (version: string) => signedApp(authority, { id: 'calendar', version, leaf });
    expect((await upload(url, token, 'calendar', await archive('1.0.0'))).status).toBe(201);

    serve(authority.list({ thisUpdate: '2026-02-02T00:00:00Z', revoked: [leaf] }).der);
    expect(await fetchForGate()).toBe('kept');
    const refused = await upload(url, token, 'calendar', await archive('1.0.1'));
    expect([refused.status, codesOf(refused)]).toEqual([422, expect.arrayContaining(['REVOKED'])]);

    for (const body of ['nonsense', authority.list({ thisUpdate: '2026-02-01T00:00:00Z' }).der]) {
      time += 6 * HOUR_MS;
      serve(body);
      expect(await fetchForGate()).toBe('failed');
      expect(codesOf(await upload(url, token, 'calendar', await archive('1.0.2')))).toContain('REVOKED');
    }
  });
});
