-- Settings that administrators changed while the site runs; they go before the configuration.
CREATE TABLE settings (
    -- The configuration's own, such as auth.registration.
    key TEXT PRIMARY KEY,
    -- JSON.
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Kept, not referenced: accounts go.
    updated_by_name TEXT NOT NULL
);
