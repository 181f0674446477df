-- One row that readiness writes, to learn whether the database takes writes.
CREATE TABLE write_checks (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);
