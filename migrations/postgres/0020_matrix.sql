-- Leave events of Matrix clients that this server keeps alive and sends for them.
CREATE TABLE delayed_leaves (
    -- LiveKit's names.
    room TEXT NOT NULL,
    identity TEXT NOT NULL,
    -- The homeserver that holds the event.
    server_name TEXT NOT NULL,
    delay_id TEXT NOT NULL,
    -- Milliseconds.
    delay_timeout BIGINT NOT NULL,
    -- When the homeserver last began to count from anew.
    restarted_at BIGINT NOT NULL,
    PRIMARY KEY (room, identity)
);
