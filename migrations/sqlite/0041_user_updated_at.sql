-- So that of two administrators who change one account at once the second hears of the first.
ALTER TABLE users ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
