-- Two more roles. A CHECK cannot be changed in place here; a table that others reference is not made anew.
ALTER TABLE users ADD COLUMN new_role TEXT NOT NULL DEFAULT 'user'
    CHECK (new_role IN ('admin', 'support', 'auditor', 'user'));
UPDATE users SET new_role = role;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN new_role TO role;
