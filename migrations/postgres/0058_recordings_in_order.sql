-- What lists are ordered by, each as one text that is another's in no two recordings: a page begins behind such a text.
ALTER TABLE recordings
    ADD COLUMN by_title TEXT COLLATE "C" GENERATED ALWAYS AS (search_key || chr(1) || id) STORED,
    ADD COLUMN by_duration TEXT COLLATE "C"
        GENERATED ALWAYS AS (lpad(COALESCE(duration_ms, 0)::text, 19, '0') || id) STORED,
    ADD COLUMN by_size TEXT COLLATE "C" GENERATED ALWAYS AS (lpad(COALESCE(size, 0)::text, 19, '0') || id) STORED;
CREATE INDEX recordings_by_title ON recordings (room_id, by_title) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_duration ON recordings (room_id, by_duration) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_size ON recordings (room_id, by_size) WHERE deleted_at IS NULL;
