// Whose turn it is in a pod, and how much capacity is left.
// Other folders import this file only (.oxlintrc.json).

export { draw, OWN_CAP_REACHED } from "./draw.ts";
export type { Claim } from "./claims.ts";
export { enterDebit } from "./draw.ts";
export { shareOf, UNITS_PER_LEAD } from "./ledger.ts";
export { enterDebits, releaseClaims } from "./settlement.ts";
export { release, settle } from "./claims.ts";
export {
  adoptRoster,
  countOpen,
  emptyState,
  forgetOldDays,
  newLine,
  type PodState,
} from "./state.ts";
export { callOverdue, drainLine, leaveLine, nextMove, standInLine } from "./waiting.ts";
