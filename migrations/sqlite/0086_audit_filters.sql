-- The record by who did it, and by what was done: newest first, without reading what others did.
CREATE INDEX audit_records_by_actor ON audit_records (actor_user_id, id);
CREATE INDEX audit_records_by_action ON audit_records (action, id);
