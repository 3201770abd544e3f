// Whose turn it is in a pod, and how much capacity is left.
// Other folders import this file only (.oxlintrc.json).

export { type Claim, release, settle } from "./claims.ts";
export { draw, enterDebit, OWN_CAP_REACHED } from "./draw.ts";
export { shareOf, UNITS_PER_LEAD } from "./ledger.ts";
export { enterDebits, releaseClaims } from "./settlement.ts";
export {
  adoptRoster,
  countOpen,
  emptyState,
  forgetOldDays,
  newLine,
  type PodNow,
  type PodState,
} from "./state.ts";
export { callOverdue, drawForWaiting, nextMove, startWaiting, stopWaiting } from "./waiting.ts";
