// Finds what got lost on the way and sends it again.
// Other folders import this file only (.oxlintrc.json).

export { oldestUndecided, type OldestUndecided } from "./oldest-undecided.ts";
export { listStuck, type StuckRow } from "./stuck-list.ts";
export { sweep } from "./sweep.ts";
