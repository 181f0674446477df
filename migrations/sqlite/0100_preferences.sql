-- How somebody likes the pages, wherever they sign in. What is NULL is as the device says.
CREATE TABLE preferences (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    language TEXT,
    theme TEXT,
    -- A name of the IANA's, such as Europe/Paris.
    time_zone TEXT,
    -- Rows of a list's page.
    page_size INTEGER
);
