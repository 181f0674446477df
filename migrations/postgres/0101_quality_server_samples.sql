-- What the media server counted of each connection, in steps of ten seconds, beside what pages measure of themselves.
CREATE TABLE quality_server_samples (
    attendance_id TEXT NOT NULL REFERENCES attendances (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    -- Thousandths of what was sent and received that got lost; null: nothing was sent or received.
    loss_up BIGINT,
    loss_down BIGINT,
    -- Milliseconds.
    rtt BIGINT,
    jitter BIGINT,
    -- Bits per second.
    bitrate_up BIGINT NOT NULL,
    bitrate_down BIGINT NOT NULL,
    PRIMARY KEY (attendance_id, at)
);
CREATE INDEX quality_server_samples_by_time ON quality_server_samples (at);
