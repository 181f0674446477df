-- Whose room a recording is of, beside it: an owner's list is found through one index, however many rooms they have.
-- Triggers keep it, so that no statement can forget it.
ALTER TABLE recordings ADD COLUMN owner_id TEXT;
UPDATE recordings SET owner_id = (SELECT owner_id FROM rooms WHERE rooms.id = recordings.room_id);
-- FOR SHARE: a room that changes hands at this moment is waited for.
CREATE FUNCTION recordings_get_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.owner_id := (SELECT owner_id FROM rooms WHERE id = NEW.room_id FOR SHARE);
    RETURN NEW;
END $$;
CREATE TRIGGER recordings_get_an_owner BEFORE INSERT ON recordings
FOR EACH ROW EXECUTE FUNCTION recordings_get_an_owner();
CREATE FUNCTION recordings_follow_their_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE recordings SET owner_id = NEW.owner_id WHERE room_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER recordings_follow_their_room AFTER UPDATE OF owner_id ON rooms
FOR EACH ROW WHEN (NEW.owner_id <> OLD.owner_id) EXECUTE FUNCTION recordings_follow_their_room();
CREATE INDEX recordings_by_owner ON recordings (owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_title ON recordings (owner_id, by_title) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_duration ON recordings (owner_id, by_duration) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_size ON recordings (owner_id, by_size) WHERE deleted_at IS NULL;

-- Bytes that recordings take: of an account's own, and of all as 'site'. Counted with each change, not with each question.
CREATE TABLE recording_space (
    taken_by TEXT PRIMARY KEY,
    bytes BIGINT NOT NULL
);
INSERT INTO recording_space (taken_by, bytes)
SELECT 'site', COALESCE(SUM(size), 0) FROM recordings WHERE deleted_at IS NULL;
INSERT INTO recording_space (taken_by, bytes)
SELECT started_by, SUM(size) FROM recordings
WHERE deleted_at IS NULL AND size IS NOT NULL AND started_by IS NOT NULL GROUP BY started_by;
CREATE FUNCTION recordings_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    more BIGINT := CASE WHEN NEW.deleted_at IS NULL THEN COALESCE(NEW.size, 0) ELSE 0 END
                 - CASE WHEN OLD.deleted_at IS NULL THEN COALESCE(OLD.size, 0) ELSE 0 END;
BEGIN
    IF more <> 0 THEN
        INSERT INTO recording_space (taken_by, bytes)
        SELECT taken_by, more FROM (VALUES ('site'), (NEW.started_by)) AS counted (taken_by)
        WHERE taken_by IS NOT NULL
        ON CONFLICT (taken_by) DO UPDATE SET bytes = recording_space.bytes + excluded.bytes;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER recordings_counted AFTER UPDATE OF size, deleted_at ON recordings
FOR EACH ROW EXECUTE FUNCTION recordings_counted();
DROP INDEX recordings_by_starter;
