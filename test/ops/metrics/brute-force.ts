import { readStored, type StoredTally } from "../../../src/record/tally.ts";
import type { History } from "./history.ts";

// The same numbers twice: added up from the rollups, and counted in SQL from the decisions themselves.

/** What the rollups add up to, as "what: how often", histograms by their number of durations. */
export function rolledUp({ db }: History): Record<string, number> {
  const sums: Record<string, number> = {};
  const add = (key: string, count: number) => {
    if (count > 0) sums[key] = (sums[key] ?? 0) + count;
  };
  for (const row of db.sqlite.prepare("SELECT bucket, data FROM rollups").all()) {
    const tally: StoredTally = readStored(String(row["data"]));
    const at = Number(row["bucket"]);
    add(`${at} walks`, tally.walks);
    for (const [owner, pod, rule, source, first, later] of tally.counts) {
      add(`${at} first ${owner} ${pod} ${rule} ${source}`, first);
      add(`${at} later ${owner} ${pod} ${rule} ${source}`, later);
    }
    for (const [rule, took, noMatch, nobody] of tally.rules) {
      add(`${at} matched ${rule}`, took);
      add(`${at} no_match ${rule}`, noMatch);
      add(`${at} no_eligible_rep ${rule}`, nobody);
    }
    for (const [measure, pod, histogram] of tally.times)
      for (const [, count] of histogram) add(`${at} ${measure} ${pod}`, count);
  }
  return sums;
}

/** What the decisions up to a commit come to, in the same words. */
export function counted({ db }: History, upToCommit: number): Record<string, number> {
  const bucket = "(d.decided_at / 900000 * 900000)";
  const told = (measure: string, condition: string) => `
    SELECT ${bucket} || ' ${measure} ' || coalesce(d.pod_id, 'null') AS what, count(*) AS n FROM decisions d
    WHERE ${condition} AND EXISTS (SELECT 1 FROM events e WHERE e.subject_id = d.lead_id
      AND e.generation = d.generation AND e.kind = 'notified' AND e.commit_no <= ${upToCommit}) GROUP BY 1`;
  const rows = db.sqlite
    .prepare(
      `SELECT ${bucket} || ' walks' AS what, count(*) AS n FROM decisions d WHERE d.commit_no <= ${upToCommit} GROUP BY 1
       UNION ALL
       SELECT ${bucket} || iif(d.generation = 1, ' first ', ' later ') || coalesce(d.owner_id, 'null') || ' ' ||
         coalesce(d.pod_id, 'null') || ' ' || coalesce(d.rule, 'null') || ' ' || coalesce(l.source, 'null'), count(*)
       FROM decisions d JOIN leads l ON l.id = d.lead_id WHERE d.commit_no <= ${upToCommit} GROUP BY 1
       UNION ALL
       SELECT ${bucket} || ' ' || (s.value ->> 'outcome') || ' ' || (s.value ->> 'rule'), count(*)
       FROM decisions d, json_each(d.trail) s WHERE d.commit_no <= ${upToCommit} GROUP BY 1
       UNION ALL
       SELECT ${bucket} || ' receivedToDecided ' || coalesce(d.pod_id, 'null'), count(*) FROM decisions d
       WHERE d.generation = 1 AND d.commit_no <= ${upToCommit} GROUP BY 1
       UNION ALL ${told("decidedToNotified", "TRUE")}
       UNION ALL ${told("receivedToNotified", "d.generation = 1")}`,
    )
    .all();
  return Object.fromEntries(rows.map(({ what, n }) => [String(what), Number(n)]));
}
