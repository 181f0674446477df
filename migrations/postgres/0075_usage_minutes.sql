-- What went on in each minute, on all servers of this database together; a minute in which none ran has no row.
CREATE TABLE usage_minutes (
    -- Its beginning.
    minute BIGINT PRIMARY KEY,
    -- Most people in meetings, each once in a room, and most rooms with a meeting.
    people BIGINT NOT NULL DEFAULT 0,
    rooms BIGINT NOT NULL DEFAULT 0,
    -- Most published tracks, and bytes of media; zero where the media server does not tell.
    tracks BIGINT NOT NULL DEFAULT 0,
    bytes_in BIGINT NOT NULL DEFAULT 0,
    bytes_out BIGINT NOT NULL DEFAULT 0,
    -- The media server's own totals when it was last asked: what is new is the difference.
    total_in BIGINT,
    total_out BIGINT,
    -- Participants who came, and those who had a token and never got through.
    connected BIGINT NOT NULL DEFAULT 0,
    aborted BIGINT NOT NULL DEFAULT 0
);
