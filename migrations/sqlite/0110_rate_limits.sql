-- Tries that several servers count together, where they share a database; one server alone counts in its memory. Who tried
-- is a digest.
CREATE TABLE rate_limits (
    key TEXT PRIMARY KEY,
    -- When all of its tries are free again, milliseconds.
    free_at INTEGER NOT NULL
);
CREATE INDEX rate_limits_free ON rate_limits (free_at);
