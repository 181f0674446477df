-- When nothing was left of a deleted recording: no film, no upload.
ALTER TABLE recordings ADD COLUMN removed_at BIGINT;
CREATE INDEX recordings_to_remove ON recordings (updated_at) WHERE deleted_at IS NOT NULL AND removed_at IS NULL;

-- What recordings take, from the index alone.
DROP INDEX recordings_by_starter;
CREATE INDEX recordings_by_starter ON recordings (started_by, size) WHERE deleted_at IS NULL AND size IS NOT NULL;

-- Those whose time is over, those whose film is lost, and films whose turn has come.
CREATE INDEX recordings_by_age ON recordings (ended_at) WHERE deleted_at IS NULL AND ended_at IS NOT NULL;
CREATE INDEX recordings_with_a_date ON recordings (keep_until) WHERE deleted_at IS NULL AND keep_until IS NOT NULL;
CREATE INDEX recordings_lost ON recordings (id) WHERE state = 'failed' AND error_code = 'file_gone' AND deleted_at IS NULL;
CREATE INDEX recording_transfers_due ON recording_transfers (next_at);
