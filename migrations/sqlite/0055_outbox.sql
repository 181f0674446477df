-- What transactions tell when they commit, in the order of the commits; every server reads on from what it read last.
CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    room    TEXT,
    subject TEXT,
    body    TEXT    NOT NULL
);
CREATE INDEX outbox_by_age ON outbox (at);
