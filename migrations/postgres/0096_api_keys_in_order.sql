-- What the list of API keys is searched by and ordered by. Each order is one text that is another's in no two rows: a page
-- begins behind it. Name and key are in lower case; of those that were there before, as this database has it.
ALTER TABLE api_keys ADD COLUMN search_key TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE api_keys SET search_key = lower(name) || chr(1) || lower(key);
ALTER TABLE api_keys
    ADD COLUMN standing TEXT GENERATED ALWAYS AS (CASE WHEN revoked_at IS NULL THEN 'valid' ELSE 'revoked' END) STORED,
    ADD COLUMN by_use TEXT COLLATE "C"
        GENERATED ALWAYS AS (lpad(COALESCE(last_used_at, 0)::text, 19, '0') || id) STORED;
CREATE INDEX api_keys_by_standing ON api_keys (standing, id);
CREATE INDEX api_keys_by_name ON api_keys (standing, search_key);
CREATE INDEX api_keys_by_use ON api_keys (standing, by_use);
