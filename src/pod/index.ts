// Whose turn it is in a pod, and how much capacity is left.
// Other folders import this file only (.oxlintrc.json).

export { type Claim, draw, OWN_CAP_REACHED } from "./claim.ts";
export { enterDebit } from "./debit.ts";
export { shareOf, UNITS_PER_LEAD } from "./ledger.ts";
export { enterDebits, releaseClaims } from "./settle-later.ts";
export { release, settle } from "./settle.ts";
export {
  adoptRoster,
  countOpen,
  emptyState,
  forgetOldDays,
  newLine,
  type PodState,
} from "./state.ts";
export { callOverdue, drainLine, leaveLine, nextMove, standInLine } from "./waiting.ts";
