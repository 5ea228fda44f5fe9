import { randomUUID } from 'node:crypto';
import { findAccount } from '../../src/database/accounts.js';
import {
  appendAuditEntry,
  parseAuditEntry,
  readAuditHead,
  readAuditLog,
  type AuditRow,
} from '../../src/database/audit-log.js';
import { inTransaction, openDatabase, type Database, type Isolation } from '../../src/database/connect.js';
import { verifyLog } from '../../src/moderation/read-audit.js';
import { upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startTestGate, type TestGate } from '../support/test-gate.js';

let own: TestDatabase;
let db: Database;

beforeEach(async () => {
  own = await createTestDatabase();
  db = own.database;
});

afterEach(() => own.drop());

function entry(id: string, reason = '') {
  return { kind: 'test', accountId: null, appId: null, subject: { type: 'store', id }, reason } as const;
}

async function append(...ids: readonly string[]): Promise<void> {
  for (const id of ids) await inTransaction(db, (tx) => appendAuditEntry(tx, entry(id)));
}

async function log(): Promise<readonly AuditRow[]> {
  return readAuditLog(db, { after: 0, limit: 10_000 });
}

async function subjects(): Promise<readonly string[]> {
  return (await log()).map((row) => parseAuditEntry(row).subject.id);
}

test('an empty log is whole', async () => {
  expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 0, hash: '0'.repeat(64) } });
});

test('what the database hashes is what is verified, in any characters', async () => {
  await append('plain', 'Ünïcödé 🗝 "quoted" \\u0041', 'line\nfeed', 'nul\0and half \ud800');
  expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 4 } });
  expect((await subjects())[1]).toBe('Ünïcödé 🗝 "quoted" \\u0041');
});

test('the entries of a transaction stand together, in their order', async () => {
  const groups = Array.from({ length: 20 }, (_, group) => group);
  await Promise.all(
    groups.map((group) =>
      inTransaction(db, async (tx) => {
        for (const step of [0, 1, 2]) await appendAuditEntry(tx, entry(`${group}.${step}`));
      }),
    ),
  );
  const found = await subjects();
  expect(found).toHaveLength(60);
  for (let start = 0; start < 60; start += 3) {
    const [group] = (found[start] ?? '').split('.');
    expect(found.slice(start, start + 3)).toEqual([`${group}.0`, `${group}.1`, `${group}.2`]);
  }
});

test('two hundred transactions at once, some of them undone, make one chain without a gap', async () => {
  const pool = openDatabase(own.connectionString, { maxConnections: 40 });
  try {
    const work = Array.from({ length: 200 }, (_, number) =>
      inTransaction(pool, async (tx) => {
        await appendAuditEntry(tx, entry(`${number}.a`));
        if (number % 4 === 1) throw new Error('undone');
        if (number % 4 === 2) await appendAuditEntry(tx, entry(`${number}.b`));
      }).then(
        () => true,
        () => false,
      ),
    );
    const done = await Promise.all(work);
    expect(done.filter((each) => each)).toHaveLength(150);
  } finally {
    await pool.end();
  }
  const rows = await log();
  expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(rows.some((row) => Number(parseAuditEntry(row).subject.id.split('.')[0]) % 4 === 1)).toBe(false);
  expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 200 } });
});

test('an entry of a savepoint that was rolled back leaves no gap', async () => {
  await inTransaction(db, async (tx) => {
    await appendAuditEntry(tx, entry('one'));
    await tx.query('SAVEPOINT here');
    await appendAuditEntry(tx, entry('two'));
    await tx.query('ROLLBACK TO SAVEPOINT here');
    await appendAuditEntry(tx, entry('three'));
  });
  expect(await subjects()).toEqual(['one', 'three']);
  expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 2 } });
});

test.each(['repeatable read', 'serializable'] satisfies Isolation[])(
  'a transaction that is %s is done again where another entry came first',
  async (isolation) => {
    let attempts = 0;
    await inTransaction(
      db,
      async (tx) => {
        attempts += 1;
        await appendAuditEntry(tx, entry('slow'));
        if (attempts === 1) await append('quick');
      },
      { isolation },
    );
    expect(attempts).toBe(2);
    expect(await subjects()).toEqual(['quick', 'slow']);
    expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 2 } });
  },
);

describe('the database lets nobody change what was written:', () => {
  beforeEach(() => append('one', 'two', 'three'));

  test.each([
    ['an entry', `UPDATE audit_log SET entry = '{}' WHERE position = 2`],
    ['a position', 'UPDATE audit_log SET position = 9 WHERE position = 3'],
    ['a hash', `UPDATE audit_log SET hash = repeat('a', 64) WHERE position = 2`],
    ['nothing', 'UPDATE audit_log SET hash = hash'],
    ['by deleting', 'DELETE FROM audit_log WHERE position = 3'],
    ['by truncating', 'TRUNCATE audit_log'],
    ['by truncating with what refers to it', 'TRUNCATE audit_log RESTART IDENTITY CASCADE'],
    [
      'the head, back',
      'UPDATE audit_head SET (position, hash) = (SELECT position, hash FROM audit_log WHERE position = 2)',
    ],
    ['the head, on', `UPDATE audit_head SET position = position + 1, hash = repeat('a', 64)`],
    ['the head, by deleting', 'DELETE FROM audit_head'],
    ['the head, by truncating', 'TRUNCATE audit_head'],
    ['by a second head', `INSERT INTO audit_head (position, hash) VALUES (0, repeat('0', 64))`],
    [
      'by an entry at a position of its own',
      `INSERT INTO audit_log (position, previous, hash, entry)
       SELECT 4, hash, repeat('a', 64), entry FROM audit_log WHERE position = 3`,
    ],
  ])('%s', async (_, sql) => {
    const before = await log();
    await expect(db.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^23(514|505)$/) });
    expect(await log()).toEqual(before);
    await append('four');
    expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 4 } });
  });

  test('by a place that is taken before the commit', async () => {
    const forge = inTransaction(db, async (tx) => {
      await appendAuditEntry(tx, entry('forged'));
      await tx.query(
        `UPDATE audit_log SET position = 4, previous = (SELECT hash FROM audit_head), hash = repeat('a', 64) WHERE position IS NULL`,
      );
    });
    await expect(forge).rejects.toMatchObject({ code: '23514' });
    expect(await verifyLog(db)).toMatchObject({ isWhole: true, head: { position: 3 } });
  });
});

describe('whoever owns the database can switch that off, and is found out:', () => {
  beforeEach(() => append('one', 'two', 'three', 'four'));

  /** As the owner of the tables may, without their triggers. */
  async function tamper(...statements: readonly string[]): Promise<void> {
    await inTransaction(db, async (tx) => {
      const tables = ['audit_log', 'audit_head'];
      for (const table of tables) await tx.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      for (const sql of statements) await tx.query(sql);
      for (const table of tables) await tx.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    });
  }

  test.each([
    [
      'an entry changed',
      [`UPDATE audit_log SET entry = replace(entry, 'two', 'zwei') WHERE position = 2`],
      'altered',
      2,
    ],
    ['the first taken out', ['DELETE FROM audit_log WHERE position = 1'], 'gap', 1],
    ['one in the middle taken out', ['DELETE FROM audit_log WHERE position = 3'], 'gap', 3],
    ['the last taken out', ['DELETE FROM audit_log WHERE position = 4'], 'cut-off', 4],
    ['all taken out', ['DELETE FROM audit_log'], 'cut-off', 1],
    ['a position moved', ['UPDATE audit_log SET position = 9 WHERE position = 2'], 'position-changed', 2],
    [
      'two texts swapped',
      [
        `UPDATE audit_log SET entry = (SELECT entry FROM audit_log AS other WHERE other.position = 5 - audit_log.position)
         WHERE position IN (2, 3)`,
      ],
      'altered',
      2,
    ],
    [
      'two positions swapped',
      [
        'UPDATE audit_log SET position = 99 WHERE position = 2',
        'UPDATE audit_log SET position = 2 WHERE position = 3',
        'UPDATE audit_log SET position = 3 WHERE position = 99',
      ],
      'altered',
      2,
    ],
    [
      'an entry and its hash changed',
      [
        `UPDATE audit_log SET entry = '{"kind":"x","at":"","actor":{"account":""},"subject":{"type":"store","id":"x"}}' WHERE position = 2`,
        `UPDATE audit_log SET hash = encode(sha256(convert_to(previous || E'\\n' || position || E'\\n' || entry, 'UTF8')), 'hex')
         WHERE position = 2`,
      ],
      'forked',
      3,
    ],
    [
      'an entry behind the head',
      [
        `INSERT INTO audit_log (position, previous, hash, entry)
       SELECT 5, hash, repeat('a', 64), entry FROM audit_log WHERE position = 4`,
      ],
      'beyond-head',
      5,
    ],
    [
      'an entry outside of the chain',
      [`INSERT INTO audit_log (entry) SELECT entry FROM audit_log WHERE position = 4`],
      'beyond-head',
      5,
    ],
    [
      'the head set back',
      ['UPDATE audit_head SET (position, hash) = (SELECT position, hash FROM audit_log WHERE position = 2)'],
      'beyond-head',
      3,
    ],
    [
      'a position beyond all numbers',
      ['UPDATE audit_log SET position = 9007199254740993 WHERE position = 3'],
      'gap',
      3,
    ],
    [
      'the last position beyond all numbers',
      ['UPDATE audit_log SET position = 9007199254740993 WHERE position = 4'],
      'malformed',
      4,
    ],
    ['the head beyond all numbers', ['UPDATE audit_head SET position = 9007199254740993'], 'cut-off', 5],
    ['the head taken away', ['DELETE FROM audit_head'], 'head-missing', 5],
    [
      'the head taken away, and an entry',
      ['DELETE FROM audit_head', 'DELETE FROM audit_log WHERE position = 2'],
      'gap',
      2,
    ],
    ['the hash of the head', [`UPDATE audit_head SET hash = repeat('a', 64)`], 'head-differs', 4],
  ] as const)('%s', async (_, statements, fault, position) => {
    await tamper(...statements);
    expect(await verifyLog(db)).toMatchObject({ isWhole: false, fault, position });
  });

  test('the last taken out and the head with it: by a head that somebody kept', async () => {
    const kept = await readAuditHead(db);
    await tamper(
      'DELETE FROM audit_log WHERE position = 4',
      'UPDATE audit_head SET (position, hash) = (SELECT position, hash FROM audit_log WHERE position = 3)',
    );
    expect(await verifyLog(db)).toMatchObject({ isWhole: true });
    expect(await verifyLog(db, { heads: [kept] })).toMatchObject({ fault: 'cut-off', position: 4 });
    await append('another');
    expect(await verifyLog(db, { heads: [kept] })).toMatchObject({ fault: 'head-differs', position: 4 });
  });

  test('a log that lost its head takes nothing any more', async () => {
    await tamper('DELETE FROM audit_head');
    await expect(append('five')).rejects.toMatchObject({ code: 'P0002' });
  });
});

describe('in a gate', () => {
  let gate: TestGate;

  beforeAll(async () => {
    gate = await startTestGate();
  });

  afterAll(() => gate.stop());

  test('uploads that race, refused and accepted ones, make one chain', async () => {
    const apps = Array.from({ length: 12 }, (_, number) => `racing-${number}`);
    const answers = await Promise.all(
      apps.flatMap((id) =>
        ['1.0.0', '1.0.0', 'none'].map(async (version) => {
          const files = { 'js/script.js': randomUUID() };
          return upload(gate.url, await gate.token(id), id, await appArchive({ id, version, files }));
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409, 422]));
    const verdict = await verifyLog(gate.gate.database);
    expect(verdict.isWhole).toBe(true);
    const rows = await readAuditLog(gate.gate.database, { after: 0, limit: 10_000 });
    const kinds = rows.map((row) => parseAuditEntry(row).kind);
    expect(kinds.filter((kind) => kind.startsWith('submission-'))).toHaveLength(36);
    expect(kinds.filter((kind) => kind === 'release-published')).toHaveLength(12);
  });

  test('an entry names the request that it came of', async () => {
    const id = 'requested';
    const answer = await upload(gate.url, await gate.token(id), id, await appArchive({ id }));
    const rows = await readAuditLog(gate.gate.database, { after: 0, limit: 10_000 });
    const mine = rows.map(parseAuditEntry).filter(({ kind, app }) => kind === 'release-published' && app === id);
    expect(mine).toEqual([expect.objectContaining({ request: answer.headers.get('x-request-id') })]);
    const account = await findAccount(gate.gate.database, id);
    expect(mine[0]?.actor.account).toBe(account?.name);
  });
});
