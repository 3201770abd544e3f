// Starts a new epoch after D1 was restored.
// Other folders import this file only (.oxlintrc.json).

export { startEpoch } from "./start-epoch.ts";
