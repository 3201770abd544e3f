// Finds work that got lost on the way, and retries it.
// Other folders import this file only (.oxlintrc.json).

export { listStuck, oldestUndecided, type OldestUndecided, type StuckRow } from "./stuck.ts";
export { sweep } from "./sweep.ts";
