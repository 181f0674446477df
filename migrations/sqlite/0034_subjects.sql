-- Identities of one subject are one person, and tokens are told apart by generation instead of by seconds.

-- How often something in the room withdrew tokens: new tokens carry it.
ALTER TABLE rooms ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
-- Tokens of earlier generations are refused (the call was ended for all).
ALTER TABLE rooms ADD COLUMN tokens_from INTEGER NOT NULL DEFAULT 0;
-- Of the newest lock: who attended before it may come back.
ALTER TABLE rooms ADD COLUMN locked_generation INTEGER NOT NULL DEFAULT 1;

-- Whoever stands behind the identity.
ALTER TABLE attendances ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- The room's when the stay was written down.
ALTER TABLE attendances ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
-- Whether there was a place for them.
ALTER TABLE attendances ADD COLUMN seated BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE attendances SET subject = CASE
    WHEN user_id IS NOT NULL THEN 'u-' || user_id
    WHEN instr(identity, '#') > 0 THEN substr(identity, 1, instr(identity, '#') - 1)
    ELSE identity END;
DROP INDEX attendances_live;
DROP INDEX attendances_by_identity;
CREATE INDEX attendances_live ON attendances (room_id, subject) WHERE left_at IS NULL;
CREATE INDEX attendances_by_subject ON attendances (room_id, subject);

-- Seats are kept for half a minute: those of before are not worth moving.
DROP TABLE seats;
CREATE TABLE seats (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, subject)
);

-- Join tokens of a person that are worthless now, though their time is not over.
CREATE TABLE withdrawals (
    room_id TEXT NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    -- Tokens of earlier generations are refused.
    tokens_from INTEGER NOT NULL,
    -- Whoever is in the call with a token of an earlier generation is sent out.
    stays_from INTEGER NOT NULL,
    -- Seconds; of tokens without a generation, which programs sign, those with an earlier nbf are refused.
    tokens_not_before INTEGER NOT NULL,
    -- Sent out and not let in again since.
    kicked BOOLEAN NOT NULL,
    PRIMARY KEY (room_id, subject)
);
INSERT INTO withdrawals (room_id, subject, tokens_from, stays_from, tokens_not_before, kicked)
SELECT room_id, subject, 0, 0, MAX(tokens_not_before), MAX(kicked) FROM (
    SELECT room_id, tokens_not_before, kicked, CASE
        WHEN identity LIKE 'u-%' AND substr(identity, 39, 1) = '-' THEN substr(identity, 1, 38)
        WHEN instr(identity, '#') > 0 THEN substr(identity, 1, instr(identity, '#') - 1)
        ELSE identity END AS subject
    FROM revocations
) AS of_subjects GROUP BY room_id, subject;
DROP TABLE revocations;
