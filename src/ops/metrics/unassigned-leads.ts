import { listWords } from "../../rules/explain.ts";
import type { Eligibility } from "../../rules/trail.ts";
import { eligibilityOf } from "../../record/stored-trail.ts";
import { smallestLeadId } from "../../lib/ids.ts";
import { query, sql, transaction } from "../../lib/query.ts";
import type { Range } from "../../record/rollups.ts";

/** Decisions looked at: some ten rows read for each (test/ops/api/metrics/metrics-bounds.workerd.test.ts). */
const SCAN_LIMIT = 1_000;
/** A lead's id is made in the moment it is received; by more than this, in milliseconds, the two never differ. */
const ID_SLACK_MS = 1_000;

/** A lead that nobody has, as far as a pattern may look at it: nothing of the person. */
export interface UnassignedLead {
  readonly leadId: string;
  readonly receivedAt: number;
  readonly countryCode: string | null;
  readonly source: string | null;
  readonly companyDomain: string | null;
  /** Rules that were tried; 0 = it could not be routed. */
  readonly tried: number;
  readonly deadEnds: readonly DeadEnd[];
}

/** A rule that matched the lead but had nobody for it, and why each member of its pod was no candidate. */
export interface DeadEnd {
  readonly rule: string;
  readonly podId: string | null;
  /** Members by eligibility. */
  readonly obstacles: Readonly<Record<string, number>>;
}

type Row = Omit<UnassignedLead, "deadEnds"> & { readonly deadEnds: string };

/**
 * The leads of a range of arrival that are unassigned now, the newest first: their newest decision says so, and they are
 * neither closed nor erased. Looks at a bounded number of decisions; `complete` says whether those were all.
 */
export async function listUnassignedLeads(
  db: D1Database,
  { from, to }: Range,
): Promise<{ readonly leads: readonly UnassignedLead[]; readonly complete: boolean }> {
  // The outcome is a literal: a bound value would not let SQLite use the partial index `decisions_unassigned`.
  const scanned = sql`
    SELECT d.lead_id, d.generation FROM decisions d
    WHERE d.outcome = 'unassigned'
      AND d.lead_id >= ${smallestLeadId(from - ID_SLACK_MS)} AND d.lead_id < ${smallestLeadId(to + ID_SLACK_MS)}
    ORDER BY d.lead_id DESC, d.generation DESC LIMIT ${SCAN_LIMIT}`;
  const [found, [scan]] = await transaction(db, [
    query<Row>(sql`
      WITH scanned AS MATERIALIZED (${scanned})
      SELECT l.id AS leadId, l.received_at AS receivedAt, l.country_code AS countryCode, l.source,
        l.company_domain AS companyDomain, json_array_length(d.trail) AS tried, (
          SELECT json_group_array(json_array(s.value ->> 'rule', s.value ->> 'podId', (
            SELECT json_group_array(${eligibilityOf(sql`c.value`)}) FROM json_each(s.value, '$.candidates') c
          ), s.value -> 'others'))
          FROM json_each(d.trail) s WHERE s.value ->> 'outcome' = 'no_eligible_rep'
        ) AS deadEnds
      FROM scanned s
      CROSS JOIN decisions d ON d.lead_id = s.lead_id AND d.generation = s.generation
      CROSS JOIN leads l ON l.id = s.lead_id
      WHERE l.erased_at IS NULL AND l.received_at >= ${from} AND l.received_at < ${to}
        AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.lead_id = s.lead_id AND n.generation > s.generation)
        AND NOT EXISTS (
          SELECT 1 FROM events e WHERE e.subject_type = 'lead' AND e.subject_id = s.lead_id
            AND e.kind = 'closed' AND e.generation = s.generation)
      ORDER BY s.lead_id DESC`),
    query<{ count: number }>(sql`SELECT count(*) AS count FROM (${scanned})`),
  ]);
  const leads = found.map((row) => ({ ...row, deadEnds: readDeadEnds(row.deadEnds) }));
  return { leads, complete: (scan?.count ?? 0) < SCAN_LIMIT };
}

type StoredDeadEnd = readonly [
  rule: string,
  podId: string | null,
  candidates: readonly string[],
  others: Readonly<Record<string, number>> | null,
];

function readDeadEnds(json: string): DeadEnd[] {
  const stored: readonly StoredDeadEnd[] = JSON.parse(json);
  return stored.map(([rule, podId, candidates, others]) => {
    const obstacles: Record<string, number> = { ...others };
    for (const eligibility of candidates)
      obstacles[eligibility] = (obstacles[eligibility] ?? 0) + 1;
    return { rule, podId, obstacles };
  });
}

// Why nobody got a lead, in words that do not change with every count: so that like cases fall together.

/**
 * Why a decision is `unassigned`: "DACH and fallback matched, nobody in dach and everyone was eligible".
 * @param steps rules tried; 0 = the lead could not be routed at all
 */
export function causeOf(
  steps: number,
  deadEnds: readonly Pick<DeadEnd, "rule" | "podId">[],
): string {
  if (steps === 0) return "could not be routed";
  if (deadEnds.length === 0) return "no rule matched";
  const rules = listWords(deadEnds.map(({ rule }) => rule));
  const pods = [...new Set(deadEnds.flatMap(({ podId }) => podId ?? []))];
  return pods.length === 0
    ? `${rules} matched, the owner was not there`
    : `${rules} matched, nobody in ${listWords(pods)} was eligible`;
}

/** What stood in the way of most members when a rule matched a lead but had nobody for it. */
export interface Nobody {
  readonly rule: string;
  readonly podId: string | null;
  /** Leads the rule matched in vain. */
  readonly leads: number;
  /** Those leads by what stood in the way of most members; the most frequent first. */
  readonly why: readonly { readonly obstacle: Obstacle; readonly leads: number }[];
  /** "DACH matched 12 times, nobody in dach was eligible: 9 at the daily cap, 3 away". */
  readonly explanation: string;
}

/** Which rules matched these leads but had nobody, and why; the rule that failed most leads first. */
export function explainDeadEnds(leads: readonly UnassignedLead[]): Nobody[] {
  const ends = leads.flatMap(({ deadEnds }) => deadEnds);
  const byRule = Map.groupBy(ends, ({ rule, podId }) => JSON.stringify([rule, podId]));
  return Array.from(byRule.values(), explainRule).toSorted(
    (a, b) => b.leads - a.leads || (a.rule < b.rule ? -1 : 1),
  );
}

function explainRule(ends: readonly DeadEnd[]): Nobody {
  const { rule = "", podId = null } = ends[0] ?? {};
  const byObstacle = Map.groupBy(ends, mainObstacle);
  const why = Array.from(byObstacle, ([obstacle, { length }]) => ({ obstacle, leads: length }));
  why.sort((a, b) => b.leads - a.leads || (a.obstacle < b.obstacle ? -1 : 1));
  const times = ends.length === 1 ? "once" : `${ends.length} times`;
  const words = why.map(({ obstacle, leads }) => `${leads} ${OBSTACLES[obstacle]}`).join(", ");
  const nobody = podId === null ? "nobody was there" : `nobody in ${podId} was eligible`;
  const explanation = `${rule} matched ${times}, ${nobody}: ${words}`;
  return { rule, podId, leads: ends.length, why, explanation };
}

/** What stood in the way of most members; of several alike, the first in the order of `OBSTACLES`. */
function mainObstacle({ podId, obstacles }: DeadEnd): Obstacle {
  if (podId === null) return "owner";
  let main: Obstacle = "no_members";
  let most = 0;
  for (const obstacle of Object.keys(OBSTACLES).filter(isObstacle)) {
    const members = obstacles[obstacle] ?? 0;
    if (members > most) [main, most] = [obstacle, members];
  }
  return main;
}

/** Why nobody of a pod could take a lead, or why the owner whom a rule names could not. */
export type Obstacle = Exclude<Eligibility, "eligible"> | "no_members" | "owner";

/** In the order in which one is told of where several stood in the way of as many members. */
export const OBSTACLES: Readonly<Record<Obstacle, string>> = {
  at_daily_cap: "at the daily cap",
  at_own_daily_cap: "at their own cap over all pods",
  at_open_cap: "at the cap of open leads",
  absent: "away",
  off_hours: "off hours",
  holiday: "on holiday",
  inactive: "deactivated",
  excluded: "excluded",
  no_members: "without members",
  owner: "the owner not there",
};

function isObstacle(word: string): word is Obstacle {
  return Object.hasOwn(OBSTACLES, word);
}
