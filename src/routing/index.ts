// Decides who gets a lead: the routing pass, and what people do to a lead.
// Other folders import this file only (.oxlintrc.json).

export {
  closeLead,
  disputeLead,
  eraseLead,
  findRefusal,
  type Refusal,
  type RefusalReason,
} from "./acts.ts";
export { assignManually } from "./assign.ts";
export { consumeDeadLeads, consumeLeads } from "./consumer.ts";
export { BULK_LIMIT, requestReroute, rerouteInBulk } from "./reroute.ts";
export { simulate, type Simulated, type SimulationInput } from "./simulate.ts";
