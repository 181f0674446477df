CREATE TABLE rooms (
    -- Also the room's name on the media server: unlike the slug it is never used again.
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Name and slug in lower case, for searching.
    search_key TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    access TEXT NOT NULL CHECK (access IN ('public', 'private')),
    guests_allowed BOOLEAN NOT NULL,
    -- 0 = no limit
    max_participants INTEGER NOT NULL,
    locked_at INTEGER,
    audio BOOLEAN NOT NULL,
    video BOOLEAN NOT NULL,
    screen_share BOOLEAN NOT NULL,
    chat BOOLEAN NOT NULL,
    -- Seconds; join tokens from before are refused (the call was ended for all).
    tokens_not_before INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);
CREATE UNIQUE INDEX rooms_living_by_slug ON rooms (slug) WHERE deleted_at IS NULL;
CREATE INDEX rooms_by_owner ON rooms (owner_id, id);

CREATE TABLE members (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('moderator', 'member')),
    added_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, room_id);

-- A seat kept for somebody who has a token but is not in the call yet.
CREATE TABLE seats (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, identity)
);

CREATE TABLE bans (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    -- u-<user id> or g-<guest id>: whoever stands behind the identity.
    subject TEXT NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT,
    banned_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (room_id, subject)
);

-- Join tokens of an identity that are worthless now, though their time is not over.
CREATE TABLE revocations (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    identity TEXT NOT NULL,
    -- Seconds; tokens with an earlier nbf are refused.
    tokens_not_before INTEGER NOT NULL,
    -- Sent out and not let in again since.
    kicked BOOLEAN NOT NULL,
    PRIMARY KEY (room_id, identity)
);

-- What a moderator decided for one person, until the meeting ends.
CREATE TABLE permissions (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    audio BOOLEAN NOT NULL,
    video BOOLEAN NOT NULL,
    screen_share BOOLEAN NOT NULL,
    chat BOOLEAN NOT NULL,
    PRIMARY KEY (room_id, subject)
);

CREATE TABLE meetings (
    id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    -- LiveKit's RM_…
    sid TEXT NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- Our clock when this row was last changed.
    updated_at INTEGER NOT NULL
);
CREATE INDEX meetings_by_room ON meetings (room_id, id);
CREATE INDEX meetings_live ON meetings (room_id) WHERE ended_at IS NULL;

-- Who was in a meeting; a row without left_at is presence.
CREATE TABLE attendances (
    id TEXT PRIMARY KEY,
    meeting_id TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    -- LiveKit's PA_…
    sid TEXT NOT NULL,
    identity TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT,
    joined_at INTEGER NOT NULL,
    left_at INTEGER,
    -- Our clock when the media server last said that they are there.
    seen_at INTEGER NOT NULL,
    -- Our clock when this row was last changed.
    updated_at INTEGER NOT NULL,
    UNIQUE (meeting_id, sid)
);
CREATE INDEX attendances_live ON attendances (room_id, identity) WHERE left_at IS NULL;
CREATE INDEX attendances_by_identity ON attendances (room_id, identity);

-- Webhooks already counted.
CREATE TABLE livekit_events (
    id TEXT PRIMARY KEY,
    received_at INTEGER NOT NULL
);
CREATE INDEX livekit_events_by_time ON livekit_events (received_at);

-- Rooms and users are named, not referenced: the record outlives them.
CREATE TABLE audit_records (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_user_id TEXT,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    room_id TEXT,
    room_slug TEXT,
    target TEXT,
    -- A JSON object.
    detail TEXT NOT NULL
);
CREATE INDEX audit_records_by_room ON audit_records (room_id, id);
