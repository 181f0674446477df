-- What the list of API keys is searched by and ordered by. Each order is one text that is another's in no two rows: a page
-- begins behind it. Name and key are in lower case; of those that were there before, only the letters of ASCII are.
ALTER TABLE api_keys ADD COLUMN search_key TEXT NOT NULL DEFAULT '';
UPDATE api_keys SET search_key = lower(name) || char(1) || lower(key);
ALTER TABLE api_keys ADD COLUMN standing TEXT
    GENERATED ALWAYS AS (CASE WHEN revoked_at IS NULL THEN 'valid' ELSE 'revoked' END) VIRTUAL;
ALTER TABLE api_keys ADD COLUMN by_use TEXT
    GENERATED ALWAYS AS (printf('%019d', COALESCE(last_used_at, 0)) || id) VIRTUAL;
CREATE INDEX api_keys_by_standing ON api_keys (standing, id);
CREATE INDEX api_keys_by_name ON api_keys (standing, search_key);
CREATE INDEX api_keys_by_use ON api_keys (standing, by_use);
