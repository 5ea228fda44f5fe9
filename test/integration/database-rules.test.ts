import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/*
 * The rules of the mission once more, below all code: what a bug, or a hand at the SQL prompt, is kept from doing.
 */

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.database.query(`INSERT INTO accounts (name) VALUES ('ada')`);
  await db.database.query(`INSERT INTO tokens (account_id, secret_sha256, scopes) VALUES (1, sha256('x'), '{upload}')`);
});
afterAll(() => db.drop());

let digests = 0;

/** Publishes a release by bare SQL. */
async function publish(appId: string, version: string, signed: boolean): Promise<void> {
  const id = randomUUID();
  const sha256 = (++digests).toString(16).padStart(64, '0');
  await db.database.query(`INSERT INTO archive_files (archive_sha256, files) VALUES ($1, '{}')`, [sha256]);
  await db.database.query(
    `INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
     SELECT $1, $2, $3, 'accepted', $4, 1, '{"outcome": "accepted"}', 1, tokens.id, now() FROM tokens`,
    [id, appId, version, sha256],
  );
  await db.database.query(
    `INSERT INTO releases (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, signer_key, info, published_at)
     VALUES ($1, $2, $3, $4, 1, $5, $6, $7, '{}', now())`,
    [
      appId,
      version,
      id,
      sha256,
      signed,
      JSON.stringify({ status: signed ? 'valid' : 'absent' }),
      signed ? 'key' : null,
    ],
  );
}

async function makeApp(appId: string, trustLevel = 'experimental'): Promise<void> {
  await db.database.query('INSERT INTO apps (id, trust_level) VALUES ($1, $2)', [appId, trustLevel]);
}

test('an unsigned release of an official app can’t be written', async () => {
  await makeApp('official-app', 'official');
  await expect(publish('official-app', '1.0.0', false)).rejects.toThrow('must be signed');
  await publish('official-app', '1.0.0', true);
});

test('an unsigned release after a signed one can’t be written, whatever is done to the app in between', async () => {
  await makeApp('once-signed');
  await publish('once-signed', '1.0.0', true);
  await db.database.query(`UPDATE releases SET status = 'withdrawn' WHERE app_id = 'once-signed'`);
  await expect(publish('once-signed', '2.0.0', false)).rejects.toThrow('must stay signed');
  const forget = `UPDATE apps SET signed_since = NULL, signed_version = NULL WHERE id = 'once-signed'`;
  await expect(db.database.query(forget)).rejects.toThrow('never forgotten');
});

test('an unsigned release is not brought back once the app must be signed', async () => {
  await makeApp('revived');
  await publish('revived', '1.0.0', false);
  await db.database.query(`UPDATE releases SET status = 'withdrawn' WHERE app_id = 'revived'`);
  await publish('revived', '2.0.0', true);
  const revive = `UPDATE releases SET status = 'published' WHERE app_id = 'revived'`;
  await expect(db.database.query(revive)).rejects.toThrow('must be signed');
});

test('a version is published once', async () => {
  await makeApp('twice');
  await publish('twice', '1.0.0', false);
  await expect(publish('twice', '1.0.0', false)).rejects.toThrow(/unique/);
});

test('history is kept as it is', async () => {
  await makeApp('history');
  await publish('history', '1.0.0', false);
  for (const statement of [
    `DELETE FROM releases WHERE app_id = 'history'`,
    `UPDATE releases SET archive_sha256 = archive_sha256, version = '2.0.0' WHERE app_id = 'history'`,
    `UPDATE releases SET signed = true, signer_key = 'k', signature = '{"status": "valid"}' WHERE app_id = 'history'`,
    `DELETE FROM submissions WHERE app_id = 'history'`,
    `UPDATE submissions SET report = '{"outcome": "accepted"}' WHERE app_id = 'history'`,
    `DELETE FROM apps WHERE id = 'history'`,
  ]) {
    await expect(db.database.query(statement)).rejects.toThrow();
  }
});

test('an invalid signature can’t be that of a release', async () => {
  await makeApp('invalid');
  const before = await db.database.query('SELECT count(*)::int AS n FROM releases');
  await expect(
    db.database.query(
      `INSERT INTO releases (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, info, published_at)
       SELECT 'invalid', '1.0.0', id, archive_sha256, 1, false, '{"status": "invalid"}', '{}', now() FROM submissions LIMIT 1`,
    ),
  ).rejects.toThrow();
  expect((await db.database.query('SELECT count(*)::int AS n FROM releases')).rows).toEqual(before.rows);
});
