-- With what somebody came, how their media travelled and why they left; null: nobody said.
ALTER TABLE attendances ADD COLUMN sdk TEXT;
ALTER TABLE attendances ADD COLUMN os TEXT;
ALTER TABLE attendances ADD COLUMN browser TEXT;
ALTER TABLE attendances ADD COLUMN ice_route TEXT;
ALTER TABLE attendances ADD COLUMN left_reason TEXT;
CREATE INDEX attendances_by_time ON attendances (joined_at);

-- With what somebody opened the signal socket, until the media server tells that they are in the call.
CREATE TABLE signal_clients (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    sdk TEXT,
    os TEXT,
    browser TEXT,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, identity)
);
CREATE INDEX signal_clients_by_time ON signal_clients (seen_at);
