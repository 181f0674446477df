-- A recording whose film is being made holds its room no longer: 'composing'. SQLite cannot change a CHECK; this is the way that its
-- manual gives (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''stopping'', ''processing''', '''stopping'', ''composing'', ''processing''')
WHERE type = 'table' AND name = 'recordings';
PRAGMA writable_schema = RESET;

-- Whether the recorder has a first version to look at, while it makes the film that was asked for.
ALTER TABLE recordings ADD COLUMN has_preview BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX recordings_being_composed ON recordings (id) WHERE state = 'composing';
