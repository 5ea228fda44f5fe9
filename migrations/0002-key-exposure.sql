-- A private key that came in an upload and belongs to a certificate is told to the owners of the app it is for.

ALTER TABLE app_events DROP CONSTRAINT app_events_kind_check;
ALTER TABLE app_events ADD CONSTRAINT app_events_kind_check CHECK (
  kind IN ('claimed', 'owner-added', 'owner-removed', 'trust-level', 'release-status', 'key-exposed'));

-- The same key in the same archive is told an app once.
CREATE UNIQUE INDEX app_events_key_exposed ON app_events (app_id, (detail ->> 'key'), (detail ->> 'archive'))
  WHERE kind = 'key-exposed';

-- Whose key it is, by what it has signed.
CREATE INDEX releases_by_signer ON releases (signer_key) WHERE signer_key IS NOT NULL;
