import { isObstacle, OBSTACLES, type Obstacle } from "./obstacles.ts";
import type { DeadEnd, UnassignedLead } from "./unassigned-leads.ts";

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
