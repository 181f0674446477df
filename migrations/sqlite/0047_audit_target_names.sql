-- What the target was called at that moment; ids alone tell nobody anything.
ALTER TABLE audit_records ADD COLUMN target_name TEXT;
UPDATE audit_records SET target_name = COALESCE(
    (SELECT users.name FROM users WHERE users.id = audit_records.target),
    (SELECT attendances.name FROM attendances
     WHERE attendances.room_id = audit_records.room_id AND attendances.identity = audit_records.target
     ORDER BY attendances.id DESC LIMIT 1))
WHERE target IS NOT NULL;
