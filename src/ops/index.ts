// What people ask of the router: API, audit, metrics, alerts and privacy.
// Other folders import this file only (.oxlintrc.json).

export { watchAlerts } from "./alerts/watch.ts";
export { apiApp } from "./api/app.ts";
export { type Caller, isCallerName, isScope } from "./api/callers/caller-list.ts";
export { parseTokens } from "./api/callers/tokens.ts";
export { docsApp } from "./api/docs/docs.ts";
export { closeDays } from "./audit/digest-close.ts";
export { rollUp } from "./metrics/roll-up.ts";
