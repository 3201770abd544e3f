-- "Which leads found no rep?", oldest first. Only decisions of this outcome pay the row it adds.
CREATE INDEX decisions_unassigned ON decisions (lead_id) WHERE outcome = 'unassigned';
