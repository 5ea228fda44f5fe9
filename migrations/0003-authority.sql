-- The store's own authority: what it issued, what it took back, who asked for it.
-- Uploads are judged by what stands here, so every change that a verdict depends on is counted in authority_changes.

ALTER TABLE tokens DROP CONSTRAINT tokens_scopes_check;
ALTER TABLE tokens ADD CONSTRAINT tokens_scopes_check CHECK (
  cardinality(scopes) > 0 AND scopes <@ ARRAY['upload', 'manage', 'moderate', 'operate']);

ALTER TABLE app_events DROP CONSTRAINT app_events_kind_check;
ALTER TABLE app_events ADD CONSTRAINT app_events_kind_check CHECK (kind IN (
  'claimed', 'owner-added', 'owner-removed', 'trust-level', 'release-status', 'key-exposed',
  'certificate-requested', 'certificate-issued', 'certificate-revoked'));

-- The changes of anything below that verdicts depend on. Whoever makes one holds an advisory lock until the commit, so that
-- the numbers become visible in their order. The stamp tells two histories apart, where a database was set back to a backup
-- and went on from there: the same number is another change then.
CREATE TABLE authority_changes (
  change bigint PRIMARY KEY,
  stamp  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO authority_changes (change) VALUES (0);

-- The certificates of the authority itself: its root, and those of the keys that issue to developers.
CREATE TABLE authority_certificates (
  fingerprint     text PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  tier            text NOT NULL CHECK (tier IN ('root', 'developers')),
  key_fingerprint text NOT NULL CHECK (key_fingerprint ~ '^[0-9a-f]{64}$'),
  -- Counts the keys of the tier from 1 on: a renewed certificate over the same key has the same number.
  generation      integer NOT NULL CHECK (generation > 0),
  der             bytea NOT NULL,
  not_before      timestamptz NOT NULL,
  not_after       timestamptz NOT NULL,
  added_at        timestamptz NOT NULL,
  CHECK (tier <> 'root' OR generation = 1)
);
-- One root a store.
CREATE UNIQUE INDEX authority_certificates_root ON authority_certificates (tier) WHERE tier = 'root';
CREATE INDEX authority_certificates_by_key ON authority_certificates (key_fingerprint);

CREATE TABLE signing_requests (
  id                uuid PRIMARY KEY,
  app_id            text NOT NULL REFERENCES apps (id),
  csr               bytea NOT NULL,
  public_key        text NOT NULL CHECK (public_key ~ '^[0-9a-f]{64}$'),
  key_kind          text NOT NULL, -- for people: RSA 3072, EC P-384
  purpose           text NOT NULL CHECK (purpose IN ('new', 'renewal', 'lost', 'additional')),
  -- Serials that are revoked when this one is issued.
  replaces          text[] NOT NULL DEFAULT '{}',
  compromised_since timestamptz,
  -- The source repository or website that the applicant says is the app's.
  declared_url      text,
  contact           text,
  note              text NOT NULL DEFAULT '' CHECK (char_length(note) <= 2000),
  account_id        bigint NOT NULL REFERENCES accounts (id),
  token_id          uuid NOT NULL,
  requested_at      timestamptz NOT NULL,
  state             text NOT NULL CHECK (state IN ('pending', 'questioned', 'approved', 'declined', 'withdrawn')),
  serial            text,
  CHECK ((state = 'approved') = (serial IS NOT NULL)),
  CHECK (cardinality(replaces) = 0 OR purpose = 'lost')
);
CREATE INDEX signing_requests_by_app ON signing_requests (app_id, requested_at DESC, id);
CREATE INDEX signing_requests_by_key ON signing_requests (public_key);
CREATE INDEX signing_requests_by_account ON signing_requests (account_id, requested_at);
CREATE INDEX signing_requests_open ON signing_requests (requested_at, id) WHERE state IN ('pending', 'questioned');
-- The same key asked for twice is one request.
CREATE UNIQUE INDEX signing_requests_open_key ON signing_requests (app_id, public_key) WHERE state IN ('pending', 'questioned');

CREATE TABLE signing_request_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id  uuid NOT NULL REFERENCES signing_requests (id),
  kind        text NOT NULL CHECK (kind IN (
    'requested', 'questioned', 'answered', 'approved', 'declined', 'withdrawn', 'challenged', 'proven', 'not-proven')),
  account_id  bigint NOT NULL REFERENCES accounts (id),
  text        text NOT NULL DEFAULT '' CHECK (char_length(text) <= 2000),
  happened_at timestamptz NOT NULL
);
CREATE INDEX signing_request_events_by_request ON signing_request_events (request_id, id);

-- One-time values that prove control of a declared repository or website.
CREATE TABLE control_challenges (
  id           uuid PRIMARY KEY,
  request_id   uuid NOT NULL REFERENCES signing_requests (id),
  declared_url text NOT NULL,
  value        text NOT NULL UNIQUE CHECK (char_length(value) >= 32),
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  checked_at   timestamptz,
  outcome      text CHECK (outcome IN ('proven', 'not-proven')),
  detail       text NOT NULL DEFAULT '',
  proven_url   text,
  CHECK ((checked_at IS NULL) = (outcome IS NULL)),
  CHECK ((outcome IS NOT DISTINCT FROM 'proven') = (proven_url IS NOT NULL))
);
CREATE INDEX control_challenges_by_request ON control_challenges (request_id, created_at);

-- The ledger: every certificate that was ever issued, or was about to be.
CREATE TABLE certificates (
  serial            text PRIMARY KEY CHECK (serial ~ '^([0-9A-F]{2}){8,20}$'),
  issuer_key        text NOT NULL CHECK (issuer_key ~ '^[0-9a-f]{64}$'),
  app_id            text NOT NULL REFERENCES apps (id),
  public_key        text NOT NULL CHECK (public_key ~ '^[0-9a-f]{64}$'),
  request_id        uuid REFERENCES signing_requests (id),
  account_id        bigint NOT NULL REFERENCES accounts (id), -- who had it issued
  contact           text,
  intended_at       timestamptz NOT NULL,
  -- From here on null until it is issued. One that never was may still have got out, and can be revoked.
  fingerprint       text UNIQUE CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
  der               bytea, -- null for what was issued before the store kept it
  not_before        timestamptz,
  not_after         timestamptz,
  issued_at         timestamptz,
  revoked_at        timestamptz,
  revocation_reason text CHECK (revocation_reason IN (
    'unspecified', 'keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation', 'privilegeWithdrawn')),
  invalidity_date   timestamptz,
  revoked_by        bigint REFERENCES accounts (id),
  revocation_note   text CHECK (char_length(revocation_note) <= 2000),
  -- authority_changes.change of the last change to this row.
  change            bigint NOT NULL,
  CHECK ((fingerprint IS NULL) = (issued_at IS NULL)),
  CHECK ((issued_at IS NULL) = (not_after IS NULL)),
  CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL)),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
  CHECK (invalidity_date IS NULL OR revoked_at IS NOT NULL)
);
CREATE INDEX certificates_by_app ON certificates (app_id, intended_at, serial);
CREATE INDEX certificates_by_time ON certificates (intended_at, serial);
CREATE INDEX certificates_by_key ON certificates (public_key);
CREATE INDEX certificates_by_change ON certificates (change);
CREATE INDEX certificates_revoked ON certificates (issuer_key) WHERE revoked_at IS NOT NULL;
CREATE INDEX certificates_by_end ON certificates (not_after) WHERE revoked_at IS NULL;
ALTER TABLE signing_requests ADD FOREIGN KEY (serial) REFERENCES certificates (serial);

CREATE FUNCTION guard_certificate_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.serial, NEW.issuer_key, NEW.app_id, NEW.public_key, NEW.request_id, NEW.account_id, NEW.intended_at)
     IS DISTINCT FROM
     (OLD.serial, OLD.issuer_key, OLD.app_id, OLD.public_key, OLD.request_id, OLD.account_id, OLD.intended_at)
     OR (OLD.issued_at IS NOT NULL AND
       (NEW.fingerprint, NEW.der, NEW.not_before, NEW.not_after, NEW.issued_at) IS DISTINCT FROM
       (OLD.fingerprint, OLD.der, OLD.not_before, OLD.not_after, OLD.issued_at)) THEN
    RAISE EXCEPTION 'what the ledger says of a certificate stays' USING ERRCODE = 'check_violation';
  END IF;
  -- A revocation is final: what may still become known is that it was worse than thought, or began earlier.
  IF OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at
      OR (OLD.revocation_reason = 'keyCompromise' AND NEW.revocation_reason <> 'keyCompromise')
      OR (OLD.invalidity_date IS NOT NULL AND (NEW.invalidity_date IS NULL OR NEW.invalidity_date > OLD.invalidity_date))) THEN
    RAISE EXCEPTION 'a revocation is final' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_certificate_update BEFORE UPDATE ON certificates FOR EACH ROW EXECUTE FUNCTION guard_certificate_update();
CREATE TRIGGER keep_certificates BEFORE DELETE ON certificates FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_authority_certificates BEFORE UPDATE OR DELETE ON authority_certificates FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_signing_requests BEFORE DELETE ON signing_requests FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_signing_request_events BEFORE UPDATE OR DELETE ON signing_request_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Signed lists, newest number last. What is revoked stands in the ledger; a list only says it to others.
CREATE TABLE revocation_lists (
  issuer_key  text NOT NULL,
  number      numeric(48) NOT NULL CHECK (number > 0),
  tier        text NOT NULL CHECK (tier IN ('root', 'developers')),
  this_update timestamptz NOT NULL,
  next_update timestamptz NOT NULL,
  der         bytea NOT NULL,
  -- The change up to which the ledger is on the list.
  ledger_change bigint NOT NULL,
  PRIMARY KEY (issuer_key, number)
);

-- Lists of outside authorities, as last fetched.
CREATE TABLE fetched_revocation_lists (
  url           text PRIMARY KEY,
  der           bytea,
  this_update   timestamptz,
  next_update   timestamptz,
  fetched_at    timestamptz,
  attempted_at  timestamptz NOT NULL,
  failure       text, -- why the last attempt failed; null where it did not
  CHECK ((der IS NULL) = (fetched_at IS NULL))
);

-- Mail on its way out. A notice that was sent once, by whatever replica, is not sent again: its topic is unique.
CREATE TABLE outgoing_mail (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic      text NOT NULL UNIQUE CHECK (char_length(topic) <= 300),
  recipients text[] NOT NULL CHECK (cardinality(recipients) > 0),
  subject    text NOT NULL,
  body       text NOT NULL,
  created_at timestamptz NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL,
  sent_at    timestamptz,
  failure    text
);
CREATE INDEX outgoing_mail_due ON outgoing_mail (next_try_at, id) WHERE sent_at IS NULL;

-- Which releases a certificate signed.
CREATE INDEX releases_by_signer_certificate ON releases ((signature -> 'signer' ->> 'fingerprint')) WHERE signed;
