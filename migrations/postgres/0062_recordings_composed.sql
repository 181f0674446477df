-- A recording whose film is being made holds its room no longer: 'composing'.
ALTER TABLE recordings DROP CONSTRAINT recordings_state_check;
ALTER TABLE recordings ADD CONSTRAINT recordings_state_check
    CHECK (state IN ('starting', 'recording', 'stopping', 'composing', 'processing', 'completed', 'failed', 'aborted'));

-- Whether the recorder has a first version to look at, while it makes the film that was asked for.
ALTER TABLE recordings ADD COLUMN has_preview BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX recordings_being_composed ON recordings (id) WHERE state = 'composing';
