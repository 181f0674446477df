-- Links that let somebody back into an account; at most one works for each.
CREATE TABLE reset_links (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the token in hex; the token itself is never kept.
    token_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
