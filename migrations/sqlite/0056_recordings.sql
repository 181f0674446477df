-- A recording of a room's call: asked for, running, being stored, kept, failed or deleted.
CREATE TABLE recordings (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id),
    -- The meeting that ran when it was asked for.
    meeting_id TEXT,
    title TEXT NOT NULL,
    -- The title in lower case, for searching.
    search_key TEXT NOT NULL,
    layout TEXT NOT NULL CHECK (layout IN ('grid', 'speaker', 'single-speaker')),
    audio_only BOOLEAN NOT NULL,
    -- Named, not referenced; nobody where another program asked the recorder.
    started_by TEXT,
    started_by_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('starting', 'recording', 'stopping', 'processing', 'completed', 'failed', 'aborted')),
    -- LiveKit's EG_…; null until the recorder has answered.
    egress_id TEXT UNIQUE,
    -- Of the recorder's newest word on it, in nanoseconds of its clock.
    egress_updated_at INTEGER NOT NULL DEFAULT 0,
    -- Our clock when the recorder last said anything of it.
    seen_at INTEGER NOT NULL,
    requested_at INTEGER NOT NULL,
    started_at INTEGER,
    stopped_at INTEGER,
    ended_at INTEGER,
    duration_ms INTEGER,
    size INTEGER,
    media_type TEXT,
    -- What the recorder calls its file.
    file_name TEXT,
    storage TEXT NOT NULL DEFAULT 'none' CHECK (storage IN ('none', 'disk', 's3')),
    object_key TEXT,
    crc32 INTEGER,
    ending TEXT CHECK (ending IN ('stopped', 'room_ended', 'limit_reached', 'failure')),
    -- A word of ours, see recordings/model.rs.
    error_code TEXT,
    -- What the recorder said.
    error TEXT,
    details TEXT,
    keep_until INTEGER,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);
-- The lock: a room is recorded once at a time, however many ask at once.
CREATE UNIQUE INDEX one_recording_per_room ON recordings (room_id) WHERE state IN ('starting', 'recording', 'stopping');
CREATE INDEX recordings_by_room ON recordings (room_id, id) WHERE deleted_at IS NULL;
CREATE INDEX recordings_kept ON recordings (id) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_starter ON recordings (started_by) WHERE deleted_at IS NULL;
CREATE INDEX recordings_in_processing ON recordings (id) WHERE state = 'processing' AND deleted_at IS NULL;

-- How far a recording's file is on its way from the recorder to where it is kept; gone when it is there.
CREATE TABLE recording_transfers (
    recording_id TEXT PRIMARY KEY REFERENCES recordings (id),
    -- The store's name for an upload in parts; null before the first part.
    upload_id TEXT,
    part_size INTEGER NOT NULL DEFAULT 0,
    parts_done INTEGER NOT NULL DEFAULT 0,
    bytes_done INTEGER NOT NULL DEFAULT 0,
    -- Of the bytes so far.
    crc32 INTEGER NOT NULL DEFAULT 0,
    -- Who works on it, and until when nobody else may.
    holder TEXT,
    held_until INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    -- Since when it fails; null while it goes on.
    waiting_since INTEGER,
    -- When the next job for it is due.
    next_at INTEGER NOT NULL
);

-- A link for people without a right to the room.
CREATE TABLE recording_shares (
    id TEXT PRIMARY KEY,
    recording_id TEXT NOT NULL REFERENCES recordings (id),
    token_hash TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    may_download BOOLEAN NOT NULL,
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    views INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX recording_shares_by_recording ON recording_shares (recording_id, id);

-- What happened when in a recording: its chapters.
CREATE TABLE recording_marks (
    recording_id TEXT NOT NULL REFERENCES recordings (id),
    -- Milliseconds after the recording's start.
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('joined', 'left', 'speaker', 'share', 'layout', 'note')),
    text TEXT NOT NULL,
    PRIMARY KEY (recording_id, at_ms, kind, text)
);
