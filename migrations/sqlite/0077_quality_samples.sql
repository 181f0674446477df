-- How one stay went, a row for every ten seconds, as the page of the one who stayed measured it.
CREATE TABLE quality_samples (
    attendance_id TEXT NOT NULL REFERENCES attendances (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    -- Thousandths of what was sent and received that got lost; null: nothing was sent or received.
    loss_up INTEGER,
    loss_down INTEGER,
    -- Milliseconds.
    rtt INTEGER,
    jitter INTEGER,
    -- Bits per second.
    bitrate_up INTEGER NOT NULL,
    bitrate_down INTEGER NOT NULL,
    -- Milliseconds in which a picture stood still.
    frozen INTEGER NOT NULL,
    -- udp, tcp or relay.
    route TEXT,
    PRIMARY KEY (attendance_id, at)
);
CREATE INDEX quality_samples_by_time ON quality_samples (at);

-- What changed during a stay: the route, the connection, a device.
CREATE TABLE quality_events (
    attendance_id TEXT NOT NULL REFERENCES attendances (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (attendance_id, at, kind)
);
CREATE INDEX quality_events_by_time ON quality_events (at);
