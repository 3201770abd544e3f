import type { Eligibility } from "../../rules/trail.ts";

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

export function isObstacle(word: string): word is Obstacle {
  return Object.hasOwn(OBSTACLES, word);
}
