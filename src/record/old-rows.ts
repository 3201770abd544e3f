import { countedUpTo } from "./rollups.ts";
import { query, type Query, sql } from "../lib/query.ts";
import type { leads } from "./schema.ts";
import type { StoredRow } from "./columns.ts";
import { keyPart } from "./digest-lines.ts";

// SQL on `leads` and `lead_aliases` for the archive: what is old, and what goes.

/** A lead that is old enough to go, as far as it matters for whether it may. */
export interface OldLead {
  readonly id: string;
  /** About the bytes of its line. */
  readonly size: number;
  /** 1 while it is undecided, or something of it has still to be done. */
  readonly unfinished: 0 | 1;
  /** 1 while the metrics have not counted all that happened to it: they read its row for that. */
  readonly uncounted: 0 | 1;
}

/** The columns' names and quotes, and what is never long. */
const LINE_OVERHEAD = 500;

/** The first leads between two ids, neither included, in order. */
export function oldLeads(after: string, before: string, limit: number): Query<OldLead> {
  return query<OldLead>(sql`
    SELECT l.id, ${LINE_OVERHEAD} + octet_length(l.fields) + coalesce(octet_length(l.email), 0) + coalesce(octet_length(l.phone), 0)
        + coalesce(octet_length(l.name), 0) + coalesce(octet_length(l.company), 0) AS size,
      NOT EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = l.id)
        OR EXISTS (SELECT 1 FROM pending p WHERE p.lead_id = l.id) AS unfinished,
      EXISTS (SELECT 1 FROM decisions d WHERE d.lead_id = l.id AND d.commit_no > ${countedUpTo})
        OR EXISTS (
          SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = l.id AND e.commit_no > ${countedUpTo}
        ) AS uncounted
    FROM leads l WHERE l.id > ${after} AND l.id < ${before} ORDER BY l.id LIMIT ${limit}`);
}

type LeadColumns = StoredRow<typeof leads>;

/** A lead's row under the names of its columns, with the other ids that its callers were given. */
export interface LeadLine {
  readonly id: string;
  readonly received_at: number;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly company: string | null;
  readonly company_domain: string | null;
  readonly country_code: string | null;
  readonly region: string | null;
  readonly source: string | null;
  readonly score: number | null;
  /** JSON, the very text that is stored. */
  readonly fields: LeadColumns["fields"];
  readonly idempotency_key: string | null;
  readonly erased_at: number | null;
  readonly aliases: readonly string[];
}

/** The leads between two ids, both included, in order; `aliases` is JSON text. */
export function leadsBetween(
  first: string,
  last: string,
): Query<Omit<LeadLine, "aliases"> & { readonly aliases: string }> {
  return query(sql`
    SELECT l.id, l.received_at, l.email, l.phone, l.name, l.company, l.company_domain, l.country_code, l.region, l.source,
      l.score, l.fields, l.idempotency_key, l.erased_at, (
        SELECT json_group_array(a.id ORDER BY a.id) FROM lead_aliases a WHERE a.lead_id = l.id) AS aliases
    FROM leads l WHERE l.id BETWEEN ${first} AND ${last} ORDER BY l.id`);
}

/**
 * Removes the leads between two ids, both included, and these other names of theirs. A trigger allows it only while a part is open
 * that holds them, and aborts the transaction where a lead has got another name since.
 */
export function deleteLeadsBetween(
  first: string,
  last: string,
  aliases: readonly string[],
): readonly Query[] {
  return [
    query(sql`
      DELETE FROM lead_aliases WHERE lead_id BETWEEN ${first} AND ${last}
        AND id IN (SELECT value FROM json_each(${JSON.stringify(aliases)}))`),
    query(sql`DELETE FROM leads WHERE id BETWEEN ${first} AND ${last}`),
  ];
}

/** Which of these leads stand in the database. */
export function standingLeads(leadIds: readonly string[]): Query<{ id: string }> {
  return query(sql`
    SELECT l.id FROM json_each(${JSON.stringify(leadIds)}) k CROSS JOIN leads l ON l.id = k.value`);
}

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
  /** 1 = the lead has no later decision. */
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
