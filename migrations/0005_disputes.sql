-- "Which assignments were disputed?", newest first. Only events of this kind pay the row it adds.
CREATE INDEX events_disputed ON events (commit_no, subject_id) WHERE kind = 'disputed';
