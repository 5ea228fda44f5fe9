-- The storefront: what frontends and ownCloud servers read all day, kept so that no answer has to be searched for.

-- Which platform versions a release is for

-- A platform version as a number that sorts like it: 10.5 is 10.5.0.0. With `past`, the first version that does not begin with it any more.
-- Null of what is no version: what is in a database may be older than the rules for it.
CREATE FUNCTION platform_number(version text, past integer DEFAULT 0) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT trunc(sum(part::numeric * 100000::numeric ^ (4 - place)) + past * 100000::numeric ^ (4 - max(place)))
  FROM unnest(CASE WHEN version ~ '^[0-9]{1,5}(\.[0-9]{1,5}){0,3}$' THEN string_to_array(version, '.') END) WITH ORDINALITY AS parts (part, place)
$$;

-- One end of the platforms that a release is for, as it says it.
CREATE FUNCTION platform_end(info jsonb, which text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT version FROM (SELECT info -> 'platform' ->> which AS version) AS named WHERE platform_number(version) IS NOT NULL
$$;

-- Both ends included, a shorter end stands for all that begin with it, and an end that isn't there is open. Ends the wrong way round
-- are no platform at all.
-- With a search path of its own: a backup is read back with none, and what it generates calls other functions.
CREATE FUNCTION platform_range(info jsonb) RETURNS numrange LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT CASE WHEN lowest > beyond THEN 'empty'::numrange ELSE numrange(lowest, beyond, '[)') END
  FROM (SELECT platform_number(info -> 'platform' ->> 'min') AS lowest, platform_number(info -> 'platform' ->> 'max', 1) AS beyond) AS ends
$$;

ALTER TABLE releases
  -- The section of the archive's CHANGELOG.md for this version, as it stands there.
  ADD COLUMN changelog text CHECK (octet_length(changelog) <= 65536),
  ADD COLUMN platforms numrange NOT NULL GENERATED ALWAYS AS (platform_range(info)) STORED,
  -- What lists of many releases tell, so that they needn't read all that each says of itself.
  ADD COLUMN platform_min text GENERATED ALWAYS AS (platform_end(info, 'min')) STORED,
  ADD COLUMN platform_max text GENERATED ALWAYS AS (platform_end(info, 'max')) STORED,
  ADD COLUMN licence text GENERATED ALWAYS AS (left(info ->> 'licence', 300)) STORED;
-- How long a list of files is: whether it takes a place among the long ones is told before it is read.
ALTER TABLE archive_files ADD COLUMN json_bytes bigint NOT NULL GENERATED ALWAYS AS (octet_length(files::text)) STORED;
-- With the platforms, so that whether an app has a release for one is told by the index alone.
CREATE INDEX releases_published ON releases (app_id, published_at DESC, id DESC) INCLUDE (platforms) WHERE status = 'published';
CREATE INDEX releases_by_time ON releases (published_at DESC);

CREATE OR REPLACE FUNCTION guard_release_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.app_id, NEW.version, NEW.submission_id, NEW.archive_sha256, NEW.archive_bytes, NEW.signed, NEW.signature, NEW.signer_key,
      NEW.info, NEW.changelog, NEW.published_at)
     IS DISTINCT FROM
     (OLD.app_id, OLD.version, OLD.submission_id, OLD.archive_sha256, OLD.archive_bytes, OLD.signed, OLD.signature, OLD.signer_key,
      OLD.info, OLD.changelog, OLD.published_at) THEN
    RAISE EXCEPTION 'of a release only the status changes' USING ERRCODE = 'check_violation';
  END IF;
  -- What could not be published today is not brought back either.
  IF NEW.status = 'published' AND OLD.status <> 'published' AND NOT NEW.signed AND EXISTS (
      SELECT 1 FROM apps WHERE id = NEW.app_id AND (trust_level = 'official' OR signed_since IS NOT NULL)) THEN
    RAISE EXCEPTION 'this app must be signed: %', NEW.app_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- Downloads, counted by the gates and written down now and then.

CREATE TABLE release_downloads (
  app_id    text NOT NULL,
  version   text NOT NULL,
  downloads bigint NOT NULL CHECK (downloads >= 0),
  PRIMARY KEY (app_id, version),
  FOREIGN KEY (app_id, version) REFERENCES releases (app_id, version)
);

-- Another stamp each time that downloads are written down: whatever tells their numbers is as it was for as long as this is. One row,
-- so that the writers wait for each other and the stamp that is seen is never ahead of what it stands for.
CREATE TABLE download_state (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  stamp uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO download_state DEFAULT VALUES;

CREATE FUNCTION note_downloads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE download_state SET stamp = gen_random_uuid();
  RETURN NULL;
END $$;

CREATE TRIGGER note_downloads AFTER INSERT OR UPDATE ON release_downloads FOR EACH STATEMENT EXECUTE FUNCTION note_downloads();

-- One row an app that has a release: what lists are searched, filtered and sorted by.
CREATE TABLE listings (
  app_id       text PRIMARY KEY REFERENCES apps (id),
  -- The release that the app is shown by: of those that stand the one published last, or where none stands, of all.
  release_id   bigint NOT NULL REFERENCES releases (id),
  status       text NOT NULL CHECK (status IN ('published', 'withdrawn', 'quarantined')),
  signed       boolean NOT NULL,
  trust_level  text NOT NULL,
  suspended    boolean NOT NULL,
  name_key     text NOT NULL COLLATE "C", -- lower case
  categories   text[] NOT NULL, -- lower case
  -- From the lowest to the highest version that any release that stands is for; empty where none stands.
  platforms    numrange NOT NULL,
  search       tsvector NOT NULL,
  published_at timestamptz NOT NULL,
  downloads    bigint NOT NULL DEFAULT 0
);

-- The members of what should be an array; of anything else none.
CREATE FUNCTION members_of(list jsonb) RETURNS SETOF jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT jsonb_array_elements(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END)
$$;

CREATE FUNCTION listing_search(app text, info jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT setweight(to_tsvector('pg_catalog.simple', translate(app, '_-', '  ') || ' ' || app || ' ' || coalesce(info ->> 'name', '') || ' '
      || coalesce((SELECT string_agg(each ->> 'name', ' ') FROM members_of(info -> 'translations') AS each), '')), 'A')
    || setweight(to_tsvector('pg_catalog.english', coalesce(info ->> 'name', '')), 'A')
    || setweight(to_tsvector('pg_catalog.simple',
      coalesce((SELECT string_agg(each #>> '{}', ' ') FROM members_of(info -> 'categories') AS each WHERE jsonb_typeof(each) = 'string'), '') || ' '
      || coalesce(info ->> 'summary', '') || ' '
      || coalesce((SELECT string_agg(each ->> 'summary', ' ') FROM members_of(info -> 'translations') AS each), '')), 'B')
    || setweight(to_tsvector('pg_catalog.english', coalesce(info ->> 'summary', '')), 'B')
    || setweight(to_tsvector('pg_catalog.english', left(coalesce(info ->> 'description', ''), 20000)), 'C')
    || setweight(to_tsvector('pg_catalog.simple', left(coalesce(info ->> 'description', '') || ' '
      || coalesce((SELECT string_agg(each ->> 'description', ' ') FROM members_of(info -> 'translations') AS each), ''), 60000)), 'D')
$$;

CREATE FUNCTION refresh_listing(app text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO listings (app_id, release_id, status, signed, trust_level, suspended, name_key, categories, platforms, search, published_at)
  SELECT apps.id, shown.id, shown.status, shown.signed, apps.trust_level, apps.suspended_at IS NOT NULL,
    lower(coalesce(shown.info ->> 'name', apps.id)),
    ARRAY(SELECT lower(each #>> '{}') FROM members_of(shown.info -> 'categories') AS each WHERE jsonb_typeof(each) = 'string'),
    coalesce((SELECT hull.platforms FROM (
      SELECT numrange(CASE WHEN bool_or(lower_inf(platforms)) THEN NULL ELSE min(lower(platforms)) END,
        CASE WHEN bool_or(upper_inf(platforms)) THEN NULL ELSE max(upper(platforms)) END) AS platforms
      FROM releases WHERE app_id = apps.id AND status = 'published' AND NOT isempty(platforms) HAVING count(*) > 0) AS hull), 'empty'),
    listing_search(apps.id, shown.info), shown.published_at
  FROM apps, LATERAL (
    SELECT * FROM releases WHERE app_id = apps.id ORDER BY (status = 'published') DESC, published_at DESC, id DESC LIMIT 1) AS shown
  WHERE apps.id = app
  ON CONFLICT (app_id) DO UPDATE SET release_id = excluded.release_id, status = excluded.status, signed = excluded.signed,
    trust_level = excluded.trust_level, suspended = excluded.suspended, name_key = excluded.name_key, categories = excluded.categories,
    platforms = excluded.platforms, search = excluded.search, published_at = excluded.published_at
$$;

-- Copies of screenshots: fetched over https only, made anew from the pixels, never linked to where they came from. The bytes are in the storage.

CREATE TABLE images (
  sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'), -- of the bytes that the gate made
  media_type text NOT NULL CHECK (media_type IN ('image/webp')),
  width      integer NOT NULL CHECK (width > 0),
  height     integer NOT NULL CHECK (height > 0),
  bytes      integer NOT NULL CHECK (bytes BETWEEN 1 AND 2097152)
);

CREATE TABLE release_screenshots (
  app_id      text NOT NULL,
  version     text NOT NULL,
  place       integer NOT NULL CHECK (place BETWEEN 1 AND 10),
  source_url  text NOT NULL CHECK (source_url LIKE 'https://%' AND char_length(source_url) <= 2048),
  state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'copied', 'failed')),
  image       text REFERENCES images (sha256),
  thumbnail   text REFERENCES images (sha256),
  attempts    integer NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL,
  failure     text CHECK (char_length(failure) <= 300), -- why the last attempt failed
  PRIMARY KEY (app_id, version, place),
  FOREIGN KEY (app_id, version) REFERENCES releases (app_id, version),
  CHECK ((state = 'copied') = (image IS NOT NULL)),
  CHECK ((image IS NULL) = (thumbnail IS NULL))
);
CREATE INDEX release_screenshots_due ON release_screenshots (app_id, next_try_at, version, place) WHERE state = 'waiting';
-- Where an image is shown: one of a release that doesn't stand any more isn't handed out.
CREATE INDEX release_screenshots_by_image ON release_screenshots (image) WHERE image IS NOT NULL;
CREATE INDEX release_screenshots_by_thumbnail ON release_screenshots (thumbnail) WHERE thumbnail IS NOT NULL;

-- The standing watch: published releases are looked at again and again, by today's trust and by the bytes as they lie there.

-- The certificates that a release was verified with, the leaf first, so that its chain can be judged without its archive.
CREATE TABLE signer_chains (
  fingerprint  text PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  -- Empty where nobody has written them down yet.
  certificates bytea[] NOT NULL CHECK (cardinality(certificates) <= 10),
  -- By what trust and rules they were judged last, when, and when they are judged again though these stay the same.
  judged_by    text NOT NULL DEFAULT '',
  judged_at    timestamptz NOT NULL DEFAULT '-infinity',
  due_at       timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX signer_chains_by_trust ON signer_chains (judged_by, judged_at, fingerprint);
CREATE INDEX signer_chains_by_time ON signer_chains (due_at, fingerprint);

CREATE TABLE standing_looks (
  app_id          text NOT NULL,
  version         text NOT NULL,
  -- When its signer was last judged, and when its archive was last read to the end.
  signer_judged_at timestamptz,
  archive_read_at  timestamptz,
  -- When it last had its turn, whether or not its archive could be read.
  archive_tried_at timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (app_id, version),
  FOREIGN KEY (app_id, version) REFERENCES releases (app_id, version)
);
CREATE INDEX standing_looks_by_archive ON standing_looks (archive_tried_at, app_id, version);

-- What the watch found, for as long as it is so.
CREATE TABLE standing_findings (
  app_id     text NOT NULL,
  version    text NOT NULL,
  code       text NOT NULL CHECK (char_length(code) <= 64),
  message    text NOT NULL CHECK (char_length(message) <= 2000),
  found_at   timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  cleared_at timestamptz, -- since when it is so no more
  -- What the watch made of the release for it, once: whoever restores the release has decided otherwise.
  acted_as   text CHECK (acted_as IN ('quarantined', 'withdrawn')),
  PRIMARY KEY (app_id, version, code),
  FOREIGN KEY (app_id, version) REFERENCES releases (app_id, version)
);
CREATE INDEX standing_findings_open ON standing_findings (code) WHERE cleared_at IS NULL;

-- Whatever is published is watched. It was judged and read in the moment before.
CREATE FUNCTION watch_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO standing_looks (app_id, version, signer_judged_at, archive_read_at, archive_tried_at)
    VALUES (NEW.app_id, NEW.version, CASE WHEN NEW.signed THEN NEW.published_at END, NEW.published_at, NEW.published_at);
  INSERT INTO signer_chains (fingerprint, certificates)
    SELECT NEW.signature -> 'signer' ->> 'fingerprint', '{}'
    WHERE NEW.signed AND NEW.signature -> 'signer' ->> 'fingerprint' ~ '^[0-9a-f]{64}$'
    ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- What is published again was not looked at meanwhile.
CREATE FUNCTION watch_release_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE standing_looks SET archive_tried_at = '-infinity' WHERE (app_id, version) = (NEW.app_id, NEW.version);
  UPDATE signer_chains SET due_at = '-infinity' WHERE NEW.signed AND fingerprint = NEW.signature -> 'signer' ->> 'fingerprint';
  RETURN NULL;
END $$;

-- The feed of changes. One row a release and one an app (version ''), each at the place of its last change: whoever has read up to
-- a place has to read only what stands above it, and a thing that changed ten times is read once, as it is now.

CREATE SEQUENCE catalogue_positions;

-- Every place that was given, and a stamp that no other has: where the database is set back to a backup, the places after it are given
-- again, with other stamps. So who has read up to a place is told whether it was a place of this history.
CREATE TABLE catalogue_places (
  position bigint PRIMARY KEY DEFAULT nextval('catalogue_positions'),
  stamp    uuid NOT NULL DEFAULT gen_random_uuid()
);

CREATE TABLE catalogue_changes (
  app_id     text NOT NULL REFERENCES apps (id),
  version    text NOT NULL,
  position   bigint NOT NULL UNIQUE,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (app_id, version)
);
CREATE INDEX catalogue_changes_of_apps ON catalogue_changes (changed_at, app_id) WHERE version = '';

-- Only at the commit, under the lock that orders the commits for the audit log too: so the places become visible in their order, and
-- a reader never sees a later one before an earlier. An app changes with each of its releases.
CREATE FUNCTION place_catalogue_change(app text, release_version text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  changed text;
BEGIN
  PERFORM 1 FROM audit_head FOR UPDATE;
  FOREACH changed IN ARRAY CASE release_version WHEN '' THEN ARRAY[''] ELSE ARRAY[release_version, ''] END LOOP
    WITH place AS (INSERT INTO catalogue_places DEFAULT VALUES RETURNING position)
    INSERT INTO catalogue_changes (app_id, version, position, changed_at)
      SELECT app, changed, place.position, clock_timestamp() FROM place
      ON CONFLICT (app_id, version) DO UPDATE SET position = excluded.position, changed_at = excluded.changed_at;
  END LOOP;
END $$;

CREATE FUNCTION note_release_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM place_catalogue_change(NEW.app_id, NEW.version);
  RETURN NULL;
END $$;

CREATE FUNCTION note_listing_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM place_catalogue_change(NEW.app_id, '');
  RETURN NULL;
END $$;

-- What is said of a certificate is said of everything that it signed, and its signer is judged again at once.
CREATE FUNCTION note_certificate_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM place_catalogue_change(app_id, version) FROM (
    SELECT app_id, version FROM releases WHERE signed AND signature -> 'signer' ->> 'fingerprint' = NEW.fingerprint ORDER BY id) AS touched;
  UPDATE signer_chains SET due_at = '-infinity' WHERE fingerprint = NEW.fingerprint;
  RETURN NULL;
END $$;

CREATE FUNCTION relist_app_of_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_listing(NEW.app_id);
  RETURN NULL;
END $$;

CREATE FUNCTION relist_app() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_listing(NEW.id);
  RETURN NULL;
END $$;

-- What is there already.

SELECT refresh_listing(app_id) FROM (SELECT DISTINCT app_id FROM releases) AS listed;
INSERT INTO catalogue_changes (app_id, version, position, changed_at)
  SELECT app_id, version, nextval('catalogue_positions'), coalesce(status_changed_at, published_at) FROM (
    SELECT * FROM releases ORDER BY coalesce(status_changed_at, published_at), id) AS ordered;
INSERT INTO catalogue_changes (app_id, version, position, changed_at)
  SELECT app_id, '', nextval('catalogue_positions'), changed_at FROM (
    SELECT app_id, max(changed_at) AS changed_at FROM catalogue_changes GROUP BY app_id ORDER BY max(changed_at), app_id) AS ordered;
INSERT INTO catalogue_places (position) SELECT position FROM catalogue_changes;
ALTER TABLE catalogue_changes ADD FOREIGN KEY (position) REFERENCES catalogue_places;
INSERT INTO release_screenshots (app_id, version, place, source_url, next_try_at)
  SELECT app_id, version, place, url, now() FROM releases,
    LATERAL jsonb_array_elements_text(CASE jsonb_typeof(info -> 'screenshots') WHEN 'array' THEN info -> 'screenshots' ELSE '[]' END)
      WITH ORDINALITY AS screenshots (url, place)
  WHERE place <= 10 AND url LIKE 'https://%' AND char_length(url) <= 2048;

INSERT INTO standing_looks (app_id, version) SELECT app_id, version FROM releases;
INSERT INTO signer_chains (fingerprint, certificates)
  SELECT DISTINCT signature -> 'signer' ->> 'fingerprint', '{}'::bytea[] FROM releases
  WHERE signed AND signature -> 'signer' ->> 'fingerprint' ~ '^[0-9a-f]{64}$';

CREATE INDEX listings_by_name ON listings (name_key, app_id);
CREATE INDEX listings_by_publication ON listings (published_at DESC, app_id DESC);
-- The most first, and within the same by id, in one direction: so that a page begins where the one before ended.
CREATE INDEX listings_by_downloads ON listings ((-downloads), app_id);
CREATE INDEX listings_by_trust_level ON listings (trust_level, app_id);
CREATE INDEX listings_by_status ON listings (status, app_id);
CREATE INDEX listings_by_signed ON listings (signed, app_id);
CREATE INDEX listings_by_category ON listings USING gin (categories);
CREATE INDEX listings_by_search ON listings USING gin (search);
CREATE INDEX listings_by_platforms ON listings USING gist (platforms);

CREATE TRIGGER relist_app AFTER INSERT OR UPDATE OF status ON releases FOR EACH ROW EXECUTE FUNCTION relist_app_of_release();
CREATE TRIGGER watch_release AFTER INSERT ON releases FOR EACH ROW EXECUTE FUNCTION watch_release();
CREATE TRIGGER relist_app AFTER UPDATE OF trust_level, suspended_at ON apps FOR EACH ROW EXECUTE FUNCTION relist_app();

CREATE CONSTRAINT TRIGGER note_new_release AFTER INSERT ON releases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION note_release_change();
CREATE CONSTRAINT TRIGGER note_release_status AFTER UPDATE ON releases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.status, OLD.status_reason, OLD.status_reason_code, OLD.status_changed_at)
    IS DISTINCT FROM (NEW.status, NEW.status_reason, NEW.status_reason_code, NEW.status_changed_at))
  EXECUTE FUNCTION note_release_change();
-- Deferred, and after the one above by its name: as little as can be is locked before the head of the audit log.
CREATE CONSTRAINT TRIGGER watch_release_again AFTER UPDATE ON releases DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.status = 'published' AND OLD.status <> 'published') EXECUTE FUNCTION watch_release_again();
CREATE CONSTRAINT TRIGGER note_listing AFTER UPDATE ON listings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.trust_level, OLD.suspended) IS DISTINCT FROM (NEW.trust_level, NEW.suspended))
  EXECUTE FUNCTION note_listing_change();
CREATE CONSTRAINT TRIGGER note_revocation AFTER UPDATE ON certificates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.revoked_at, OLD.revocation_reason, OLD.invalidity_date) IS DISTINCT FROM (NEW.revoked_at, NEW.revocation_reason, NEW.invalidity_date)
    OR (NEW.revoked_at IS NOT NULL AND OLD.fingerprint IS DISTINCT FROM NEW.fingerprint))
  EXECUTE FUNCTION note_certificate_change();
-- A ledger that is taken over brings revocations with it.
CREATE CONSTRAINT TRIGGER note_new_revocation AFTER INSERT ON certificates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION note_certificate_change();
CREATE CONSTRAINT TRIGGER note_screenshot AFTER UPDATE ON release_screenshots DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION note_release_change();
CREATE CONSTRAINT TRIGGER note_new_standing_finding AFTER INSERT ON standing_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION note_release_change();
CREATE CONSTRAINT TRIGGER note_standing_finding AFTER UPDATE ON standing_findings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.message, OLD.found_at, OLD.cleared_at) IS DISTINCT FROM (NEW.message, NEW.found_at, NEW.cleared_at))
  EXECUTE FUNCTION note_release_change();
