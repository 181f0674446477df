-- What lists of the administration are ordered by, each as one text that is another's in no two rows: a page begins behind
-- such a text. Each list falls into a few parts (its filters), so that the pages of any filter are found in an index.
ALTER TABLE users
    ADD COLUMN standing TEXT GENERATED ALWAYS AS (role || CASE WHEN disabled THEN ' disabled' ELSE '' END) STORED,
    ADD COLUMN by_name TEXT COLLATE "C" GENERATED ALWAYS AS
        (substr(search, 1, GREATEST(length(search) - length(email_key) - 1, 0)) || chr(1) || id) STORED,
    ADD COLUMN by_seen TEXT COLLATE "C"
        GENERATED ALWAYS AS (lpad(COALESCE(last_seen_at, 0)::text, 19, '0') || id) STORED;
CREATE INDEX users_by_standing ON users (standing, id);
CREATE INDEX users_by_name ON users (standing, by_name);
CREATE INDEX users_by_seen ON users (standing, by_seen);

-- When the newest call in a room began; kept by the schema, so that no way to begin one can forget it.
ALTER TABLE rooms ADD COLUMN last_call_at BIGINT;
UPDATE rooms SET last_call_at = (SELECT MAX(started_at) FROM meetings WHERE room_id = rooms.id);
CREATE FUNCTION note_last_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rooms SET last_call_at = NEW.started_at
    WHERE id = NEW.room_id AND (last_call_at IS NULL OR last_call_at < NEW.started_at);
    RETURN NULL;
END $$;
CREATE TRIGGER rooms_last_call AFTER INSERT ON meetings FOR EACH ROW EXECUTE FUNCTION note_last_call();
ALTER TABLE rooms
    ADD COLUMN by_name TEXT COLLATE "C" GENERATED ALWAYS AS
        (substr(search_key, 1, GREATEST(length(search_key) - length(slug) - 1, 0)) || chr(1) || id) STORED,
    ADD COLUMN by_last_call TEXT COLLATE "C"
        GENERATED ALWAYS AS (lpad(COALESCE(last_call_at, 0)::text, 19, '0') || id) STORED;
CREATE INDEX rooms_by_access ON rooms (access, id) WHERE deleted_at IS NULL;
CREATE INDEX rooms_by_name ON rooms (access, by_name) WHERE deleted_at IS NULL;
CREATE INDEX rooms_by_last_call ON rooms (access, by_last_call) WHERE deleted_at IS NULL;

ALTER TABLE meetings
    ADD COLUMN by_start TEXT COLLATE "C" GENERATED ALWAYS AS (lpad(started_at::text, 19, '0') || id) STORED;
CREATE INDEX meetings_by_start ON meetings (by_start);
CREATE INDEX meetings_by_room_and_start ON meetings (room_id, by_start);

CREATE INDEX recordings_by_state ON recordings (state, id) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_state_and_title ON recordings (state, by_title) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_state_and_duration ON recordings (state, by_duration) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_state_and_size ON recordings (state, by_size) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_meeting ON recordings (meeting_id) WHERE deleted_at IS NULL;
