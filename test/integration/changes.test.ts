import { ensureAccount } from '../../src/database/accounts.js';
import { beginAuthorityChange } from '../../src/database/authority-state.js';
import { inTransaction } from '../../src/database/connect.js';
import { insertLedgerRecords, type LedgerRecord } from '../../src/database/ledger.js';
import { setReleaseStatus } from '../../src/database/releases.js';
import { createWaitingRoom, type WaitingRoom } from '../../src/storefront/waiting-room.js';
import { request, sendJson, upload, type ApiAnswer } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { copyCatalogue, listCatalogue } from '../support/catalogue-follower.js';
import { createWrittenApps, writeForAWhile } from '../support/catalogue-writers.js';
import { signedApp } from '../support/signed-app.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

/*
 * The feed of changes: a follower has what the store has, whatever happens at once.
 */

/** A minute by hand; else so long that each writer gets to everything. */
const WRITING_MS = Number(process.env['CHANGES_SECONDS'] ?? 0) * 1000;
const WRITERS = 20;

let gate: TestGate;
beforeAll(async () => {
  gate = await startTestGate();
});
afterAll(async () => {
  await gate.stop();
});

const changesOf = (query = ''): Promise<ApiAnswer> => request(`${gate.url}/api/v1/changes?${query}`);

async function publish(id: string, version = '1.0.0', at = gate): Promise<void> {
  const archive = await appArchive({ id, version });
  expect((await upload(at.url, await at.token(id), id, archive)).status).toBe(201);
}

async function setStatus(appId: string, status: string): Promise<void> {
  const address = `${gate.url}/api/v1/apps/${appId}/releases/1.0.0/status`;
  expect((await sendJson(address, 'PUT', gate.operatorToken, { status, reason: 'looked at it' })).status).toBe(200);
}

/** What a page is about, in its order. */
function keysOf({ body }: ApiAnswer): readonly string[] {
  return body.changes.map(({ type, app, release }: any) =>
    type === 'app' ? app.id : `${release.appId}@${release.version}`,
  );
}

async function head(): Promise<string> {
  let after = '';
  for (;;) {
    const { body } = await changesOf(`limit=500&after=${after}`);
    after = body.next;
    if (body.more === false) return after;
  }
}

test(
  'a copy is equal to the lists after twenty writers at two gates, and nothing came to it twice',
  async () => {
    const written = await startTestGate({ ownAuthority: true });
    const replica = await startTestGate({ replicaOf: written });
    try {
      const apps = await createWrittenApps(written);
      const copy = copyCatalogue(written.url);
      const other = copyCatalogue(replica.url);
      let writing = true;
      const follow = async ({ takeOver }: typeof copy, query: Parameters<typeof takeOver>[0]): Promise<void> => {
        while (writing) await takeOver(query);
      };
      const following = [follow(copy, { limit: 3, wait: 1 }), follow(other, { limit: 50, wait: 1 })];
      const done = await writeForAWhile([written, replica], apps, { writers: WRITERS, ms: WRITING_MS, seed: 7 });
      writing = false;
      await Promise.all(following);
      const late = copyCatalogue(replica.url);
      const expected = await listCatalogue(written.url);
      for (const one of [copy, other, late]) {
        await one.catchUp();
        expect(one.apps).toEqual(expected.apps);
        expect(one.releases).toEqual(expected.releases);
        expect(one.repeated).toEqual([]);
      }
      expect([...done.keys()].sort()).toEqual([
        'level',
        'publish',
        'quarantine',
        'restore',
        'revoke',
        'suspend',
        'withdraw',
      ]);
      expect(expected.releases.size).toBe(done.get('publish'));
      // It followed while there was writing, and not only at the end.
      expect(copy.taken()).toBeGreaterThan(late.taken());
      if (process.env['CHANGES_SECONDS'] !== undefined)
        process.stderr.write(`${JSON.stringify([...done, copy.taken()])}\n`);
    } finally {
      await replica.stop();
      await written.stop();
    }
  },
  WRITING_MS * 2 + 60_000,
);

test('pages go on where the one before ended, the app after its release, and what changes again comes at its last place', async () => {
  const start = await head();
  await publish('paged-a');
  await publish('paged-b');
  await publish('paged-c');
  await setStatus('paged-a', 'withdrawn');
  const first = await changesOf(`limit=3&after=${start}`);
  expect(keysOf(first)).toEqual(['paged-b@1.0.0', 'paged-b', 'paged-c@1.0.0']);
  expect(first.body.more).toBe(true);
  const second = await changesOf(`limit=3&after=${first.body.next}`);
  expect(keysOf(second)).toEqual(['paged-c', 'paged-a@1.0.0', 'paged-a']);
  expect(second.body.changes[1].release.status).toBe('withdrawn');
  expect(second.body.more).toBe(false);
  const third = await changesOf(`limit=3&after=${second.body.next}`);
  expect(third.body).toMatchObject({ changes: [], more: false });
  expect((await changesOf(`after=${third.body.next}`)).body.changes).toEqual([]);
});

test('what was begun before a page and committed after it is on the next', async () => {
  await publish('slow');
  await publish('quick');
  const start = await head();
  let between = '';
  await inTransaction(gate.gate.database, async (tx) => {
    const change = { status: 'withdrawn', reason: 'slow', reasonCode: null, at: new Date() } as const;
    await setReleaseStatus(tx, { appId: 'slow', version: '1.0.0', ...change });
    await setStatus('quick', 'withdrawn');
    const page = await changesOf(`after=${start}`);
    expect(keysOf(page)).toEqual(['quick@1.0.0', 'quick']);
    between = page.body.next;
  });
  expect(keysOf(await changesOf(`after=${between}`))).toEqual(['slow@1.0.0', 'slow']);
});

test('no later place is seen before an earlier one: a commit waits for the one that has taken its places', async () => {
  await publish('first');
  await publish('last');
  const start = await head();
  const later = await inTransaction(gate.gate.database, async (tx) => {
    const change = { status: 'withdrawn', reason: 'first', reasonCode: null, at: new Date() } as const;
    await setReleaseStatus(tx, { appId: 'first', version: '1.0.0', ...change });
    await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
    const waiting = setStatus('last', 'withdrawn');
    while ((await waitingForLocks()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(keysOf(await changesOf(`after=${start}`))).toEqual([]);
    return { waiting };
  });
  await later.waiting;
  expect(keysOf(await changesOf(`after=${start}`))).toEqual(['first@1.0.0', 'first', 'last@1.0.0', 'last']);
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await gate.gate.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.n ?? 0;
}

test('a level, a suspension and its end are changes of the app; owners and tokens are none', async () => {
  await publish('governed');
  let after = await head();
  const changed = async (): Promise<readonly string[]> => {
    const page = await changesOf(`after=${after}`);
    after = page.body.next;
    return keysOf(page);
  };
  const at = (path: string): string => `${gate.url}/api/v1/apps/governed${path}`;
  const reason = 'so be it';
  await sendJson(at('/trust-level'), 'PUT', gate.operatorToken, { trustLevel: 'approved', reason });
  expect(await changed()).toEqual(['governed']);
  await sendJson(at('/suspension'), 'PUT', gate.operatorToken, { reason });
  expect(await changed()).toEqual(['governed@1.0.0', 'governed']);
  await sendJson(at('/suspension'), 'DELETE', gate.operatorToken, { reason });
  expect(await changed()).toEqual(['governed@1.0.0', 'governed']);
  await gate.token(null, { account: 'a-co-owner' });
  expect((await sendJson(at('/owners/a-co-owner'), 'PUT', gate.operatorToken, {})).status).toBe(200);
  expect(await changed()).toEqual([]);
});

test('a revocation that comes with a ledger that is taken over is a change of what the certificate signed', async () => {
  const leaf = gate.authority.issue('adopted');
  const archive = await signedApp(gate.authority, { id: 'adopted', leaf });
  expect((await upload(gate.url, await gate.token('adopted'), 'adopted', archive)).status).toBe(201);
  const { fingerprint, notAfter, publicKeyFingerprint: publicKey } = leaf.certificate;
  const record = { serial: '7F00000000000001', issuerKey: 'a'.repeat(64), appId: 'adopted', publicKey };
  const issued = { fingerprint, notAfter, issuedAt: new Date() };
  const revoked = { revokedAt: new Date(), reason: 'keyCompromise', note: 'stolen' } as const;
  const changedBy = async (records: readonly Pick<LedgerRecord, 'serial' | 'issued' | 'revoked'>[]) => {
    const after = await head();
    await inTransaction(gate.gate.database, async (tx) => {
      const { id } = await ensureAccount(tx, 'operator');
      const change = await beginAuthorityChange(tx);
      const taken = records.map((each) => ({ ...record, intendedAt: new Date(), ...each }));
      await insertLedgerRecords(tx, change, taken, id);
    });
    return keysOf(await changesOf(`after=${after}`));
  };
  // One whose certificate is known only later, and one that is there at once.
  expect(await changedBy([{ serial: '7F00000000000001', issued: null, revoked }])).toEqual([]);
  expect(await changedBy([{ serial: '7F00000000000001', issued, revoked: null }])).toEqual([
    'adopted@1.0.0',
    'adopted',
  ]);
  const other = gate.authority.issue('adopted');
  const next = await signedApp(gate.authority, { id: 'adopted', version: '1.1.0', leaf: other });
  expect((await upload(gate.url, await gate.token('adopted'), 'adopted', next)).status).toBe(201);
  const otherIssued = { ...issued, fingerprint: other.certificate.fingerprint };
  const whole = { serial: '7F00000000000002', issued: otherIssued, revoked };
  expect(await changedBy([whole])).toEqual(['adopted@1.1.0', 'adopted']);
  expect(await changedBy([whole])).toEqual([]);
});

const STAMP = '01234567-89ab-cdef-0123-456789abcdef';

describe('a cursor', () => {
  test.each([
    '1',
    'x',
    '-1',
    '1.1',
    `1.${STAMP}0`,
    `1.${STAMP.slice(1)}g`,
    `9999999999999999.${STAMP}`,
    ` 1.${STAMP}`,
    ' 0',
    '0.',
  ])('of %p is refused', async (after) => {
    const { status, body } = await changesOf(`after=${encodeURIComponent(after)}`);
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  });

  test.each(['above the last place', 'of a place with another stamp'])('%s is gone', async (which) => {
    const position = which.startsWith('above') ? '999999999999999' : (await head()).split('.')[0];
    const { status, body } = await changesOf(`after=${position}.${STAMP}`);
    expect([status, body.code]).toEqual([410, 'CURSOR_GONE']);
  });

  test('of what has changed again since goes on from there', async () => {
    await publish('moved-on');
    const after = await head();
    await setStatus('moved-on', 'withdrawn');
    expect(keysOf(await changesOf(`after=${after}`))).toEqual(['moved-on@1.0.0', 'moved-on']);
  });

  test('is gone where the database was set back and came as far again, though no decision tells of it', async () => {
    const id = 'set-back';
    await publish(id);
    const { database } = gate.gate;
    const screenshot = async (place: number): Promise<unknown> =>
      database.query(`UPDATE release_screenshots SET state = 'failed' WHERE app_id = $1 AND place = $2`, [id, place]);
    await database.query(
      `INSERT INTO release_screenshots (app_id, version, place, source_url, next_try_at)
         SELECT $1, '1.0.0', place, 'https://example.org/', 'infinity' FROM generate_series(8, 9) AS place`,
      [id],
    );
    const backup = await head();
    await screenshot(8);
    const lost = await head();
    await setBackTo(backup);
    await screenshot(9);
    const found = await head();
    expect(found.split('.')[0]).toBe(lost.split('.')[0]);
    expect((await changesOf(`after=${lost}`)).body.code).toBe('CURSOR_GONE');
    expect(keysOf(await changesOf(`after=${backup}`))).toEqual([`${id}@1.0.0`, id]);
  });

  /** As a backup would: what changed after is where it was, and its places are free again. */
  async function setBackTo(cursor: string): Promise<void> {
    const position = Number(cursor.split('.')[0]);
    await inTransaction(gate.gate.database, async (tx) => {
      await tx.query(
        `UPDATE catalogue_changes SET position = CASE version WHEN '' THEN $1::bigint ELSE $1 - 1 END WHERE position > $1`,
        [position],
      );
      await tx.query('DELETE FROM catalogue_places WHERE position > $1', [position]);
      await tx.query(`SELECT setval('catalogue_positions', $1)`, [position]);
    });
  }

  test('of another history is gone, though the store has as many places', async () => {
    const other = await startTestGate();
    try {
      await publish('elsewhere', '1.0.0', other);
      const { body } = await request(`${other.url}/api/v1/changes?limit=1`);
      const answer = await changesOf(`after=${body.next}`);
      expect([answer.status, answer.body.code]).toEqual([410, 'CURSOR_GONE']);
      expect((await request(`${other.url}/api/v1/changes?after=${body.next}`)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });

  test.each(['', 'after=', 'after=0'])('is not needed to begin: ?%s', async (query) => {
    const { status, body } = await changesOf(`limit=1&${query}`);
    expect([status, body.changes.length]).toEqual([200, 1]);
  });
});

test.each(['limit=0', 'limit=501', 'limit=x', 'wait=31', 'wait=-1', 'wait=1.5', 'after=a&after=b'])(
  'the question ?%s is refused',
  async (query) => {
    expect((await changesOf(query)).body.code).toBe('INVALID_REQUEST');
  },
);

describe('waiting', () => {
  test('ends with the change', async () => {
    const start = await head();
    const answer = changesOf(`wait=30&after=${start}`);
    await publish('waited-for');
    expect(keysOf(await answer)).toEqual(['waited-for@1.0.0', 'waited-for']);
  });

  test('ends without one in time', async () => {
    const start = await head();
    const { body, headers } = await changesOf(`wait=1&after=${start}`);
    expect(body).toMatchObject({ changes: [], more: false });
    expect(headers.has('retry-after')).toBe(false);
  });

  test('needs a place: where there is none, the answer comes at once', async () => {
    const full = await startTestGate({
      replicaOf: gate,
      gate: { waitingRoom: createWaitingRoom({ total: 0, perAddress: 1 }) },
    });
    try {
      const start = await head();
      const { status, body, headers } = await request(`${full.url}/api/v1/changes?wait=30&after=${start}`);
      expect([status, body.changes, headers.get('retry-after')]).toEqual([200, [], '1']);
    } finally {
      await full.stop();
    }
  }, 15_000);

  test('of one who is gone leaves the place to others', async () => {
    const waitingRoom = createWaitingRoom({ total: 1, perAddress: 1 });
    const small = await startTestGate({ replicaOf: gate, gate: { waitingRoom } });
    try {
      const start = await head();
      const gone = new AbortController();
      const asked = fetch(`${small.url}/api/v1/changes?wait=30&after=${start}`, { signal: gone.signal });
      while (isFree(waitingRoom)) await new Promise((resolve) => setTimeout(resolve, 5));
      gone.abort();
      await expect(asked).rejects.toThrow();
      while (!isFree(waitingRoom)) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      await small.stop();
    }
  }, 15_000);
});

function isFree(room: WaitingRoom): boolean {
  const leave = room.enter('192.0.2.1');
  leave?.();
  return leave !== null;
}
