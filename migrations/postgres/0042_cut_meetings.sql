-- Ended without a word from the media server, which went away: taken up again by those who come straight back.
ALTER TABLE meetings ADD COLUMN cut BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX meetings_cut ON meetings (room_id) WHERE cut = TRUE;

-- LiveKit's names of a meeting from before it was cut; meetings.sid is the present one.
CREATE TABLE earlier_sids (
    sid TEXT PRIMARY KEY,
    meeting_id TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE
);
CREATE INDEX earlier_sids_by_meeting ON earlier_sids (meeting_id);
