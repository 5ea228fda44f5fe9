import { inTransaction, type Database, type Transaction } from '../../src/database/connect.js';

/*
 * A catalogue as large as one likes, made by the database itself: the same one from the same numbers. There are no archives and no
 * images behind it, no accounts but one, and no audit log: it is for measuring what is read, and nothing else.
 */

/** How large a catalogue is to be. */
export interface CatalogueSize {
  readonly apps: number;
  /** At least one for each app. */
  readonly releases: number;
}

/** A database can't be filled, and why. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

const MAX_RELEASES = 20_000_000;

/**
 * Fills an empty, migrated database, all or nothing, and brings its statistics up to date.
 *
 * @param tell is told what comes next
 * @throws SeedError where the store has an app already, or the numbers make no catalogue
 */
export async function seedCatalogue(
  database: Database,
  { apps, releases }: CatalogueSize,
  tell: (line: string) => void = () => {},
): Promise<void> {
  if (!(apps >= 1 && releases >= apps && releases <= MAX_RELEASES)) {
    throw new SeedError(`There are to be 1 to ${MAX_RELEASES} releases, and at least as many as apps.`);
  }
  await inTransaction(database, async (tx) => {
    await requireEmpty(tx);
    await tx.query('SET LOCAL statement_timeout = 0; SET LOCAL jit = off');
    // All that triggers, keys and indexes would do a row at a time is done at once.
    for (const table of TRIGGERED) await tx.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    const makeAnew = await dropKeysAndIndexes(tx);
    for (const [name, sql] of steps({ apps, releases })) {
      tell(name);
      await tx.query(sql);
    }
    tell('keys and indexes');
    for (const sql of makeAnew) await tx.query(sql);
    for (const table of TRIGGERED) await tx.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  });
  tell('statistics');
  await tidyUp(database);
}

/** Indexes are read alone only where the visibility map is there, which a vacuum makes. */
async function tidyUp(database: Database): Promise<void> {
  const client = await database.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('VACUUM (ANALYZE)');
  } finally {
    // With its setting, it is no connection for others.
    client.release(true);
  }
}

const TRIGGERED = ['apps', 'releases', 'listings', 'certificates', 'release_screenshots', 'standing_findings'] as const;

const FILLED = [
  ...TRIGGERED,
  ...[
    'submissions',
    'archive_files',
    'release_downloads',
    'standing_looks',
    'catalogue_places',
    'catalogue_changes',
    'app_owners',
  ],
];
/** Without them what is made of the releases could not be found. */
const KEPT = ['releases_by_app'];

/** Drops what is checked and sorted for each row; what comes back makes it anew, and fails where a key does not hold. */
async function dropKeysAndIndexes(tx: Transaction): Promise<readonly string[]> {
  const { rows } = await tx.query<{ drop: string; create: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS create
     FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY($1)
     UNION ALL
     SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
     FROM pg_index WHERE indrelid::regclass::text = ANY($1) AND indexrelid::regclass::text <> ALL($2)
       AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
     ORDER BY 1`,
    [FILLED, KEPT],
  );
  for (const { drop } of rows) await tx.query(drop);
  return rows.map(({ create }) => create);
}

async function requireEmpty(tx: Transaction): Promise<void> {
  await tx.query('LOCK TABLE apps IN SHARE ROW EXCLUSIVE MODE');
  const { rows } = await tx.query('SELECT 1 FROM apps LIMIT 1');
  if (rows.length > 0) throw new SeedError('This store has apps already: only an empty one is filled.');
}

const NOUNS = `ARRAY['calendar','contacts','mail','notes','tasks','gallery','music','player','editor','viewer','bookmarks','news','maps',
  'polls','forms','deck','chat','talk','files','antivirus','guests','backup','search','tags','workflow','auditing','metrics','quota',
  'dashboard','weather','passwords','diagrams','sheets','slides','scanner','recipes','budget','timer','inventory','wiki']`;
const ADJECTIVES = `ARRAY['quiet','bright','simple','open','shared','smart','fast','tiny','grand','steady','clear','plain','royal','modern',
  'classic','secure','private','public','mobile','global','local','green','blue','golden','silver']`;
const SENTENCES = `ARRAY['Keeps everything of a whole team in one place.','Works with all browsers, and offline too.',
  'Administrators decide who may share what with whom.','Every change is written down and can be undone.',
  'Imports what other programs have exported, without losing attachments.','Files stay where they are: nothing is sent to anybody else.',
  'Group members see at once what the others are doing.','There is a search over titles, texts and comments.',
  'Reminders come by mail, or as a notification of the server.','Large folders with a hundred thousand entries load in a moment.',
  'A public link shows a read-only page, with a password where one is set.','Translated by volunteers into more than forty languages.',
  'Settings are found in the administration page of the server.','Needs PHP 7.4 or later and the usual extensions.',
  'Encryption keys never leave the device that made them.','See the documentation for the migration from earlier versions.']`;
const CATEGORIES = `ARRAY['productivity','multimedia','security','storage','integration','collaboration','games','tools','automation','customization']`;
const LANGUAGES = `ARRAY['de','fr','es','it','cs','ru']`;
const INFO_LANGUAGES = 3;

/** What is done, in its order. Every choice is a number from a digest of what it is about. */
function steps({ apps, releases }: CatalogueSize): readonly (readonly [string, string])[] {
  return [
    [
      'apps',
      `CREATE FUNCTION pg_temp.roll(about text, bound integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
         $$ SELECT ('x' || substr(md5(about), 1, 7))::bit(28)::integer % bound $$;
       CREATE FUNCTION pg_temp.pick(about text, words text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
         $$ SELECT words[1 + pg_temp.roll(about, cardinality(words))] $$;
       CREATE FUNCTION pg_temp.text_of(about text, sentences integer) RETURNS text LANGUAGE sql IMMUTABLE AS
         $$ SELECT string_agg(pg_temp.pick(about || n, ${SENTENCES}), CASE n % 4 WHEN 0 THEN E'\\n\\n' ELSE ' ' END ORDER BY n)
            FROM generate_series(1, sentences) AS n $$;

       INSERT INTO accounts (name, role) VALUES ('seeder', 'developer');
       INSERT INTO tokens (account_id, secret_sha256, scopes, revoked_at)
         SELECT id, sha256('seeder'), '{upload}', now() FROM accounts WHERE name = 'seeder';

       CREATE TEMP TABLE seeded_apps ON COMMIT DROP AS
         SELECT n, id, name, level, suspended,
           CASE WHEN level = 'official' OR pg_temp.roll('signed ' || n, 2) = 0 THEN 1 + pg_temp.roll('since ' || n, CASE level WHEN 'official' THEN 1 ELSE 3 END) END AS signed_from,
           encode(sha256(convert_to('leaf ' || n, 'UTF8')), 'hex') AS fingerprint,
           encode(sha256(convert_to('key ' || n, 'UTF8')), 'hex') AS key,
           upper(substr(md5('serial ' || n), 1, 30)) || 'AA' AS serial,
           signed_roll = 0 AS revoked,
           jsonb_build_object('id', id, 'name', name, 'summary', pg_temp.pick('summary ' || n, ${SENTENCES}),
             'description', pg_temp.text_of('description ' || n, 2 + n % 8), 'licence', pg_temp.pick('licence ' || n, ARRAY['AGPL','MIT','GPL-2.0','Apache-2.0']),
             'authors', jsonb_build_array(jsonb_build_object('name', initcap(pg_temp.pick('author ' || n, ${ADJECTIVES})) || ' Author ' || n % 5000,
               'mail', 'author' || n % 5000 || '@example.org', 'homepage', NULL)),
             'categories', jsonb_build_array(pg_temp.pick('category ' || n, ${CATEGORIES}), pg_temp.pick('tag ' || n, ${NOUNS})),
             'namespace', replace(initcap(noun), ' ', ''), 'website', 'https://apps.example.org/' || id,
             'repository', 'https://git.example.org/apps/' || id, 'bugs', 'https://git.example.org/apps/' || id || '/issues',
             'screenshots', jsonb_build_array('https://apps.example.org/' || id || '/1.png'),
             'translations', (SELECT coalesce(jsonb_agg(jsonb_build_object('lang', lang, 'name', name || ' (' || lang || ')',
                 'summary', lang || ': ' || pg_temp.pick(lang || n, ${SENTENCES}), 'description', pg_temp.pick(lang || n || 'd', ${SENTENCES}))), '[]')
               FROM unnest(${LANGUAGES}) WITH ORDINALITY AS spoken (lang, place) WHERE place <= n % ${INFO_LANGUAGES + 1})) AS info
         FROM (
           SELECT n, noun, adjective || '-' || noun || '-' || n AS id, initcap(adjective || ' ' || noun) || ' ' || n AS name,
             CASE WHEN pg_temp.roll('level ' || n, 50) = 0 THEN 'official' WHEN pg_temp.roll('level ' || n, 7) = 0 THEN 'approved' ELSE 'experimental' END AS level,
             pg_temp.roll('suspended ' || n, 500) = 0 AS suspended, pg_temp.roll('revoked ' || n, 100) AS signed_roll
           FROM (SELECT n, pg_temp.pick('noun ' || n, ${NOUNS}) AS noun, pg_temp.pick('adjective ' || n, ${ADJECTIVES}) AS adjective
             FROM generate_series(1, ${apps}) AS n) AS named) AS drawn;
       CREATE UNIQUE INDEX ON seeded_apps (n);
       ANALYZE seeded_apps;`,
    ],
    [
      'which releases',
      `CREATE TEMP TABLE seeded_releases ON COMMIT DROP AS
         SELECT n, numbered.app, place, signed, at, status, md5('submission ' || n)::uuid AS submission,
           (1 + place / 100) || '.' || (place / 10) % 10 || '.' || place % 10 AS version,
           encode(sha256(convert_to('archive ' || n, 'UTF8')), 'hex') AS sha256, 20000 + pg_temp.roll('bytes ' || n, 4000000) AS bytes,
           CASE WHEN status <> 'published' THEN at + interval '1 day' * (1 + n % 90) END AS changed_at
         FROM (
           SELECT placed.n, app, place, signed_from IS NOT NULL AND place >= signed_from AS signed,
             timestamptz '2016-01-01 00:00:00Z' + placed.n * (interval '10 years' / ${releases}) AS at,
             CASE WHEN suspended THEN 'quarantined' WHEN pg_temp.roll('status ' || placed.n, 20) = 0 THEN 'withdrawn'
               WHEN pg_temp.roll('status ' || placed.n, 33) = 0 THEN 'quarantined' ELSE 'published' END AS status
           FROM (
             SELECT n, app, row_number() OVER (PARTITION BY app ORDER BY n) AS place
             FROM (
               SELECT n, CASE WHEN n % ${Math.floor(releases / apps)} = 0 AND n / ${Math.floor(releases / apps)} <= ${apps}
                 THEN n / ${Math.floor(releases / apps)}
                 ELSE 1 + floor(${apps} * power(pg_temp.roll('app ' || n, 100000000) / 100000000.0, 1.5))::integer END AS app
               FROM generate_series(1, ${releases}) AS n) AS spread) AS placed
           JOIN seeded_apps ON seeded_apps.n = app) AS numbered;
       CREATE INDEX ON seeded_releases (app, place);
       ANALYZE seeded_releases;

       INSERT INTO apps (id, trust_level, signed_since, signed_version, created_at, suspended_at, suspended_by, suspension_reason, suspended_releases)
         SELECT seeded_apps.id, level, first.at, first.version, oldest.at, CASE WHEN suspended THEN timestamptz '2026-01-01 00:00Z' END,
           CASE WHEN suspended THEN accounts.id END, CASE WHEN suspended THEN 'It was seeded like this.' END,
           CASE WHEN suspended THEN '{}'::text[] END
         FROM seeded_apps
           CROSS JOIN (SELECT id FROM accounts WHERE name = 'seeder') AS accounts (id)
           JOIN seeded_releases AS oldest ON oldest.app = seeded_apps.n AND oldest.place = 1
           LEFT JOIN seeded_releases AS first ON first.app = seeded_apps.n AND first.place = signed_from;
       INSERT INTO app_owners (app_id, account_id) SELECT seeded_apps.id, accounts.id FROM seeded_apps, accounts WHERE accounts.name = 'seeder';`,
    ],
    [
      'certificates',
      `INSERT INTO certificates (serial, issuer_key, app_id, public_key, account_id, intended_at, fingerprint, not_before, not_after, issued_at,
           revoked_at, revocation_reason, revoked_by, change)
         SELECT serial, repeat('a', 64), seeded_apps.id, key, accounts.id, at, fingerprint, at, at + interval '15 years', at,
           CASE WHEN revoked THEN timestamptz '2026-02-01 00:00Z' END, CASE WHEN revoked THEN 'superseded' END,
           CASE WHEN revoked THEN accounts.id END, 0
         FROM seeded_apps CROSS JOIN (VALUES (timestamptz '2015-12-01 00:00Z')) AS given (at), accounts
         WHERE accounts.name = 'seeder' AND signed_from IS NOT NULL;
       INSERT INTO signer_chains (fingerprint, certificates) SELECT fingerprint, '{}' FROM seeded_apps WHERE signed_from IS NOT NULL;`,
    ],
    [
      'files',
      `INSERT INTO archive_files (archive_sha256, files)
         SELECT sha256, (SELECT jsonb_object_agg(path, jsonb_build_object('bytes', 300 + (n + place) % 9000,
             -- A file changes with every second or third release.
             'sha512', encode(sha512(convert_to(path || app || ' ' || place / (2 + length(path) % 2), 'UTF8')), 'hex')))
           FROM unnest(ARRAY['appinfo/info.xml','appinfo/app.php','js/script.js','css/style.css']) AS path)
         FROM seeded_releases;`,
    ],
    [
      'submissions',
      `INSERT INTO submissions (id, app_id, version, outcome, archive_sha256, archive_bytes, report, account_id, token_id, submitted_at)
         SELECT submission, seeded_apps.id, version, 'accepted', sha256, bytes,
           jsonb_build_object('schema', 1, 'app', jsonb_build_object('id', seeded_apps.id, 'version', version, 'name', name),
             'archive', jsonb_build_object('sha256', sha256, 'bytes', bytes, 'entries', 7, 'files', 4, 'inflatedBytes', bytes * 3),
             'signature', jsonb_build_object('status', CASE WHEN signed THEN 'valid' ELSE 'absent' END, 'format', NULL, 'algorithm', NULL, 'signer', NULL),
             'findings', '[]'::jsonb, 'omittedFindings', '{}'::jsonb, 'outcome', 'accepted', 'inspectedAt', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             'gate', jsonb_build_object('version', '0.1.0', 'trust', 'seeded')),
           tokens.account_id, tokens.id, at
         FROM seeded_releases JOIN seeded_apps ON seeded_apps.n = app, tokens
         WHERE tokens.secret_sha256 = sha256('seeder') ORDER BY seeded_releases.n;`,
    ],
    [
      'releases',
      `INSERT INTO releases (app_id, version, submission_id, archive_sha256, archive_bytes, signed, signature, signer_key, info, changelog, status,
           status_reason, status_reason_code, status_changed_at, published_at)
         SELECT seeded_apps.id, version, submission, sha256, bytes, signed,
           CASE WHEN signed THEN jsonb_build_object('status', 'valid', 'format', 2, 'algorithm', 'ecdsa-p384-sha384', 'signer', jsonb_build_object(
               'commonName', seeded_apps.id, 'serial', serial, 'fingerprint', fingerprint, 'publicKeyFingerprint', key,
               'issuer', 'CN=Seeded Developers', 'notBefore', '2015-12-01T00:00:00.000Z', 'notAfter', '2030-12-01T00:00:00.000Z'))
             ELSE '{"status": "absent", "format": null, "algorithm": null, "signer": null}'::jsonb END,
           CASE WHEN signed THEN key END,
           info || jsonb_build_object('version', version, 'platform', CASE seeded_releases.n % 11 WHEN 0 THEN NULL ELSE jsonb_build_object(
             'min', '10.' || least(place / 2, 15), 'max', CASE seeded_releases.n % 5 WHEN 0 THEN '10' WHEN 1 THEN NULL ELSE '10.' || least(place / 2 + 4, 16) END) END),
           CASE seeded_releases.n % 3 WHEN 0 THEN E'### Fixed\\n\\n- ' || pg_temp.pick('changelog ' || seeded_releases.n, ${SENTENCES}) END,
           status, CASE WHEN changed_at IS NOT NULL THEN 'It was seeded like this.' END,
           CASE WHEN suspended THEN 'app-suspended' END, changed_at, at
         FROM seeded_releases JOIN seeded_apps ON seeded_apps.n = app ORDER BY seeded_releases.n;`,
    ],
    [
      'downloads, screenshots, looks',
      `INSERT INTO release_downloads (app_id, version, downloads)
         SELECT app_id, version, 1 + pg_temp.roll('few ' || id, 100) * pg_temp.roll('many ' || id, 300) FROM releases WHERE id % 3 > 0;
       INSERT INTO images (sha256, media_type, width, height, bytes)
         SELECT encode(sha256(convert_to(kind || n, 'UTF8')), 'hex'), 'image/webp', CASE kind WHEN 'image ' THEN 1600 ELSE 480 END,
           CASE kind WHEN 'image ' THEN 900 ELSE 270 END, 30000
         FROM generate_series(0, 999) AS n, unnest(ARRAY['image ', 'thumbnail ']) AS kind;
       INSERT INTO release_screenshots (app_id, version, place, source_url, state, image, thumbnail, attempts, next_try_at)
         SELECT app_id, version, 1, info -> 'screenshots' ->> 0, 'copied', encode(sha256(convert_to('image ' || id % 1000, 'UTF8')), 'hex'),
           encode(sha256(convert_to('thumbnail ' || id % 1000, 'UTF8')), 'hex'), 1, published_at
         FROM releases WHERE id % 2 = 0;
       INSERT INTO standing_looks (app_id, version, signer_judged_at, archive_read_at, archive_tried_at)
         SELECT app_id, version, CASE WHEN signed THEN timestamptz '2026-03-01 00:00Z' END, timestamptz '2026-03-01 00:00Z', timestamptz '2026-03-01 00:00Z' FROM releases;
       INSERT INTO standing_findings (app_id, version, code, message, found_at, seen_at)
         SELECT app_id, version, 'SEEDED', 'It was seeded like this.', timestamptz '2026-03-01 00:00Z', timestamptz '2026-03-01 00:00Z' FROM releases WHERE id % 500 = 0;
       ANALYZE releases;`,
    ],
    [
      'listings',
      `SELECT refresh_listing(id) FROM apps;
       UPDATE listings SET downloads = counted.downloads
         FROM (SELECT app_id, sum(downloads) AS downloads FROM release_downloads GROUP BY app_id) AS counted WHERE counted.app_id = listings.app_id;`,
    ],
    [
      'changes',
      `INSERT INTO catalogue_changes (app_id, version, position, changed_at)
         SELECT app_id, version, nextval('catalogue_positions'), changed_at FROM (
           SELECT app_id, version, coalesce(status_changed_at, published_at) AS changed_at FROM releases
           UNION ALL SELECT app_id, '', max(coalesce(status_changed_at, published_at)) FROM releases GROUP BY app_id
           ORDER BY changed_at, app_id, version DESC) AS ordered;
       INSERT INTO catalogue_places (position) SELECT position FROM catalogue_changes;`,
    ],
  ];
}
