-- Rows of a file that is to be imported as a whole or not at all, until all of them are known to be good: then one
-- transaction applies them and deletes them here. Rows may name people. What an import that died has left is swept
-- by the next one.
CREATE TABLE staged_rows (
  attempt_id TEXT NOT NULL,              -- UUIDv7 of one go at an import: the primary key is the order of age
  place INTEGER NOT NULL,                -- of the row in its file, from 1 on
  value TEXT NOT NULL CHECK (json_valid(value)),
  PRIMARY KEY (attempt_id, place)
) STRICT, WITHOUT ROWID;
