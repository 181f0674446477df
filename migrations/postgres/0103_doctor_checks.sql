-- Checks of the way to this site, with both halves as they were told; whoever has the link runs the browser's.
CREATE TABLE doctor_checks (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the link's secret, in hex.
    token_hash TEXT NOT NULL UNIQUE,
    -- As they were called then; the command line has a name of its own.
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Until when the link is good.
    expires_at BIGINT NOT NULL,
    -- JSON.
    server_half TEXT NOT NULL,
    -- JSON; NULL: nobody has run it yet.
    browser_half TEXT,
    browser_at BIGINT,
    -- The throw-away room of the last run on the media server, and when a webhook told of it.
    room TEXT,
    started_at BIGINT,
    heard_at BIGINT,
    runs BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX doctor_checks_by_time ON doctor_checks (created_at);
CREATE INDEX doctor_checks_by_room ON doctor_checks (room);
