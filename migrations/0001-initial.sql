-- The first schema of the gate. Forward only: later changes are later files.
-- What the database can guarantee is a constraint here, not a hope in the code.

CREATE TABLE accounts (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Bearer tokens. The secret itself is never stored: 256 random bits need no salt and no slow hash.
CREATE TABLE tokens (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id    bigint NOT NULL REFERENCES accounts (id),
  secret_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(secret_sha256) = 32),
  label         text NOT NULL DEFAULT '' CHECK (char_length(label) <= 100),
  scopes        text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['upload', 'manage', 'operate']),
  app_ids       text[] CHECK (cardinality(app_ids) > 0), -- null: every app of the account
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  revoked_at    timestamptz,
  last_used_at  timestamptz
);
CREATE INDEX tokens_by_account ON tokens (account_id, created_at);

CREATE TABLE apps (
  id             text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{2,63}$'),
  trust_level    text NOT NULL DEFAULT 'experimental' CHECK (trust_level IN ('experimental', 'approved', 'official')),
  -- Set by the first signed release, and never cleared: a trigger below sees to both.
  signed_since   timestamptz,
  signed_version text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CHECK ((signed_since IS NULL) = (signed_version IS NULL))
);

CREATE TABLE app_owners (
  app_id     text NOT NULL REFERENCES apps (id),
  account_id bigint NOT NULL REFERENCES accounts (id),
  added_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (app_id, account_id)
);
CREATE INDEX app_owners_by_account ON app_owners (account_id, app_id);

-- The files of an archive: path -> {"bytes": n, "sha512": hex}. One row an archive, however often it was submitted.
CREATE TABLE archive_files (
  archive_sha256 text PRIMARY KEY CHECK (archive_sha256 ~ '^[0-9a-f]{64}$'),
  files          jsonb NOT NULL
);

CREATE TABLE submissions (
  id             uuid PRIMARY KEY,
  app_id         text NOT NULL REFERENCES apps (id),
  version        text,
  outcome        text NOT NULL CHECK (outcome IN ('accepted', 'held', 'refused')),
  archive_sha256 text NOT NULL CHECK (archive_sha256 ~ '^[0-9a-f]{64}$'),
  archive_bytes  bigint NOT NULL CHECK (archive_bytes >= 0),
  report         jsonb NOT NULL,
  account_id     bigint NOT NULL REFERENCES accounts (id),
  token_id       uuid NOT NULL REFERENCES tokens (id),
  submitted_at   timestamptz NOT NULL,
  CHECK (outcome = report ->> 'outcome'),
  CHECK (outcome = 'refused' OR version IS NOT NULL)
);
CREATE INDEX submissions_by_app ON submissions (app_id, submitted_at DESC, id DESC);
CREATE INDEX submissions_held ON submissions (app_id, version, archive_sha256) WHERE outcome = 'held';

CREATE TABLE releases (
  id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id            text NOT NULL REFERENCES apps (id),
  version           text NOT NULL CHECK (char_length(version) BETWEEN 1 AND 64),
  submission_id     uuid NOT NULL UNIQUE REFERENCES submissions (id),
  archive_sha256    text NOT NULL REFERENCES archive_files (archive_sha256),
  archive_bytes     bigint NOT NULL CHECK (archive_bytes > 0),
  signed            boolean NOT NULL,
  signature         jsonb NOT NULL,
  signer_key        text,
  info              jsonb NOT NULL,
  status            text NOT NULL DEFAULT 'published' CHECK (status IN ('published', 'withdrawn', 'quarantined')),
  status_reason     text,
  status_changed_at timestamptz,
  published_at      timestamptz NOT NULL,
  UNIQUE (app_id, version), -- a version is published once
  CHECK (signed = (signer_key IS NOT NULL)),
  CHECK (signed = (signature ->> 'status' = 'valid')),
  CHECK (signature ->> 'status' <> 'invalid')
);
CREATE INDEX releases_by_app ON releases (app_id, published_at DESC, id DESC);
CREATE INDEX releases_signed ON releases (app_id, published_at DESC, id DESC) WHERE signed;

-- Who changed what about an app, and why.
CREATE TABLE app_events (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  app_id     text NOT NULL REFERENCES apps (id),
  kind       text NOT NULL CHECK (kind IN ('claimed', 'owner-added', 'owner-removed', 'trust-level', 'release-status')),
  account_id bigint NOT NULL REFERENCES accounts (id),
  detail     jsonb NOT NULL,
  reason     text NOT NULL DEFAULT '',
  happened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX app_events_by_app ON app_events (app_id, id);

-- Answers kept for requests that carry an Idempotency-Key.
CREATE TABLE idempotency_keys (
  account_id  bigint NOT NULL REFERENCES accounts (id),
  key         text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
  fingerprint text NOT NULL, -- what was asked: the same key for another request is a mistake
  answer      text NOT NULL CHECK (answer IN ('accepted', 'held', 'repeated', 'conflict', 'refused')),
  submission_id uuid NOT NULL REFERENCES submissions (id),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The two rules of the mission, once more, where no bug above can get round them

CREATE FUNCTION guard_release_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  app apps%ROWTYPE;
BEGIN
  SELECT * INTO STRICT app FROM apps WHERE id = NEW.app_id FOR UPDATE;
  IF NOT NEW.signed AND app.trust_level = 'official' THEN
    RAISE EXCEPTION 'an official app must be signed: %', NEW.app_id USING ERRCODE = 'check_violation';
  END IF;
  IF NOT NEW.signed AND app.signed_since IS NOT NULL THEN
    RAISE EXCEPTION 'an app signed once must stay signed: %', NEW.app_id USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.signed AND app.signed_since IS NULL THEN
    UPDATE apps SET signed_since = NEW.published_at, signed_version = NEW.version WHERE id = NEW.app_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_release_insert BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION guard_release_insert();

CREATE FUNCTION guard_release_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.app_id, NEW.version, NEW.submission_id, NEW.archive_sha256, NEW.archive_bytes, NEW.signed, NEW.signature, NEW.signer_key,
      NEW.info, NEW.published_at)
     IS DISTINCT FROM
     (OLD.app_id, OLD.version, OLD.submission_id, OLD.archive_sha256, OLD.archive_bytes, OLD.signed, OLD.signature, OLD.signer_key,
      OLD.info, OLD.published_at) THEN
    RAISE EXCEPTION 'of a release only the status changes' USING ERRCODE = 'check_violation';
  END IF;
  -- What could not be published today is not brought back either.
  IF NEW.status = 'published' AND OLD.status <> 'published' AND NOT NEW.signed AND EXISTS (
      SELECT 1 FROM apps WHERE id = NEW.app_id AND (trust_level = 'official' OR signed_since IS NOT NULL)) THEN
    RAISE EXCEPTION 'this app must be signed: %', NEW.app_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_release_update BEFORE UPDATE ON releases FOR EACH ROW EXECUTE FUNCTION guard_release_update();

CREATE FUNCTION guard_app_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR (OLD.signed_since IS NOT NULL
      AND (NEW.signed_since, NEW.signed_version) IS DISTINCT FROM (OLD.signed_since, OLD.signed_version)) THEN
    RAISE EXCEPTION 'that an app was signed is never forgotten' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_app_update BEFORE UPDATE ON apps FOR EACH ROW EXECUTE FUNCTION guard_app_update();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows of % are kept as they are', lower(TG_OP), TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER keep_apps BEFORE DELETE ON apps FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_releases BEFORE DELETE ON releases FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_submissions BEFORE UPDATE OR DELETE ON submissions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_app_events BEFORE UPDATE OR DELETE ON app_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
