import { query, sql, type Query } from "../lib/query.ts";
import { nextCommitNo } from "./commits.ts";
import { columnsOfDecisions } from "./decisions.ts";
import { columnsOfEvents } from "./events.ts";
import type { Act } from "./lead-acts.ts";
import { situationOf, type Situation } from "./situation.ts";

/** Records the erasure, unless the lead is erased already or does not stand as `seen`. */
export function insertErased(act: Act, seen: Situation, generation: number): Query {
  return query(sql`
    INSERT INTO events (${columnsOfEvents})
    SELECT 'lead', s.leadId, ${act.eventId}, ${generation}, 'erased', ${act.actor}, ${act.at}, ${nextCommitNo}, '{}'
    FROM (${situationOf(act.leadId)}) s
    WHERE NOT s.erased AND s.newest = ${seen.newest} AND s.intent IS ${seen.intent}
    ON CONFLICT (subject_type, subject_id, id) DO NOTHING`);
}

/**
 * Decides the generation that an erasure of this transaction found undecided, as `unassigned`: were the lead left
 * undecided, a claim taken for it could never be settled.
 */
export function insertErasedDecision(act: Act, generation: number, chainVersion: string): Query {
  return query(sql`
    INSERT INTO decisions (${columnsOfDecisions})
    SELECT e.subject_id, ${generation}, 'unassigned', NULL, NULL, NULL, NULL, NULL,
      'The lead was erased before it was decided.', '[]', ${chainVersion}, ${act.at}, ${act.at}, ${nextCommitNo}, 0, ${act.actor}
    FROM events e
    WHERE e.subject_type = 'lead' AND e.subject_id = ${act.leadId} AND e.id = ${act.eventId} AND e.commit_no = ${nextCommitNo}
    ON CONFLICT (lead_id, generation) DO NOTHING`);
}
