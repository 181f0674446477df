-- The rooms of an account and of the server, newest first: a page is found without those that were deleted.
CREATE INDEX rooms_living_by_owner ON rooms (owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX rooms_living ON rooms (id) WHERE deleted_at IS NULL;

-- Who is there, from the index alone. No index of the whole history begins with the room: SQLite would prefer it.
DROP INDEX attendances_live;
CREATE INDEX attendances_live ON attendances (room_id, subject, left_at) WHERE left_at IS NULL;
DROP INDEX attendances_by_subject;
CREATE INDEX attendances_by_subject ON attendances (subject, room_id, joined_at);
CREATE INDEX attendances_by_identity ON attendances (identity, room_id, id);
-- One person's stays in the meeting that goes on: not all that they ever attended in its room.
CREATE INDEX attendances_in_meeting ON attendances (meeting_id, subject);
