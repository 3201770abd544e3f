import type { Deps } from "../ports/deps.ts";
import { classifyFailure } from "../lib/failure.ts";
import { query, rows, sql, type Query } from "../lib/query.ts";
import { rosterFromRow, rosterRows } from "./roster.ts";

/**
 * Hands each of these pods its roster as D1 stands, and waits: what was acknowledged to the caller must not be
 * undone by a pod that draws by an older roster. A pod that never had a member has no roster to be handed.
 * @returns the pods that have not confirmed; they may or may not have got it. Never rejects.
 */
export async function pushRosters(
  deps: Deps,
  podIds: readonly string[],
): Promise<readonly string[]> {
  if (podIds.length === 0) return [];
  try {
    const rosters = await rows(deps.db, rosterRows(podIds, deps.now()));
    const unconfirmed = await Promise.all(
      rosters.map(async (row) => {
        try {
          return (await deps.pod(row.pod_id).accept(rosterFromRow(row), row.epoch)) >= row.version
            ? []
            : [row.pod_id];
        } catch (error) {
          deps.log("warn", "roster_push_failed", {
            pod: row.pod_id,
            failure: classifyFailure(error),
          });
          return [row.pod_id];
        }
      }),
    );
    return unconfirmed.flat();
  } catch (error) {
    deps.log("warn", "roster_read_failed", {
      pods: podIds.length,
      failure: classifyFailure(error),
    });
    return podIds;
  }
}

/** The pods this rep is a member of. */
export function podsOfRep(repId: string): Query<{ pod_id: string }> {
  return query(sql`SELECT pod_id FROM members WHERE rep_id = ${repId} ORDER BY pod_id`);
}
