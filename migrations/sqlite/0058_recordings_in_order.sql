-- What lists are ordered by, each as one text that is another's in no two recordings: a page begins behind such a text.
ALTER TABLE recordings ADD COLUMN by_title TEXT GENERATED ALWAYS AS (search_key || char(1) || id) VIRTUAL;
ALTER TABLE recordings ADD COLUMN by_duration TEXT
    GENERATED ALWAYS AS (printf('%019d', COALESCE(duration_ms, 0)) || id) VIRTUAL;
ALTER TABLE recordings ADD COLUMN by_size TEXT GENERATED ALWAYS AS (printf('%019d', COALESCE(size, 0)) || id) VIRTUAL;
CREATE INDEX recordings_by_title ON recordings (room_id, by_title) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_duration ON recordings (room_id, by_duration) WHERE deleted_at IS NULL;
CREATE INDEX recordings_by_size ON recordings (room_id, by_size) WHERE deleted_at IS NULL;
