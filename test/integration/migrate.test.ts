import { cp, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { inTransaction, openDatabase } from '../../src/database/connect.js';
import type { Database } from '../../src/database/connect.js';
import { migrate, MigrationError, pendingMigrations } from '../../src/database/migrate.js';
import { createTestDatabase } from '../support/test-database.js';
import type { TestDatabase } from '../support/test-database.js';

let folder: string;
let own: TestDatabase;
let database: Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-migrations-'));
  own = await createTestDatabase();
  database = own.database;
  // The template has had the gate's own migrations; these tests bring their own.
  await database.query('DROP SCHEMA public CASCADE');
  await database.query('CREATE SCHEMA public');
});

afterEach(async () => {
  await own.drop();
  await rm(folder, { recursive: true });
});

const first = '0001-apps.sql';
const second = '0002-names.sql';

async function write(name: string, sql: string): Promise<void> {
  await writeFile(join(folder, name), sql);
}

async function writeBoth(): Promise<void> {
  await write(first, "CREATE TABLE apps (id text);\nINSERT INTO apps VALUES ('calendar');\n");
  await write(second, 'ALTER TABLE apps ADD COLUMN name text;\n');
}

describe('migrate', () => {
  test('applies what is pending in order, once', async () => {
    await writeBoth();
    expect(await pendingMigrations(database, folder)).toEqual([first, second]);
    expect(await migrate(database, folder)).toEqual([first, second]);
    expect(await pendingMigrations(database, folder)).toEqual([]);
    expect(await migrate(database, pathToFileURL(`${folder}/`))).toEqual([]);
    expect((await database.query('SELECT id, name FROM apps')).rows).toEqual([{ id: 'calendar', name: null }]);
  });

  test('applies each migration once however many gates start at once', async () => {
    await writeBoth();
    const gates = Array.from({ length: 4 }, () => openDatabase(own.connectionString));
    const applied = await Promise.all(gates.map((gate) => migrate(gate, folder)));
    await Promise.all(gates.map((gate) => gate.end()));
    expect(applied.flat()).toEqual([first, second]);
  });

  test('undoes a migration that fails, and keeps those before it', async () => {
    await write(first, 'CREATE TABLE apps (id text);');
    await write(second, 'CREATE TABLE other (id text);\n\nALTER TABLE nowhere ADD COLUMN name text;');
    await expect(migrate(database, folder)).rejects.toThrow(MigrationError);
    expect(await pendingMigrations(database, folder)).toEqual([second]);
    expect((await database.query(`SELECT to_regclass('other') AS other`)).rows).toEqual([{ other: null }]);
  });

  test('refuses a migration that ends its transaction itself', async () => {
    await write(first, 'CREATE TABLE apps (id text); COMMIT; CREATE TABLE more (id text);');
    await expect(migrate(database, folder)).rejects.toThrow(MigrationError);
  });

  test('refuses one that was altered after it was applied, but for its line ends', async () => {
    await writeBoth();
    await migrate(database, folder);
    await write(second, 'ALTER TABLE apps ADD COLUMN name text;\r\n');
    expect(await migrate(database, folder)).toEqual([]);
    await write(second, 'ALTER TABLE apps ADD COLUMN title text;\n');
    await expect(migrate(database, folder)).rejects.toThrow(/0002-names\.sql was altered/);
    await expect(pendingMigrations(database, folder)).rejects.toThrow(MigrationError);
  });

  test('refuses where one that was applied is missing, and a database newer than the files', async () => {
    await writeBoth();
    await migrate(database, folder);
    await unlink(join(folder, first));
    await expect(migrate(database, folder)).rejects.toThrow(/0001-apps\.sql/);
    await write(first, "CREATE TABLE apps (id text);\nINSERT INTO apps VALUES ('calendar');\n");
    await unlink(join(folder, second));
    await expect(migrate(database, folder)).rejects.toThrow(/newer/);
  });

  test('refuses one that is numbered before what was applied', async () => {
    await write(second, 'CREATE TABLE apps (id text);');
    await migrate(database, folder);
    await write(first, 'CREATE TABLE late (id text);');
    await expect(migrate(database, folder)).rejects.toThrow(/higher number/);
  });

  test('refuses two of the same number, and names that are none of a migration', async () => {
    await write(first, '');
    await write('0001-again.sql', '');
    await expect(migrate(database, folder)).rejects.toThrow(/same number/);
    await unlink(join(folder, '0001-again.sql'));
    await write('2-names.sql', '');
    await expect(migrate(database, folder)).rejects.toThrow(/NNNN-name/);
  });
});

describe('the storefront comes to a store of before', () => {
  const ends = (min: unknown, max: unknown): unknown => ({ name: 'x', platform: { min, max } });
  const odd: readonly (readonly [info: unknown, platforms: string])[] = [
    [{}, '(,)'],
    [null, '(,)'],
    [['x'], '(,)'],
    [{ name: 'x', categories: null, translations: null, screenshots: null, platform: null }, '(,)'],
    [{ name: 'x', categories: 'tools', translations: 'de', screenshots: 'https://a.example/', platform: '10' }, '(,)'],
    [{ name: 'x', categories: { a: 1 }, translations: { a: 1 }, screenshots: { a: 1 }, platform: [10] }, '(,)'],
    [{ name: 'x', categories: [1, null, {}], translations: [1, null, 'x', []], screenshots: [1, null, {}] }, '(,)'],
    [ends('10.x', ''), '(,)'],
    [ends('1234567', '10.0.0.0.1'), '(,)'],
    [ends('11', '10'), 'empty'],
    [ends(10, '10.5'), '[10000000000000000,10000060000000000)'],
    [ends('99999.99999.99999.99999', '99999.99999.99999.99999'), '[99999999999999999999,100000000000000000000)'],
  ];

  async function migrateFrom(infos: readonly unknown[]): Promise<void> {
    const ours = (await readdir('migrations')).filter((name) => name < '0005');
    await Promise.all(ours.map(async (name) => cp(join('migrations', name), join(folder, name))));
    await migrate(database, folder);
    await database.query(
      `INSERT INTO accounts (name) VALUES ('ada');
       INSERT INTO tokens (secret_sha256, account_id, scopes, label) SELECT sha256('x'), id, '{upload}', 'x' FROM accounts;
       INSERT INTO archive_files (archive_sha256, files) VALUES (repeat('a', 64), '{}')`,
    );
    for (const [n, info] of infos.entries()) {
      await database.query('INSERT INTO apps (id) VALUES ($1)', [`app-${n}`]);
      await database.query(
        `WITH submitted AS (
           INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
             SELECT gen_random_uuid(), $1, '1.0.0', 'accepted', repeat('a', 64), 10, '{}', account_id, id, now() FROM tokens
             RETURNING id, app_id, version, archive_sha256, archive_bytes)
         INSERT INTO releases (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, info, published_at)
           SELECT app_id, version, id, archive_sha256, archive_bytes, false, '{"status":"absent","signer":null}', $2, now() FROM submitted`,
        [`app-${n}`, JSON.stringify(info)],
      );
    }
    await migrate(database, 'migrations');
  }

  test('whatever its releases say of themselves', async () => {
    await migrateFrom(odd.map(([info]) => info));
    const { rows } = await database.query<{ platforms: string; listed: string }>(
      `SELECT releases.platforms::text, listings.platforms::text AS listed FROM releases JOIN listings ON release_id = releases.id ORDER BY releases.id`,
    );
    expect(rows).toEqual(odd.map(([, platforms]) => ({ platforms, listed: platforms })));
    expect((await database.query('SELECT DISTINCT unnest(categories) AS category FROM listings')).rows).toEqual([]);
  });

  test('and a backup of it can be read back, where no name is looked for in any schema', async () => {
    await migrateFrom([ends('10', '10.5')]);
    await inTransaction(database, async (tx) => {
      // It has its rows before it has its triggers.
      await tx.query(`ALTER TABLE releases DISABLE TRIGGER USER; SET LOCAL search_path = ''`);
      await tx.query('UPDATE public.releases SET info = info');
    });
  });

  test('and each change that it knows of has its place', async () => {
    await migrateFrom([{ name: 'x' }]);
    const { rows } = await database.query(
      'SELECT position, version FROM catalogue_changes JOIN catalogue_places USING (position) ORDER BY position',
    );
    expect(rows).toEqual([
      { position: 1, version: '1.0.0' },
      { position: 2, version: '' },
    ]);
  });
});

describe('openDatabase', () => {
  test('gives bigints as numbers, dates as written, and refuses a bigint that a number cannot hold', async () => {
    const { rows } = await database.query(
      `SELECT 2::bigint ^ 0 AS float, 9007199254740991 AS big, DATE '2026-12-31' AS day`,
    );
    expect(rows).toEqual([{ float: 1, big: 9007199254740991, day: '2026-12-31' }]);
    await expect(database.query('SELECT 9007199254740993')).rejects.toThrow(RangeError);
    expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('goes on when the server ends its idle connections', async () => {
    const pool = openDatabase(own.connectionString);
    await pool.query('SELECT 1');
    await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    for (;;) {
      const result = await pool.query('SELECT 1 AS one').catch(() => null);
      if (result !== null) break;
    }
    await pool.end();
  });
});

describe('inTransaction', () => {
  beforeEach(async () => {
    await database.query('CREATE TABLE counters (id integer PRIMARY KEY, value integer NOT NULL)');
    await database.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
  });

  async function values(): Promise<unknown[]> {
    const { rows } = await database.query<{ value: number }>('SELECT value FROM counters ORDER BY id');
    return rows.map(({ value }) => value);
  }

  test('keeps what its work did, and undoes it when the work fails', async () => {
    await inTransaction(database, (tx) => tx.query('UPDATE counters SET value = 1 WHERE id = 1'));
    const failing = inTransaction(database, async (tx) => {
      await tx.query('UPDATE counters SET value = 5');
      throw new Error('the work failed');
    });
    await expect(failing).rejects.toThrow('the work failed');
    expect(await values()).toEqual([1, 0]);
    expect(database.idleCount).toBe(database.totalCount);
  });

  test('rejects where a statement failed and the work went on as if nothing were', async () => {
    const work = inTransaction(database, async (tx) => {
      await tx.query('UPDATE counters SET value = 1');
      await tx.query('SELECT 1 / 0').catch(() => {});
    });
    await expect(work).rejects.toThrow(/rolled back/);
    expect(await values()).toEqual([0, 0]);
  });

  test('runs again after a deadlock and after a serialization failure', async () => {
    const inOrder = (ids: readonly number[]) =>
      inTransaction(database, async (tx) => {
        for (const id of ids) {
          await tx.query('UPDATE counters SET value = value + 1 WHERE id = $1', [id]);
          await tx.query('SELECT pg_sleep(0.1)');
        }
      });
    await Promise.all([inOrder([1, 2]), inOrder([2, 1])]);
    expect(await values()).toEqual([2, 2]);

    const increment = () =>
      inTransaction(
        database,
        async (tx) => {
          const { rows } = await tx.query<{ value: number }>('SELECT value FROM counters WHERE id = 1');
          await tx.query('SELECT pg_sleep(0.1)');
          await tx.query('UPDATE counters SET value = $1 WHERE id = 1', [(rows[0]?.value ?? 0) + 1]);
        },
        { isolation: 'serializable' },
      );
    await Promise.all([increment(), increment()]);
    expect(await values()).toEqual([4, 2]);
  });

  test('gives up after five attempts', async () => {
    let attempts = 0;
    const work = inTransaction(database, async (tx) => {
      attempts++;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`);
    });
    await expect(work).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(5);
  });

  test('closes a connection that was lost in the middle, and the next one works', async () => {
    const work = inTransaction(database, (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(work).rejects.toThrow();
    expect(await values()).toEqual([0, 0]);
  });
});
