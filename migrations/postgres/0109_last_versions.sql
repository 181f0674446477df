-- The version of Convoke that used this database last: what an older one names when it refuses a newer schema.
CREATE TABLE last_versions (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL
);
