-- Moderation: who people are, what waits for a decision, what was decided, and the log that nobody can change.

-- The audit log. Each entry carries the hash of the one before, and is put into the chain as the last act of the transaction
-- that writes it: the order of the entries is the order of the commits, and the lock on the head is held for no longer than that.

CREATE TABLE audit_log (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null only inside the transaction that writes the entry.
  position     bigint UNIQUE,
  previous     text,
  hash         text UNIQUE,
  -- JSON, hashed as it stands. What follows is read from it, to find it by.
  entry        text NOT NULL,
  kind         text NOT NULL GENERATED ALWAYS AS (entry::jsonb ->> 'kind') STORED,
  at           text NOT NULL GENERATED ALWAYS AS (entry::jsonb ->> 'at') STORED,
  actor        text NOT NULL GENERATED ALWAYS AS (entry::jsonb -> 'actor' ->> 'account') STORED,
  app_id       text GENERATED ALWAYS AS (entry::jsonb ->> 'app') STORED,
  subject_type text NOT NULL GENERATED ALWAYS AS (entry::jsonb -> 'subject' ->> 'type') STORED,
  subject_id   text NOT NULL GENERATED ALWAYS AS (entry::jsonb -> 'subject' ->> 'id') STORED
);
CREATE INDEX audit_log_by_app ON audit_log (app_id, position);
CREATE INDEX audit_log_by_subject ON audit_log (subject_type, subject_id, position);
CREATE INDEX audit_log_by_actor ON audit_log (actor, position);
CREATE INDEX audit_log_by_kind ON audit_log (kind, position);

-- Where the chain ends. A log cut off at its end would else look whole.
CREATE TABLE audit_head (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  position bigint NOT NULL,
  hash     text NOT NULL
);
INSERT INTO audit_head (position, hash) VALUES (0, repeat('0', 64));

CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head audit_head%ROWTYPE;
  place bigint;
  digest text;
BEGIN
  SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
  place := head.position + 1;
  digest := encode(sha256(convert_to(head.hash || E'\n' || place || E'\n' || NEW.entry, 'UTF8')), 'hex');
  UPDATE audit_log SET position = place, previous = head.hash, hash = digest WHERE id = NEW.id;
  UPDATE audit_head SET position = place, hash = digest;
  PERFORM pg_notify('portcullis_audit', '');
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chain_audit_entry AFTER INSERT ON audit_log
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();

CREATE FUNCTION guard_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Being put into the chain is the one change there is.
  IF TG_OP = 'UPDATE' THEN
    IF OLD.position IS NULL AND NEW.position IS NOT NULL AND (NEW.id, NEW.entry) = (OLD.id, OLD.entry) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER guard_audit_log BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION guard_audit_log();
CREATE TRIGGER keep_audit_log BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION guard_audit_log();
CREATE TRIGGER keep_audit_head BEFORE DELETE OR TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION guard_audit_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- It moves to the entry that was put behind it, and nowhere else.
  IF NEW.position = OLD.position + 1 AND EXISTS (
      SELECT 1 FROM audit_log WHERE position = NEW.position AND previous = OLD.hash AND hash = NEW.hash) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the head of the audit log follows its last entry' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER guard_audit_head BEFORE UPDATE ON audit_head FOR EACH ROW EXECUTE FUNCTION guard_audit_head();

-- Who reads the log as it grows, and how far they are: whoever tells people, say.
CREATE TABLE audit_readers (
  name     text PRIMARY KEY,
  position bigint NOT NULL
);

-- People

ALTER TABLE accounts
  ADD COLUMN role text NOT NULL DEFAULT 'developer' CHECK (role IN ('developer', 'moderator', 'administrator')),
  ADD COLUMN email text CHECK (char_length(email) <= 254),
  ADD COLUMN suspended_at timestamptz,
  ADD COLUMN suspended_by bigint REFERENCES accounts (id),
  ADD COLUMN suspension_reason text CHECK (char_length(suspension_reason) <= 2000),
  ADD CHECK ((suspended_at IS NULL) = (suspended_by IS NULL)),
  ADD CHECK ((suspended_at IS NULL) = (suspension_reason IS NULL));
-- A token never does more than its account's role: those that were given more so far have the role.
UPDATE accounts SET role = 'moderator' WHERE id IN (SELECT account_id FROM tokens WHERE 'moderate' = ANY (scopes));
UPDATE accounts SET role = 'administrator' WHERE name = 'operator' OR id IN (SELECT account_id FROM tokens WHERE 'operate' = ANY (scopes));
CREATE TRIGGER keep_accounts BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What an account signs in with, apart from it: no list of accounts reads this by accident.
CREATE TABLE account_secrets (
  account_id          bigint PRIMARY KEY REFERENCES accounts (id),
  -- argon2id, in the PHC string format; null: no password.
  password_hash       text,
  password_changed_at timestamptz,
  -- Sealed; it counts from totp_confirmed_at on.
  totp_secret         bytea,
  totp_confirmed_at   timestamptz,
  -- RFC 6238 §5.2: a value is accepted once, and none before it afterwards.
  totp_last_step      bigint
);

CREATE TABLE recovery_codes (
  account_id  bigint NOT NULL REFERENCES accounts (id),
  code_sha256 bytea NOT NULL CHECK (octet_length(code_sha256) = 32),
  used_at     timestamptz,
  PRIMARY KEY (account_id, code_sha256)
);

-- Who an OpenID Connect provider says somebody is.
CREATE TABLE identities (
  issuer     text NOT NULL,
  subject    text NOT NULL,
  account_id bigint NOT NULL REFERENCES accounts (id),
  added_at   timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_account ON identities (account_id);

-- A session of the console is a token that a browser keeps in a cookie; it is no bearer token.
ALTER TABLE tokens
  ADD COLUMN kind text NOT NULL DEFAULT 'bearer' CHECK (kind IN ('bearer', 'session')),
  ADD COLUMN sign_in_method text CHECK (sign_in_method IN ('password', 'password+totp', 'oidc', 'token', 'invitation')),
  -- The bearer token that the session was begun with, and ends with.
  ADD COLUMN signed_in_with uuid REFERENCES tokens (id),
  -- The token or session that it was made with, and with which it is revoked; null: none, or it may outlive that.
  ADD COLUMN made_with uuid REFERENCES tokens (id),
  -- When somebody ended the session, for good: apart from expires_at, which its use puts off, perhaps at that very moment.
  ADD COLUMN ended_at timestamptz,
  ADD CHECK ((signed_in_with IS NOT NULL) = (sign_in_method IS NOT DISTINCT FROM 'token')),
  ADD CHECK ((kind = 'session') = (sign_in_method IS NOT NULL)),
  ADD CHECK (kind <> 'session' OR expires_at IS NOT NULL),
  ADD CHECK (kind = 'bearer' OR made_with IS NULL),
  ADD CHECK (kind = 'session' OR ended_at IS NULL);
CREATE INDEX tokens_by_sign_in ON tokens (signed_in_with) WHERE signed_in_with IS NOT NULL;
CREATE INDEX tokens_by_maker ON tokens (made_with) WHERE made_with IS NOT NULL;

-- One-time links: to an account, to a part in an app, to a new password.
CREATE TABLE invitations (
  id            uuid PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('account', 'co-owner', 'transfer', 'password-reset')),
  secret_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(secret_sha256) = 32),
  -- The name that the new account will have, or whom it is for; null: whoever has the link.
  account_name  text,
  -- That account, where it was there already when it was invited.
  account_id    bigint REFERENCES accounts (id),
  role          text CHECK (role IN ('developer', 'moderator', 'administrator')),
  app_id        text REFERENCES apps (id),
  email         text,
  invited_by    bigint NOT NULL REFERENCES accounts (id),
  -- What the inviter held: with a token that is revoked, perhaps because somebody else had it, goes what it invited to.
  token_id      uuid REFERENCES tokens (id),
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  closed_at     timestamptz,
  closed_as     text CHECK (closed_as IN ('accepted', 'declined', 'revoked')),
  accepted_by   bigint REFERENCES accounts (id),
  CHECK ((closed_at IS NULL) = (closed_as IS NULL)),
  CHECK ((closed_as IS NOT DISTINCT FROM 'accepted') = (accepted_by IS NOT NULL)),
  CHECK ((kind IN ('co-owner', 'transfer')) = (app_id IS NOT NULL)),
  CHECK ((kind = 'account') = (role IS NOT NULL))
);
CREATE INDEX invitations_by_token ON invitations (token_id) WHERE closed_at IS NULL;
CREATE INDEX invitations_by_app ON invitations (app_id, created_at) WHERE closed_at IS NULL;

-- How often something was tried of late, by what is counted: sign-ins to an account, reports from an address.
CREATE TABLE attempts (
  subject    text PRIMARY KEY CHECK (char_length(subject) <= 200),
  count      integer NOT NULL,
  started_at timestamptz NOT NULL
);

-- Apps

ALTER TABLE apps
  ADD COLUMN suspended_at timestamptz,
  ADD COLUMN suspended_by bigint REFERENCES accounts (id),
  ADD COLUMN suspension_reason text CHECK (char_length(suspension_reason) <= 2000),
  -- The versions that the suspension put under quarantine, which its end brings back.
  ADD COLUMN suspended_releases text[],
  ADD CHECK ((suspended_at IS NULL) = (suspended_by IS NULL)),
  ADD CHECK ((suspended_at IS NULL) = (suspension_reason IS NULL)),
  ADD CHECK ((suspended_at IS NULL) = (suspended_releases IS NULL));

ALTER TABLE releases ADD COLUMN status_reason_code text CHECK (char_length(status_reason_code) <= 64);

ALTER TABLE app_events DROP CONSTRAINT app_events_kind_check;
ALTER TABLE app_events ADD CONSTRAINT app_events_kind_check CHECK (kind IN (
  'claimed', 'owner-added', 'owner-removed', 'transferred', 'trust-level', 'release-status', 'key-exposed', 'suspended', 'reinstated',
  'certificate-requested', 'certificate-issued', 'certificate-revoked'));

CREATE FUNCTION guard_suspended_app() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'published' AND EXISTS (SELECT 1 FROM apps WHERE id = NEW.app_id AND suspended_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a suspended app publishes nothing: %', NEW.app_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_suspended_insert BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION guard_suspended_app();
CREATE TRIGGER guard_suspended_update BEFORE UPDATE ON releases FOR EACH ROW
  WHEN (OLD.status <> 'published') EXECUTE FUNCTION guard_suspended_app();

CREATE INDEX submissions_by_time ON submissions (submitted_at, id);
CREATE INDEX submissions_by_account ON submissions (account_id, submitted_at DESC, id DESC);

-- Reviews: whatever waits for a moderator's decision.

CREATE TABLE reviews (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind          text NOT NULL CHECK (kind IN ('held', 'appeal', 'signing-request', 'quarantine', 'report')),
  app_id        text NOT NULL REFERENCES apps (id),
  -- What it is about. Of a report from the public, any part may be unknown.
  submission_id uuid REFERENCES submissions (id),
  version       text,
  request_id    uuid REFERENCES signing_requests (id),
  -- Of a report: what kind of trouble, and how to reach whoever reported it.
  category      text CHECK (category IN ('malware', 'security', 'privacy', 'copyright', 'broken', 'other')),
  contact       text CHECK (char_length(contact) <= 254),
  opened_by     bigint REFERENCES accounts (id), -- null: the public, or the gate itself
  opened_at     timestamptz NOT NULL,
  state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'questioned', 'proposed', 'closed')),
  claimed_by    bigint REFERENCES accounts (id),
  claimed_until timestamptz,
  -- A verdict that waits for a second moderator.
  proposal      jsonb,
  proposed_by   bigint REFERENCES accounts (id),
  verdict       text CHECK (verdict IN (
    'accepted', 'refused', 'granted', 'denied', 'approved', 'declined', 'withdrawn', 'restored', 'quarantined', 'dismissed', 'superseded')),
  reason_code   text CHECK (char_length(reason_code) <= 64),
  reason        text CHECK (char_length(reason) <= 4000),
  decided_by    bigint REFERENCES accounts (id),
  closed_at     timestamptz,
  CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
  CHECK ((state = 'closed') = (verdict IS NOT NULL)),
  CHECK ((state = 'proposed') = (proposal IS NOT NULL)),
  CHECK ((proposal IS NULL) = (proposed_by IS NULL)),
  CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
  CHECK (kind NOT IN ('held', 'appeal') OR submission_id IS NOT NULL),
  CHECK (kind <> 'quarantine' OR version IS NOT NULL),
  CHECK ((kind = 'signing-request') = (request_id IS NOT NULL)),
  CHECK ((kind = 'report') = (category IS NOT NULL))
);
CREATE INDEX reviews_open ON reviews (opened_at, id) WHERE state <> 'closed';
CREATE INDEX reviews_by_time ON reviews (opened_at, id);
CREATE INDEX reviews_by_app ON reviews (app_id, opened_at);
CREATE INDEX reviews_by_submission ON reviews (submission_id, opened_at);
CREATE UNIQUE INDEX reviews_open_submission ON reviews (submission_id) WHERE state <> 'closed';
CREATE UNIQUE INDEX reviews_open_release ON reviews (app_id, version) WHERE state <> 'closed' AND kind = 'quarantine';
CREATE UNIQUE INDEX reviews_of_request ON reviews (request_id);
-- One refusal, one appeal.
CREATE UNIQUE INDEX reviews_appeals ON reviews (submission_id) WHERE kind = 'appeal';
CREATE TRIGGER keep_reviews BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION guard_review_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'closed' THEN
    RAISE EXCEPTION 'a review that is closed stays as it is' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.id, NEW.kind, NEW.app_id, NEW.submission_id, NEW.version, NEW.request_id, NEW.category, NEW.contact, NEW.opened_by, NEW.opened_at)
     IS DISTINCT FROM
     (OLD.id, OLD.kind, OLD.app_id, OLD.submission_id, OLD.version, OLD.request_id, OLD.category, OLD.contact, OLD.opened_by, OLD.opened_at) THEN
    RAISE EXCEPTION 'what a review is about stays' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_review_update BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION guard_review_update();

-- What was said and done in a review, in its order.
CREATE TABLE review_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  review_id   uuid NOT NULL REFERENCES reviews (id),
  kind        text NOT NULL CHECK (kind IN (
    'opened', 'claimed', 'let-go', 'question', 'answer', 'note', 'inspected', 'proposed', 'objected', 'verdict')),
  account_id  bigint REFERENCES accounts (id), -- null: the public, or the gate itself
  -- True for what moderators say among themselves.
  is_internal boolean NOT NULL,
  text        text NOT NULL DEFAULT '' CHECK (char_length(text) <= 4000),
  detail      jsonb NOT NULL DEFAULT '{}',
  happened_at timestamptz NOT NULL
);
CREATE INDEX review_events_by_review ON review_events (review_id, id);
CREATE TRIGGER keep_review_events BEFORE UPDATE OR DELETE ON review_events FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What waits is opened where it comes to wait, by whatever way, so that nothing waits where nobody sees it.

CREATE FUNCTION open_review_of_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO reviews (kind, app_id, submission_id, version, opened_by, opened_at)
    VALUES ('held', NEW.app_id, NEW.id, NEW.version, NEW.account_id, NEW.submitted_at);
  RETURN NULL;
END $$;
CREATE TRIGGER open_review AFTER INSERT ON submissions FOR EACH ROW
  WHEN (NEW.outcome = 'held') EXECUTE FUNCTION open_review_of_submission();

CREATE FUNCTION review_signing_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO reviews (kind, app_id, request_id, opened_by, opened_at, state, verdict, closed_at)
      VALUES ('signing-request', NEW.app_id, NEW.id, NEW.account_id, NEW.requested_at,
        CASE NEW.state WHEN 'pending' THEN 'waiting' WHEN 'questioned' THEN 'questioned' ELSE 'closed' END,
        CASE WHEN NEW.state IN ('approved', 'declined', 'withdrawn') THEN NEW.state END,
        CASE WHEN NEW.state IN ('approved', 'declined', 'withdrawn') THEN NEW.requested_at END);
  ELSIF NEW.state IN ('pending', 'questioned') THEN
    UPDATE reviews SET state = CASE NEW.state WHEN 'pending' THEN 'waiting' ELSE 'questioned' END WHERE request_id = NEW.id;
  ELSE
    UPDATE reviews SET state = 'closed', verdict = NEW.state, closed_at = clock_timestamp(), claimed_by = NULL, claimed_until = NULL
      WHERE request_id = NEW.id AND state <> 'closed';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER open_review AFTER INSERT ON signing_requests FOR EACH ROW EXECUTE FUNCTION review_signing_request();
CREATE TRIGGER follow_review AFTER UPDATE OF state ON signing_requests FOR EACH ROW
  WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION review_signing_request();

CREATE FUNCTION review_quarantine() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status = 'quarantined' THEN
    -- What is put there with its app comes back with it.
    IF NEW.status_reason_code IS NOT DISTINCT FROM 'app-suspended' THEN
      RETURN NULL;
    END IF;
    INSERT INTO reviews (kind, app_id, version, opened_at) VALUES ('quarantine', NEW.app_id, NEW.version, NEW.status_changed_at);
  ELSE
    UPDATE reviews SET state = 'closed', verdict = CASE NEW.status WHEN 'published' THEN 'restored' ELSE 'withdrawn' END,
        closed_at = NEW.status_changed_at, reason = left(NEW.status_reason, 4000), claimed_by = NULL, claimed_until = NULL,
        proposal = NULL, proposed_by = NULL
      WHERE kind = 'quarantine' AND app_id = NEW.app_id AND version = NEW.version AND state <> 'closed';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER follow_review AFTER UPDATE OF status ON releases FOR EACH ROW
  WHEN ((OLD.status <> NEW.status AND 'quarantined' IN (OLD.status, NEW.status))
    -- It stays where it was put with its app, but for a reason of its own.
    OR (OLD.status = 'quarantined' AND NEW.status = 'quarantined' AND OLD.status_reason_code IS NOT DISTINCT FROM 'app-suspended'
      AND NEW.status_reason_code IS DISTINCT FROM 'app-suspended'))
  EXECUTE FUNCTION review_quarantine();

-- What waits already. A held submission waits unless its version has been published since.
INSERT INTO reviews (kind, app_id, submission_id, version, opened_by, opened_at)
  SELECT 'held', app_id, id, version, account_id, submitted_at FROM submissions
  WHERE outcome = 'held' AND NOT EXISTS (
    SELECT 1 FROM releases WHERE releases.app_id = submissions.app_id AND releases.version = submissions.version);
INSERT INTO reviews (kind, app_id, request_id, opened_by, opened_at, state)
  SELECT 'signing-request', app_id, id, account_id, requested_at, CASE state WHEN 'pending' THEN 'waiting' ELSE 'questioned' END
  FROM signing_requests WHERE state IN ('pending', 'questioned');
INSERT INTO reviews (kind, app_id, version, opened_at)
  SELECT 'quarantine', app_id, version, status_changed_at FROM releases WHERE status = 'quarantined';

-- The gate's second look at a submission: by the trust, the rules and the history of then.
CREATE TABLE reinspections (
  id            uuid PRIMARY KEY,
  submission_id uuid NOT NULL REFERENCES submissions (id),
  outcome       text NOT NULL CHECK (outcome IN ('accepted', 'held', 'refused')),
  report        jsonb NOT NULL,
  account_id    bigint NOT NULL REFERENCES accounts (id),
  inspected_at  timestamptz NOT NULL,
  CHECK (outcome = report ->> 'outcome')
);
CREATE INDEX reinspections_by_submission ON reinspections (submission_id, inspected_at DESC);
CREATE TRIGGER keep_reinspections BEFORE UPDATE OR DELETE ON reinspections FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a moderator lifts of the store's own rules, for these very bytes, once.
CREATE TABLE overrides (
  id             uuid PRIMARY KEY,
  app_id         text NOT NULL REFERENCES apps (id),
  archive_sha256 text NOT NULL CHECK (archive_sha256 ~ '^[0-9a-f]{64}$'),
  codes          text[] NOT NULL CHECK (cardinality(codes) > 0),
  review_id      uuid NOT NULL REFERENCES reviews (id),
  reason         text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 4000),
  granted_by     bigint NOT NULL REFERENCES accounts (id),
  seconded_by    bigint REFERENCES accounts (id) CHECK (seconded_by <> granted_by),
  granted_at     timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL CHECK (expires_at > granted_at),
  used_at        timestamptz,
  used_for       uuid REFERENCES submissions (id),
  CHECK ((used_at IS NULL) = (used_for IS NULL))
);
CREATE INDEX overrides_unused ON overrides (app_id, archive_sha256) WHERE used_at IS NULL;

CREATE FUNCTION guard_override_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.used_at IS NOT NULL OR to_jsonb(NEW) - 'used_at' - 'used_for' IS DISTINCT FROM to_jsonb(OLD) - 'used_at' - 'used_for' THEN
    RAISE EXCEPTION 'an override is used once, and else stays as it is' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_override_update BEFORE UPDATE ON overrides FOR EACH ROW EXECUTE FUNCTION guard_override_update();
CREATE TRIGGER keep_overrides BEFORE DELETE ON overrides FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The weights of rules that the store has set at run time. The last word on a code counts; null: what the settings say.
CREATE TABLE rule_changes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code        text NOT NULL CHECK (char_length(code) <= 64),
  mode        text CHECK (mode IN ('off', 'shadow', 'hold', 'refuse')),
  account_id  bigint NOT NULL REFERENCES accounts (id),
  reason      text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
  happened_at timestamptz NOT NULL
);
CREATE INDEX rule_changes_by_code ON rule_changes (code, id DESC);
CREATE TRIGGER keep_rule_changes BEFORE UPDATE OR DELETE ON rule_changes FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Telling people

-- What an account wants to be told by mail, where that differs from what is usual for the topic.
CREATE TABLE notification_choices (
  account_id bigint NOT NULL REFERENCES accounts (id),
  topic      text NOT NULL CHECK (char_length(topic) <= 64),
  by_mail    boolean NOT NULL,
  PRIMARY KEY (account_id, topic)
);

CREATE TABLE webhooks (
  id          uuid PRIMARY KEY,
  account_id  bigint NOT NULL REFERENCES accounts (id),
  url         text NOT NULL CHECK (char_length(url) <= 2000),
  secret      bytea NOT NULL, -- sealed
  topics      text[] NOT NULL CHECK (cardinality(topics) > 0),
  created_at  timestamptz NOT NULL,
  -- Set by hand, or where nothing could be delivered for long.
  disabled_at timestamptz,
  disabled_because text,
  removed_at  timestamptz,
  -- When a delivery to it was begun last: whoever was served longest ago is next.
  served_at   timestamptz,
  -- Until then nothing is sent to it: somebody is at it, or it failed just now.
  quiet_until timestamptz,
  -- How many attempts have failed since one got through; null: there was none yet.
  failures    integer
);
CREATE INDEX webhooks_by_account ON webhooks (account_id) WHERE removed_at IS NULL;

CREATE TABLE webhook_deliveries (
  id            uuid PRIMARY KEY,
  webhook_id    uuid NOT NULL REFERENCES webhooks (id),
  -- The audit entry it tells of; null for a ping.
  position      bigint,
  topic         text NOT NULL,
  body          text NOT NULL,
  created_at    timestamptz NOT NULL,
  attempts      integer NOT NULL DEFAULT 0,
  next_try_at   timestamptz,          -- null: delivered, or given up
  delivered_at  timestamptz,
  last_attempt_at timestamptz,
  last_status   integer,
  last_failure  text CHECK (char_length(last_failure) <= 1000),
  -- Of one that was sent again because somebody asked: which, though the log may have forgotten that by now.
  replay_of     uuid
);
-- Told once, whichever replica does it; again only where somebody asks for it.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (webhook_id, position, topic) WHERE replay_of IS NULL AND position IS NOT NULL;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_try_at) WHERE next_try_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, created_at DESC);
