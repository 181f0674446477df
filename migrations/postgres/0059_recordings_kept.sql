-- Days that recordings of a room are kept after their end; 0 = as long as the site keeps them.
ALTER TABLE rooms ADD COLUMN keep_recordings_days BIGINT NOT NULL DEFAULT 0;

-- Days that a recording is kept after its end: what its room's rule said, or who started it; null = as the site says.
ALTER TABLE recordings ADD COLUMN keep_days BIGINT;
