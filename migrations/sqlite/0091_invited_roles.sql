-- What somebody becomes who registers with an invite.
ALTER TABLE invites ADD COLUMN role TEXT NOT NULL DEFAULT 'user'
    CHECK (role IN ('admin', 'support', 'auditor', 'user'));
CREATE INDEX invites_open_by_email ON invites (email) WHERE used_at IS NULL;
