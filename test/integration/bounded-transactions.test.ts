import { setTimeout as pause } from 'node:timers/promises';
import { ADVISORY_LOCK } from '../../src/database/advisory-locks.js';
import { beginAuthorityChange, holdAuthorityStill } from '../../src/database/authority-state.js';
import { inBoundedTransaction } from '../../src/database/bounded-transactions.js';
import { inTransaction, openDatabase, type Database } from '../../src/database/connect.js';
import { request, upload } from '../support/api.js';
import { appArchive } from '../support/app-archive.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startTestGate } from '../support/test-gate.js';

/** A promise that is kept when told to. */
function gateway(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

async function untilWaiting(database: Database, count: number): Promise<void> {
  const waiting = async (): Promise<number> => {
    const { rows } = await database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.n ?? 0;
  };
  while ((await waiting()) < count) await pause(5);
}

describe('on a database', () => {
  let own: TestDatabase;
  let other: Database;

  beforeEach(async () => {
    own = await createTestDatabase();
    other = openDatabase(own.connectionString);
  });

  afterEach(async () => {
    await other.end();
    await own.drop();
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [6, 3],
    [7, 4],
    [10, 7],
  ])('of %i connections bounded transactions hold %i, the others wait their turn', async (maxConnections, most) => {
    const pool = openDatabase(own.connectionString, { maxConnections });
    const { opened, open } = gateway();
    let begun = 0;
    let inside = 0;
    const all = Array.from({ length: 12 }, () =>
      inBoundedTransaction(pool, async () => {
        begun += 1;
        inside += 1;
        expect(inside).toBeLessThanOrEqual(most);
        await opened;
        inside -= 1;
      }),
    );
    while (inside < most) await pause(5);
    // On one connection there is none to keep free.
    if (maxConnections > 1) await pool.query('SELECT 1');
    expect(begun).toBe(most);
    open();
    await Promise.all(all);
    expect(begun).toBe(12);
    await pool.end();
  });

  test('their turn comes in the order in which they came', async () => {
    const pool = openDatabase(own.connectionString, { maxConnections: 2 });
    const order: number[] = [];
    const numbers = [0, 1, 2, 3, 4, 5];
    await Promise.all(numbers.map((number) => inBoundedTransaction(pool, async () => void order.push(number))));
    expect(order).toEqual(numbers);
    await pool.end();
  });

  test('one that fails makes room for the next', async () => {
    const pool = openDatabase(own.connectionString, { maxConnections: 2 });
    const failing = Array.from({ length: 5 }, () => inBoundedTransaction(pool, async (tx) => tx.query('nonsense')));
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(await inBoundedTransaction(pool, async () => 'done')).toBe('done');
    await pool.end();
  });

  test('a change of the authority comes before the decisions that begin after it, however many there are', async () => {
    const order: string[] = [];
    const first = gateway();
    const holding = gateway();
    const decision = inTransaction(other, async (tx) => {
      await holdAuthorityStill(tx);
      holding.open();
      await first.opened;
      order.push('decision');
    });
    await holding.opened;
    const change = inTransaction(other, async (tx) => {
      await beginAuthorityChange(tx);
      order.push('change');
    });
    await untilWaiting(own.database, 1);
    const later = [1, 2, 3].map(() =>
      inTransaction(other, async (tx) => {
        await holdAuthorityStill(tx);
        order.push('later');
      }),
    );
    await untilWaiting(own.database, 4);
    first.open();
    await Promise.all([decision, change, ...later]);
    expect(order).toEqual(['decision', 'change', 'later', 'later', 'later']);
  });
});

test('while uploads wait for a change of the authority everything else is answered, and then they are too', async () => {
  const gate = await startTestGate();
  const other = openDatabase(gate.databaseUrl);
  try {
    const apps = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const id = `waiting-${index}`;
        return { id, token: await gate.token(id), archive: await appArchive({ id }) };
      }),
    );
    const uploads = await inTransaction(other, async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK.authority]);
      const sent = apps.map(({ id, token, archive }) => upload(gate.url, token, id, archive));
      await untilWaiting(other, 7);
      for (let round = 0; round < 50; round++) {
        expect((await request(`${gate.url}/api/v1/apps`)).status).toBe(200);
      }
      expect((await request(`${gate.url}/readyz`)).status).toBe(200);
      return { sent };
    });
    const answers = await Promise.all(uploads.sent);
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
  } finally {
    await other.end();
    await gate.stop();
  }
});
