import { query, sql, type Query } from "../lib/query.ts";
import { keyPart } from "./digest-lines.ts";

// SQL on the audit for the archive: what is old, and what goes. Triggers allow a deletion only at or below the archive's mark.

/** An open slot that a decision's claim holds in a pod. */
export interface OpenClaim {
  readonly podId: string;
  readonly claimSeq: number;
}

/** The claims of the leads between two ids, both included, that still take an open slot: of newest decisions that nobody closed. */
export function openClaimsBetween(first: string, last: string): Query<OpenClaim> {
  return query(sql`
    SELECT d.pod_id AS podId, d.claim_seq AS claimSeq FROM decisions d
    WHERE d.lead_id BETWEEN ${first} AND ${last} AND d.claim_seq IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = d.lead_id AND n.generation > d.generation)
      AND NOT EXISTS (
        SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = d.lead_id
          AND e.kind = 'closed' AND e.generation = d.generation)`);
}

/**
 * The first commit in (after, upTo] that is about a lead which is still there: its rows stay until that lead is gone. Reads the keys
 * of those commits.
 */
export function firstCommitOfStandingLead(after: number, upTo: number): Query<{ no: number }> {
  return query(sql`
    SELECT c.no FROM commits c CROSS JOIN json_each(c.keys) k
    CROSS JOIN leads l ON l.id = iif(${keyPart(0)} = 'decision', ${keyPart(1)}, ${keyPart(2)})
    WHERE c.no > ${after} AND c.no <= ${upTo} AND (${keyPart(0)} = 'decision' OR ${keyPart(1)} = 'lead')
    ORDER BY c.no LIMIT 1`);
}

/** The number of the newest commit: 0 = there is none. */
export function newestCommitNo(): Query<{ no: number }> {
  return query(sql`SELECT coalesce(max(no), 0) AS no FROM commits`);
}

/** How many commits stand between two numbers, both included. */
export function standingCommits(first: number, last: number): Query<{ count: number }> {
  return query(sql`SELECT count(*) AS count FROM commits WHERE no BETWEEN ${first} AND ${last}`);
}

/** What the decisions of some commits count, for checks that go on counting them once they are gone. */
export function countDecisionsOf(
  first: number,
  last: number,
): Query<{
  readonly podId: string | null;
  readonly ownerId: string | null;
  readonly chainVersion: string;
  readonly outcome: "assigned" | "unassigned";
  /** 1 = no later decision of the lead stands. */
  readonly newest: 0 | 1;
  readonly count: number;
}> {
  return query(sql`
    SELECT podId, ownerId, chainVersion, outcome, newest, count(*) AS count FROM (
      SELECT d.pod_id AS podId, d.owner_id AS ownerId, d.chain_version AS chainVersion, d.outcome, NOT EXISTS (
        SELECT 1 FROM decisions n WHERE n.lead_id = d.lead_id AND n.generation > d.generation) AS newest
      FROM commits c CROSS JOIN json_each(c.keys) k
      CROSS JOIN decisions d ON d.lead_id = ${keyPart(1)} AND d.generation = ${keyPart(2)}
      WHERE c.no BETWEEN ${first} AND ${last} AND ${keyPart(0)} = 'decision'
    ) GROUP BY podId, ownerId, chainVersion, outcome, newest`);
}

/** Removes these commits, both ends included, and the rows they name. */
export function deleteCommitsBetween(first: number, last: number): readonly Query[] {
  const named = sql`commits c CROSS JOIN json_each(c.keys) k WHERE c.no BETWEEN ${first} AND ${last}`;
  return [
    query(sql`
      DELETE FROM decisions WHERE (lead_id, generation) IN (
        SELECT ${keyPart(1)}, ${keyPart(2)} FROM ${named} AND ${keyPart(0)} = 'decision')`),
    query(sql`
      DELETE FROM events WHERE (subject_type, subject_id, id) IN (
        SELECT ${keyPart(1)}, ${keyPart(2)}, ${keyPart(3)} FROM ${named} AND ${keyPart(0)} = 'event')`),
    query(sql`DELETE FROM commits WHERE no BETWEEN ${first} AND ${last}`),
  ];
}
