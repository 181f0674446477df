-- A key for programs that use this site as their LiveKit server. Its secret is derived, never stored.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    -- What programs put into their tokens as the issuer.
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Words of api_keys/model.rs, with blanks between them.
    grants TEXT NOT NULL,
    -- A JSON list of room names, each of which may end in an asterisk; null: every room.
    rooms TEXT,
    -- Named, not referenced.
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
);

-- Whom a key let into which room: LiveKit gives them tokens of its own afterwards, which must not outlive the key.
CREATE TABLE api_key_participants (
    room TEXT NOT NULL,
    identity TEXT NOT NULL,
    api_key_id TEXT NOT NULL REFERENCES api_keys (id),
    admitted_at INTEGER NOT NULL,
    PRIMARY KEY (room, identity)
);
CREATE INDEX api_key_participants_by_key ON api_key_participants (api_key_id);
CREATE INDEX api_key_participants_by_age ON api_key_participants (admitted_at);
