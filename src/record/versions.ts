import { query, sql, type Query } from "../lib/query.ts";

/** The versions of these pods; triggers raise them with every change a roster shows. */
export function podVersions(podIds: readonly string[]): Query<{ pod_id: string; version: number }> {
  return query(sql`
    SELECT v.pod_id, v.version FROM json_each(${JSON.stringify(podIds)}) p
    CROSS JOIN pod_versions v ON v.pod_id = p.value`);
}

/** The revisions of these reps; triggers raise them with every change of the rep or their absences. */
export function repRevisions(repIds: readonly string[]): Query<{ id: string; rev: number }> {
  return query(sql`
    SELECT r.id, r.rev FROM json_each(${JSON.stringify(repIds)}) j CROSS JOIN reps r ON r.id = j.value`);
}
