-- What the metrics count, a row per quarter-hour (UTC) of decisions: so that a metric over months reads thousands of rows,
-- whatever the number of leads. The key is the instant at which the quarter-hour begins, and the row's number. Every time zone of
-- today is a multiple of a quarter-hour from UTC, so the days of any of them can be summed.
CREATE TABLE rollups (
  bucket INTEGER PRIMARY KEY,
  data TEXT NOT NULL CHECK (json_valid(data)) -- a StoredTally of src/metrics/tally.ts
) STRICT;

-- The number of the last commit that is counted in `rollups`.
INSERT INTO marks (name, value) VALUES ('rollup', '0');
