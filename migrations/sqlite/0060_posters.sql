-- Of the picture that is kept beside a film, such as image/webp; null: there is none.
ALTER TABLE recordings ADD COLUMN poster_type TEXT;
