// Decides who gets a lead: the routing pass, and what people do to a lead.
// Other folders import this file only (.oxlintrc.json).

export { assignByHand } from "./assign.ts";
export { BULK_LIMIT, rerouteInBulk } from "./reroute.ts";
export { closeLead } from "./acts.ts";
export { consumeDeadLeads, consumeLeads } from "./consumer.ts";
export { disputeLead } from "./acts.ts";
export { eraseLead } from "./acts.ts";
export { findObstacle, type Obstacle, type ObstacleKind } from "./acts.ts";
export { requestReroute } from "./reroute.ts";
export { simulate, type Simulated, type SimulationWish } from "./simulate.ts";
