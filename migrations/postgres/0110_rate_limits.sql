-- Tries that several servers count together; one server alone counts in its memory. Who tried is a digest. A crash of the
-- database forgets them.
CREATE UNLOGGED TABLE rate_limits (
    key TEXT PRIMARY KEY,
    -- When all of its tries are free again, milliseconds.
    free_at BIGINT NOT NULL
);
CREATE INDEX rate_limits_free ON rate_limits (free_at);
