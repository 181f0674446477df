-- Programs have these addresses now: a room that was called so gets the end of its id appended.
UPDATE rooms SET slug = slug || '-' || substr(id, 25, 12) WHERE slug IN ('agent', 'whip');
