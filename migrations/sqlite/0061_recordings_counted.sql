-- Whose room a recording is of, beside it: an owner's list is found through one index, however many rooms they have.
-- Triggers keep it, so that no statement can forget it.
ALTER TABLE recordings ADD COLUMN owner_id TEXT;
UPDATE recordings SET owner_id = (SELECT owner_id FROM rooms WHERE rooms.id = recordings.room_id);
CREATE TRIGGER recordings_get_an_owner AFTER INSERT ON recordings
BEGIN
    UPDATE recordings SET owner_id = (SELECT owner_id FROM rooms WHERE id = NEW.room_id) WHERE id = NEW.id;
END;
CREATE TRIGGER recordings_follow_their_room AFTER UPDATE OF owner_id ON rooms WHEN NEW.owner_id <> OLD.owner_id
BEGIN
    UPDATE recordings SET owner_id = NEW.owner_id WHERE room_id = NEW.id;
END;
CREATE INDEX recordings_by_owner ON recordings (owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_title ON recordings (owner_id, by_title) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_duration ON recordings (owner_id, by_duration) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_owner_and_size ON recordings (owner_id, by_size) WHERE deleted_at IS NULL;

-- Bytes that recordings take: of an account's own, and of all as 'site'. Counted with each change, not with each question.
CREATE TABLE recording_space (
    taken_by TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL
);
INSERT INTO recording_space (taken_by, bytes)
SELECT 'site', COALESCE(SUM(size), 0) FROM recordings WHERE deleted_at IS NULL;
INSERT INTO recording_space (taken_by, bytes)
SELECT started_by, SUM(size) FROM recordings
WHERE deleted_at IS NULL AND size IS NOT NULL AND started_by IS NOT NULL GROUP BY started_by;
CREATE TRIGGER recordings_counted AFTER UPDATE OF size, deleted_at ON recordings
WHEN CASE WHEN NEW.deleted_at IS NULL THEN COALESCE(NEW.size, 0) ELSE 0 END
  <> CASE WHEN OLD.deleted_at IS NULL THEN COALESCE(OLD.size, 0) ELSE 0 END
BEGIN
    INSERT INTO recording_space (taken_by, bytes)
    SELECT taken_by,
           CASE WHEN NEW.deleted_at IS NULL THEN COALESCE(NEW.size, 0) ELSE 0 END
         - CASE WHEN OLD.deleted_at IS NULL THEN COALESCE(OLD.size, 0) ELSE 0 END
    FROM (SELECT 'site' AS taken_by UNION ALL SELECT NEW.started_by) AS counted
    WHERE taken_by IS NOT NULL
    ON CONFLICT (taken_by) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
DROP INDEX recordings_by_starter;
